"""The judge of a soak finds every kind of leak that is planted, and nothing where there is none."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels import Address, Channel
from scripts.soaking import arrivals, books
from scripts.soaking.books import Shown
from scripts.soaking.clock import Clock
from scripts.soaking.judge import judge
from scripts.soaking.press import Press
from scripts.soaking.probe import handles, sample
from scripts.soaking.report import as_json, text
from scripts.soaking.samples import Sample
from scripts.soaking.soak import Outcome, Plan, Soak
from scripts.soaking.storm import schedule
from scripts.soaking.town import Home, Record, Town
from tests.wires.databases import database

MEMORY = 120_000_000
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def sound(number: int, dice: random.Random) -> Sample:
    """One of thirty samples of a bot that keeps nothing: figures go up and down."""
    warming = 1 - 0.5 ** (number + 1)
    return Sample(
        day=number / 2,
        memory=round(MEMORY * warming * dice.uniform(0.99, 1.01)),
        resident=MEMORY,
        tasks={"bell": 1, "courier:telegram": 1, "call #": dice.choice((0, 0, 1))},
        handles={"socket": dice.randint(8, 14), "file paperboy.sqlite#": 5, "anon_inode": 2},
        threads={"MainThread": 1, "Thread-#": 5},
        objects={"builtins.dict": dice.randint(90_000, 99_000)},
        holds={"bot.pacing.chats.Chats._chats": dice.randint(50, 96)},
        rows={
            "channels": 96 - dice.randint(0, 3),
            "notes": 20 + dice.randint(0, 9),
            "spending of people": dice.randint(0, 30),
            "deliveries unsettled": dice.randint(0, 4),
            "deliveries": 200 + 150 * number,
            "ledger": 500 + 600 * number,
        },
    )


def samples(change: Callable[[int, Sample], Sample] = lambda _, one: one) -> list[Sample]:
    """Thirty of them, with something changed."""
    dice = random.Random(7)
    return [change(number, sound(number, dice)) for number in range(30)]


def grown(of: str, name: str, each: float) -> Callable[[int, Sample], Sample]:
    """A count that goes up from sample to sample."""

    def change(number: int, one: Sample) -> Sample:
        counts: dict[str, Any] = dict(getattr(one, of))
        counts[name] = counts.get(name, 0) + int(number * each)
        return replace(one, **{of: counts})  # type: ignore[arg-type]

    return change


def test_a_sound_bot_passes():
    verdict = judge(samples())
    assert verdict.wrong == []
    assert verdict.memory is not None
    assert abs(verdict.memory.share) < 0.02


def test_memory_that_grows_by_more_than_a_twentieth_is_found_and_who_holds_it_is_named():
    def change(number: int, one: Sample) -> Sample:
        holds = {**one.holds, "bot.x.Shelf._kept": 10 * number}
        return replace(one, memory=one.memory + number * 500_000, holds=holds)

    verdict = judge(samples(change))
    assert [one for one in verdict.wrong if one.startswith("memory grew by")] == verdict.wrong
    assert verdict.suspects[0].startswith("entries in bot.x.Shelf._kept: ")
    assert not any("Chats" in one for one in verdict.suspects)


def test_memory_that_grows_a_little_is_flat():
    assert judge(samples(lambda n, one: replace(one, memory=one.memory + n * 100_000))).passes


def test_memory_that_is_only_high_in_the_warm_up_is_flat():
    high = samples(lambda n, one: replace(one, memory=one.memory * 3 if n < 8 else one.memory))
    assert judge(high).passes


@pytest.mark.parametrize(
    ("of", "name"),
    [
        ("tasks", "planted"),
        ("tasks", "call #"),
        ("handles", "socket"),
        ("handles", "file body"),
        ("threads", "Thread-#"),
    ],
)
def test_a_leaked_task_socket_file_or_thread_is_found(of: str, name: str):
    verdict = judge(samples(grown(of, name, 1)))
    assert len(verdict.wrong) == 1
    assert name in verdict.wrong[0]


def test_one_task_that_is_left_over_every_few_days_is_found():
    assert not judge(samples(grown("tasks", "planted", 0.2))).passes


@pytest.mark.parametrize("name", ["notes", "notes:place", "spending of people", "channels"])
def test_rows_that_should_not_grow_are_found(name: str):
    [wrong] = judge(samples(grown("rows", name, 6))).wrong
    assert wrong.startswith(f"rows of {name} grow")


def test_rows_that_come_faster_and_faster_are_found():
    def change(number: int, one: Sample) -> Sample:
        return replace(one, rows={**one.rows, "ledger": 500 + number**4})

    [wrong] = judge(samples(change)).wrong
    assert wrong.startswith("rows of ledger come faster and faster")


def test_a_row_that_should_not_be_there_in_the_end_is_found():
    def wrong(*at: int) -> list[str]:
        return judge(
            samples(lambda n, one: replace(one, wrong={"orphan": 1} if n in at else {}))
        ).wrong

    assert len(wrong(29)) == 1
    assert wrong(5, 20) == []


def test_a_pool_that_gets_one_more_thread_is_no_leak():
    def change(number: int, one: Sample) -> Sample:
        return replace(one, threads={**one.threads, "pool": 4 + (number > 17)})

    assert judge(samples(change)).passes


def test_too_few_samples_prove_nothing():
    assert not judge(samples()[:5]).passes


def test_the_report_names_what_is_wrong_and_shows_the_figures():
    found = samples(grown("tasks", "planted", 1))
    outcome = Outcome(Plan(), found, judge(found), days=14, seconds=1400)
    outcome.acts["/paper"] += 2
    said = text(outcome)
    assert "864 times as fast as life" in said
    assert "FAILED\n  task planted: " in said
    told = json.loads(as_json(outcome))
    assert (told["passes"], told["acts"], len(told["samples"])) == (False, {"/paper": 2}, 30)


async def test_the_probe_sees_what_a_process_holds():
    import asyncio
    import socket

    before = sample()
    waiting = asyncio.create_task(asyncio.Event().wait(), name="left over 12")
    with socket.socket():
        after = sample(("Task-1",))
        open_now = handles()
    waiting.cancel()
    assert after["tasks"]["left over #"] == 1
    assert open_now["socket"] == before["handles"].get("socket", 0) + 1
    assert after["memory"] > 10_000_000
    assert any(name.startswith("bot.commands:") for name in after["holds"])


def test_the_clock_goes_stands_and_jumps_alike_in_both_processes():
    clock = Clock(NOON)
    assert clock() == clock() == NOON
    clock.jump(timedelta(hours=1))
    clock.go(3_600_000.0)
    other = Clock(NOON)
    other.hear(clock.told())
    assert clock() <= other() <= clock()
    assert clock() > NOON + timedelta(hours=1)
    clock.go(0)
    assert clock() == clock()


def test_the_same_seed_brings_the_same_troubles_and_papers():
    end = NOON + timedelta(weeks=4)
    assert schedule(3, NOON, end) == schedule(3, NOON, end) != schedule(4, NOON, end)
    lists = [Press(seed, lambda: NOON).papers(NOON.date()) for seed in (3, 3, 4)]
    assert lists[0] == lists[1] != lists[2]


async def test_the_press_is_read_by_the_real_sources(tmp_path: Path):
    """What a soak's fakes say is understood: lists, the feed, earlier days, full texts."""
    from adapters.fulltexts.arxiv import ArxivHtml
    from adapters.sources.arxiv import Arxiv, Politeness
    from adapters.sources.huggingface import HuggingFace

    today, monday = NOON.date(), NOON.date() - timedelta(days=2)
    async with (
        Press(1, lambda: NOON) as press,
        HuggingFace(press.url) as huggingface,
        Arxiv(("cs.CV",), press.url, politeness=Politeness(0.0)) as arxiv,
    ):
        whole = await huggingface.edition(monday, None, now=NOON)
        assert {one.id for one in whole.papers} == {
            one.id for one in press.papers(monday) if not one.extra
        }
        for day in (today, monday):
            fetched = await arxiv.edition(day, None, now=NOON)
            assert {one.id for one in fetched.papers} == {one.id for one in press.papers(day)}
        printed = next(one for one in press.papers(today) if one.whole)
        assert (await arxiv.paper(printed.id)).title == printed.title
        read = await ArxivHtml(arxiv.web, arxiv.pages, tmp_path).read(printed.id)
        assert read is not None


