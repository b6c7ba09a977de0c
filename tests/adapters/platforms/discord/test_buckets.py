"""One bucket of Discord's rate limits, without a wire."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.platforms.discord.buckets import Bucket
from adapters.platforms.discord.outcomes import Held


def told(limit: int, left: int, after: float) -> Any:
    headers = {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset-After": str(after),
    }
    return SimpleNamespace(headers=headers)


async def test_calls_under_way_stay_counted_when_the_first_answer_does_not_know_them() -> None:
    bucket = Bucket(lambda: True)
    for _ in range(3):
        await bucket.__aenter__()
    bucket.update(told(3, 2, 60.0))  # Discord has seen one of them so far
    with pytest.raises(Held) as held:
        await bucket.__aenter__()
    assert 59 < held.value.retry_after <= 60.1
    await bucket.__aexit__()
    with pytest.raises(Held):  # one is done, and was counted
        await bucket.__aenter__()


async def test_the_calls_of_another_process_count_too() -> None:
    bucket = Bucket(lambda: True)
    await bucket.__aenter__()
    bucket.update(told(5, 0, 60.0))
    await bucket.__aexit__()
    with pytest.raises(Held):
        await bucket.__aenter__()


async def test_a_bucket_that_nothing_is_known_of_takes_a_few_at_once() -> None:
    bucket = Bucket(lambda: True)
    for _ in range(5):
        await bucket.__aenter__()
    with pytest.raises(Held) as held:
        await bucket.__aenter__()
    assert held.value.retry_after < 1
    for _ in range(5):
        await bucket.__aexit__()  # all answers were lost
    await bucket.__aenter__()


async def test_a_bucket_is_full_again_when_its_time_is_over_less_what_is_under_way() -> None:
    bucket = Bucket(lambda: True)
    for _ in range(2):
        await bucket.__aenter__()
    bucket.update(told(3, 0, 0.01))
    await bucket.__aexit__()
    await asyncio.sleep(0.02)
    for _ in range(2):
        await bucket.__aenter__()
    with pytest.raises(Held):
        await bucket.__aenter__()


async def test_who_may_wait_waits() -> None:
    bucket = Bucket(lambda: False)
    await bucket.__aenter__()
    bucket.update(told(1, 0, 0.02))
    await bucket.__aexit__()
    async with asyncio.timeout(10):
        await bucket.__aenter__()
    assert bucket.remaining == 0


async def test_answers_without_limits_change_nothing() -> None:
    bucket = Bucket(lambda: True)
    await bucket.__aenter__()
    bucket.update(SimpleNamespace(headers={}))  # type: ignore[arg-type]
    await bucket.__aexit__()
    assert bucket.remaining == 1
    assert not bucket.is_inactive()
