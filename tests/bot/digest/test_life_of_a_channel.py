"""A virtual life: random days, moves, pauses, outages and down-times lose and double nothing."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.channels import Address, Channel, When
from bot.desk import Desk
from bot.digest.subscription import new_channel, paused, resumed, retimed
from bot.rounds import make_round
from bot.schedule import local_date, wall
from storage import open_store
from tests.wires.board import Board
from tests.wires.lists import ScriptedSource, a_paper

ZONES = sorted(available_timezones())
DAYS = 18  # of the virtual life
START = st.sampled_from(
    [datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 10, 18, tzinfo=UTC)]
)  # both seasons of clock changes
hours = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
weekdays = st.frozensets(st.integers(0, 6), min_size=1)
zones = st.sampled_from(ZONES)
moments = st.integers(0, DAYS * 24 - 1)
happenings = st.one_of(
    st.tuples(moments, st.just("move"), zones, hours, weekdays),
    st.tuples(moments, st.just("pause"), st.integers(1, 5)),
    st.tuples(moments, st.just("stop")),
    st.tuples(moments, st.just("resume")),
)
spans = st.tuples(moments, st.integers(1, 60))  # start and length in hours
listed = st.lists(st.tuples(st.integers(0, DAYS - 1), st.integers(0, 21)), min_size=5, max_size=30)


LIFE = given(
    start=START,
    zone=zones,
    hour=hours,
    days=weekdays,
    when=st.sampled_from(list(When)),
    happens=st.lists(happenings, max_size=4),
    downs=st.lists(spans, max_size=2),
    outages=st.lists(spans, max_size=2),
    papers=listed,
    limit=st.integers(1, 4),
)


PHASES = (Phase.explicit, Phase.generate)  # a life is long: shrinking one takes an hour


@LIFE
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    phases=PHASES,
)
def test_each_paper_reaches_the_channel_once_and_each_local_day_has_one_digest(
    **life: Any,
) -> None:
    asyncio.run(_live(**life))


@pytest.mark.nightly
@LIFE
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=PHASES,
)
def test_three_hundred_other_lives_lose_and_double_nothing_either(**life: Any) -> None:
    asyncio.run(_live(**life))


async def _live(
    start: datetime,
    zone: str,
    hour: time,
    days: frozenset[int],
    when: When,
    happens: list[tuple[object, ...]],
    downs: list[tuple[int, int]],
    outages: list[tuple[int, int]],
    papers: list[tuple[int, int]],
    limit: int,
) -> None:
    def spans_of(pairs: list[tuple[int, int]]) -> list[tuple[datetime, datetime]]:
        return [(start + timedelta(hours=a), start + timedelta(hours=a + n)) for a, n in pairs]

    source = ScriptedSource()
    source.outages = spans_of(outages)
    first = start.date()
    shown: dict[str, date] = {}
    for n, (offset, at) in enumerate(papers):
        day = first + timedelta(days=offset)
        if day.weekday() < 5:
            paper = source.show(day, a_paper(n), at=datetime.combine(day, time(at), UTC))
            shown[paper.id] = day
    board = Board()
    asleep = spans_of(downs)
    disturbed: set[date] = set()
    gaps: list[tuple[datetime, datetime]] = []  # what was listed in them is no news
    end = start + timedelta(days=DAYS + 10)
    with tempfile.TemporaryDirectory() as folder:
        async with open_store(f"sqlite:///{Path(folder) / 'life.sqlite3'}") as store:
            desk = Desk(store, {source.name: source}, {source.name: source}, {"board": board})
            async with store.transaction() as tx:
                channel = await new_channel(
                    desk,
                    tx,
                    Address("board", "lab"),
                    start,
                    zone=zone,
                    hour=hour,
                    days=days,
                    when=when,
                    limit=limit,
                )
            since = channel.since
            plan = sorted(
                (start + timedelta(hours=int(str(one[0]))), n, one) for n, one in enumerate(happens)
            )
            now = start
            while now < end:
                while plan and plan[0][0] <= now:
                    _, _, happening = plan.pop(0)
                    channel, gap = await _happen(desk, channel.id, happening, now)
                    disturbed |= {
                        local_date(channel.zone, now) + timedelta(days=n) for n in range(-1, 7)
                    }
                    gaps.extend(gap)
                awake = not any(a <= now < b for a, b in asleep)
                if awake:
                    await make_round(desk, now)
                now = await _next_moment(desk, channel.id, now, plan, asleep)
            async with store.snapshot() as tx:
                digests = await tx.digests.recent(channel.id, limit=1000)
                final = await tx.channels.get(channel.id)
                listings = await tx.editions.listings_between(start - timedelta(days=9), end)
    assert final is not None
    got = board.shown()
    risen = [one for pin in board.pinned for one in pin.rising]
    assert sorted(set(got)) == sorted(got) or len(got) - len(set(got)) <= len(risen)
    dates = [digest.local_date for digest in digests]
    assert len(set(dates)) == len(dates)
    if not final.paused:
        for one in listings:
            no_news = one.instant <= since or any(a < one.instant <= b for a, b in gaps)
            assert no_news or one.paper_id in got, (one, final)
    _one_digest_for_each_quiet_day(final, dates, disturbed, asleep, source.outages, start, end)


async def _happen(
    desk: Desk, channel_id: int, happening: tuple[object, ...], now: datetime
) -> tuple[Channel, list[tuple[datetime, datetime]]]:
    """Apply a move, a pause or a resume as the commands do; gives what is no news for it."""
    async with desk.store.transaction() as tx:
        channel = await tx.channels.get(channel_id)
        assert channel is not None
        last = (await tx.digests.last([channel_id])).get(channel_id)
        old = channel
        match happening[1:]:
            case ("move", str(zone), time() as hour, frozenset() as days):
                channel = retimed(replace(channel, zone=zone, hour=hour, days=days), now, last)
            case ("pause", int(length)):
                channel = paused(channel, now, length, last)
            case ("stop",):
                channel = paused(channel, now, None, last)
            case _:
                channel = resumed(channel, now, last)
        await tx.channels.put(channel)
    gap = [(old.since, channel.since)] if channel.since > old.since else []
    return channel, gap


async def _next_moment(
    desk: Desk,
    channel_id: int,
    now: datetime,
    plan: list[tuple[datetime, int, tuple[object, ...]]],
    asleep: list[tuple[datetime, datetime]],
) -> datetime:
    """The next instant at which something can happen, at most 12 hours on."""
    async with desk.store.snapshot() as tx:
        channel = await tx.channels.get(channel_id)
    moments = [now + timedelta(hours=12)]
    if channel and channel.next_due and channel.next_due > now:
        moments.append(channel.next_due)
    moments.extend(at for at, *_ in plan[:1] if at > now)
    moments.extend(b for _, b in asleep if b > now)
    return min(moments)


def _one_digest_for_each_quiet_day(
    channel: Channel,
    dates: list[date],
    disturbed: set[date],
    asleep: list[tuple[datetime, datetime]],
    outages: list[tuple[datetime, datetime]],
    start: datetime,
    end: datetime,
) -> None:
    """Exactly one digest on every chosen day on which nothing was moved and the bot was up.

    Only checked for the settings that the channel ended with, after the last change.
    """
    if channel.paused or disturbed:
        return
    day = local_date(channel.zone, start) + timedelta(days=1)
    while day < local_date(channel.zone, end) - timedelta(days=1):
        due = wall(channel.zone, day, channel.hour)
        up = due is not None and not any(a <= due < b for a, b in asleep)
        well = due is not None and not any(
            a - timedelta(hours=3) <= due < b + timedelta(hours=3) for a, b in outages
        )
        if day.weekday() in channel.days and up and well:
            assert dates.count(day) == 1, (day, channel)
        day += timedelta(days=1)