def town(press: Press, *, quiet: bool = True) -> Town:
    """One chat, in which everything arrived that was due."""
    channel = Channel(Address("telegram", "7"), "UTC", "en", NOON, id=1)
    nothing: Any = None
    record = Record()
    for day in range(20):
        for one in press.papers(NOON.date() + timedelta(days=day)):
            record.add("7", f"<a href='https://arxiv.org/abs/{one.id}'>it</a>", lost=False)
    return Town(nothing, record, nothing, nothing, [Home(channel, quiet, "people")])


def test_a_paper_that_never_arrived_or_arrived_twice_is_found():
    press, end = Press(1, lambda: NOON), NOON + timedelta(days=20)
    missed, again = (press.papers(NOON.date() + timedelta(days=n))[0].id for n in (1, 2))

    def wrong(made: Town, *ledger: Shown) -> list[str]:
        return arrivals.judge(made, press, ledger, NOON, end)

    assert wrong(town(press)) == []
    made = town(press)
    del made.record.said["7"][missed]
    made.record.add("7", f"again: {again}", lost=False)
    assert sorted(one.split(" ", 2)[2] for one in wrong(made)) == [
        f"got {again} 2 times, 1 allowed",
        f"never got {missed} of 2026-03-05",
    ]
    made.record.said["7"][missed] += 1
    assert wrong(made, Shown("telegram", "7", again, rose=True)) == []
    made.record.lost["7"][again] += 1  # its answer was lost: nobody can know
    assert wrong(made) == []
    made.record.add("7", f"and again: {again}", lost=False)
    assert len(wrong(made)) == 1
    assert wrong(town(press, quiet=False)) == []


