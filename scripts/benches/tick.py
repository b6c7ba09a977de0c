"""How long an idle tick takes with 100,000 channels of which none is due."""

from __future__ import annotations

import asyncio
import io
import sqlite3
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import digests  # the measurement beside this one: its channels are taken

from adapters.platforms.console import Console
from adapters.sources.huggingface import HuggingFace
from bot.desk import Desk
from bot.rounds import open_round
from storage import open_store

BOUND = 5.0  # milliseconds
_LATER = timedelta(hours=1)  # when they are due
# A message of yesterday for each channel, sent: an outbox with a past, as a bot's is.
_YESTERDAY = """
INSERT INTO deliveries (channel_id, kind, "order", round, papers, state, silent, attempts,
                        platform_ids, plain, body)
SELECT id, 'post', 0, 0, '', 'sent', 0, 1, '[]', 0, x'' FROM channels
"""


async def measure(count: int, times: int) -> list[float]:
    """Milliseconds of each of `times` ticks with `count` channels."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.sqlite3"
        async with open_store(f"sqlite:///{path}"):
            pass
        digests.subscribe(path, count)
        with closing(sqlite3.connect(path)) as file, file:
            file.execute(_YESTERDAY)
        async with open_store(f"sqlite:///{path}") as store, HuggingFace() as source:
            console = Console(io.StringIO(), as_json=False, width=80)
            desk = Desk(store, {"huggingface": source}, {}, {"console": console})
            await digests.list_papers(desk)
            async with store.transaction() as tx:
                every = await tx.channels.all()
                due = digests.NOW + _LATER
                await tx.channels.reschedule((one.id, digests.SINCE, due) for one in every)
                # the lists were just looked through: nothing but the bell is measured
                await tx.notes.put("last-round", digests.NOW.isoformat())
            taken = []
            for number in range(times + 3):
                began = perf_counter()
                result = await open_round(desk, digests.NOW + timedelta(milliseconds=number))
                taken.append((perf_counter() - began) * 1000)
                assert not result.opened, result
    return taken[3:]  # the first fill the caches


def run(quick: bool = False) -> dict[str, Any]:
    """The median of a hundred ticks."""
    count = 10_000 if quick else 100_000
    taken = asyncio.run(measure(count, 20 if quick else 100))
    return {
        "name": "tick",
        "figures": {"channels": count, "slowest tick, ms": max(taken)},
        "bounds": [
            {
                "what": "an idle tick, ms",
                "value": median(taken),
                "bound": f"under {BOUND:g}",
                "ok": median(taken) < BOUND,
            }
        ],
    }
