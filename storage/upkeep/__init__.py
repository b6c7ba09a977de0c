"""Looking after the database: what `paperboy db` and doctor call."""

from __future__ import annotations

from storage.upkeep.backups import backup
from storage.upkeep.checking import check
from storage.upkeep.facts import Facts, facts, others, upgrade

__all__ = ["Facts", "backup", "check", "facts", "others", "upgrade"]
