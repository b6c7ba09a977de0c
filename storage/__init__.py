"""The memory: tables, repositories and migrations; nothing above it knows SQL."""

from __future__ import annotations

from storage.store import SqlStore, open_store

__all__ = ["SqlStore", "open_store"]
