"""How long a day's papers take to be read, and what they cost: a fake model on loopback.

47 papers with full texts of usual length, in one language, 8 at a time; the model answers after
2 seconds (with --quick after half a second). The ideal is what the model alone takes.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import Any

from adapters.readers.openai import OpenAIReader
from bot.papers import Paper, Reading
from bot.ports import Filled, Form, Reader, Section, Whole
from bot.reading.asking import report_form
from bot.reading.shelf import Room
from storage import open_store

ROOT = Path(__file__).parents[2]
PAPERS = 47
AT_ONCE = 8
LATENCY, QUICK = 2.0, 0.5  # seconds
RATIO = 1.15  # of the ideal
INPUT = 12_000  # tokens of one reading
NOW = datetime(2026, 1, 6, 3, tzinfo=UTC)
_SENTENCE = (
    "We keep a map of {n} cells with $k = {n}$ neighbours and reach {n}.4 points on split {n}, "
    "which is 2.5 more than the baseline of the same size. "
)


class _Texts:
    """Full texts of about 60,000 letters with many numbers."""

    async def read(self, paper_id: str, version: int | None = None) -> Whole:
        names = ("Introduction", "Related Work", "Method", "Experiments", "Ablations", "Limits")
        sections = tuple(
            Section(1, name, "".join(_SENTENCE.format(n=at + part) for at in range(70)))
            for part, name in enumerate(names)
        )
        return Whole(paper_id, 1, f"Paper {paper_id}", "We keep a map.", sections)


def run(quick: bool = False) -> dict[str, Any]:
    """Read a day, and the same day again."""
    return asyncio.run(_run(QUICK if quick else LATENCY))


class _Counting:
    """A reader that remembers what it was asked."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.model = reader.model
        self.tokens = reader.tokens
        self.forms: list[Form] = []

    async def fill(self, form: Form) -> Filled:
        self.forms.append(form)
        return await self._reader.fill(form)


@asynccontextmanager
async def _model(latency: float) -> AsyncIterator[str]:
    """The fake model, a process of its own as a real one is; gives its address."""
    program = [sys.executable, "-m", "tests.wires.llm", "--latency", str(latency)]
    process = await asyncio.create_subprocess_exec(*program, cwd=ROOT, stdout=PIPE)
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


async def _run(latency: float) -> dict[str, Any]:
    ideal = ceil(PAPERS / AT_ONCE) * latency
    papers = [Paper(f"2601.{n:05}", f"Paper {n}", "We keep a map.") for n in range(PAPERS)]
    wanted = [(paper, "en") for paper in papers]
    with tempfile.TemporaryDirectory() as folder:
        async with (
            _model(latency) as url,
            open_store(f"sqlite:///{folder}/p.sqlite3") as store,
            OpenAIReader("fake", "key", url) as reader,
        ):
            await reader.fill(report_form("A map is kept.", "en"))  # its SDK is imported
            asked = _Counting(reader)
            room = Room(store, asked, _Texts(), concurrency=AT_ONCE)
            began = perf_counter()
            readings = await room.read_all(wanted, lambda: NOW)
            took = perf_counter() - began
            calls = len(asked.forms)
            inputs = [reader.tokens(f"{one.instructions}\n{one.text}") for one in asked.forms]
            again = Room(store, asked, _Texts(), concurrency=AT_ONCE)
            began = perf_counter()
            await again.read_all(wanted, lambda: NOW)
            second = perf_counter() - began
            more = len(asked.forms) - calls
            spent = (await room.purse.spent(NOW)).tokens
    most = max(inputs)
    whole = sum(isinstance(one, Reading) and one.rung == "full-text" for one in readings)
    return {
        "name": "reading",
        "figures": {
            "papers": PAPERS,
            "read from the full text": whole,
            "calls": calls,
            "seconds": took,
            "seconds, ideal": ideal,
            "seconds, second run": second,
            "tokens, in and out": spent,
        },
        "bounds": [
            _bound("time to the ideal", took / ideal, f"at most {RATIO}", took / ideal <= RATIO),
            _bound("calls of a second run", more, "0", more == 0),
            _bound("tokens of input", most, f"at most {INPUT:,}", most <= INPUT),
            _bound("papers read", whole, f"{PAPERS}", whole == PAPERS == calls),
        ],
    }


def _bound(what: str, value: float, bound: str, ok: bool) -> dict[str, Any]:
    return {"what": what, "value": value, "bound": bound, "ok": ok}
