"""Claiming and settling one of 1,000,000 open deliveries on SQLite, beside one of 1,000."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import statistics
import tempfile
import time as clock
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path

from bot.channels import Delivery
from storage import SqlStore, open_store

NOW = datetime(2026, 6, 13, 9, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)
PLATFORMS = ("telegram", "discord", "console")
OF_A_CHANNEL = 5  # open deliveries
CARDS = 200  # fragments that all share
GROUP = 64


def micros(instant: datetime) -> int:
    """As SQLite holds it."""
    return int(instant.timestamp() * 1e6)


def varint(number: int) -> bytes:
    """As a body names a fragment."""
    return bytes([number & 127 | 128, number >> 7]) if number > 127 else bytes([number])


def fill(path: Path, count: int) -> None:
    """`count` open deliveries, five in a channel, every tenth channel parked, in plain SQL."""
    channels = range(1, count // OF_A_CHANNEL + 1)
    due, later, stale = (micros(NOW + timedelta(hours=hours)) for hours in (0, 12, 24))
    file = sqlite3.connect(path)
    with file:
        file.execute("PRAGMA synchronous = OFF")
        file.executemany(
            "INSERT INTO channels (id, platform, chat, thread, zone, language, since, floor, hour, "
            'days, layout, "limit", "when", "empty", follow, links, sound, paused, next_due) '
            "VALUES (?, ?, ?, '', 'Asia/Seoul', 'en', ?, ?, '09:00', 127, 'packed', 10, 'closed', "
            "'never', 'default', 'arxiv', 'first', 0, ?)",
            ((n, PLATFORMS[n % 3], f"c{n}", due, due, stale) for n in channels),
        )
        file.executemany(
            "INSERT INTO digests (id, channel_id, local_date, due, opened, papers, matched, shown, "
            "passed, spoke, missing) VALUES (?, ?, 20260613, ?, ?, 5, 5, 5, 0, 1, '[]')",
            ((n, n, due, due) for n in channels),
        )
        cards = [f"card {n} ".encode() * 60 for n in range(CARDS)]
        file.executemany(
            "INSERT INTO bodies (id, hash, channel_id, squeezed, data) VALUES (?, ?, NULL, 0, ?)",
            ((n + 1, blake2b(card, digest_size=16).digest(), card) for n, card in enumerate(cards)),
        )
        file.executemany(
            'INSERT INTO deliveries (channel_id, digest_id, kind, "order", round, papers, state, '
            "silent, attempts, created, not_before, stale_at, platform_ids, plain, body, fallback, "
            "platform, head, turn) VALUES "
            "(?, ?, 'post', ?, ?, ?, 'ready', 0, 0, ?, ?, ?, '[]', 0, ?, ?, ?, ?, ?)",
            (
                (
                    *(n, n, order, order, f"2606.{(n + order) % CARDS:05d}", due),
                    *(None if n % 10 or order else later, stale),
                    varint((n + order) % CARDS + 1) + varint((n + order + 7) % CARDS + 1),
                    varint((n + order) % CARDS + 1),
                    *(PLATFORMS[n % 3], order == 0, n * 7919 % 1_000_003),
                )
                for n in channels
                for order in range(OF_A_CHANNEL)
            ),
        )
        file.execute(
            "INSERT INTO ledger (channel_id, paper_id, state, at, delivery_id) "
            "SELECT channel_id, papers, 'reserved', created, id FROM deliveries"
        )
    file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file.close()
    os.sync()  # what is measured must not wait for what was filled


def resident() -> float:
    """Resident memory of this process now, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


class Carrier:
    """Writes what the courier writes: a transaction holds what was accepted and the next claim."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self._taken: list[Delivery] = []  # on their way

    async def step(self, platform: str, most: int) -> int:
        """Settle what was taken before, take as many; gives how many were settled."""
        accepted = [replace(one, platform_ids=(str(one.id),), sent_at=NOW) for one in self._taken]
        async with self._store.transaction() as tx:
            written = await tx.deliveries.sent(accepted)
            await tx.ledger.shown([(one.channel_id, one.id) for one in written])
            await tx.deliveries.wake(platform, NOW)
            ids = [one.id for one in await tx.deliveries.next(platform, limit=most)]
            taken = await tx.deliveries.claim(ids, at=NOW, lease_until=NOW + LEASE)
        assert len(written) == len(accepted)
        assert all(body.fragments and fallback for _, body, fallback in taken)
        self._taken = [one for one, _, _ in taken]
        return len(written)


async def measure(count: int, times: int) -> dict[str, float]:
    """Milliseconds of one message alone, of one in a group, and what memory grows by."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.sqlite3"
        async with open_store(f"sqlite:///{path}"):
            pass
        fill(path, count)
        async with open_store(f"sqlite:///{path}") as store:
            carrier = Carrier(store)
            for _ in range(min(300, times)):
                await carrier.step("telegram", 1)
            before = resident()
            spent = []
            alone = clock.process_time()
            for number in range(times):
                began = clock.perf_counter()
                sent = await carrier.step(PLATFORMS[number % 2], 1)
                spent.append((clock.perf_counter() - began) * 1000)
                assert sent == 1
            alone = clock.process_time() - alone
            grown = resident() - before
            await carrier.step("discord", GROUP)
            processor, began = clock.process_time(), clock.perf_counter()
            in_groups = 0
            for _ in range(max(1, times // 100)):
                in_groups += await carrier.step("discord", GROUP)
            processor, wall = clock.process_time() - processor, clock.perf_counter() - began
    spent.sort()
    return {
        "median_ms": statistics.median(spent),
        "p95_ms": spent[len(spent) * 95 // 100],
        "processor_ms": alone * 1000 / times,
        "grown_mb": grown,
        "group_processor_ms": processor * 1000 / in_groups,
        "group_ms": wall * 1000 / in_groups,
    }


def run(quick: bool = False) -> dict[str, object]:
    """Figures and bounds; `quick` fills a tenth."""
    count, times = (100_000, 500) if quick else (1_000_000, 2_000)
    few = asyncio.run(measure(6_000, 500))
    many = asyncio.run(measure(count, times))
    return {
        "name": "outbox",
        "figures": {
            "open_deliveries": count,
            "messages_carried_alone": times,
            **{f"{name}_of_6000": value for name, value in few.items()},
            "median_ratio_to_6000": many["median_ms"] / few["median_ms"],
            "processor_ms_of_one": many["processor_ms"],
            f"ms_of_one_in_groups_of_{GROUP}": many["group_ms"],
        },
        "bounds": [
            {"what": f"{what}, at most", "value": value, "bound": bound, "ok": value <= bound}
            for what, value, bound in (
                ("claim and settle one, median ms", many["median_ms"], 5.0),
                ("claim and settle one, p95 ms", many["p95_ms"], 5.0),
                ("processor ms of one in a group", many["group_processor_ms"], 0.5),
                ("processor ms of one of 6000", few["group_processor_ms"], 0.3),
                ("memory grown, MB", many["grown_mb"], 8.0),
            )
        ],
    }
