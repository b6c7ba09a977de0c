"""Signals: the first asks, the second insists."""

from __future__ import annotations

import asyncio
import signal
import sys

import pytest

from bot.cli.work import perform, stopping

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_asks_and_the_second_insists(
    first: signal.Signals, second: signal.Signals
) -> None:
    happened: list[str] = []

    async def work() -> int:
        asked = asyncio.Event()
        with stopping(asked.set):
            signal.raise_signal(first)
            await asked.wait()
            happened.append("asked")
            signal.raise_signal(second)
            try:
                await asyncio.Event().wait()
            finally:
                happened.append("cleaned up")
        return 0

    with pytest.raises(KeyboardInterrupt):
        perform(work())
    assert happened == ["asked", "cleaned up"]


def test_asked_once_the_body_ends_as_it_likes() -> None:
    async def work() -> int:
        asked = asyncio.Event()
        with stopping(asked.set):
            signal.raise_signal(signal.SIGTERM)
            await asked.wait()
            await asyncio.sleep(0.01)
        return 7

    assert perform(work()) == 7


@pytest.mark.parametrize("again", [signal.SIGTERM, signal.SIGINT])
def test_asked_again_while_it_closes_it_closes_all_the_same(again: signal.Signals) -> None:
    async def work() -> int:
        asked = asyncio.Event()
        with stopping(asked.set):
            signal.raise_signal(signal.SIGTERM)
            await asked.wait()
        signal.raise_signal(again)
        await asyncio.sleep(0.01)  # what is open is closed
        return 0

    assert perform(work()) == 0
