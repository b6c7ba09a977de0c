"""Looking after the database: what `paperboy db` and doctor call."""

from __future__ import annotations

from storage.upkeep.backups import Backup, backup, backup_into
from storage.upkeep.checking import check
from storage.upkeep.facts import Facts, facts, others, place, upgrade
from storage.upkeep.files import revision_of
from storage.upkeep.moving import Moved, copy, restore
from storage.upkeep.pouring import Told

__all__ = [
    "Backup",
    "Facts",
    "Moved",
    "Told",
    "backup",
    "backup_into",
    "check",
    "copy",
    "facts",
    "others",
    "place",
    "restore",
    "revision_of",
    "upgrade",
]
