"""The memory: tables, repositories and migrations; nothing above it knows SQL."""

from __future__ import annotations

from storage.store import SqlStore, open_store
from storage.upkeep import Facts, backup, check, facts, upgrade

__all__ = ["Facts", "SqlStore", "backup", "check", "facts", "open_store", "upgrade"]
