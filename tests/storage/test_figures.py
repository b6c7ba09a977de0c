"""The standing tells what the rows hold, field by field, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bot.channels import Address, DeliveryState
from bot.papers import Edition, EditionState, Reading
from bot.ports import Failing, Standing
from bot.ports.watching import LAST_ROUND
from storage import SqlStore, open_store
from tests.storage.samples import DAY, HOUR, NOW, TODAY, channel, digest, paper, post, subscribe
from tests.wires.databases import database

MINUTE = timedelta(minutes=1)
LAST = NOW - MINUTE
GROWING = ("deliveries", "digests", "editions", "listings", "ledger", "bodies", "spending")


async def _standing(store: SqlStore, now: datetime = NOW) -> Standing:
    async with store.snapshot() as t:
        return await t.figures.standing(now)


def _edition(source: str, day: date, state: EditionState, **words: Any) -> Edition:
    return replace(Edition(source, day, NOW - HOUR, state), **words)


async def test_of_nothing_nothing_is_told(store: SqlStore) -> None:
    assert await _standing(store) == Standing(at=NOW)


async def test_papers_readings_and_tokens_are_counted(store: SqlStore) -> None:
    async with store.transaction() as t:
        await t.papers.put(paper(number) for number in (1, 2, 3))
        for number, language, rung in (
            (1, "en", "full-text"),
            (1, "zh", "full-text"),
            (2, "en", "abstract"),
        ):
            await t.readings.put(Reading(f"2512.{number:05}", language, rung, ("a",)))
        await t.spending.reserve(TODAY, "", 700, None)
        await t.spending.reserve(TODAY, "", 30, None)
        await t.spending.reserve(TODAY, "telegram:7", 30, None)
        await t.spending.reserve(TODAY - DAY, "", 5000, None)
    found = await _standing(store)
    assert found.papers == 3
    assert found.readings == {"full-text": 2, "abstract": 1}
    assert (found.tokens_today, found.calls_today) == (730, 2)


async def test_lists_are_counted_by_source_and_state_for_a_month(store: SqlStore) -> None:
    async with store.transaction() as t:
        for back, state in (
            (0, EditionState.OPEN),
            (1, EditionState.CLOSED),
            (2, EditionState.EMPTY),
            (31, EditionState.CLOSED),
            (32, EditionState.CLOSED),
        ):
            await t.editions.put(_edition("arxiv", TODAY - back * DAY, state))
        await t.editions.put(_edition("huggingface", TODAY, EditionState.OPEN))
    assert (await _standing(store)).editions == {
        ("arxiv", "open"): 1,
        ("arxiv", "closed"): 2,
        ("arxiv", "empty"): 1,
        ("huggingface", "open"): 1,
    }


async def test_channels_are_active_paused_or_suspended(store: SqlStore) -> None:
    """One whose pause is over is active; a suspended one is suspended, paused or not."""
    states: dict[str, dict[str, Any]] = {
        "a": {},
        "b": {"paused_until": NOW},
        "c": {"paused": True},
        "d": {"paused_until": NOW + HOUR},
        "e": {"suspended_at": NOW - DAY},
        "f": {"suspended_at": NOW - DAY, "paused": True},
    }
    async with store.transaction() as t:
        for chat, words in states.items():
            due = NOW + 2 * HOUR if chat == "a" else NOW + HOUR if chat in "ce" else None
            await t.channels.add(channel(chat, next_due=due, **words))
        await t.channels.add(channel(address=Address("telegram", "7"), paused=True))
    found = await _standing(store)
    assert found.channels == {
        ("console", "active"): 2,
        ("console", "paused"): 2,
        ("console", "suspended"): 2,
        ("telegram", "paused"): 1,
    }
    assert found.next_due == NOW + 2 * HOUR


async def test_digests_of_the_last_day_are_counted(store: SqlStore) -> None:
    """Of those opened up to now, and less than 24 hours ago."""
    async with store.transaction() as t:
        places = await subscribe(t, "a", "b")
        places.append(await t.channels.add(channel(address=Address("telegram", "7"))))
        for day, back in enumerate((3 * DAY, DAY, DAY - MINUTE, 2 * HOUR, 0 * HOUR)):
            for place in places[day % 2 :]:
                one = digest(place.id, TODAY - (5 - day) * DAY)
                await t.digests.add([replace(one, opened=NOW - back)])
    assert (await _standing(store)).digests_today == {"console": 5, "telegram": 3}
    assert (await _standing(store, NOW - HOUR)).digests_today == {"console": 4, "telegram": 3}
    assert (await _standing(store, NOW + DAY)).digests_today == {}


async def test_what_is_not_settled_is_counted_by_its_state(store: SqlStore) -> None:
    """Parked is what goes next and must wait; what waits behind something else is ready."""
    async with store.transaction() as t:
        places = await subscribe(t, *"abcde")
        for back, place in enumerate(places):
            await post(t, place, b"x", b"y", created=NOW - HOUR + back * MINUTE)
        first, second, third, fourth = await t.deliveries.next("console", limit=4)
        await t.deliveries.park({first.id: NOW + HOUR})
        taken = await t.deliveries.claim([second.id, third.id, fourth.id], at=NOW, lease_until=NOW)
        one, two, three = [delivery for delivery, _, _ in taken]
        await t.deliveries.settle(replace(one, state=DeliveryState.UNKNOWN))
        await t.deliveries.settle(replace(two, state=DeliveryState.SENT))
        assert three.state is DeliveryState.IN_FLIGHT
    found = await _standing(store)
    assert found.outbox == {
        ("console", "ready"): 6,
        ("console", "parked"): 1,
        ("console", "unknown"): 1,
        ("console", "in-flight"): 1,
    }
    assert found.oldest == {"console": NOW - HOUR + 2 * MINUTE}
    assert found.written == 10


async def test_a_source_whose_last_read_failed_is_named(store: SqlStore) -> None:
    """One that was read since is not; one that nobody asks any more is not either."""
    failed = {"failure": "it did not answer", "failing_since": NOW - 5 * HOUR}
    async with store.transaction() as t:
        await t.notes.put(LAST_ROUND, LAST.isoformat())
        for edition in (
            _edition("arxiv", TODAY, EditionState.OPEN, tried_at=LAST, **failed),
            _edition("arxiv", TODAY - DAY, EditionState.CLOSED, tried_at=LAST, read_at=LAST),
            _edition("huggingface", TODAY, EditionState.OPEN, tried_at=LAST, read_at=LAST),
            _edition("huggingface", TODAY - DAY, EditionState.OPEN, tried_at=LAST - HOUR, **failed),
            _edition("gone", TODAY - 3 * DAY, EditionState.OPEN, tried_at=LAST - 2 * DAY, **failed),
        ):
            await t.editions.put(edition)
    found = await _standing(store)
    assert found.last_round == LAST
    assert found.failing == (Failing("arxiv", NOW - 5 * HOUR, "it did not answer"),)


async def test_the_standing_reads_no_table_that_grows_with_the_years(tmp_path: Path) -> None:
    """What waits is counted from the indexes of what is open, whatever was sent before."""
    said: list[tuple[str, tuple[object, ...]]] = []
    with database("sqlite", tmp_path) as url:
        async with open_store(url) as store, store.transaction() as t:
            [place] = await subscribe(t, "lab")
            await post(t, place, b"x")
            await t.digests.add([digest(place.id)])
            heard = t.work.connection.sync_connection
            assert heard is not None
            event.listen(
                heard,
                "before_cursor_execute",
                lambda c, k, sql, words, x, many: said.append((sql, words)),
            )
            await t.figures.standing(NOW)
            steps = []
            for sql, words in list(said):
                found = await t.work.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", words)
                steps += [str(step) for step in found.scalars(3)]
    assert not {"SCAN channels", "SCAN readings", "SCAN papers"} & set(steps)
    assert any("ix_channels_resting" in step for step in steps)
    seen = [step for step in steps if any(name in step for name in GROWING)]
    assert len(seen) >= 10
    assert [step for step in seen if step in {f"SCAN {name}" for name in GROWING}] == []
