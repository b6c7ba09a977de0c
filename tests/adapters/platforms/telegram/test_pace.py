"""The pace of answers, on a clock that nobody waits for."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from adapters.platforms.telegram.answering import MOST
from adapters.platforms.telegram.pace import Pace

ALLOWED = 30  # messages a second (core.telegram.org/bots/faq)


class Quick(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to whatever is waited for next."""

    def __init__(self) -> None:
        super().__init__()
        self._ahead = 0.0

    def time(self) -> float:
        return self._ahead

    def _run_once(self) -> None:
        waits: list[Any] = self._scheduled  # type: ignore[attr-defined]
        if not self._ready and waits:  # type: ignore[attr-defined]
            self._ahead = max(self._ahead, min(one.when() for one in waits))
        super()._run_once()  # type: ignore[misc]


@contextmanager
def quick() -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=Quick) as runner:
        yield runner


def run(work: Coroutine[Any, Any, Any]) -> Any:
    with quick() as runner:
        return runner.run(work)


def most_in_a_second(times: list[float]) -> int:
    times = sorted(times)
    return max(sum(1 for other in times if one <= other < one + 1) for one in times)


@pytest.mark.parametrize("seed", range(20))
def test_no_second_has_more_messages_than_telegram_allows_however_long_they_travel(
    seed: int,
) -> None:
    chance = random.Random(seed)
    left: list[float] = []
    arrived: list[float] = []

    async def call(pace: Pace) -> None:
        now = asyncio.get_running_loop().time
        async with pace:
            left.append(now())
            await asyncio.sleep(chance.expovariate(10))
            arrived.append(now())
            await asyncio.sleep(chance.expovariate(10))

    async def rushes() -> None:
        pace = Pace(MOST)
        async with asyncio.TaskGroup() as group:
            for _ in range(5):
                for _ in range(chance.randrange(80)):
                    group.create_task(call(pace))
                await asyncio.sleep(chance.random() * 2)

    run(rushes())
    assert most_in_a_second([*left, 0]) <= ALLOWED
    assert most_in_a_second([*arrived, 0]) <= ALLOWED


def test_a_short_rush_waits_for_nothing_and_a_long_one_goes_in_its_order() -> None:
    begun: list[tuple[int, float]] = []

    async def call(pace: Pace, number: int) -> None:
        async with pace:
            begun.append((number, asyncio.get_running_loop().time()))

    async def rush() -> None:
        pace = Pace(MOST)
        await asyncio.gather(*(call(pace, number) for number in range(50)))

    run(rush())
    assert [number for number, _ in begun] == [*range(50)]
    assert [at for _, at in begun] == [0.0] * MOST + [1.0] * (50 - MOST)


def test_a_call_that_fails_or_is_broken_off_leaves_its_place() -> None:
    async def fail(pace: Pace) -> None:
        async with pace:
            raise LookupError

    async def three() -> float:
        pace = Pace(1)
        with pytest.raises(LookupError):
            await fail(pace)
        waiting = asyncio.create_task(fail(pace))
        await asyncio.sleep(0)
        waiting.cancel()
        async with pace:
            return asyncio.get_running_loop().time()

    assert run(three()) == 1.0
