"""Tasks side by side: the first that dies ends all, a stop is kind to those that can use it."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.cli.company import Ended, together
from bot.errors import Refused


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def _refused() -> None:
    raise Refused("The token was refused.")


async def test_the_first_that_dies_ends_all_with_its_own_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop = asyncio.Event()
    with pytest.raises(Refused, match="The token was refused"):
        await together({"telegram": _refused(), "discord": _for_ever()}, stop, grace=1)
    assert "telegram died" in caplog.text
    assert stop.is_set()
    assert len(asyncio.all_tasks()) == 1


async def test_one_that_ends_by_itself_is_a_failure_too() -> None:
    async def short() -> None:
        return

    with pytest.raises(Ended, match="The task telegram ended by itself"):
        await together({"telegram": short(), "bell": _for_ever()}, asyncio.Event(), grace=1)


async def test_asked_to_stop_the_gentle_one_ends_its_work_and_the_others_are_cancelled() -> None:
    stop, finished = asyncio.Event(), []

    async def bell() -> None:
        await stop.wait()
        await asyncio.sleep(0)
        finished.append("bell")

    async def listening() -> None:
        try:
            await _for_ever()
        finally:
            finished.append("telegram")

    asyncio.get_running_loop().call_soon(stop.set)
    await together({"bell": bell(), "telegram": listening()}, stop, gently={"bell"}, grace=30)
    assert sorted(finished) == ["bell", "telegram"]


async def test_what_does_not_end_in_time_is_cut_off_and_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop = asyncio.Event()
    stop.set()
    await together({"bell": _for_ever()}, stop, gently={"bell"}, grace=0)
    assert "bell was cut off" in caplog.text


async def test_an_error_while_stopping_is_not_swallowed() -> None:
    stop = asyncio.Event()

    async def bell() -> None:
        await stop.wait()
        raise Refused("The lease was lost.")

    asyncio.get_running_loop().call_soon(stop.set)
    with pytest.raises(Refused, match="The lease was lost"):
        await together({"bell": bell()}, stop, gently={"bell"}, grace=30)


async def test_the_others_errors_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)

    async def bad_end() -> None:
        try:
            await _for_ever()
        finally:
            raise RuntimeError("while closing")

    with pytest.raises(Refused):
        await together({"a": _refused(), "b": bad_end()}, asyncio.Event(), grace=1)
    assert "b ended badly" in caplog.text
