"""The clock: a virtual year in many zones, with down-times and changes of settings.

Every channel gets exactly the digests that an independent model of the calendar gives it: one for
every chosen local day on which it could, a missed one once and under its own date, none twice.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest

from bot.channels import Address, Channel, Empty
from bot.desk import Desk
from bot.digest.subscription import new_channel, paused, resumed, retimed
from bot.rounds import make_round
from storage import open_store
from tests.proofs.clock import EVER, NEVER, Opened, Wall, showing
from tests.wires.board import Board
from tests.wires.databases import database
from tests.wires.lists import ScriptedSource

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SPEAKING = (0, 1)  # channels that are sent a word even if there is no paper, as there never is
SETS = [frozenset(range(7)), frozenset(range(5)), frozenset({5, 6}), frozenset({0, 2, 4})]


def distinct_zones() -> list[str]:
    """One zone for each set of clock changes of the year."""
    found: dict[tuple[Any, ...], str] = {}
    for name in sorted(available_timezones()):
        found.setdefault(_rules(name), name)
    return list(found.values())


def _rules(zone: str) -> tuple[Any, ...]:
    """Its offsets through the year, where they change."""
    there = ZoneInfo(zone)
    every = [(BEGIN + n * HOUR).astimezone(there).utcoffset() for n in range(365 * 24)]
    return tuple((n, one) for n, one in enumerate(every) if n == 0 or one != every[n - 1])


def changes(zone: str) -> list[datetime]:
    """When the clocks of the zone change in the year."""
    return [BEGIN + n * HOUR for n, _ in _rules(zone)[1:]]


def _hour(zone: str, dice: random.Random) -> time:
    """An hour of the clock; where clocks change, often one that is skipped or shown twice."""
    instants = changes(zone)
    if instants and dice.random() < 0.6:
        there = ZoneInfo(zone)
        change = dice.choice(instants)
        before, after = (one.astimezone(there) for one in (change - HOUR / 60, change))
        skips = (after.utcoffset() or HOUR) > (before.utcoffset() or HOUR)
        # Put forward the wall shows `after` and has left out what stands before it; put back it
        # shows `after` and what stands behind it for the second time.
        wall = after - HOUR / 2 if skips else after + dice.choice((0, 1)) * HOUR / 4
        return wall.time().replace(second=0)
    return time(dice.randrange(24), dice.choice((0, 0, 15, 30, 45)))


def _down_times(dice: random.Random) -> list[tuple[datetime, datetime]]:
    """Hours to weeks, about a fifth of the year."""
    spans = []
    at = BEGIN
    while (at := at + timedelta(hours=dice.expovariate(1 / 300))) < BEGIN + YEAR:
        length = timedelta(hours=dice.choice((0.2, 2, 7, 19, 30, 55, 200, 500)) * dice.random())
        spans.append((at, at + length))
        at += length
    return spans


class Silent(ScriptedSource):
    """Lists nothing, and each list is closed when its day begins: one read of it is enough."""

    def closes(self, day: date) -> datetime:
        """At once."""
        return datetime.combine(day, time(0), UTC)


class Year:
    """A desk, its channels with their models, and the year that they live through."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.dice = random.Random(seed)
        self.walls: dict[int, Wall] = {}
        self.downs = _down_times(self.dice)
        self._starts = [begin for begin, _ in self.downs]

    async def subscribe(self, zone: str, number: int) -> None:
        """A channel and its model."""
        hour, days = _hour(zone, self.dice), self.dice.choice([SETS[0], SETS[0], *SETS])
        async with self.desk.store.transaction() as tx:
            channel = await new_channel(
                self.desk, tx, Address("board", str(number)), BEGIN,
                zone=zone, hour=hour, days=days,
                empty=Empty.ALWAYS if number in SPEAKING else Empty.NEVER,
            )  # fmt: skip
        self.walls[channel.id] = Wall(zone, hour, days, BEGIN)

    def up(self, instant: datetime) -> datetime:
        """The instant, or the end of the down-time that it lies in."""
        place = bisect_right(self._starts, instant) - 1
        return max(instant, self.downs[place][1]) if place >= 0 else instant

    async def live(self, instants: list[datetime], zones: list[str], moves: int) -> None:
        """Ring at these instants, while it is up; so many changes of settings between."""
        plan: dict[datetime, list[int]] = defaultdict(list)
        for _ in range(moves):
            at = self.up(BEGIN + self.dice.random() * YEAR)
            plan[at].append(self.dice.choice(list(self.walls)))
        ends = [end for _, end in self.downs]
        for now in sorted({self.up(one) for one in instants} | {*ends, *plan}):
            for channel in plan.get(now, ()):
                await self._happen(channel, now, zones)
            await make_round(self.desk, now)
            for wall in self.walls.values():
                wall.ring(now)

    async def _happen(self, number: int, now: datetime, zones: list[str]) -> None:
        """Somebody changes something, as the commands do."""
        wall = self.walls[number]
        async with self.desk.store.transaction() as tx:
            channel = await tx.channels.get(number)
            assert channel is not None
            last = (await tx.digests.last([number])).get(number)
            match self.dice.choice(("zone", "hour", "days", "pause", "stop", "resume")):
                case "zone":
                    zone = self.dice.choice(zones)
                    after = retimed(replace(channel, zone=zone), now, last)
                    wall.change(now, zone=zone)
                case "hour":
                    hour = _hour(channel.zone, self.dice)
                    after = retimed(replace(channel, hour=hour), now, last)
                    wall.change(now, hour=hour)
                case "days":
                    days = self.dice.choice(SETS)
                    after = retimed(replace(channel, days=days), now, last)
                    wall.change(now, days=days)
                case "pause":
                    length = self.dice.randint(1, 12)
                    after = paused(channel, now, length, last)
                    wall.change(now, silent_until=now + length * DAY)
                case "stop":
                    after = paused(channel, now, None, last)
                    wall.change(now, silent_until=NEVER)
                case _:
                    after = resumed(channel, now, last)
                    wall.change(now, silent_until=EVER)
            await tx.channels.put(after)

    async def judge(self, board: Board) -> list[str]:
        """Where the digests, and what was sent of them, are not those of the model."""
        wrong = []
        async with self.desk.store.snapshot() as tx:
            for channel in await tx.channels.all():
                rows = await tx.digests.recent(channel.id, limit=1000)
                got = [Opened(row.local_date, row.due, row.opened) for row in reversed(rows)]
                due = self.walls[channel.id].digests
                wrong += _compare(channel, got, due)
                told = [pin.head["date"] for pin in board.pinned if pin.address == channel.address]
                if int(channel.address.chat) in SPEAKING and told != [
                    str(d.local_date) for d in due
                ]:
                    wrong.append(f"{channel}\n  was sent {told}")
        return wrong


