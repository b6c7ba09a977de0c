"""What a fence promises: one holder, a standby that takes over, no commit of who lost it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from bot.errors import FenceLost, StoreBusy
from bot.ports import Fence, Store
from storage import SqlStore, fences, open_store
from tests.wires import postgres
from tests.wires.databases import database

SOON = 20.0  # seconds; nothing here waits for it to pass


def backends(url: str, where: str, what: str = "pid") -> list[int]:
    """The server's sides of connections to this database."""
    with psycopg.connect(postgres.server(), autocommit=True) as connection:
        name = url.partition("?")[0].rpartition("/")[2]
        query = f"SELECT {what} FROM pg_stat_activity WHERE datname = %s AND {where}"
        return [number for (number,) in connection.execute(query, [name]).fetchall()]


def terminate(url: str, where: str) -> int:
    """End these; gives their number."""
    return len(backends(url, where, "pg_terminate_backend(pid)"))


async def appears(url: str, where: str) -> None:
    """Until there is such a one."""
    async with asyncio.timeout(SOON):
        while not backends(url, where):  # noqa: ASYNC110  # it happens in the server
            await asyncio.sleep(0.02)


HOLDER = "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)"
STANDBY = "query LIKE 'SELECT pg_try_advisory_lock%%' AND NOT " + HOLDER


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fences, "_POLL", 0.02)
    monkeypatch.setattr(fences, "_BEAT", 0.2)


@pytest.fixture
def server(tmp_path: Path) -> object:
    with database("postgresql", tmp_path) as url:
        yield url


async def until_it_waits(task: asyncio.Task[object], caplog: pytest.LogCaptureFixture) -> None:
    async with asyncio.timeout(SOON):
        while "waiting as a standby" not in caplog.text:
            assert not task.done(), task
            await asyncio.sleep(0.01)


async def test_who_is_alone_on_a_file_has_every_fence_for_ever(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as url:
        async with open_store(url) as store:
            port: Store = store
            async with port.fence("courier:x") as one, port.fence("courier:x", wait=False) as two:
                for held in (one, two):
                    assert held is not None
                    async with store.transaction() as tx:
                        await held.check(tx)
                    lost = asyncio.create_task(held.lost())
                    await asyncio.sleep(0)
                    assert not lost.done()
                    lost.cancel()


async def test_the_second_waits_until_the_first_leaves(
    server: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with open_store(server) as one, open_store(server) as two:
        got: list[str] = []

        async def second() -> None:
            async with two.fence("courier:x") as held, two.transaction() as tx:
                assert held is not None
                await held.check(tx)
                got.append("second")

        async with one.fence("courier:x") as held:
            assert held is not None
            task = asyncio.create_task(second())
            await until_it_waits(task, caplog)
            async with one.transaction() as tx:
                await held.check(tx)
            assert got == []
        async with asyncio.timeout(SOON):
            await task
    assert got == ["second"]
    said = [record.getMessage() for record in caplog.records if "fence=" in record.getMessage()]
    assert [line.split(":")[0] for line in said] == ["waiting as a standby", "took over"]


async def test_a_taken_fence_is_none_for_who_does_not_wait_and_others_are_free(server: str) -> None:
    async with open_store(server) as one, open_store(server) as two:
        async with one.fence("courier:x") as held:
            assert held is not None
            async with (
                two.fence("courier:x", wait=False) as taken,
                one.fence("courier:x", wait=False) as again,
                two.fence("chat:x", wait=False) as other,
            ):
                assert (taken, again) == (None, None)
                assert other is not None
        async with two.fence("courier:x", wait=False) as held:
            assert held is not None


async def test_when_its_connection_breaks_the_holder_is_told_and_another_takes_over(
    server: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with open_store(server) as one, open_store(server) as two, AsyncExitStack() as stack:
        first = await stack.enter_async_context(one.fence("courier:x"))
        assert first is not None
        second = asyncio.create_task(stack.enter_async_context(two.fence("courier:x")))
        await until_it_waits(second, caplog)
        assert terminate(server, HOLDER) == 1
        async with asyncio.timeout(SOON):
            await first.lost()
            held = await second
        assert held is not None
        with pytest.raises(FenceLost):
            async with one.transaction() as tx:
                await first.check(tx)
        async with two.transaction() as tx:
            await held.check(tx)


async def test_a_holder_that_has_not_noticed_cannot_commit_after_the_takeover(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a machine slept: nothing has told the holder, the epoch does."""

    async def deaf(self: fences.Held, connection: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(fences.Held, "watch", deaf)
    async with open_store(server) as one, open_store(server) as two, one.fence("x") as first:
        assert first is not None
        terminate(server, HOLDER)
        async with two.fence("x") as second:
            assert second is not None

            async def write() -> None:
                async with one.transaction() as tx:
                    await tx.notes.put("written by", "the old holder")
                    await first.check(tx)

            with pytest.raises(FenceLost, match="taken over x"):
                await write()
            async with asyncio.timeout(SOON):
                await first.lost()  # now it knows
            async with two.transaction() as tx:
                await second.check(tx)
                assert await tx.notes.get("written by") is None


async def test_nobody_takes_over_in_the_middle_of_a_transaction_that_checked(server: str) -> None:
    async with open_store(server) as one, open_store(server) as two, one.fence("x") as first:
        assert first is not None
        async with one.transaction() as tx:
            await first.check(tx)
            assert terminate(server, HOLDER) == 1
            taking = asyncio.create_task(_take_and_read(two))
            await appears(server, "wait_event_type = 'Lock' AND query LIKE 'INSERT INTO notes%%'")
            assert not taking.done()
            await tx.notes.put("written by", "the old holder")
        async with asyncio.timeout(SOON):
            assert await taking == "the old holder"


async def _take_and_read(store: SqlStore) -> str | None:
    async with store.fence("x") as held, store.transaction() as tx:
        assert held is not None
        await held.check(tx)
        return await tx.notes.get("written by")


async def test_a_standby_outlives_the_loss_of_its_own_connection(
    server: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As when the server starts anew while it waits."""
    caplog.set_level(logging.INFO)
    async with open_store(server) as one, open_store(server) as two:
        async with one.fence("x"):
            task = asyncio.create_task(_take_and_read(two))
            await until_it_waits(task, caplog)
            assert terminate(server, STANDBY) == 1
            await appears(server, STANDBY)
            assert not task.done()
        async with asyncio.timeout(SOON):
            assert await task is None
    assert caplog.text.count("waiting as a standby") == 1


_HELD = (
    "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database "
    "WHERE locktype = 'advisory' AND datname = current_database()"
)


async def test_each_takeover_counts_one_epoch(server: str) -> None:
    async with open_store(server) as store:
        for _ in range(3):
            async with store.fence("x"):
                pass
        async with store.snapshot() as tx:
            assert await tx.notes.get("fence:x") == "3"
            assert await tx.work.value(text(_HELD)) == 0


async def test_who_does_not_wait_is_told_that_the_server_is_away(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise psycopg.OperationalError("connection refused")

    async with open_store(server) as store:
        monkeypatch.setattr(fences, "_connect", away)
        with pytest.raises(StoreBusy, match="does not answer"):
            async with store.fence("x", wait=False):
                pass


def test_the_fence_keeps_the_protocol() -> None:
    """Read by mypy."""
    kinds: list[Fence] = [fences.Always(), fences.Held("x", "1")]
    assert kinds