def test_rows_that_nothing_leads_to_any_more_are_found(tmp_path: Path):
    with database("sqlite", tmp_path) as url:
        file = Path(url.removeprefix("sqlite:///"))
        assert books.wrong(file) == {}
        with closing(sqlite3.connect(file)) as connection, connection:
            at = "1767225600000000"
            connection.execute(
                f"INSERT INTO ledger (channel_id, paper_id, state, at) VALUES (9, 'x', 'reserved',"
                f" {at})"
            )
            connection.execute(
                "INSERT INTO bodies (hash, channel_id, squeezed, data) VALUES (x'00', NULL, 0, x'')"
            )
            connection.execute("INSERT INTO notes (name, value) VALUES ('place:1', '')")
        assert books.wrong(file) == {"reserved by nothing": 1}
        rows = books.rows(file)
        assert (rows["ledger"], rows["notes:place"], rows["deliveries"]) == (1, 1, 0)
        assert rows[books.UNUSED] == 1
        assert books.at_rest(file, NOON)


@pytest.mark.nightly
async def test_some_days_in_the_storm_leave_nothing_behind(tmp_path: Path):
    """Half an hour; scripts/soak itself goes on for longer."""
    outcome = await Soak(Plan(weeks=2.0, chats=48, samples=30), tmp_path).run()
    assert outcome.verdict.wrong == [], text(outcome)


@pytest.mark.nightly
@pytest.mark.parametrize("leak", ["task", "socket"])
async def test_a_leak_in_a_real_bot_is_found(tmp_path: Path, leak: str):
    plan = Plan(weeks=0.1, chats=4, acts=0, samples=9, model=False, storm=False, plant=leak)
    outcome = await Soak(plan, tmp_path).run()
    assert any(leak in one for one in outcome.verdict.wrong), text(outcome)
