"""Looking after the database: backup, check, facts."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.channels import Delivery, DeliveryState
from bot.errors import SetUpWrong
from bot.papers import Listing
from storage import SqlStore, backup, check, facts, migrations, open_store, others, upgrade
from tests.storage.samples import NOW, TODAY, digest, drawn, entry, paper, post, subscribe


async def test_a_copy_of_a_database_in_use_is_whole(tmp_path: Path) -> None:
    url, copy = f"sqlite:///{tmp_path / 'paperboy.db'}", tmp_path / "copies" / "monday.db"
    async with open_store(url) as store:

        async def go_on() -> None:
            for number in range(40):
                async with store.transaction() as t:
                    await t.papers.put([paper(number), paper(number + 100)])

        writing = asyncio.create_task(go_on())
        await asyncio.sleep(0.05)
        await backup(url, copy)
        await writing
    assert await check(f"sqlite:///{copy}") == []
    async with open_store(f"sqlite:///{copy}") as store, store.snapshot() as t:
        assert await t.papers.count() % 2 == 0
    assert [path.name for path in copy.parent.iterdir() if path.suffix == ".part"] == []


async def test_a_copy_is_never_written_over_anything(tmp_path: Path) -> None:
    url, copy = f"sqlite:///{tmp_path / 'paperboy.db'}", tmp_path / "copy.db"
    with pytest.raises(SetUpWrong, match="no database"):
        await backup(url, copy)
    await upgrade(url)
    copy.write_text("precious")
    with pytest.raises(SetUpWrong, match="there already"):
        await backup(url, copy)
    assert copy.read_text() == "precious"
    with pytest.raises(SetUpWrong, match="cannot be written"):
        await backup(url, copy / "below.db")
    assert [name for name in os.listdir(tmp_path) if ".part" in name] == []


async def test_the_facts_of_a_database(new_url: str, engine: str) -> None:
    before = await facts(new_url)
    assert (before.revision, before.current, before.bytes) == (None, False, None)
    assert await upgrade(new_url) == (None, migrations.HEAD)
    after = await facts(new_url)
    assert (after.revision, after.current) == (migrations.HEAD, True)
    assert (after.bytes or 0) > 0 if engine == "sqlite" else after.bytes is None


async def test_a_sound_database_has_no_problems(store: SqlStore, url: str) -> None:
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        await t.papers.put([paper(1)])
        await t.editions.add_listings([Listing("2512.00001", "arxiv", TODAY, NOW)])
        [own] = await t.digests.add([digest(lab.id)])
        ids = await post(t, lab, b"one", b"two", digest_id=own)
        await t.ledger.reserve([entry(lab.id, 1, delivery_id=ids[0])])
        await t.deliveries.add([(Delivery(lab.id, lab.address, waits_for=ids[0]), drawn(b"three"))])
        await post(t, hall, b"four")
    assert await check(url) == []


async def test_each_contradiction_is_counted_and_named(store: SqlStore, url: str) -> None:
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        await t.editions.add_listings([Listing("2512.00009", "arxiv", TODAY, NOW)])
        [own] = await t.digests.add([digest(hall.id)])
        [refused] = await post(t, lab, b"one", state=DeliveryState.REFUSED, digest_id=own)
        await post(t, lab, b"two", waits_for=refused)
        await t.ledger.reserve([entry(lab.id, n, delivery_id=refused) for n in (1, 2)])
        await t.papers.put([paper(1)])
        work = t.work
        await work.change(text("DELETE FROM papers_search"))
        await work.change(text("DELETE FROM bodies"))
        await work.change(text("UPDATE deliveries SET head = FALSE"))
    said = "\n".join(await check(url))
    for words in (
        "1 listings name a paper",
        "2 papers are reserved",
        "1 deliveries belong to a digest",
        "1 deliveries wait for one",
        "1 papers are missing from the search",
        "1 unsettled deliveries have lost",
        "1 channels have messages waiting",
    ):
        assert words in said


async def test_what_nobody_would_send_or_settle_is_counted_and_named(
    store: SqlStore, url: str
) -> None:
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        await t.papers.put([paper(1), paper(2)])
        [elsewhere, _] = await post(t, lab, b"one", b"two")
        [endless] = await post(t, hall, b"three")
        await t.deliveries.claim([endless], at=NOW, lease_until=NOW)
        change = t.work.change
        away = text("UPDATE deliveries SET platform = 'telegram' WHERE id = :id")
        await change(away, {"id": elsewhere})
        await change(text("UPDATE deliveries SET leased_until = NULL WHERE state = 'in-flight'"))
        late = text("UPDATE channels SET floor = floor + :more WHERE id = :id")
        more = 1 if t.work.sqlite else timedelta(seconds=1)
        await change(late, {"more": more, "id": hall.id})
        number = "rowid" if t.work.sqlite else "number"
        await change(text(f"DELETE FROM papers_search WHERE {number} = 1"))
    said = await check(url)
    assert said == [
        "1 deliveries stand under another platform than their channel: nobody would send them.",
        "1 deliveries are under way without an end: they would never be settled.",
        "1 channels reckon their days from a wrong instant.",
        "1 papers are missing from the search.",
    ]


async def test_a_database_that_is_not_current_is_a_problem(new_url: str) -> None:
    [said] = await check(new_url)
    assert "paperboy db upgrade" in said


async def test_a_damaged_file_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "paperboy.db"
    url = f"sqlite:///{file}"
    async with open_store(url) as store, store.transaction() as t:
        await t.papers.put([paper(n, abstract="words " * 200) for n in range(200)])
    whole = file.read_bytes()
    middle = len(whole) // 2 // 4096 * 4096
    file.write_bytes(whole[:middle] + b"\x07" * 8192 + whole[middle + 8192 :])
    said = await check(url)
    assert said
    assert "damaged" in said[0]


async def test_an_orphan_is_a_problem(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'paperboy.db'}"
    async with open_store(url) as store, store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        await t.ledger.reserve([replace(entry(lab.id, 1), delivery_id=None)])
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "paperboy.db")) as file:
        file.execute("DELETE FROM channels")
        file.commit()
    assert "channels that is not there" in "\n".join(await check(url))


async def test_who_works_with_a_server_is_counted(url: str, engine: str) -> None:
    """On a file a lock tells it, so nobody is counted there."""
    assert await others(url) == 0
    async with open_store(url) as store:
        async with store.snapshot() as t:
            await t.papers.count()
        assert (await others(url) > 0) == (engine == "postgresql")
    assert await others(url) == 0
