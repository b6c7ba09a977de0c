"""Pruning takes nothing that any digest, any channel or any answer still needs."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import storage
from bot import keeping
from bot.channels import Address, Channel, Empty, Outcome, Topic, Verdict
from bot.desk import Desk
from bot.digest.subscription import new_channel
from bot.errors import SetUpWrong, StoreBusy
from bot.keeping import Gone, Keep, Keeper, prune
from bot.rounds import make_round, run_bell
from storage import open_store
from tests.wires.board import ACCEPTED, Board
from tests.wires.lists import ScriptedSource, a_paper

DAY = timedelta(days=1)
BEGIN = datetime(2026, 1, 6, 9, tzinfo=UTC)
REFUSED = Outcome(Verdict.CONTENT_REFUSED, error="no")
NOT_SENT = Outcome(Verdict.NOT_SENT, error="no way")
SHORT = Keep(messages=14, ledger=400, papers=400)


@dataclass
class House:
    """One bot with two channels, from its beginning on."""

    desk: Desk
    url: str
    source: ScriptedSource
    board: Board
    channels: list[Channel] = field(default_factory=list)

    async def prune(self, now: datetime, keep: Keep = SHORT) -> Gone:
        """To the end."""
        return [gone async for gone in prune(self.desk.store, keep, now)][-1]

    async def young(self, now: datetime) -> dict[tuple[int, str], datetime]:
        """The ledger's rows of the last 400 days."""
        found = {}
        ids = [one.id for listed in self.source.lists.values() for _, one in listed]
        async with self.desk.store.snapshot() as tx:
            known = await tx.ledger.known([one.id for one in self.channels], ids)
        for owner, rows in known.items():
            for paper_id, row in rows.items():
                if row.at >= now - 400 * DAY:
                    found[owner, paper_id] = row.at
        return found


@asynccontextmanager
async def _house(folder: Path, name: str) -> AsyncIterator[House]:
    source, board = ScriptedSource(), Board()
    url = f"sqlite:///{folder / name}"
    async with open_store(url) as store:
        desk = Desk(store, {source.name: source}, {source.name: source}, {"board": board})
        house = House(desk, url, source, board)
        async with store.transaction() as tx:
            for chat, topics, words in (
                ("all", (), {"empty": Empty.ONCE}),
                ("few", ("subject",), {"limit": 1, "days": frozenset({0, 2})}),
            ):
                one = await new_channel(desk, tx, Address("board", chat), BEGIN, hour=time(9))
                one = replace(one, **words)
                await tx.channels.put(one)
                for text in topics:
                    await tx.topics.add(Topic(text, channel_id=one.id, created=BEGIN))
                house.channels.append(one)
        yield house


def _last_list(now: datetime) -> date:
    day = now.date() - DAY
    while day.weekday() > 4:
        day -= DAY
    return day


def _answer(outcome: Outcome, _: int) -> Outcome:
    return outcome


Lived = tuple[int, int, bool, Outcome]
STEPS = st.lists(
    st.tuples(
        st.sampled_from([1, 1, 1, 2, 3, 7, 20, 90, 399, 401, 470]),  # days until this round
        st.integers(0, 3),  # papers of its list
        st.booleans(),  # an earlier paper is listed again
        st.sampled_from([ACCEPTED, ACCEPTED, ACCEPTED, REFUSED, NOT_SENT]),
    ),
    min_size=2,
    max_size=8,
)


@pytest.mark.nightly
@settings(max_examples=60)
@given(steps=STEPS)
async def test_whatever_happens_for_years_pruning_changes_nothing_that_is_said(
    steps: list[Lived],
) -> None:
    await _lives_are_alike(steps)


@settings(max_examples=3)
@example(
    steps=[
        (1, 3, False, ACCEPTED),
        (120, 1, True, REFUSED),
        (200, 2, False, ACCEPTED),
        (90, 1, True, ACCEPTED),
        (1, 0, False, ACCEPTED),
        (470, 2, False, NOT_SENT),
    ]
)
@given(steps=STEPS)
async def test_a_bot_that_prunes_says_what_one_says_that_keeps_all(
    steps: list[Lived],
) -> None:
    """And its database stays sound, nothing is shown twice, and 400 days of it are known."""
    await _lives_are_alike(steps)


