"""With a model: what is read ahead, which digest waits for it, which posted card gets better."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from bot.cards import Block, CardBlock, Foot, Rung
from bot.channels import Address, Body, Drawn, Layout, Limits, Outcome, Place, Verdict
from bot.courier import carry
from bot.desk import Desk
from bot.digest.ahead import read_ahead, run_reading, wanted
from bot.digest.bettering import edit_better
from bot.errors import SourceFailed
from bot.reading.money import Budget
from bot.reading.shelf import Room
from bot.rounds import open_round
from tests.bot.digest.conftest import Village, at
from tests.wires.board import Board
from tests.wires.lists import a_paper
from tests.wires.readers import REPORT, ScriptedReader, ScriptedTexts

MONDAY = date(2026, 1, 5)  # its list closes on Tuesday at 02:45 UTC
READ = "2026-01-06 03:00"
DUE = "2026-01-06 09:00"
HALF_A_DAY = timedelta(hours=12)
_HERE = Place()


@dataclass
class Wall(Board):
    """A board that shows the texts too, a message for each card, and can be written over."""

    name: str = "board"
    limits: Limits = Limits(  # noqa: RUF009
        most_cards=50, list_lines=40, verbs=frozenset({"edit"})
    )
    edited: list[dict[str, Any]] = field(default_factory=list)
    apart: bool = True

    def draw(
        self, blocks: Sequence[Block], layout: Layout, language: str, place: Place = _HERE
    ) -> tuple[Drawn, ...]:
        self.drawn.append(blocks)
        cards = [one.card for one in blocks if isinstance(one, CardBlock)]
        groups = [[one] for one in cards] if self.apart else [cards]
        return tuple(
            Drawn(
                Body((json.dumps({one.id: one.lines for one in group}).encode(),)),
                tuple(one.id for one in group),
            )
            for group in groups
        )

    async def send(
        self,
        address: Address,
        body: Body,
        key: str,
        *,
        silent: bool,
        reply_to: str | None = None,
    ) -> Outcome:
        self.calls += 1
        return Outcome(Verdict.ACCEPTED, (f"m{self.calls}",))

    async def edit(self, address: Address, message: str, body: Body) -> Outcome:
        self.edited.append({"message": message, **json.loads(body.fragments[0])})
        return Outcome(Verdict.ACCEPTED, (message,))


def with_room(village: Village, reader: ScriptedReader, **words: Any) -> Village:
    words.setdefault("fulltext", ScriptedTexts())
    room = Room(village.desk.store, reader, **words)
    return replace(village, desk=replace(village.desk, room=room))


@pytest.fixture
def reader() -> ScriptedReader:
    return ScriptedReader()


@pytest.fixture
def read_village(village: Village, reader: ScriptedReader) -> Village:
    """Monday's list holds three papers by votes."""
    for number in (1, 2, 3):
        village.source.show(MONDAY, a_paper(number, upvotes=10 - number))
    return with_room(village, reader)


async def ring(desk: Desk, now: str, **words: Any) -> int:
    """One bell; gives the digests that it opened."""
    return (await open_round(desk, at(now), **words)).opened


def shown(village: Village) -> list[tuple[str, str]]:
    """Id and rung of the cards drawn last."""
    return [
        (one.card.id, one.card.rung)
        for one in village.board.drawn[-1]
        if isinstance(one, CardBlock)
    ]


async def test_what_will_be_a_card_within_half_a_day_is_wanted_once_per_language(
    read_village: Village,
) -> None:
    subscribed = at("2026-01-05 12:00")
    await read_village.subscribe(subscribed, chat="a", limit=2)
    await read_village.subscribe(subscribed, chat="b", limit=1, language="zh")
    await read_village.subscribe(subscribed, chat="c", limit=1)
    await ring(read_village.desk, READ)
    found = await wanted(read_village.desk, at(READ), HALF_A_DAY)
    assert sorted((paper.id, language) for paper, language in found) == [
        ("2601.00001", "en"),
        ("2601.00001", "zh"),
        ("2601.00002", "en"),
    ]
    assert await wanted(read_village.desk, at(READ), timedelta(hours=1)) == []


async def test_what_shows_no_text_or_is_not_read_in_costs_nothing(
    village: Village, reader: ScriptedReader
) -> None:
    village.source.show(MONDAY, a_paper(1))
    village = with_room(village, reader, languages=frozenset({"en"}))
    await village.subscribe(at("2026-01-05 12:00"), chat="a", layout=Layout.COMPACT)
    await village.subscribe(at("2026-01-05 12:00"), chat="b", language="ko")
    await village.subscribe(at("2026-01-05 12:00"), "quantum chemistry", chat="c")
    await ring(village.desk, READ)
    assert await wanted(village.desk, at(READ), HALF_A_DAY) == []


