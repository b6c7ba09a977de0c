"""Which schema a database has, who works with it, and the schema brought up to date."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy import text

from storage import schema
from storage.engines import NAME, plain, target
from storage.faults import translated


@dataclass(frozen=True, slots=True)
class Facts:
    """Which schema a database has."""

    place: str  # a path, or name and host; never a password
    revision: str | None  # None: there is nothing yet
    head: str  # what this program needs
    bytes: int | None  # of the file; None on a server

    @property
    def current(self) -> bool:
        return self.revision == self.head

    @property
    def newer(self) -> bool:
        """Whether a later program made it."""
        return self.revision is not None and self.revision not in schema.HISTORY.revisions


def place(url: str, name: str = "PAPERBOY_DATABASE_URL") -> str:
    """How a database may be told of: a path, or name and host; never a password.

    Raises SetUpWrong, which names `name`, when the URL cannot be understood.
    """
    where = target(url, name=name)
    where.clear()
    return where.place


async def facts(url: str) -> Facts:
    """Look, change nothing. Raises SetUpWrong, StoreBusy."""
    where = target(url)
    try:
        found = await asyncio.to_thread(schema.revision, where)
        size = where.file.stat().st_size if where.file and where.file.exists() else None
        return Facts(where.place, found, schema.HISTORY.head, size)
    finally:
        where.clear()


async def upgrade(url: str) -> tuple[str | None, str]:
    """Bring the schema up to date; gives the revision before (None: new) and the one now.

    A SQLite file that holds data is copied beside itself first. Raises SetUpWrong, StoreBusy.
    """
    where = target(url)
    try:
        before = await asyncio.to_thread(schema.prepare, where)
        return before, schema.HISTORY.head
    finally:
        where.clear()


async def others(url: str) -> int:
    """How many connections of Paperboy's a PostgreSQL database has; 0 for a SQLite file, whose
    users hold a lock (bot.cli.fence). Raises SetUpWrong, StoreBusy.
    """
    where = target(url)
    try:
        return 0 if where.sqlite else await asyncio.to_thread(_others, url)
    finally:
        where.clear()


_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND application_name LIKE :name"
)


def _others(url: str) -> int:
    where = target(url)
    schema.revision(where)  # says best why a server cannot be reached
    engine = plain(where)
    try:
        with translated(where.place), engine.connect() as connection:
            return int(connection.scalar(_OTHERS, {"name": f"{NAME}%"}) or 0)
    finally:
        engine.dispose()