async def _lives_are_alike(steps: list[Lived]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with (
            _house(Path(folder), "pruned") as pruned,
            _house(Path(folder), "whole") as whole,
        ):
            now, listed = BEGIN, list[tuple[datetime, int]]()
            for gap, count, again, outcome in steps:
                now += gap * DAY
                fresh = [len(listed) + number for number in range(count)]
                listed += [(now, number) for number in fresh]
                old = [number for at, number in listed if at < now and now - at < 300 * DAY]
                for house in (pruned, whole):
                    for number in [*fresh, *(old[:1] if again else [])]:
                        house.source.show(_last_list(now), a_paper(number, upvotes=number))
                    house.board.answer = partial(_answer, outcome)
                    house.desk.pacers.clear()
                    await make_round(house.desk, now)
                young = await pruned.young(now)
                await pruned.prune(now)
                assert await pruned.young(now) == young
                assert await storage.check(pruned.url) == []
                assert pruned.board.pinned == whole.board.pinned
            for chat in ("all", "few"):
                shown = pruned.board.shown(chat)
                assert len(shown) == len(set(shown))


async def test_years_of_digests_leave_what_is_kept_and_no_more(tmp_path: Path) -> None:
    async with _house(tmp_path, "one") as house:
        for number in range(30):
            now = BEGIN + number * 25 * DAY
            house.source.show(_last_list(now), a_paper(number))
            house.desk.pacers.clear()
            await make_round(house.desk, now)
        assert len(house.board.shown("all")) == 30
        gone = await house.prune(now)
        assert gone.papers == 11
        assert gone.messages >= 20
        assert gone.fragments >= 20
        assert gone.ledger >= 10
        assert await storage.check(house.url) == []
        again = await house.prune(now)
        assert again == Gone()


async def test_it_is_done_once_a_day_and_noted(tmp_path: Path) -> None:
    async with _house(tmp_path, "one") as house:
        keeper = Keeper(house.desk.store, SHORT)
        assert await keeper.go_on(BEGIN, seconds=60) == Gone()
        assert await keeper.go_on(BEGIN + timedelta(hours=2), seconds=60) is None
        after_a_restart = Keeper(house.desk.store, SHORT)
        assert await after_a_restart.go_on(BEGIN + timedelta(hours=3), seconds=60) is None
        assert await keeper.go_on(BEGIN + DAY, seconds=60) == Gone()
        async with house.desk.store.snapshot() as tx:
            assert await tx.notes.get("pruned") == (BEGIN + DAY).isoformat()
            assert await tx.notes.get("swept") == BEGIN.isoformat()  # that is weekly


async def test_it_works_a_little_at_a_time_and_goes_on_where_it_was(tmp_path: Path) -> None:
    async with _house(tmp_path, "one") as house:
        house.source.show(_last_list(BEGIN + DAY), a_paper(1))
        await make_round(house.desk, BEGIN + DAY)
        keeper, now = Keeper(house.desk.store, SHORT), BEGIN + 50 * DAY
        slices = 1
        while (gone := await keeper.go_on(now, seconds=0)) is None:
            slices += 1
            assert slices < 50
        assert slices > 4
        assert gone.messages >= 1
        assert await storage.check(house.url) == []


async def test_the_bell_lets_digests_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What opens something prunes nothing; the next one does."""
    noted: list[str | None] = []

    async def ring(bell: Callable[[], Awaitable[None]], **_: object) -> None:
        for _number in range(2):
            await bell()
            async with house.desk.store.snapshot() as tx:
                noted.append(await tx.notes.get("pruned"))

    monkeypatch.setattr("bot.schedule.bell.ring", ring)
    async with _house(tmp_path, "one") as house:
        house.source.show(_last_list(BEGIN + DAY), a_paper(1))
        await run_bell(house.desk, lambda: BEGIN + DAY, asyncio.Event(), wake=lambda: None)
    assert noted == [None, (BEGIN + DAY).isoformat()]


async def test_a_database_that_is_busy_is_pruned_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _house(tmp_path, "one") as house:
        keeper = Keeper(house.desk.store, SHORT)

        async def busy(*_: object, **__: object) -> int:
            raise StoreBusy("locked")

        with monkeypatch.context() as patched:
            patched.setattr(keeping, "_notes", busy)
            assert await keeper.go_on(BEGIN, seconds=60) is None
        assert await keeper.go_on(BEGIN, seconds=60) == Gone()


async def test_a_mistake_in_pruning_ends_neither_the_bell_nor_the_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told once, and tried again the next day; digests go on."""
    tried = 0
    now = BEGIN

    async def broken(*_: object, **__: object) -> int:
        nonlocal tried
        tried += 1
        raise ValueError("a note that is none")

    async def ring(bell: Callable[[], Awaitable[None]], **_: object) -> None:
        nonlocal now
        for _number in range(3):
            await bell()
        house.source.show(_last_list(BEGIN + DAY), a_paper(1))
        now = BEGIN + DAY
        for _number in range(3):
            await bell()

    monkeypatch.setattr("bot.schedule.bell.ring", ring)
    monkeypatch.setattr(keeping, "_notes", broken)
    async with _house(tmp_path, "one") as house:
        await run_bell(house.desk, lambda: now, asyncio.Event(), wake=lambda: None)
        async with house.desk.store.snapshot() as tx:
            assert await tx.deliveries.any_open()
    assert tried == 2
    assert [one.message for one in caplog.records].count("not pruned") == 2


async def test_what_ends_the_process_ends_it_while_pruning_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **__: object) -> int:
        raise SetUpWrong("There is no room left.")

    monkeypatch.setattr(keeping, "_notes", full)
    async with _house(tmp_path, "one") as house:
        with pytest.raises(SetUpWrong):
            await Keeper(house.desk.store, SHORT).go_on(BEGIN, seconds=60)


def test_the_notes_of_channels_are_named_as_those_who_write_them_name_them() -> None:
    from bot import announcing, suspension
    from bot.replies import asked, papers, rest

    written = {rest._NOTE, suspension._NOTE, suspension._GONE, asked._LEFT}
    assert set(keeping._OF_CHANNELS) == written
    assert keeping._SHOWN_HERE == papers.SHOWN_HERE
    assert keeping._ANNOUNCED == announcing._NOTE
