"""The bot's own share of `/paper` on Telegram, with 50 people who ask at once."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from adapters.platforms.telegram import Telegram
from adapters.platforms.telegram.answering import MOST
from adapters.platforms.telegram.pace import Pace
from adapters.sources.bundled import DAY, BundledServer
from bot.app import open_desk
from bot.cli.demo import NOW
from bot.editions import read_day
from bot.replies import Talk
from bot.settings import Settings

HERE = Path(__file__).parent
PEOPLE = 50
MEDIAN = 20.0  # milliseconds
P95 = 60.0  # milliseconds
_PAPER = "/paper 2512.15716"  # of the bundled list
_UNPACED = 1_000_000  # answers in any second


def run(quick: bool = False) -> dict[str, Any]:
    """Ours against a bare python-telegram-bot that only echoes, a round of each in turn.

    Fifty people whom the bot does not know ask in the same instant. The share is what the n-th
    answer of ours comes later than the n-th of the echo in the round beside it; less than nothing
    where ours is the earlier one. It is taken twice: as people have it, where both keep the pace
    that Telegram allows, and unpaced, where nothing hides the time that the processor takes for
    all who came before. The bounds are kept in both.
    """
    rounds = 3 if quick else 20
    (echo, ours), (bare_echo, bare_ours) = asyncio.run(_everything(rounds))
    paced, unpaced = _share(ours, echo), _share(bare_ours, bare_echo)
    each, least = bare_ours.each, bare_echo.each
    return {
        "name": "paper",
        "figures": {
            "people at once": PEOPLE,
            "rounds": rounds,
            "at Telegram's pace: echo, median ms": median(echo.waited),
            "at Telegram's pace: /paper, median ms": median(ours.waited),
            "at Telegram's pace: echo, p95 ms": _p95(echo.waited),
            "at Telegram's pace: /paper, p95 ms": _p95(ours.waited),
            "unpaced: echo, median ms": median(bare_echo.waited),
            "unpaced: /paper, median ms": median(bare_ours.waited),
            "unpaced: echo, p95 ms": _p95(bare_echo.waited),
            "unpaced: /paper, p95 ms": _p95(bare_ours.waited),
            "processor ms a question, echo": least,
            "processor ms a question, /paper": each,
            "processor ms a question, our own": each - least,
            "processor, /paper to echo": each / least,
        },
        "bounds": [
            _bound("own share at Telegram's pace, median ms", median(paced), MEDIAN),
            _bound("own share at Telegram's pace, p95 ms", _p95(paced), P95),
            _bound("own share unpaced, median ms", median(unpaced), MEDIAN),
            _bound("own share unpaced, p95 ms", _p95(unpaced), P95),
        ],
    }


def _bound(what: str, value: float, most: float) -> dict[str, Any]:
    return {"what": what, "value": value, "bound": f"under {most:g}", "ok": value < most}


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


class _Crowd:
    """The process with the people."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "_crowd.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.url, self.token = self._line().split()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    async def ask(self, text: str) -> list[float]:
        """Milliseconds of each answer, the quickest first."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([PEOPLE, text]) + "\n")
        self._process.stdin.flush()
        told = await asyncio.to_thread(self._line)
        return sorted(seconds * 1000 for seconds in json.loads(told))

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


@dataclass
class _Measured:
    """What one of the two bots took."""

    waited: list[float] = field(default_factory=list)  # milliseconds, in each round by rank
    processor: float = 0.0  # seconds of this process

    @property
    def each(self) -> float:
        """Milliseconds of the processor for one question."""
        return self.processor * 1000 / len(self.waited)

    async def add(self, crowd: _Crowd, text: str, *, count: bool) -> None:
        """One round."""
        began = process_time()
        waited = await crowd.ask(text)
        if count:
            self.waited += waited
            self.processor += process_time() - began


def _share(ours: _Measured, echo: _Measured) -> list[float]:
    return [one - other for one, other in zip(ours.waited, echo.waited, strict=True)]


async def _everything(rounds: int) -> list[tuple[_Measured, _Measured]]:
    """The echo and ours, at Telegram's pace and unpaced."""
    return [await _both(rounds, most) for most in (MOST, _UNPACED)]


async def _both(rounds: int, most: int) -> tuple[_Measured, _Measured]:
    """The echo and ours, a round of each in turn: a busy machine is the same to both."""
    echo_crowd, our_crowd = _Crowd(), _Crowd()
    echo, ours = _Measured(), _Measured()
    try:
        async with _echo(echo_crowd, most), _ours(our_crowd, most):
            for number in range(-2, rounds):  # the first ones warm up
                await echo.add(echo_crowd, "hello", count=number >= 0)
                await ours.add(our_crowd, _PAPER, count=number >= 0)
        return echo, ours
    finally:
        echo_crowd.close()
        our_crowd.close()


@asynccontextmanager
async def _ours(crowd: _Crowd, most: int) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory())
        source = await stack.enter_async_context(BundledServer())
        telegram = await stack.enter_async_context(
            Telegram(crowd.token, api_url=crowd.url, now=lambda: NOW, most=most)
        )
        settings = Settings.alone(home=Path(home), hf_endpoint=source.url, arxiv_url=source.url)
        desk = await stack.enter_async_context(
            open_desk(settings, platforms={telegram.name: telegram})
        )
        await read_day(desk, "huggingface", DAY, NOW)
        await stack.enter_async_context(_serving(telegram.serve(Talk(desk))))
        yield


@asynccontextmanager
async def _echo(crowd: _Crowd, most: int) -> AsyncIterator[None]:
    from telegram.ext import ApplicationBuilder, MessageHandler, filters

    pace = Pace(most)

    async def echo(update: Any, context: Any) -> None:
        async with pace:
            await update.message.reply_text(update.message.text)

    application = (
        ApplicationBuilder()
        .token(crowd.token)
        .base_url(f"{crowd.url}/bot")
        .connection_pool_size(64)
        .concurrent_updates(64)
        .build()
    )
    application.add_handler(MessageHandler(filters.TEXT, echo))
    async with application:
        await application.start()
        updater = application.updater
        assert updater is not None
        await updater.start_polling()
        try:
            yield
        finally:
            await updater.stop()
            await application.stop()


@asynccontextmanager
async def _serving(listening: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(listening)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
