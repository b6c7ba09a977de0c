"""What a transaction and a snapshot promise, on both engines."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import SetUpWrong, StoreBusy
from bot.ports import Store, Transaction
from storage import SqlStore, open_store
from tests.storage.samples import NOW, channel, paper, subscribe


async def test_the_store_keeps_the_protocol(store: SqlStore) -> None:
    """Read by mypy: the store and its transaction fit the port without a cast."""
    port: Store = store
    async with port.transaction() as transaction:
        seen: Transaction = transaction
        assert await seen.papers.count() == 0


async def test_what_was_committed_is_there_after_opening_again(url: str) -> None:
    async with open_store(url) as store, store.transaction() as transaction:
        await transaction.papers.put([paper(1)])
    async with open_store(url) as store, store.snapshot() as snapshot:
        assert await snapshot.papers.count() == 1


async def test_an_exception_takes_everything_back(store: SqlStore) -> None:
    async def fail() -> None:
        async with store.transaction() as transaction:
            [place] = await subscribe(transaction, "lab")
            await transaction.papers.put([paper(1)])
            await transaction.notes.put("told", "yes")
            assert await transaction.channels.get(place.id)
            raise LookupError("stop")

    with pytest.raises(LookupError):
        await fail()
    async with store.snapshot() as snapshot:
        assert await snapshot.papers.count() == 0
        assert await snapshot.channels.all() == []
        assert await snapshot.notes.get("told") is None


async def test_a_cancelled_transaction_takes_everything_back(store: SqlStore) -> None:
    inside = asyncio.Event()

    async def wait_forever() -> None:
        async with store.transaction() as transaction:
            await transaction.papers.put([paper(1)])
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(wait_forever())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with store.transaction() as transaction:
        assert await transaction.papers.count() == 0


async def test_a_snapshot_is_one_state_from_its_first_moment(store: SqlStore) -> None:
    async with store.snapshot() as snapshot:
        async with store.transaction() as transaction:
            await transaction.papers.put([paper(1)])
        assert await snapshot.papers.count() == 0
    async with store.snapshot() as snapshot:
        assert await snapshot.papers.count() == 1


async def test_a_snapshot_does_not_see_what_is_not_committed(store: SqlStore) -> None:
    async with store.transaction() as transaction:
        await transaction.papers.put([paper(1)])
        async with store.snapshot() as snapshot:
            assert await snapshot.papers.count() == 0


async def test_a_snapshot_cannot_write(store: SqlStore) -> None:
    async with store.snapshot() as snapshot:
        with pytest.raises(RuntimeError, match="snapshot"):
            await snapshot.papers.put([paper(1)])
        with pytest.raises(RuntimeError, match="snapshot"):
            await snapshot.channels.add(channel())


async def test_concurrent_changes_of_a_channel_are_all_kept(store: SqlStore) -> None:
    """With SQLite's own transactions nine of ten were lost without a word."""
    async with store.transaction() as transaction:
        [place] = await subscribe(transaction, "lab", limit=0)

    async def one_more() -> None:
        async with store.transaction() as transaction:
            found = await transaction.channels.get(place.id)
            assert found is not None
            await asyncio.sleep(0)
            await transaction.channels.put(replace(found, limit=found.limit + 1))

    await asyncio.gather(*(one_more() for _ in range(20)))
    async with store.snapshot() as snapshot:
        found = await snapshot.channels.get(place.id)
    assert found is not None
    assert found.limit == 20


async def test_concurrent_changes_of_a_note_are_all_kept(store: SqlStore) -> None:
    """Also of one that is not there yet, so that no row can be locked."""

    async def one_more() -> None:
        async with store.transaction() as transaction:
            counted = int(await transaction.notes.get("counted") or 0)
            await asyncio.sleep(0)
            await transaction.notes.put("counted", str(counted + 1))

    await asyncio.gather(*(one_more() for _ in range(20)))
    async with store.snapshot() as snapshot:
        assert await snapshot.notes.get("counted") == "20"


async def test_two_sources_that_tell_of_a_new_paper_at_once_are_both_heard(
    store: SqlStore,
) -> None:
    async def tell(source: str) -> None:
        async with store.transaction() as transaction:
            known = (await transaction.papers.get(["2512.00001"])).get("2512.00001")
            await asyncio.sleep(0.01)
            sources = (*(known.sources if known else ()), source)
            await transaction.papers.put([paper(1, sources=sources)])

    await asyncio.gather(tell("huggingface"), tell("arxiv"))
    async with store.snapshot() as snapshot:
        known = (await snapshot.papers.get(["2512.00001"]))["2512.00001"]
    assert sorted(known.sources) == ["arxiv", "huggingface"]


