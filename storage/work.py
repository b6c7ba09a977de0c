"""What the repositories of one transaction share: its connection, its engine's ways, its locks."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Executable, Insert, Table, collate, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import NotFound
from storage.columns import clean

T = TypeVar("T")

CHUNK = 500  # values of one IN: few enough for every build of SQLite, many enough to be fast


class Work:
    """One transaction or snapshot under way."""

    def __init__(self, connection: AsyncConnection, *, writes: bool) -> None:
        self.connection = connection
        self.writes = writes
        self.sqlite = connection.dialect.name == "sqlite"

    def must_write(self) -> None:
        """Raises RuntimeError in a snapshot: a mistake of ours, not of the database."""
        if not self.writes:
            raise RuntimeError("a snapshot is read only: write in a transaction")

    async def rows(self, query: Executable, **words: Any) -> Sequence[Any]:
        """All rows of a query; each is a tuple whose fields have names.

        `words`: what its bindparams stand for. A query that is built once for all, and not for
        each asking, costs a third.
        """
        return (await self.connection.execute(query, words)).all()

    async def row(self, query: Executable, **words: Any) -> Any:
        """The first row, or None."""
        return (await self.connection.execute(query, words)).first()

    async def value(self, query: Executable, **words: Any) -> Any:
        """The first value of the first row, or None."""
        return (await self.connection.execute(query, words)).scalar()

    async def change(self, statement: Executable, words: Any = None) -> int:
        """Write; gives how many rows were touched. Nothing is sent for an empty list."""
        self.must_write()
        if words is not None and not words:
            return 0
        done = await self.connection.execute(
            statement, words, execution_options={"preserve_rowcount": True}
        )
        return int(done.rowcount)

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that can say what a conflict does; both engines share the wording."""
        return sqlite.insert(table) if self.sqlite else postgresql.insert(table)

    def replacing(self, table: Table) -> Insert:
        """An INSERT that takes the place of the row with the same primary key."""
        statement = self.insert(table)
        keys = [column.name for column in table.primary_key.columns]
        rest = {
            column.name: statement.excluded[column.name]
            for column in table.columns
            if column.name not in keys
        }
        return statement.on_conflict_do_update(index_elements=keys, set_=rest)

    async def numbers(self, table: Table, count: int) -> list[int]:
        """New ids for rows to be inserted, ascending, never given before."""
        self.must_write()
        if self.sqlite:  # the writer is alone, so counting on is safe
            query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
            last = await self.value(query.bindparams(name=table.name)) or 0
            return list(range(last + 1, last + 1 + count))
        query = text(
            "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"
        )
        found = await self.rows(query.bindparams(name=table.name, count=count))
        return sorted(number for (number,) in found)

    async def alone(self, what: str) -> None:
        """Hold off other writers of `what` until the end, on PostgreSQL.

        For what is read in order to be written and may not exist yet, so that no row can be
        locked. On SQLite every writing transaction is alone from its first moment.
        """
        if self.writes and not self.sqlite:
            lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")
            await self.connection.execute(lock.bindparams(what=clean(f"paperboy {what}")))

    def plainly(self, column: ColumnElement[str]) -> ColumnElement[str]:
        """The text in the order of its code points, on every engine."""
        return column if self.sqlite else collate(column, "C")

    @property
    def locks_rows(self) -> bool:
        """Whether a row that is read in order to be written needs a lock."""
        return self.writes and not self.sqlite

    @asynccontextmanager
    async def together(self, doubled: str) -> AsyncIterator[None]:
        """All inside or nothing, the transaction goes on either way.

        Raises ValueError(doubled) when a row stands already, NotFound when its channel is gone.
        """
        self.must_write()
        savepoint = await self.connection.begin_nested()
        try:
            yield
        except BaseException as error:
            # A full disk has undone the whole transaction: then there is nothing to go back to,
            # and what must be told is the first error.
            with suppress(SQLAlchemyError):
                await savepoint.rollback()
            if not isinstance(error, IntegrityError):
                raise
            if _is_foreign_key(error):
                raise NotFound("The channel is not there any more.") from error
            raise ValueError(doubled) from error
        else:
            await savepoint.commit()


def _is_foreign_key(error: IntegrityError) -> bool:
    original = error.orig
    if isinstance(original, sqlite3.Error):
        return original.sqlite_errorname == "SQLITE_CONSTRAINT_FOREIGNKEY"
    return getattr(original, "sqlstate", None) == "23503"


def chunks(values: Collection[T]) -> Iterator[list[T]]:
    """The values without doubles, as lists of at most CHUNK."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), CHUNK):
        yield distinct[start : start + CHUNK]
