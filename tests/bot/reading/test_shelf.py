"""Each paper is read once per language, whatever the number of those who ask for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cards.blocks import Rung
from bot.errors import SourceFailed, Unusable
from bot.papers import Paper, Reading
from bot.ports import Claimed, Store
from bot.reading.money import Budget
from bot.reading.shelf import MOST, SPENT, Room, is_awaited, may_get_better
from storage import open_store
from tests.wires.databases import ENGINES, database
from tests.wires.readers import CHINESE, REPORT, ScriptedReader, ScriptedTexts

NOW = datetime(2026, 1, 6, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def paper(number: int = 1) -> Paper:
    return Paper(
        f"2512.{number:05}", "A Map", "We keep a map and reach 61.4 points.", summary="It maps."
    )


@pytest.fixture(params=ENGINES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    with database(request.param, tmp_path) as url:
        async with open_store(url) as opened:
            yield opened


def room(store: Store, reader: ScriptedReader | None = None, **words: Any) -> Room:
    words.setdefault("fulltext", ScriptedTexts())
    return Room(store, reader or ScriptedReader(), **words)


async def test_many_who_ask_at_once_pay_for_one_reading(store: Store) -> None:
    reader = ScriptedReader(seconds=0.02)
    one = room(store, reader)
    read = await asyncio.gather(*(one.read(paper(), "en", NOW) for _ in range(20)))
    assert {reading.rung for reading in read} == {Rung.FULL_TEXT}
    assert len(reader.forms) == 1


async def test_two_processes_never_pay_for_the_same_reading(store: Store) -> None:
    reader = ScriptedReader(seconds=0.02)
    wanted = [(paper(n), "en") for n in range(6)]
    await asyncio.gather(*(room(store, reader).read_all(wanted, lambda: NOW) for _ in range(3)))
    assert len(reader.forms) == 6


@pytest.mark.parametrize("engine", ENGINES)
async def test_two_machines_on_one_database_pay_once_for_each_paper_and_language(
    engine: str, tmp_path: Path
) -> None:
    """Each with its own connections: the row that is claimed first decides, not luck."""
    readers = [ScriptedReader(seconds=0.01) for _ in range(2)]
    wanted = [(paper(n), "en") for n in range(12)]
    with database(engine, tmp_path) as url:
        async with open_store(url) as one, open_store(url) as other:
            rooms = [room(*each) for each in zip((one, other), readers, strict=True)]
            await asyncio.gather(*(each.read_all(wanted, lambda: NOW) for each in rooms))
            async with one.snapshot() as tx:
                stored = await tx.readings.get([each.id for each, _ in wanted], "en")
    assert sum(len(each.forms) for each in readers) == 12
    assert len(stored) == 12


async def test_a_restart_reads_nothing_again(store: Store) -> None:
    first, again = ScriptedReader(REPORT), ScriptedReader()
    wanted = [(paper(n), "en") for n in range(5)]
    made = await room(store, first).read_all(wanted, lambda: NOW)
    assert [one.paper_id for one in made] == [one.id for one, _ in wanted]
    assert await room(store, again).read_all(wanted, lambda: NOW + 9 * HOUR) == made
    assert not again.forms


async def test_each_language_has_its_own_reading(store: Store) -> None:
    reader = ScriptedReader(REPORT, CHINESE)
    one = room(store, reader)
    english = await one.read(paper(), "en", NOW)
    chinese = await one.read(paper(), "zh", NOW)
    assert (english.language, chinese.language) == ("en", "zh")
    assert len(reader.forms) == 2


async def test_a_language_that_is_not_read_in_costs_nothing(store: Store) -> None:
    reader = ScriptedReader()
    one = room(store, reader, languages=frozenset({"zh"}))
    assert (await one.read(paper(), "en", NOW)).rung == Rung.READY_MADE
    assert not reader.forms


async def test_no_more_readings_are_made_at_once_than_set(store: Store) -> None:
    reader = ScriptedReader(seconds=0.05)
    one = room(store, reader, concurrency=3)
    await one.read_all([(paper(n), "en") for n in range(9)], lambda: NOW)
    assert 1 < reader.most_at_once <= 3


async def test_what_failed_is_tried_later_each_time_and_not_for_ever(store: Store) -> None:
    reader = ScriptedReader(Unusable("prose"))
    now, tries = NOW, []
    for _ in range(80):
        before = len(reader.forms)
        await room(store, reader).read(paper(), "en", now)
        if len(reader.forms) > before:
            tries.append(now - NOW)
        now += HOUR
    assert tries[0] == timedelta(0)
    assert 4 < len(tries) <= MOST
    assert tries[-1] <= timedelta(hours=49)
    assert tries[-1] - tries[-2] > tries[1] - tries[0]


async def test_a_full_text_that_comes_within_two_days_makes_the_reading_better(
    store: Store,
) -> None:
    texts, reader = ScriptedTexts(), ScriptedReader()
    texts.lack()
    one = room(store, reader, fulltext=texts)
    assert (await one.read(paper(), "en", NOW)).rung == Rung.ABSTRACT
    assert (await one.read(paper(), "en", NOW + HOUR)).rung == Rung.ABSTRACT
    assert len(texts.asked) == 1  # not at every question
    texts.lacking.clear()
    assert (await one.read(paper(), "en", NOW + 3 * HOUR)).rung == Rung.FULL_TEXT
    await one.read(paper(), "en", NOW + 30 * HOUR)
    assert len(reader.forms) == 2


async def test_after_two_days_nobody_looks_for_a_full_text(store: Store) -> None:
    texts, reader = ScriptedTexts(), ScriptedReader()
    texts.lack()
    one = room(store, reader, fulltext=texts)
    for hours in range(0, 120, 2):
        await one.read(paper(), "en", NOW + hours * HOUR)
    assert len(reader.forms) == 1
    assert 3 < len(texts.asked) <= MOST


async def test_who_goes_away_does_not_break_off_what_others_wait_for(store: Store) -> None:
    reader = ScriptedReader(seconds=0.05)
    one = room(store, reader)
    first = asyncio.create_task(one.read(paper(), "en", NOW))
    second = asyncio.create_task(one.read(paper(), "en", NOW))
    await asyncio.sleep(0.01)
    first.cancel()
    assert (await second).rung == Rung.FULL_TEXT


async def test_what_was_broken_off_may_be_read_at_once_by_another(store: Store) -> None:
    reader = ScriptedReader(seconds=30)
    slow = room(store, reader)
    task = asyncio.create_task(slow.read_all([(paper(), "en")], lambda: NOW))
    await reader.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await room(store).read(paper(), "en", NOW)).rung == Rung.FULL_TEXT


async def test_an_endpoint_that_is_away_is_not_asked_paper_after_paper(store: Store) -> None:
    reader = ScriptedReader(SourceFailed("away"))
    one = room(store, reader, concurrency=1)
    await one.read_all([(paper(n), "en") for n in range(20)], lambda: NOW)
    assert 3 <= len(reader.forms) <= 4
    assert one.resting
    async with store.snapshot() as tx:
        work = await tx.readings.work([paper(n).id for n in range(20)], "en")
    assert len(work) == len(reader.forms)  # the others have lost none of their tries


async def test_a_spent_day_is_noted_and_read_on_the_next(store: Store) -> None:
    reader = ScriptedReader()
    one = room(store, reader, budget=Budget(daily=4_500))
    for number in range(3):
        await one.read(paper(number), "en", NOW)
    assert len(reader.forms) == 1
    async with store.snapshot() as tx:
        assert await tx.notes.get(SPENT) == "2026-01-06"
    assert (await one.read(paper(2), "en", NOW + 14 * HOUR)).rung == Rung.READY_MADE
    assert (await one.read(paper(2), "en", NOW + 16 * HOUR)).rung == Rung.FULL_TEXT


async def test_who_has_spent_their_tokens_takes_none_of_the_papers_tries(store: Store) -> None:
    reader = ScriptedReader()
    one = room(store, reader, budget=Budget(person=2_000))
    for _ in range(MOST + 1):
        assert (await one.read(paper(), "en", NOW, person="board:7")).rung == Rung.READY_MADE
    assert (await one.read(paper(), "en", NOW)).rung == Rung.FULL_TEXT


@pytest.mark.parametrize(
    ("work", "awaited"),
    [
        (None, True),
        (Claimed(NOW, 1, NOW + HOUR, None), True),
        (Claimed(NOW, 1, None, NOW + HOUR), True),
        (Claimed(NOW, 1, None, NOW + 3 * HOUR), False),
        (Claimed(NOW, 1, None, None), False),
        (Claimed(NOW, MOST, None, NOW), False),
    ],
)
def test_a_reading_is_awaited_while_it_may_come_in_time(
    work: Claimed | None, awaited: bool
) -> None:
    assert is_awaited(None, work, NOW + 2 * HOUR) is awaited
    assert not is_awaited(Reading("1", "en", "abstract", ("It maps.",)), work, NOW + HOUR)


def test_only_what_is_not_of_the_full_text_may_get_better() -> None:
    whole, part = (Reading("1", "en", rung, ("It maps.",)) for rung in ("full-text", "abstract"))
    later, never = Claimed(NOW, 1, None, NOW), Claimed(NOW, 1, None, None)
    assert not may_get_better(whole, later)
    assert may_get_better(part, later)
    assert not may_get_better(part, never)
    assert may_get_better(None, None)