async def test_two_processes_that_change_a_channel_lose_nothing(url: str) -> None:
    """Two stores stand for two processes: they share nothing but the database."""
    async with open_store(url) as one, open_store(url) as two:
        async with one.transaction() as transaction:
            [place] = await subscribe(transaction, "lab", limit=0)

        async def ten_more(store: SqlStore) -> None:
            for _ in range(10):
                async with store.transaction() as transaction:
                    found = await transaction.channels.get(place.id)
                    assert found is not None
                    await transaction.channels.put(replace(found, limit=found.limit + 1))

        await asyncio.gather(ten_more(one), ten_more(two))
        async with one.snapshot() as snapshot:
            found = await snapshot.channels.get(place.id)
    assert found is not None
    assert found.limit == 20


async def test_a_transaction_within_a_transaction_is_refused(store: SqlStore) -> None:
    async with store.transaction():
        with pytest.raises(RuntimeError, match="within"):
            async with store.transaction():
                pass


async def test_many_snapshots_at_once_are_served(store: SqlStore) -> None:
    async def look() -> int:
        async with store.snapshot() as snapshot:
            return await snapshot.papers.count()

    assert await asyncio.gather(*(look() for _ in range(40))) == [0] * 40


async def test_a_store_that_is_not_open_says_so(url: str) -> None:
    store = open_store(url)
    with pytest.raises(RuntimeError, match="not open"):
        async with store.transaction():
            pass
    with pytest.raises(RuntimeError, match="not open"):
        async with store.snapshot():
            pass


async def test_a_store_opened_to_read_only_reads(url: str) -> None:
    async with open_store(url) as store, store.transaction() as transaction:
        await subscribe(transaction, "lab", next_due=NOW)
    async with open_store(url, read_only=True) as store:
        async with store.snapshot() as snapshot:
            assert len(await snapshot.channels.all()) == 1
        with pytest.raises(SetUpWrong, match="read only"):
            async with store.transaction():
                pass


async def test_a_glance_gives_what_was_committed_of_one_state(store: SqlStore) -> None:
    async with store.transaction() as transaction:
        [place] = await subscribe(transaction, "lab")
        await transaction.papers.put([paper(1)])

    async def read(tx: Transaction) -> tuple[bool, int]:
        return await tx.channels.find(place.address) == place, len(
            await tx.papers.get([paper(1).id])
        )

    assert await store.glance(read) == (True, 1)
    async with store.transaction() as transaction:
        await transaction.papers.put([paper(2)])
        assert await store.glance(lambda tx: tx.papers.count()) == 1
    assert await store.glance(lambda tx: tx.papers.count()) == 2


async def test_a_glance_writes_nothing_and_its_errors_come_out(store: SqlStore) -> None:
    async def write(tx: Transaction) -> None:
        await tx.notes.put("told", "yes")

    async def fail(tx: Transaction) -> None:
        raise LookupError("stop")

    with pytest.raises(RuntimeError, match="read only"):
        await store.glance(write)
    with pytest.raises(LookupError):
        await store.glance(fail)
    assert await store.glance(lambda tx: tx.notes.get("told")) is None


async def test_a_glance_waits_for_no_writer_and_no_snapshot(store: SqlStore) -> None:
    async with store.transaction() as transaction, store.snapshot():
        await transaction.notes.put("told", "yes")
        assert await store.glance(lambda tx: tx.notes.get("told")) is None


async def test_a_glance_that_waits_for_something_else_is_told_so(tmp_path: Path) -> None:
    async def wait(tx: Transaction) -> None:
        await asyncio.sleep(0)

    async with open_store(f"sqlite:///{tmp_path / 'paperboy.db'}") as store:
        with pytest.raises(RuntimeError, match="its own reads"):
            await store.glance(wait)
        assert await store.glance(lambda tx: tx.papers.count()) == 0  # the connection is free


async def test_where_the_database_is_locked_a_glance_waits_as_a_snapshot(tmp_path: Path) -> None:
    file = tmp_path / "paperboy.db"
    async with open_store(f"sqlite:///{file}") as store:
        tries = 0

        async def read(tx: Transaction) -> int:
            nonlocal tries
            tries += 1
            if tries == 1:
                raise StoreBusy("The database is locked.")
            return await tx.papers.count()

        assert await store.glance(read) == 0
        assert tries == 2
