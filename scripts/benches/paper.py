"""The bot's own share of `/paper` on Telegram, with 50 people who ask at once."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from adapters.platforms.telegram import Telegram
from adapters.platforms.telegram.answering import PACE
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


def run(quick: bool = False) -> dict[str, Any]:
    """Ours against a bare python-telegram-bot that only echoes, in the same run.

    Both keep the pace that Telegram allows, 28 messages a second, and everybody asks in the same
    instant. The share is what the n-th answer of ours comes later than the n-th of the echo.
    """
    rounds = 3 if quick else 20
    echo, ours = asyncio.run(_both(rounds))
    share = [one - other for one, other in zip(ours.waited, echo.waited, strict=True)]
    return {
        "name": "paper",
        "figures": {
            "people at once": PEOPLE,
            "rounds": rounds,
            "a bare echo, median ms": median(echo.waited),
            "/paper, median ms": median(ours.waited),
            "a bare echo, processor ms each": echo.processor * 1000 / len(echo.waited),
            "/paper, processor ms each": ours.processor * 1000 / len(ours.waited),
        },
        "bounds": [
            {
                "what": "the bot's own share, median ms",
                "value": median(share),
                "bound": f"under {MEDIAN:g}",
                "ok": median(share) < MEDIAN,
            },
            {
                "what": "the bot's own share, p95 ms",
                "value": _p95(share),
                "bound": f"under {P95:g}",
                "ok": _p95(share) < P95,
            },
        ],
    }


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

    async def add(self, crowd: _Crowd, text: str, *, count: bool) -> None:
        """One round."""
        began = process_time()
        waited = await crowd.ask(text)
        if count:
            self.waited += waited
            self.processor += process_time() - began


async def _both(rounds: int) -> tuple[_Measured, _Measured]:
    """The echo and ours, a round of each in turn: a busy machine is the same to both."""
    echo_crowd, our_crowd = _Crowd(), _Crowd()
    echo, ours = _Measured(), _Measured()
    try:
        async with _echo(echo_crowd), _ours(our_crowd):
            for number in range(-2, rounds):  # the first ones warm up
                await echo.add(echo_crowd, "hello", count=number >= 0)
                await ours.add(our_crowd, _PAPER, count=number >= 0)
        return echo, ours
    finally:
        echo_crowd.close()
        our_crowd.close()


@asynccontextmanager
async def _ours(crowd: _Crowd) -> AsyncIterator[None]:
    with tempfile.TemporaryDirectory() as home:
        async with BundledServer() as source:
            settings = Settings.alone(
                home=Path(home),
                hf_endpoint=source.url,
                arxiv_url=source.url,
                telegram_token=crowd.token,
                telegram_api_url=crowd.url,
            )
            async with open_desk(settings, platforms={}, connected=lambda: NOW) as desk:
                await read_day(desk, "huggingface", DAY, NOW)
                telegram = desk.platforms[Telegram.name]
                async with _serving(telegram.serve(Talk(desk))):
                    yield


@asynccontextmanager
async def _echo(crowd: _Crowd) -> AsyncIterator[None]:
    from aiolimiter import AsyncLimiter
    from telegram.ext import ApplicationBuilder, MessageHandler, filters

    pace = AsyncLimiter(1, 1 / PACE)

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
        await application.updater.start_polling()
        try:
            yield
        finally:
            await application.updater.stop()
            await application.stop()


@asynccontextmanager
async def _serving(listening: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(listening)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
