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

from adapters.platforms.telegram import Telegram, pace_of
from adapters.sources.bundled import DAY, BundledServer
from bot.app import open_desk
from bot.channels import Address, Pace
from bot.cli.demo import NOW
from bot.editions import read_day
from bot.pacing import Pacer
from bot.replies import Talk
from bot.settings import Settings

HERE = Path(__file__).parent
PEOPLE = 50
MEDIAN = 20.0  # milliseconds
P95 = 60.0  # milliseconds
_PAPER = "/paper 2512.15716"  # of the bundled list


def run(quick: bool = False) -> dict[str, Any]:
    """Ours against a bare python-telegram-bot that has one ready answer, a round of each in turn.

    The ready answer is the card that ours makes, so that both send, and the fake reads, the same.
    Fifty people whom the bot does not know ask in the same instant. The share is what the n-th
    answer of ours comes later than the n-th of the other, each as it is in the middle one of all
    rounds, for in some of them something else has the machine; less than nothing where ours is
    the earlier one. Median and p95 are those of the fifty. It is taken twice: paced, as
    people have it, where both keep the pace that Telegram allows, and unpaced, where nothing hides
    the time that the processor takes for all who came before. The bounds are kept in both.
    """
    rounds = 3 if quick else 30
    figures: dict[str, Any] = {"people at once": PEOPLE, "rounds": rounds}
    bounds = []
    for name, pace in (("paced", pace_of()), ("unpaced", Pace())):
        bare, ours = asyncio.run(_both(rounds, pace))
        share = [one - other for one, other in zip(ours.typical, bare.typical, strict=True)]
        figures |= {
            f"{name}: a bare bot, median ms": median(bare.typical),
            f"{name}: /paper, median ms": median(ours.typical),
            f"{name}: a bare bot, p95 ms": _p95(bare.typical),
            f"{name}: /paper, p95 ms": _p95(ours.typical),
            f"{name}: a bare bot, p95 of all rounds": _p95(bare.all),
            f"{name}: /paper, p95 of all rounds": _p95(ours.all),
            f"{name}: a bare bot, processor ms each": bare.processor,
            f"{name}: /paper, processor ms each": ours.processor,
            f"{name}: processor, /paper to a bare bot": ours.processor / bare.processor,
        }
        bounds += [
            _bound(f"{name}: own share, median ms", median(share), MEDIAN),
            _bound(f"{name}: own share, p95 ms", _p95(share), P95),
        ]
    return {"name": "paper", "figures": figures, "bounds": bounds}


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

    async def ask(self, text: str) -> tuple[list[float], dict[str, Any]]:
        """Milliseconds of each answer, the quickest first; and what an answer said."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([PEOPLE, text]) + "\n")
        self._process.stdin.flush()
        waited, said = json.loads(await asyncio.to_thread(self._line))
        return sorted(seconds * 1000 for seconds in waited), said

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


@dataclass
class _Measured:
    """What one of the two bots took, round by round."""

    _waited: list[list[float]] = field(default_factory=list)  # milliseconds, by rank
    _processor: list[float] = field(default_factory=list)  # milliseconds of this process

    @property
    def all(self) -> list[float]:
        """How long everybody waited in every round."""
        return [one for some in self._waited for one in some]

    @property
    def typical(self) -> list[float]:
        """How long the first waited, the second and so on: each in the middle one of the rounds."""
        return [median(same) for same in zip(*self._waited, strict=True)]

    @property
    def processor(self) -> float:
        """Milliseconds of the processor for one question, in the middle one of the rounds."""
        return median(self._processor) / PEOPLE

    async def add(self, crowd: _Crowd, text: str, *, count: bool) -> dict[str, Any]:
        """One round; gives what was answered."""
        began = process_time()
        waited, said = await crowd.ask(text)
        if count:
            self._waited.append(waited)
            self._processor.append((process_time() - began) * 1000)
        return said


async def _both(rounds: int, pace: Pace) -> tuple[_Measured, _Measured]:
    """The bare bot and ours, a round of each in turn: a busy machine is the same to both."""
    bare_crowd, our_crowd = _Crowd(), _Crowd()
    bare, ours = _Measured(), _Measured()
    said: dict[str, Any] = {}
    try:
        async with _ours(our_crowd, pace), _bare(bare_crowd, pace, said):
            for number in range(-2, rounds):  # the first ones warm up
                said |= await ours.add(our_crowd, _PAPER, count=number >= 0)
                await bare.add(bare_crowd, _PAPER, count=number >= 0)
        return bare, ours
    finally:
        bare_crowd.close()
        our_crowd.close()


@asynccontextmanager
async def _ours(crowd: _Crowd, pace: Pace) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory())
        source = await stack.enter_async_context(BundledServer())
        telegram = await stack.enter_async_context(
            Telegram(crowd.token, api_url=crowd.url, now=lambda: NOW, pacer=Pacer(pace))
        )
        settings = Settings.alone(home=Path(home), hf_endpoint=source.url, arxiv_url=source.url)
        desk = await stack.enter_async_context(
            open_desk(settings, platforms={telegram.name: telegram})
        )
        await read_day(desk, "huggingface", DAY, NOW)
        await stack.enter_async_context(_serving(telegram.serve(Talk(desk))))
        yield


@asynccontextmanager
async def _bare(crowd: _Crowd, pace: Pace, said: dict[str, Any]) -> AsyncIterator[None]:
    from telegram.ext import ApplicationBuilder, MessageHandler, filters

    pacer = Pacer(pace)

    async def answer(update: Any, context: Any) -> None:
        async with pacer.answer(Address("telegram", str(update.message.chat_id))):
            more = {name: value for name, value in said.items() if name != "text"}
            await update.message.reply_text(said["text"], api_kwargs=more)

    application = (
        ApplicationBuilder()
        .token(crowd.token)
        .base_url(f"{crowd.url}/bot")
        .connection_pool_size(64)
        .concurrent_updates(64)
        .build()
    )
    application.add_handler(MessageHandler(filters.TEXT, answer))
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
