"""The schema's history. Alembic applies it; this file lets an opening skip Alembic when it can."""

from __future__ import annotations

# Every revision, oldest first. A new file in versions/ is added here (a test compares the two).
REVISIONS = ("0001",)
HEAD = REVISIONS[-1]
