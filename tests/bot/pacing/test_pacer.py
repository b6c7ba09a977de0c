"""The schedule in asyncio: who waits is let go, and who leaves is left out."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bot.channels import Address, Pace
from bot.pacing import Pacer
from tests.bot.pacing.world import ALLOWED, TELEGRAM, most_in

ANN = Address("telegram", "1")


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


def now() -> float:
    return asyncio.get_running_loop().time()


def run(work: Callable[[Pacer], Coroutine[Any, Any, Any]], pace: Pace = TELEGRAM) -> Any:
    async def paced() -> Any:
        return await work(Pacer(pace, now))

    with asyncio.Runner(loop_factory=Quick) as runner:
        return runner.run(paced())


@pytest.mark.parametrize("seed", range(10))
def test_no_second_has_more_than_the_platform_allows_however_long_calls_travel(seed):
    chance = random.Random(seed)
    arrived: list[float] = []

    async def call(pacer: Pacer, number: int) -> None:
        lane = pacer.turn if number % 3 else pacer.answer
        async with lane(Address("telegram", str(number))):
            await asyncio.sleep(chance.expovariate(20))
            arrived.append(now())
            await asyncio.sleep(chance.expovariate(20))

    async def rushes(pacer: Pacer) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(5):
                for number in range(chance.randrange(80)):
                    group.create_task(call(pacer, number))
                await asyncio.sleep(chance.random() * 2)

    run(rushes)
    assert most_in(arrived) <= ALLOWED


def test_a_short_rush_waits_for_nothing_and_a_long_one_goes_in_its_order():
    begun: list[tuple[int, float]] = []

    async def call(pacer: Pacer, number: int) -> None:
        async with pacer.answer(ANN):
            begun.append((number, now()))

    async def rush(pacer: Pacer) -> None:
        await asyncio.gather(*(call(pacer, number) for number in range(50)))

    run(rush)
    assert [number for number, _ in begun] == [*range(50)]
    assert [at for _, at in begun] == [0.0] * 29 + [pytest.approx(1.0, abs=0.001)] * 21


def test_a_call_that_fails_or_is_broken_off_leaves_its_place():
    async def fail(pacer: Pacer) -> None:
        async with pacer.answer(ANN):
            raise LookupError

    async def three(pacer: Pacer) -> float:
        with pytest.raises(LookupError):
            await fail(pacer)
        waiting = [asyncio.create_task(fail(pacer)) for _ in range(3)]
        await asyncio.sleep(0)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        async with pacer.answer(ANN):
            return now()

    assert run(three, Pace(None, 1)) == pytest.approx(1.0, abs=0.001)


def test_who_is_broken_off_in_the_moment_of_its_turn_leaves_its_place_too():
    async def body(pacer: Pacer) -> None:
        async with pacer.answer(ANN):
            raise AssertionError("it was cancelled before")

    async def race(pacer: Pacer) -> float:
        async with pacer.answer(ANN):
            pass
        waiting = asyncio.create_task(body(pacer))
        await asyncio.sleep(0)
        assert pacer._timer is not None  # let go and broken off before it can run
        asyncio.get_running_loop().call_at(pacer._timer.when() + 1e-10, waiting.cancel)
        with pytest.raises(asyncio.CancelledError):
            await waiting
        async with pacer.answer(ANN):
            return now()

    assert run(race, Pace(None, 1)) == pytest.approx(2.0, abs=0.001)


def test_a_pause_ends_for_those_who_wait():
    async def wait(pacer: Pacer) -> tuple[float, float]:
        pacer.too_fast(ANN, 30.0, everywhere=True)
        assert pacer.paused == 30.0
        async with pacer.turn(ANN):
            return pacer.paused, now()

    assert run(wait) == (0.0, pytest.approx(30.0, abs=0.001))


def test_a_pause_that_comes_while_they_wait_is_kept():
    async def wait(pacer: Pacer) -> float:
        async def answer(number: int) -> float:
            async with pacer.answer(Address("telegram", str(number))):
                return now()

        tasks = [asyncio.create_task(answer(number)) for number in range(40)]
        await asyncio.sleep(0.5)
        pacer.too_fast(ANN, 10.0, everywhere=True)
        return max(await asyncio.gather(*tasks))

    assert run(wait) == pytest.approx(10.5, abs=0.01)


def test_without_a_pace_everybody_goes_at_once():
    async def many(pacer: Pacer) -> float:
        async def one(number: int) -> None:
            async with pacer.turn(Address("console", str(number))):
                await asyncio.sleep(1)

        await asyncio.gather(*map(one, range(500)))
        return now()

    assert run(many, Pace()) == 1.0