async def test_what_is_read_ahead_is_posted_at_the_hour_and_paid_for_once(
    read_village: Village, reader: ScriptedReader
) -> None:
    await read_village.subscribe(at("2026-01-05 12:00"), chat="a")
    await read_village.subscribe(at("2026-01-05 12:00"), chat="b")
    await ring(read_village.desk, READ)
    assert await read_ahead(read_village.desk, lambda: at(READ)) == 3
    assert await read_ahead(read_village.desk, lambda: at(READ)) == 0
    assert await ring(read_village.desk, DUE) == 2
    assert {rung for _, rung in shown(read_village)} == {Rung.FULL_TEXT}
    foot = read_village.board.drawn[-1][-1]
    assert isinstance(foot, Foot)
    assert (foot.model, foot.checked, foot.spent) == ("scripted-1", True, False)
    assert len(reader.forms) == 3


async def test_a_digest_waits_for_its_own_readings_until_ten_minutes_after_its_hour(
    read_village: Village,
) -> None:
    channel = await read_village.subscribe(at("2026-01-05 12:00"))
    assert await ring(read_village.desk, DUE) == 0
    assert await ring(read_village.desk, "2026-01-06 09:09") == 0
    assert await ring(read_village.desk, "2026-01-06 09:10") == 1
    assert {rung for _, rung in shown(read_village)} == {Rung.SENTENCES}
    (digest,) = await read_village.digests(channel.id)
    assert digest.due == at(DUE)
    assert (await read_village.channel(channel.id)).next_due == at("2026-01-07 09:00")


async def test_a_digest_that_is_read_does_not_wait_for_those_of_others(
    read_village: Village,
) -> None:
    read_village.source.show(MONDAY, a_paper(4, "Robots", upvotes=1))
    await read_village.subscribe(at("2026-01-05 12:00"), "robots", chat="read")
    await read_village.subscribe(at("2026-01-05 12:00"), "subject", chat="waits")
    await ring(read_village.desk, READ)
    room = read_village.desk.room
    assert room is not None
    await room.read(a_paper(4, "Robots"), "en", at(READ))
    assert await ring(read_village.desk, DUE) == 1
    assert [one for one, _ in shown(read_village)] == ["2601.00004"]
    await read_ahead(read_village.desk, lambda: at(DUE))
    assert await ring(read_village.desk, "2026-01-06 09:01") == 1


async def test_a_digest_does_not_wait_for_what_is_given_up(
    village: Village, reader: ScriptedReader
) -> None:
    village.source.show(MONDAY, a_paper(1))
    village = with_room(village, reader, budget=Budget(daily=0))
    await village.subscribe(at("2026-01-05 12:00"))
    await ring(village.desk, READ)
    await read_ahead(village.desk, lambda: at(READ))
    assert await ring(village.desk, DUE) == 1
    foot = village.board.drawn[-1][-1]
    assert isinstance(foot, Foot)
    assert foot.spent
    assert not reader.forms


async def test_who_runs_once_reads_what_is_due_before_it_opens(
    read_village: Village, reader: ScriptedReader
) -> None:
    await read_village.subscribe(at("2026-01-05 12:00"))
    done = await read_village.round(at(DUE))
    assert (done.opened, done.sent) == (1, 1)
    assert {rung for _, rung in shown(read_village)} == {Rung.FULL_TEXT}
    assert len(reader.forms) == 3


async def test_a_model_that_is_away_delays_no_digest_of_who_runs_once(
    village: Village,
) -> None:
    for number in range(20):
        village.source.show(MONDAY, a_paper(number))
    away = ScriptedReader(SourceFailed("away"))
    village = with_room(village, away, concurrency=1)
    await village.subscribe(at("2026-01-05 12:00"), limit=20)
    assert (await village.round(at(DUE))).sent == 1
    assert len(away.forms) <= 4


async def posted(village: Village, texts: ScriptedTexts, *, apart: bool = True) -> Wall:
    """A digest whose cards were read from the abstract, for no full text was there."""
    texts.lack()
    wall = Wall(apart=apart)
    village.desk = replace(village.desk, platforms={"board": wall})
    room = village.desk.room
    assert room is not None
    room.maker._fulltext = texts  # a text that comes and goes
    await village.subscribe(at("2026-01-05 12:00"))
    await ring(village.desk, READ)
    await read_ahead(village.desk, lambda: at(READ))
    assert await ring(village.desk, DUE) == 1
    await carry(village.desk, at(DUE))
    assert wall.calls == (3 if apart else 1)
    return wall


