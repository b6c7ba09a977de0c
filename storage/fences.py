"""Fences: the right to do something alone, among all processes on one database.

On PostgreSQL a fence is an advisory lock on a connection of its own: it goes with the process,
the connection or the server. A holder may not notice at once (a machine that slept), so each
taking over raises an epoch, and a transaction that must be the holder's compares it: what another
has taken over meanwhile cannot be committed twice. Behind a pool of connections (PgBouncer) this
needs sessions, not transactions, to be pooled.

A SQLite file is worked on by one process, which always has every fence.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from bot.errors import FenceLost
from bot.ports import Transaction
from storage.engines import Target, connect_words
from storage.faults import translated_driver
from storage.tables import notes
from storage.work import Work

if TYPE_CHECKING:
    from psycopg import AsyncConnection

NOTES = "fence:"  # how the names of their notes begin

_POLL = 1.0  # seconds between two tries to get the lock
_BEAT = 3.0  # seconds between two looks at the connection
_PATIENCE = 5.0  # seconds for an answer of the server

_LOCK = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"
_NEXT_EPOCH = (
    "INSERT INTO notes (name, value) VALUES (%s, '1') "
    "ON CONFLICT (name) DO UPDATE SET value = (notes.value::bigint + 1)::text RETURNING value"
)
_EPOCH = select(notes.c.value).where(notes.c.name == bindparam("name"))
_EPOCH_HELD = _EPOCH.with_for_update(read=True)

log = logging.getLogger(__name__)


class Always:
    """The fence of who is alone on the database."""

    async def check(self, tx: Transaction) -> None:
        """Passes."""

    async def lost(self) -> None:
        """Never returns."""
        await asyncio.Event().wait()


class Held:
    """A fence on PostgreSQL, from its taking over on."""

    def __init__(self, name: str, epoch: str) -> None:
        self._name = name
        self._epoch = epoch
        self._gone = asyncio.Event()

    async def check(self, tx: Transaction) -> None:
        """Until `tx` ends nobody takes over: who wants to waits for it."""
        work: Work = tx.work  # type: ignore[attr-defined]  # the store gives no other ones
        query = _EPOCH_HELD if work.writes else _EPOCH
        if self._gone.is_set() or await work.value(query, name=_note(self._name)) != self._epoch:
            self._gone.set()
            raise FenceLost(f"Another process has taken over {self._name}.")

    async def lost(self) -> None:
        await self._gone.wait()

    async def watch(self, connection: AsyncConnection[Any]) -> None:
        """Until the connection breaks; it is told at once, or after 8 seconds of silence."""
        from psycopg import Error

        try:
            while True:
                async for _ in connection.notifies(timeout=_BEAT):
                    pass  # nobody calls: this waits, and ends when the server hangs up
                async with asyncio.timeout(_PATIENCE):
                    await connection.execute("SELECT 1")
        except (Error, OSError, TimeoutError) as error:
            log.warning("lost the right to go on: fence=%s: %s", self._name, _first_line(error))
        finally:
            self._gone.set()


@asynccontextmanager
async def fence(where: Target, name: str, *, wait: bool) -> AsyncIterator[Always | Held | None]:
    """The fence of this name while the body runs; None where it is taken and `wait` is not set.

    While it waits it outlives restarts of the server. Raises StoreBusy or SetUpWrong where the
    server cannot be reached and `wait` is not set.
    """
    if where.sqlite:
        yield Always()
        return
    taken = await (_waited(where, name) if wait else _tried(where, name))
    if taken is None:
        yield None
        return
    connection, held = taken
    watching = asyncio.create_task(held.watch(connection), name=f"fence {name}")
    try:
        yield held
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await _release(connection, name)


async def _tried(where: Target, name: str) -> tuple[AsyncConnection[Any], Held] | None:
    with translated_driver(where.place):
        connection = await _connect(where)
        try:
            epoch = await _taken(connection, name)
        except BaseException:
            await connection.close()
            raise
        if epoch is None:
            await connection.close()
            return None
        return connection, Held(name, epoch)


async def _waited(where: Target, name: str) -> tuple[AsyncConnection[Any], Held]:
    from psycopg import Error

    began = monotonic()
    waits = False
    connection: AsyncConnection[Any] | None = None
    try:
        while True:
            try:
                connection = connection or await _connect(where)
                if (epoch := await _taken(connection, name)) is not None:
                    if waits:
                        log.info("took over: fence=%s after %.0f s", name, monotonic() - began)
                    own, connection = connection, None
                    return own, Held(name, epoch)
                said = "another process has it"
            except (Error, OSError, TimeoutError) as error:
                said = _first_line(error)
                if connection is not None:
                    await connection.close()
                    connection = None
            if not waits:
                waits = True
                log.info("waiting as a standby: fence=%s: %s", name, said)
            await asyncio.sleep(_POLL)
    finally:
        if connection is not None:
            await connection.close()


async def _connect(where: Target) -> AsyncConnection[Any]:
    from psycopg import AsyncConnection

    return await AsyncConnection.connect(**connect_words(where), autocommit=True)


async def _taken(connection: AsyncConnection[Any], name: str) -> str | None:
    """The new epoch; None when another has the lock."""
    async with asyncio.timeout(_PATIENCE):
        found = await (await connection.execute(_LOCK, [_lock(name)])).fetchone()
        if not found or not found[0]:
            return None
        row = await (await connection.execute(_NEXT_EPOCH, [_note(name)])).fetchone()
    assert row is not None
    return str(row[0])


async def _release(connection: AsyncConnection[Any], name: str) -> None:
    from psycopg import Error

    with suppress(Error, OSError, TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            await connection.execute(_UNLOCK, [_lock(name)])
    await connection.close()


def _lock(name: str) -> str:
    return f"paperboy fence {name}"


def _note(name: str) -> str:
    return f"{NOTES}{name}"


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__
