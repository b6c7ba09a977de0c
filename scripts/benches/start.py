"""How long `paperboy run` takes until both platforms listen, and its memory when idle."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from time import perf_counter
from typing import Any

from adapters.platforms.telegram.sandbox import Sandbox
from adapters.sources.bundled import BundledServer

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 3.0
MEGABYTES = 160.0
_IDLE = 5.0  # seconds until the memory is read
_PATIENCE = 60.0  # seconds


def run(quick: bool = False) -> dict[str, Any]:
    """The median of three (quick: one) starts for time, the worst for memory."""
    runs = [asyncio.run(_one()) for _ in range(1 if quick else 3)]
    seconds = sorted(seconds for seconds, _ in runs)[len(runs) // 2]
    megabytes = max(megabytes for _, megabytes in runs)
    return {
        "name": "start",
        "figures": {"starts": len(runs)},
        "bounds": [
            {
                "what": "paperboy run to both platforms ready, seconds",
                "value": seconds,
                "bound": f"under {SECONDS:g}",
                "ok": seconds < SECONDS,
            },
            {
                "what": "its memory when idle, MB",
                "value": megabytes,
                "bound": f"under {MEGABYTES:g}",
                "ok": megabytes < MEGABYTES,
            },
        ],
    }


async def _one() -> tuple[float, float]:
    """Seconds to ready and resident megabytes of one start, between two fakes."""
    discord = subprocess.Popen(  # noqa: ASYNC220 - nothing else goes on yet
        [sys.executable, "-m", "tests.wires.discordian"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert discord.stdout is not None
        base = discord.stdout.readline().strip()
        with tempfile.TemporaryDirectory() as home:
            async with Sandbox() as telegram, BundledServer() as source:
                surroundings = {
                    "PATH": os.environ.get("PATH", ""),
                    "HOME": home,
                    "PAPERBOY_HOME": home,
                    "PAPERBOY_MONITOR": "off",
                    "HF_ENDPOINT": source.url,
                    "PAPERBOY_ARXIV_URL": source.url,
                    "PAPERBOY_TELEGRAM_TOKEN": telegram.token,
                    "PAPERBOY_TELEGRAM_API_URL": telegram.url,
                    "PAPERBOY_DISCORD_TOKEN": await _asked(base, "bot", "token"),
                    "PAPERBOY_DISCORD_API_URL": base,
                }
                return await _start(surroundings, telegram, base)
    finally:
        discord.kill()
        discord.communicate()


async def _start(
    surroundings: dict[str, str], telegram: Sandbox, discord: str
) -> tuple[float, float]:
    began = perf_counter()
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", env=surroundings, cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await telegram.until(lambda: bool(telegram.made("getUpdates")), _PATIENCE)
        while not await _asked(discord, "bot", "ready"):
            if perf_counter() - began > _PATIENCE:
                raise SystemExit("the bot did not come to Discord")
            await asyncio.sleep(0.02)
        seconds = perf_counter() - began
        await asyncio.sleep(_IDLE)
        told = subprocess.run(  # noqa: ASYNC221
            ["ps", "-o", "rss=", "-p", str(bot.pid)], capture_output=True, text=True, check=True
        )
        return seconds, int(told.stdout) * 1024 / 1e6
    finally:
        bot.terminate()
        await bot.wait()


async def _asked(base: str, act: str, name: str) -> Any:
    """What the fake Discord says of itself."""
    address = f"{base.split('/api')[0]}/_control/{act}"

    def ask() -> Any:
        request = urllib.request.Request(address, b"[]", method="POST")
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)[name]

    return await asyncio.to_thread(ask)