@pytest.mark.parametrize("apart", [True, False])
async def test_a_full_text_that_came_later_edits_the_posted_card_once(
    read_village: Village, reader: ScriptedReader, apart: bool
) -> None:
    texts = ScriptedTexts()
    wall = await posted(read_village, texts, apart=apart)
    texts.lacking = {f"2601.0000{n}": texts.lacking[""] for n in (2, 3)}
    reader.answers = [{**REPORT, "contribution": "It keeps a better map."}]
    for hours in (12, 13, 14):
        now = at(DUE) + timedelta(hours=hours)
        await read_ahead(read_village.desk, partial(at, f"{now:%Y-%m-%d %H:%M}"))
        await edit_better(read_village.desk, now)
        await carry(read_village.desk, now)
    (edit,) = wall.edited
    assert edit["message"] == "m1"
    assert edit["2601.00001"] == ["It keeps a better map."]
    if not apart:
        assert edit["2601.00002"] == ["The model keeps a map and reaches 61.4 points."]


async def test_what_cannot_be_drawn_again_as_it_was_is_left_alone(
    read_village: Village,
) -> None:
    texts = ScriptedTexts()
    wall = await posted(read_village, texts)
    texts.lacking.clear()
    wall.apart = False  # a later version draws in another way
    now = at(DUE) + timedelta(hours=12)
    await read_ahead(read_village.desk, lambda: now)
    assert await edit_better(read_village.desk, now) == 0
    await carry(read_village.desk, now)
    assert wall.edited == []


async def test_after_two_days_nothing_is_edited_or_remembered(read_village: Village) -> None:
    texts = ScriptedTexts()
    wall = await posted(read_village, texts)
    later = at(DUE) + timedelta(hours=49)
    assert await edit_better(read_village.desk, later) == 0
    async with read_village.desk.store.snapshot() as tx:
        assert await tx.notes.starting("posted") == {}
    assert wall.edited == []


async def test_reading_ends_at_once_when_it_is_told_to(village: Village) -> None:
    slow = ScriptedReader(seconds=60)
    village.source.show(MONDAY, a_paper(1))
    village = with_room(village, slow)
    await village.subscribe(at("2026-01-05 12:00"))
    await ring(village.desk, READ)
    stop = asyncio.Event()

    def clock() -> datetime:
        return at(READ)

    task = asyncio.create_task(run_reading(village.desk, clock, stop, wake=lambda: None))
    await slow.asked.wait()
    stop.set()
    await asyncio.wait_for(task, 5)
    async with village.desk.store.snapshot() as tx:
        assert await tx.readings.to_try(at(READ), most=12, limit=9) == [("2601.00001", "en")]


class Asked:
    """bot.ports.Jobs that other workers do at once, each with a model of its own."""

    def __init__(self, *workers: Desk) -> None:
        self.workers = workers
        self.tasks: list[tuple[str, int]] = []
        self.helping: list[asyncio.Task[int]] = []

    async def defer(self, task: str, now: datetime, *, copies: int = 1) -> None:
        self.tasks.append((task, copies))
        self.helping += [
            asyncio.create_task(read_ahead(desk, lambda: now)) for desk in self.workers
        ]

    async def work(self, tasks: Any) -> None:
        """Nothing: they work already."""


async def test_a_day_is_read_by_all_workers_and_each_paper_by_one(village: Village) -> None:
    for number in range(1, 9):
        village.source.show(MONDAY, a_paper(number, upvotes=10 - number))
    readers = [ScriptedReader(seconds=0.02) for _ in range(3)]
    desks = [with_room(village, reader, concurrency=1).desk for reader in readers]
    await village.subscribe(at("2026-01-05 12:00"), limit=8)
    await ring(desks[0], READ)
    jobs = Asked(*desks[1:])
    await read_ahead(desks[0], lambda: at(READ), jobs=jobs)
    await asyncio.gather(*jobs.helping)
    assert [name for name, _ in jobs.tasks] == ["read"]
    assert sum(len(reader.forms) for reader in readers) == 8
    assert all(reader.forms for reader in readers)
    assert await wanted(desks[0], at(READ), HALF_A_DAY) == []


async def test_one_paper_asks_nobody_for_help(village: Village, reader: ScriptedReader) -> None:
    village.source.show(MONDAY, a_paper(1))
    desk = with_room(village, reader).desk
    await village.subscribe(at("2026-01-05 12:00"))
    await ring(desk, READ)
    jobs = Asked()
    await read_ahead(desk, lambda: at(READ), jobs=jobs)
    assert (jobs.tasks, len(reader.forms)) == ([], 1)