def _compare(channel: Channel, got: list[Opened], due: list[Opened]) -> list[str]:
    dates = [one.local_date for one in got]
    wrong = [] if len(set(dates)) == len(dates) else [f"{channel}: two digests of one date"]
    for mine, theirs in zip(got, due, strict=False):
        if mine != theirs:
            return [*wrong, f"{channel}\n  got {mine}\n  due {theirs}"]
    if len(got) != len(due):
        wrong.append(f"{channel}\n  got {len(got)} digests, {len(due)} are due")
    return wrong


async def _live(
    folder: Path, seed: int, zones: list[str], instants: list[datetime] | None, moves: int
) -> Year:
    source, board = Silent(), Board()
    with database("sqlite", folder) as url:
        async with open_store(url) as store:
            year = Year(Desk(store, {source.name: source}, {}, {"board": board}), seed)
            for number, zone in enumerate(zones):
                await year.subscribe(zone, number)
            if instants is None:
                instants = [BEGIN + n * 29 * HOUR for n in range(365 * 24 // 29)]
                instants += _near_changes(year)
            await year.live(instants, zones, moves)
            wrong = await year.judge(board)
            assert not wrong, f"seed {seed}\n" + "\n".join(wrong[:5])
    return year


def _near_changes(year: Year) -> list[datetime]:
    """Every channel's own times on the days round its clock changes, and a second before each.

    Elsewhere the bell rings every 29 hours: there digests are late, or left to the next one.
    """
    found = []
    for wall in year.walls.values():
        for change in changes(wall.zone):
            days = [change.astimezone(ZoneInfo(wall.zone)).date() + n * DAY for n in (-1, 0, 1)]
            exact = [showing(wall.zone, day, wall.hour) for day in days]
            found += [at - n * timedelta(seconds=1) for at in exact if at for n in (0, 1)]
    return found


@pytest.mark.kill
async def test_a_year_in_the_zones_that_change_their_clocks_gives_each_day_its_digest(
    tmp_path: Path,
) -> None:
    """A dozen of the zones with clock changes and a few without; another dozen would be as good."""
    dice = random.Random(2026)
    zones = distinct_zones()
    moving = [one for one in zones if changes(one)]
    still = [one for one in zones if not changes(one)]
    year = await _live(tmp_path, 2026, dice.sample(moving, 10) + dice.sample(still, 2), None, 30)
    digests = [one for wall in year.walls.values() for one in wall.digests]
    assert len(digests) > 700
    assert sum(one.opened == one.due for one in digests) > 20  # to the second
    assert sum(one.opened - one.due > 12 * HOUR for one in digests) > 30  # missed, and caught up


@pytest.mark.nightly
async def test_a_year_in_every_zone(tmp_path: Path) -> None:
    """A bell every hour; some 200,000 digests."""
    zones = sorted(available_timezones())
    hours = [BEGIN + n * HOUR for n in range(24 * 365)]
    await _live(tmp_path, 7, zones, hours, 3 * len(zones))


@pytest.mark.parametrize(
    ("zone", "day", "hour", "due"),
    [
        ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:00+00:00"),  # skipped
        ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30+00:00"),  # shown twice
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30+00:00"),  # by half an hour
        ("Asia/Kathmandu", "2026-05-05", "09:00", "2026-05-05T03:15+00:00"),
        ("Africa/Cairo", "2026-04-24", "00:00", "2026-04-23T22:00+00:00"),  # midnight is skipped
        ("Pacific/Apia", "2011-12-30", "09:00", None),  # a date that never was
    ],
)
def test_the_model_itself_reads_the_calendar_right(
    zone: str, day: str, hour: str, due: str | None
) -> None:
    at = showing(zone, date.fromisoformat(day), time.fromisoformat(hour))
    assert at == (datetime.fromisoformat(due) if due else None)
