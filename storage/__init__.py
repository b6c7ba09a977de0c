"""The memory: tables, repositories and migrations; nothing above it knows SQL."""

from __future__ import annotations

from storage.store import SqlStore, open_store
from storage.upkeep import (
    Backup,
    Facts,
    Moved,
    Told,
    backup,
    backup_into,
    check,
    copy,
    facts,
    others,
    place,
    restore,
    revision_of,
    upgrade,
)

__all__ = [
    "Backup",
    "Facts",
    "Moved",
    "SqlStore",
    "Told",
    "backup",
    "backup_into",
    "check",
    "copy",
    "facts",
    "open_store",
    "others",
    "place",
    "restore",
    "revision_of",
    "upgrade",
]
