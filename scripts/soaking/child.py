"""`python -m scripts.soaking.child ORDER`: the real `paperboy run`, by the clock of a soak.

The order is JSON. Lines on the standard input set the clock or ask for a sample, which is written
to the file descriptor named in the order. The product knows nothing of it: what has to be quicker
is made so before `main()` runs.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import json
import logging
import os
import signal
import sys
from datetime import UTC, datetime
from typing import Any

from scripts.soaking.clock import Clock
from scripts.soaking.probe import sample

NAME = "soak probe"  # of the task, which is not counted

# Waits by the real clock, in seconds: nearer to what they are for a clock that runs so fast.
SHORTER = {
    "bot.courier.loop:_SWEEP": 0.5,
    "bot.courier.loop:_IDLE": 0.5,
    "bot.courier.calls:LONGEST": 4.0,  # a call that hangs
    "bot.digest.ahead:_PAUSE": 0.3,
}
BELL = 0.4
# Caches that grow until they are full, made so small that they are full after the warm-up.
SMALLER = {
    "storage.fragments:_REMEMBERED": 256,
    "storage.fragments:_READ_TOGETHER": 300_000,
    "adapters.platforms.telegram.drawing.cards:_MOST_KEPT": 64,
    "adapters.platforms.discord.drawing.embeds:_MOST_KEPT": 64,
    "adapters.platforms.telegram.listening:REMEMBERED": 100,
}
CACHED = 100  # entries of what functools.lru_cache remembers, at most
PAGES = "cache_size = -1000"  # of SQLite, in place of 16 MB


def _small_caches() -> None:
    """Before the product is imported: no function of it remembers much."""
    original = functools.lru_cache

    def lru_cache(maxsize: Any = 128, typed: bool = False) -> Any:
        small = min(maxsize, CACHED) if isinstance(maxsize, int) else maxsize
        return original(small, typed)

    functools.lru_cache = lru_cache  # type: ignore[assignment]


def _prepare(clock: Clock) -> None:
    from adapters.readers.openai import OpenAIReader
    from adapters.readers.openai.patience import Patience as ReaderPatience
    from adapters.sources.arxiv import Arxiv, Politeness
    from adapters.sources.asking import Patience
    from adapters.sources.huggingface import HuggingFace
    from bot.cli import options
    from bot.schedule import bell
    from storage import engines
    from tests.proofs.deaths import shorten

    shorten(SHORTER)
    shorten(SMALLER)
    engines._PRAGMAS = tuple(  # type: ignore[assignment]
        PAGES if one.startswith("cache_size") else one for one in engines._PRAGMAS
    )
    options.clock = lambda typed, setting: clock
    original = bell.ring

    async def ring(callback: Any, *, seconds: float, stop: asyncio.Event) -> None:
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it is too quick for it
        await original(callback, seconds=BELL, stop=stop)

    bell.ring = ring

    def hurried(kind: Any, **given: Any) -> None:
        begin = kind.__init__

        def init(self: Any, *args: Any, **named: Any) -> None:
            begin(self, *args, **{**given, **named})

        kind.__init__ = init

    quick = Patience(attempt=1.0, total=2.0, pause=0.1)
    hurried(HuggingFace, patience=quick)
    hurried(Arxiv, patience=quick)
    hurried(Politeness, interval=0.02)
    hurried(OpenAIReader, patience=ReaderPatience(total=8.0, attempt=2.0, pause=0.1))


def _watch(clock: Clock, answers: int) -> None:
    """Start the probe beside the bot's own work."""
    run = importlib.import_module("bot.cli.run")
    original = run._until_stopped

    async def until_stopped(*given: Any, **named: Any) -> None:
        probing = asyncio.create_task(_probe(clock, answers), name=NAME)
        try:
            await original(*given, **named)
        finally:
            probing.cancel()

    run._until_stopped = until_stopped  # type: ignore[attr-defined]


async def _probe(clock: Clock, answers: int) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _say(answers, {"ready": datetime.now(UTC).isoformat()})
    while line := await reader.readline():
        asked = json.loads(line)
        if "clock" in asked:
            clock.hear(asked["clock"])
        if "sample" in asked:
            _say(answers, {"sample": sample((NAME,))})
    os.kill(os.getpid(), signal.SIGTERM)  # who watches is gone


def _say(answers: int, told: Any) -> None:
    data = json.dumps(told).encode() + b"\n"
    while data:
        data = data[os.write(answers, data) :]


def main() -> int:
    """Be the bot, until SIGTERM."""
    order = json.loads(sys.argv[1])
    clock = Clock(datetime.now(UTC))
    clock.hear(order["clock"])
    _small_caches()
    _prepare(clock)
    _watch(clock, order["answers"])
    if order.get("plant"):
        from scripts.soaking.planted import plant

        plant(order["plant"])
    sys.argv = ["paperboy", "run"]
    from bot.__main__ import main as paperboy

    return paperboy() or 0


if __name__ == "__main__":
    sys.exit(main())
