"""The most memory that `paperboy run` ever has, on a day with everything: it must fit in 256 MB.

Between fakes of both platforms, of the source and of a model: 50 papers with full texts of 1.2 MB
(a recorded page beside the checkout, in ../shared), readings in three languages, 400 Telegram
channels that are due at once. Linux only: the peak is read from /proc.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from digests import DAY, NOW, papers, subscribe

from adapters.platforms.telegram.sandbox import Sandbox
from bot.papers import Paper
from storage import open_store
from tests.wires.discordian.server import TOKEN
from tests.wires.llm.server import FakeModel
from tests.wires.loopback import Asked, Loopback, Said

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT.parent / "shared" / "recordings" / "arxiv" / "html" / "old_latexml_0903.1000.html"
MEGABYTES = 256.0  # of a container, and of the unit (deploy/paperboy.service)
_PATIENCE = 300.0  # seconds


class Day(Loopback):
    """One list of 50 papers, each with its page."""

    def __init__(self) -> None:
        super().__init__()
        self._listed = papers(50, random.Random(7))
        self._page = PAGE.read_bytes()
        self.pages = 0

    def answer(self, asked: Asked) -> Said:
        if asked.path == "/api/daily_papers":
            ours = asked.query["date"] == DAY.isoformat() and asked.query.get("p", "0") == "0"
            listed = [_record(paper) for paper in self._listed] if ours else []
            return Said(json.dumps(listed).encode())
        if asked.path.startswith("/html/"):
            self.pages += 1
            name = asked.path.removeprefix("/html/").encode()
            return Said(self._page.replace(b"0903.1000", name), kind="text/html; charset=utf-8")
        return Said(b"{}", 404)


def _record(paper: Paper) -> dict[str, Any]:
    return {
        "paper": {
            "id": paper.id,
            "title": paper.title,
            "summary": paper.abstract,
            "authors": [{"name": name} for name in paper.authors],
            "upvotes": paper.upvotes,
            "publishedAt": f"{DAY}T00:00:00.000Z",
        }
    }


def run(quick: bool = False) -> dict[str, Any]:
    """One day; with `quick` of 40 channels."""
    found = asyncio.run(_measured(40 if quick else 400))
    peak = found["peak, MB"]
    return {
        "name": "memory",
        "figures": found,
        "bounds": [
            {
                "what": "most memory of a day, MB",
                "value": peak,
                "bound": f"under {MEGABYTES:g}",
                "ok": peak < MEGABYTES,
            }
        ],
    }


async def _measured(channels: int) -> dict[str, float]:
    discord = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.wires.discordian",
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert discord.stdout is not None
        base = (await discord.stdout.readline()).decode().strip()
        with tempfile.TemporaryDirectory() as home:
            async with Sandbox() as telegram, Day() as source, FakeModel() as model:
                await _subscribed(Path(home), telegram, channels)
                surroundings = {
                    "PATH": os.environ.get("PATH", ""),
                    "MALLOC_ARENA_MAX": "2",  # as the image and the unit set it
                    "HOME": home,
                    "PAPERBOY_HOME": home,
                    "PAPERBOY_MONITOR": "off",
                    "HF_ENDPOINT": source.url,
                    "PAPERBOY_ARXIV_URL": source.url,
                    "PAPERBOY_LLM_MODEL": "fake",
                    "OPENAI_BASE_URL": model.url,
                    "OPENAI_API_KEY": "none",
                    "PAPERBOY_TELEGRAM_TOKEN": telegram.token,
                    "PAPERBOY_TELEGRAM_API_URL": telegram.url,
                    "PAPERBOY_DISCORD_TOKEN": TOKEN,
                    "PAPERBOY_DISCORD_API_URL": base,
                }
                return await _day(surroundings, telegram, source, model, channels)
    finally:
        discord.kill()
        await discord.communicate()


async def _subscribed(home: Path, telegram: Sandbox, channels: int) -> None:
    path = home / "paperboy.sqlite3"
    async with open_store(f"sqlite:///{path}"):
        pass
    subscribe(path, channels)
    people = [telegram.person(f"Reader {one}") for one in range(channels)]
    rows = [(str(telegram.private(one)), n) for n, one in enumerate(people, 1)]
    with sqlite3.connect(path) as connection:
        connection.executemany("UPDATE channels SET platform='telegram', chat=? WHERE id=?", rows)
    connection.close()


async def _day(
    surroundings: dict[str, str], telegram: Sandbox, source: Day, model: FakeModel, channels: int
) -> dict[str, float]:
    began = perf_counter()
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", "--now", NOW.isoformat(), env=surroundings, cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await telegram.until(lambda: bool(telegram.made("getUpdates")), _PATIENCE)
        await asyncio.sleep(2)
        idle = _told(bot.pid, "VmRSS")
        await telegram.until(
            lambda: (
                len({call.params["chat_id"] for call in telegram.made("sendMessage")}) >= channels
            ),
            _PATIENCE,
        )
        await asyncio.sleep(2)
        return {
            "channels": channels,
            "pages of full text": source.pages,
            "calls of the model": len(model.calls),
            "seconds": perf_counter() - began,
            "soon after the start, MB": idle,
            "at the end, MB": _told(bot.pid, "VmRSS"),
            "peak, MB": _told(bot.pid, "VmHWM"),
        }
    finally:
        bot.terminate()
        await bot.wait()


def _told(process: int, name: str) -> float:
    """Megabytes that the system tells of a process (proc(5), status)."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    (line,) = [line for line in lines if line.startswith(f"{name}:")]
    return int(line.split()[1]) * 1024 / 1e6
