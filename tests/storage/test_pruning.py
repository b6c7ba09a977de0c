"""What has had its time goes; what anything still needs stays. On both engines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

import storage
from bot.channels import Address, Channel, Delivery, DeliveryState, LedgerState
from bot.keeping import Gone, Keep, prune
from bot.papers import Edition, Listing, Reading
from bot.ports import Transaction
from bot.ports.keeping import Numbers
from storage import SqlStore
from storage.repositories.pruning import SqlPruning
from storage.tables import fragments
from tests.storage.samples import DAY, NOW, TODAY, digest, drawn, entry, paper, subscribe
from tests.wires.databases import database

OLD = NOW - 100 * DAY  # older than messages are kept
ANCIENT = NOW - 500 * DAY  # older than anything is kept
KEEP = Keep(messages=90, ledger=400, papers=400)


async def _prune(store: SqlStore, *, dry: bool = False, now: datetime = NOW) -> Gone:
    return [gone async for gone in prune(store, KEEP, now, dry=dry)][-1]


async def _message(
    t: Transaction, place: Channel, body: bytes, at: datetime, state: DeliveryState, **words: object
) -> int:
    one = Delivery(place.id, place.address, created=at, state=state, **words)  # type: ignore[arg-type]
    [number] = await t.deliveries.add([(one, drawn(body))])
    return number


async def _there(store: SqlStore, numbers: Sequence[int]) -> list[int]:
    async with store.snapshot() as t:
        return [number for number in numbers if await t.deliveries.get(number) is not None]


async def _pieces(store: SqlStore) -> int:
    async with store.snapshot() as t:
        return int(await t.work.value(select(func.count()).select_from(fragments)))


async def test_old_messages_go_with_their_texts(store: SqlStore, url: str) -> None:
    """Those that wait, that somebody waits for, and the young ones stay, and can be read."""
    sent, stale = DeliveryState.SENT, DeliveryState.STALE
    async with store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        gone = [
            await _message(t, lab, b"gone", OLD, sent),
            await _message(t, hall, b"a", OLD, stale),
        ]
        waited = await _message(t, lab, b"thread", OLD, sent)
        stays = [
            waited,
            await _message(t, lab, b"later", OLD, DeliveryState.READY, waits_for=waited),
            await _message(t, hall, b"young", NOW - 89 * DAY, sent),
            await _message(t, hall, b"late", OLD, sent, sent_at=NOW - 89 * DAY),
        ]
    would = await _prune(store, dry=True)
    assert await _there(store, [*gone, *stays]) == [*gone, *stays]
    done = await _prune(store)
    assert (done.messages, done.fragments) == (2, 2)
    assert asdict(would) == asdict(done)
    assert await _there(store, [*gone, *stays]) == stays
    async with store.snapshot() as t:
        said = [(await t.deliveries.body(number))[0].fragments for number in stays]
    assert said == [(b"thread",), (b"later",), (b"young",), (b"late",)]
    assert await storage.check(url) == []


async def test_a_text_that_went_is_stored_anew_when_it_is_said_again(store: SqlStore) -> None:
    """Also by a process that remembers where it stood."""
    async with store.transaction() as t:
        places = await subscribe(t, "lab", "hall")
        for place in places:
            await _message(t, place, b"the same foot", OLD, DeliveryState.SENT)
    async with store.transaction() as t:  # now it is known to be everybody's
        await _message(t, places[0], b"the same foot", OLD, DeliveryState.SENT)
    assert await _pieces(store) == 1
    await _prune(store)
    assert await _pieces(store) == 0
    async with store.transaction() as t:
        again = await _message(t, places[1], b"the same foot", NOW, DeliveryState.READY)
    async with store.snapshot() as t:
        assert (await t.deliveries.body(again))[0].fragments == (b"the same foot",)


async def test_a_message_that_comes_while_the_texts_are_looked_through_keeps_its_own(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with store.transaction() as t:
        places = await subscribe(t, "lab", "hall")
        for place in places:
            await _message(t, place, b"the same foot", OLD, DeliveryState.SENT)
    late: list[int] = []
    used = SqlPruning.used

    async def look(self: SqlPruning, **words: object) -> object:
        found = await used(self, **words)  # type: ignore[arg-type]
        if not late:
            late.append(0)
            async with store.transaction() as t:
                late[0] = await _message(t, places[0], b"the same foot", NOW, DeliveryState.READY)
        return found

    monkeypatch.setattr(SqlPruning, "used", look)
    done = await _prune(store)
    assert (done.messages, done.fragments) == (2, 0)
    async with store.snapshot() as t:
        assert (await t.deliveries.body(late[0]))[0].fragments == (b"the same foot",)


async def test_who_is_adding_a_message_is_waited_for(store: SqlStore, url: str) -> None:
    """Another process may be about to use an old text again; it has not said so yet."""
    async with store.transaction() as t:
        places = await subscribe(t, "lab", "hall")
        for place in places:
            await _message(t, place, b"the same foot", OLD, DeliveryState.SENT)
    async with storage.open_store(url) as other:
        async with store.transaction() as t:
            late = await _message(t, places[0], b"the same foot", NOW, DeliveryState.READY)
            pruning = asyncio.create_task(_prune(other))
            await asyncio.wait([pruning], timeout=0.5)
            assert not pruning.done()
        assert (await pruning).messages == 2
    async with store.snapshot() as t:
        assert (await t.deliveries.body(late))[0].fragments == (b"the same foot",)


async def test_old_digests_go_but_the_newest_of_a_channel(store: SqlStore, url: str) -> None:
    """And those that a message belongs to."""
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        days = [TODAY - (600 - number) * DAY for number in range(40)]
        ids = await t.digests.add(
            [replace(digest(lab.id, day), opened=ANCIENT - DAY) for day in days]
        )
        await _message(t, lab, b"x", NOW, DeliveryState.SENT, digest_id=ids[2])
    would = await _prune(store, dry=True)
    done = await _prune(store)
    assert done.digests == would.digests == 8  # 40 but the newest 31 and the one
    async with store.snapshot() as t:
        left = [one.local_date for one in await t.digests.recent(lab.id, limit=99)]
    assert left == [*reversed(days[9:]), days[2]]
    assert await storage.check(url) == []


async def test_the_ledger_forgets_what_cannot_be_shown_again(store: SqlStore) -> None:
    """What is reserved, young or listed lately stays."""
    async with store.transaction() as t:
        [lab, hall] = await subscribe(t, "lab", "hall")
        waits = await _message(t, lab, b"x", NOW, DeliveryState.READY)
        shown = {"state": LedgerState.SHOWN, "at": ANCIENT}
        await t.ledger.reserve(
            [
                entry(lab.id, 1, **shown),
                entry(hall.id, 1, **shown),
                entry(lab.id, 2, state=LedgerState.SHOWN, at=NOW - 399 * DAY),
                entry(lab.id, 3, at=ANCIENT, delivery_id=waits),
                entry(lab.id, 4, **shown),
                entry(lab.id, 5, **shown),
            ]
        )
        await t.papers.put([paper(4), paper(5)])
        await t.editions.add_listings(
            [
                Listing("2512.00004", "arxiv", TODAY, NOW - 30 * DAY),
                Listing("2512.00005", "arxiv", TODAY, NOW - 100 * DAY),
            ]
        )
    would = await _prune(store, dry=True)
    done = await _prune(store)
    assert done.ledger == would.ledger == 3
    ids = [f"2512.{number:05}" for number in range(1, 6)]
    async with store.snapshot() as t:
        known = await t.ledger.known([lab.id, hall.id], ids)
    assert {owner: set(own) for owner, own in known.items()} == {
        lab.id: {"2512.00002", "2512.00003", "2512.00004"}
    }


async def test_old_papers_go_with_all_that_is_theirs(store: SqlStore, url: str) -> None:
    """But those that somebody saved, that were listed since, or that nobody ever listed."""
    async with store.transaction() as t:
        await t.papers.put(paper(number, title=f"Wombats {number}") for number in range(1, 6))
        await t.editions.add_listings(
            Listing(f"2512.{number:05}", "arxiv", (ANCIENT + number * DAY).date(), ANCIENT)
            for number in (1, 2, 3, 4)
        )
        await t.editions.add_listings(
            [Listing("2512.00002", "huggingface", TODAY, NOW - 300 * DAY)]
        )
        await t.saved.add(Address("console", "lab"), "7", "2512.00003", NOW)
        for number in (1, 2, 4):
            await t.readings.put(Reading(f"2512.{number:05}", "en", "abstract", ("a",)))
            await t.readings.claim(f"2512.{number:05}", "zh", NOW, at=NOW, until=NOW + DAY, most=3)
        for day in (ANCIENT, NOW - 300 * DAY):
            await t.editions.put(Edition("arxiv", day.date(), day))
    would = await _prune(store, dry=True)
    done = await _prune(store)
    assert (done.papers, done.lists) == (would.papers, would.lists) == (2, 1)
    async with store.snapshot() as t:
        left = {one.id for one in await t.papers.search("wombats", limit=9)}
        assert left == {"2512.00002", "2512.00003", "2512.00005"}
        ids = ["2512.00001", "2512.00002", "2512.00004"]
        assert set(await t.readings.get(ids, "en")) == {"2512.00002"}
        assert set(await t.readings.work(ids, "zh")) == {"2512.00002"}
        assert await t.editions.get("arxiv", ANCIENT.date()) is None
    assert await storage.check(url) == []
    async with store.transaction() as t:  # it may come back
        await t.papers.put([paper(1, title="Wombats again")])
        assert len(await t.papers.search("wombats", limit=9)) == 4


async def test_notes_go_that_nobody_will_read(store: SqlStore) -> None:
    async with store.transaction() as t:
        [lab] = await subscribe(t, "lab")
        stays = {
            f"suspended:{lab.id}": "[]",
            "today:console:hall": (NOW - DAY).isoformat(),
            "announced:abc": (NOW - 399 * DAY).isoformat(),
            "announced:abc:1": "1-9",
            "suspended:x": "?",
            "last-round": ANCIENT.isoformat(),
        }
        goes = {
            f"suspended:{lab.id + 1}": "[]",
            "rest:99": "{}",
            "thread-gone:99": "",
            "unsubscribed:99": "",
            "today:console:lab": (NOW - 3 * DAY).isoformat(),
            "announced:old": ANCIENT.isoformat(),
            "announced:old:1": "1-9",
        }
        for name, value in (stays | goes).items():
            await t.notes.put(name, value)
    assert (await _prune(store, dry=True)).notes == len(goes)
    assert (await _prune(store)).notes == len(goes)
    async with store.snapshot() as t:
        assert set(await t.notes.starting("")) == set(stays)


async def test_papers_stay_for_good_unless_it_is_said(store: SqlStore) -> None:
    async with store.transaction() as t:
        await t.papers.put([paper(1)])
        await t.editions.add_listings([Listing("2512.00001", "arxiv", TODAY, ANCIENT)])
    async for gone in prune(store, Keep(), NOW + timedelta(days=5000)):
        assert gone.papers == 0


def test_what_was_shown_is_known_for_400_days_whatever_is_asked_for() -> None:
    for words in ({"ledger": 399}, {"papers": 100}):
        with pytest.raises(ValueError, match="400 days"):
            Keep(**words)


async def test_no_step_reads_more_than_its_own_rows(tmp_path: Path) -> None:
    """On SQLite, where nobody else writes meanwhile."""
    said: list[tuple[str, Any]] = []
    big = ("deliveries", "digests", "ledger", "listings", "papers", "bodies", "waiting", "later")
    with database("sqlite", tmp_path) as url:
        async with storage.open_store(url) as store, store.transaction() as t:
            [lab] = await subscribe(t, "lab")
            await _message(t, lab, b"x", OLD, DeliveryState.SENT)
            await t.digests.add([digest(lab.id)])
            await t.papers.put([paper(1)])
            heard = t.work.connection.sync_connection
            assert heard is not None
            event.listen(
                heard,
                "before_cursor_execute",
                lambda c, k, sql, words, x, many: said.append((sql, words)),
            )
            rows: dict[str, Any] = {"after": 0, "limit": 10, "dry": True}
            await t.pruning.messages(NOW, **rows)
            await t.pruning.digests(NOW, **rows)
            await t.pruning.ledger(NOW, NOW, **rows)
            await t.pruning.papers(NOW, **rows)
            await t.pruning.used(after=0, until=9, before=NOW, limit=9)
            await t.pruning.fragments(Numbers(), 0, after=0, limit=9, dry=False)
            steps = []
            for sql, words in [*said]:
                one = words[0] if isinstance(words, list) else words
                found = await t.work.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", one)
                steps += [str(step) for step in found.scalars(3)]
    assert any("waiting USING INDEX ix_deliveries_unsettled" in step for step in steps)
    assert [step for step in steps if step in {f"SCAN {name}" for name in big}] == []
