"""The schema's history. Alembic applies it; this file lets an opening skip Alembic when it can.

Adding a column needs nothing special. Building a table anew on SQLite (`op.batch_alter_table`)
must say again what reflection does not see, or it is lost without a word:
`table_kwargs={"sqlite_autoincrement": True}` or `{"sqlite_with_rowid": False}`; foreign keys are
off while revisions run and are checked at the end.
"""

from __future__ import annotations

# Every revision, oldest first. A new file in versions/ is added here (a test compares the two).
REVISIONS = ("0001", "0002", "0003", "0004", "0005")
HEAD = REVISIONS[-1]
