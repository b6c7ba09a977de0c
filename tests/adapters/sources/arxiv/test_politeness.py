"""Promises of politeness: one request at a time, three seconds apart, for all who share it."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from adapters.sources.arxiv import Arxiv, Politeness
from adapters.sources.asking import Patience
from bot.errors import SourceFailed
from tests.wires.loopback import Asked, Fault, Said
from tests.wires.replay import Replay

DATA = Path(__file__).parents[3] / "data" / "sources"


class Clock:
    """Only waiting moves it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def read(self) -> float:
        return self.now

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class Timed(Replay):
    """Notes by the given clock when it is asked."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(DATA)
        self.clock = clock
        self.moments: list[float] = []

    def answer(self, asked: Asked) -> Said:
        self.moments.append(self.clock.now)
        return super().answer(asked)


def gaps(moments: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(moments)]


async def test_the_first_request_does_not_wait() -> None:
    clock = Clock()
    async with Politeness(clock=clock.read, wait=clock.wait).turn():
        pass
    assert clock.waits == []


async def test_the_pause_counts_from_the_end_of_the_last_request() -> None:
    clock = Clock()
    politeness = Politeness(clock=clock.read, wait=clock.wait)
    async with politeness.turn():
        clock.now += 10
    clock.now += 1
    async with politeness.turn():
        assert clock.waits == [2.0]


async def test_a_request_that_failed_counts_too() -> None:
    clock = Clock()
    politeness = Politeness(clock=clock.read, wait=clock.wait)
    with pytest.raises(RuntimeError):
        async with politeness.turn():
            raise RuntimeError
    async with politeness.turn():
        assert clock.waits == [3.0]


async def test_questions_asked_at_once_go_out_one_by_one_on_one_connection() -> None:
    clock = Clock()
    politeness = Politeness(clock=clock.read, wait=clock.wait)
    async with (
        Timed(clock) as server,
        Arxiv(("cs.AI",), server.url, politeness=politeness) as source,
    ):
        await asyncio.gather(
            source.edition(date(2026, 3, 4), None, now=datetime(2026, 3, 4, 12, tzinfo=UTC)),
            source.paper("2603.00101"),
            source.search("small maps", 5),
            source.paper("astro-ph/0601009"),
        )
        assert len(server.moments) == 4
        assert all(gap >= 3.0 for gap in gaps(server.moments))
        assert server.together == 1
        assert server.connections == 1


async def test_two_who_share_it_keep_the_distance_together() -> None:
    clock = Clock()
    politeness = Politeness(clock=clock.read, wait=clock.wait)
    async with (
        Timed(clock) as server,
        Arxiv((), server.url, politeness=politeness) as one,
        Arxiv((), server.url, politeness=politeness) as other,
    ):
        await asyncio.gather(*(each.paper("2603.00101") for each in (one, other, one, other)))
        assert len(server.moments) == 4
        assert all(gap >= 3.0 for gap in gaps(server.moments))


async def test_tries_and_redirects_keep_the_distance_as_well() -> None:
    clock = Clock()
    patience = Patience(tries=3, pause=0.1)
    async with (
        Timed(clock) as server,
        Arxiv((), server.url, patience=patience, clock=clock.read, wait=clock.wait) as source,
    ):
        again = Fault(status=301, headers={"Location": "/api/query?id_list=2603.00101"})
        server.faults.extend([Fault(status=503), again])
        await source.paper("2603.00101")
        assert len(server.asked) == 3
        server.faults.extend([Fault(status=500)] * 3)
        with pytest.raises(SourceFailed):
            await source.paper("2603.00101")
        assert len(server.moments) == 6
        assert all(gap >= 3.0 - 1e-9 for gap in gaps(server.moments))
