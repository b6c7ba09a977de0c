"""The store: opens the database, and gives transactions and snapshots over it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from sqlalchemy import text
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import SetUpWrong, StoreBusy
from bot.ports.keeping import Pruning
from bot.ports.memory import (
    Channels,
    Editions,
    Notes,
    Papers,
    Readings,
    Saved,
    Spending,
    Topics,
)
from bot.ports.outbox import Deliveries, Digests, Ledger
from bot.ports.watching import Figures
from storage.engines import Target, reading, target, writing
from storage.faults import translate
from storage.fences import Always, Held, fence
from storage.fragments import Fragments, Shared
from storage.glances import AtOnce, Glances
from storage.repositories.channels import SqlChannels
from storage.repositories.deliveries import SqlDeliveries
from storage.repositories.digests import SqlDigests
from storage.repositories.editions import SqlEditions
from storage.repositories.figures import SqlFigures
from storage.repositories.ledger import SqlLedger
from storage.repositories.notes import SqlNotes
from storage.repositories.papers import SqlPapers
from storage.repositories.pruning import SqlPruning
from storage.repositories.readings import SqlReadings
from storage.repositories.saved import SqlSaved
from storage.repositories.spending import SqlSpending
from storage.repositories.topics import SqlTopics
from storage.schema import prepare
from storage.work import Work

T = TypeVar("T")


class SqlTransaction:
    """bot.ports.memory.Transaction over one connection."""

    def __init__(self, work: Work, fragments: Fragments) -> None:
        self.work = work
        self.papers: Papers = SqlPapers(work)
        self.editions: Editions = SqlEditions(work)
        self.channels: Channels = SqlChannels(work)
        self.topics: Topics = SqlTopics(work)
        self.digests: Digests = SqlDigests(work)
        self.deliveries: Deliveries = SqlDeliveries(work, fragments)
        self.ledger: Ledger = SqlLedger(work)
        self.readings: Readings = SqlReadings(work)
        self.saved: Saved = SqlSaved(work)
        self.spending: Spending = SqlSpending(work)
        self.notes: Notes = SqlNotes(work)
        self.figures: Figures = SqlFigures(work)
        self.pruning: Pruning = SqlPruning(work)


class SqlStore:
    """bot.ports.memory.Store on SQLite or PostgreSQL."""

    def __init__(self, where: Target, *, read_only: bool = False) -> None:
        self._where = where
        self._read_only = read_only
        self._writer: AsyncEngine | None = None
        self._reader: AsyncEngine | None = None
        self._glances: Glances | None = None
        self._turn = asyncio.Lock()  # of writers, on SQLite
        self._writing: set[asyncio.Task[object]] = set()
        self._shared = Shared()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._where.place}>"

    async def __aenter__(self) -> Self:
        """Open, bring the schema up to date. Raises SetUpWrong, StoreBusy."""
        try:
            await asyncio.to_thread(prepare, self._where, read_only=self._read_only)
        except BaseException:
            self._where.clear()
            raise
        if not self._read_only:
            self._writer = writing(self._where)
        self._reader = reading(self._where, file_read_only=self._read_only)
        if self._where.sqlite:
            self._glances = Glances(self._where, file_read_only=self._read_only)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._glances is not None:
            self._glances.close()
        for engine in (self._reader, self._writer):  # the writer last: it empties the WAL
            if engine is not None:
                await engine.dispose()
        self._reader = self._writer = self._glances = None
        self._where.clear()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlTransaction]:
        """Read and write; committed on leaving, rolled back on an exception.

        Raises StoreBusy (locked too long) or SetUpWrong (read-only, full, broken).
        """
        if self._writer is None:
            if self._read_only:
                raise SetUpWrong(f"The database {self._where.place} was opened to be read only.")
            raise RuntimeError("the store is not open")
        task = asyncio.current_task()
        assert task is not None
        if task in self._writing:
            raise RuntimeError("a transaction within a transaction would wait for itself")
        self._writing.add(task)
        try:
            if self._where.sqlite:
                async with self._turn, self._work(self._writer, writes=True) as work:
                    yield work
            else:
                async with self._work(self._writer, writes=True) as work:
                    yield work
        finally:
            self._writing.discard(task)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[SqlTransaction]:
        """Read only, one consistent state; writers are not held up."""
        if self._reader is None:
            raise RuntimeError("the store is not open")
        async with self._work(self._reader, writes=False) as work:
            yield work

    def fence(
        self, name: str, *, wait: bool = True
    ) -> AbstractAsyncContextManager[Always | Held | None]:
        """The right called `name`, while the body runs (storage.fences)."""
        return fence(self._where, name, wait=wait)

    async def glance(self, read: Callable[[SqlTransaction], Coroutine[Any, Any, T]]) -> T:
        """What `read` gives of one consistent state, for a few rows by key; it waits for nothing
        but its transaction. Where the database is locked or far away, as from a snapshot.
        """
        if self._glances is not None:
            with suppress(StoreBusy), self._translated():
                return self._glances.take(lambda at_once: read(self._looking(at_once)))
        async with self.snapshot() as tx:
            return await read(tx)

    def _looking(self, connection: AtOnce) -> SqlTransaction:
        work = Work(cast(AsyncConnection, connection), writes=False)  # it has what reading needs
        return SqlTransaction(work, Fragments(work, self._shared))

    @asynccontextmanager
    async def _work(self, engine: AsyncEngine, *, writes: bool) -> AsyncIterator[SqlTransaction]:
        with self._translated():
            async with engine.connect() as connection:
                async with connection.begin():
                    work = Work(connection, writes=writes)
                    fragments = Fragments(work, self._shared)
                    if not writes:  # the state is that of the first read: let it be now
                        await connection.execute(_LOOK)
                    yield SqlTransaction(work, fragments)
                self._shared.learn(fragments)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if ours := translate(error, self._where.place):
                raise ours from error
            if isinstance(error, StatementError) and isinstance(error.orig, ValueError):
                raise error.orig from None  # a value that a column type refused
            raise


_LOOK = text("SELECT 1 FROM notes LIMIT 1")


def open_store(url: str, *, read_only: bool = False, patience: float = 10.0) -> SqlStore:
    """The store at `sqlite:///file`, `sqlite://` (for a while) or `postgresql://…`.

    Nothing is opened until it is entered. `patience`: seconds to wait for a locked database.
    Raises SetUpWrong when the URL cannot be understood.
    """
    return SqlStore(target(url, patience=patience), read_only=read_only)
