"""A PostgreSQL server that starts anew: what was under way is StoreBusy, the next thing works."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from bot.errors import StoreBusy
from storage import SqlStore, open_store
from storage.store import SqlTransaction
from tests.storage.samples import digest, post, subscribe
from tests.storage.test_fences import terminate
from tests.wires.databases import database

Step = Callable[[SqlTransaction], Awaitable[object]]


async def _read(tx: SqlTransaction) -> None:
    await tx.notes.get("x")


async def _add(tx: SqlTransaction) -> None:
    await post(tx, (await tx.channels.all())[0], b"0")


async def _bulk(tx: SqlTransaction) -> None:
    await tx.ledger.shown([(1, 1), (2, 2)])


async def _savepoint(tx: SqlTransaction) -> None:
    await tx.digests.add([digest(1)])


async def _nothing(tx: SqlTransaction) -> None:
    """Only the commit is left."""


async def _caught(tx: SqlTransaction) -> None:
    with suppress(Exception):
        await tx.notes.get("x")
    await tx.notes.get("x")


async def _ours(tx: SqlTransaction) -> None:
    raise LookupError


@pytest.fixture
def url(tmp_path: Path) -> object:
    with database("postgresql", tmp_path) as found:
        yield found


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    async with open_store(url) as opened:
        async with opened.transaction() as tx:
            await subscribe(tx, "lab")
        yield opened


@pytest.mark.parametrize("step", [_read, _add, _bulk, _savepoint, _nothing, _caught, _ours])
async def test_a_transaction_that_the_server_breaks_off_is_busy_and_leaves_nothing(
    store: SqlStore, url: str, step: Step
) -> None:
    async def broken() -> None:
        async with store.transaction() as tx:
            await tx.notes.put("written", "yes")
            assert terminate(url, "TRUE")
            await step(tx)

    with pytest.raises(StoreBusy, match="does not answer"):
        await broken()
    async with store.transaction() as tx:
        assert await tx.notes.get("written") is None
        assert await tx.deliveries.unsettled() == []


async def test_a_snapshot_that_the_server_breaks_off_is_busy(store: SqlStore, url: str) -> None:
    async def broken() -> None:
        async with store.snapshot() as tx:
            await tx.channels.all()
            assert terminate(url, "TRUE")
            await tx.channels.all()

    with pytest.raises(StoreBusy, match="does not answer"):
        await broken()
    async with store.snapshot() as tx:
        assert len(await tx.channels.all()) == 1


async def test_connections_that_broke_while_nobody_used_them_are_not_noticed(
    store: SqlStore, url: str
) -> None:
    for _ in range(3):
        async with store.transaction() as tx, store.snapshot() as other:
            await tx.notes.put("written", "yes")
            await other.notes.starting("w")
        assert await store.glance(lambda tx: tx.papers.count()) == 0
        assert terminate(url, "TRUE") >= 2
    async with store.snapshot() as tx:
        assert await tx.notes.get("written") == "yes"
