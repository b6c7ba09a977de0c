"""Opening the digests of 100,000 channels due at once on SQLite: channels/s, memory, size."""

from __future__ import annotations

import asyncio
import io
import random
import resource
import statistics
import tempfile
import time as clock
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import create_engine, insert

from adapters.platforms.console import Console
from adapters.sources.huggingface import HuggingFace
from bot.channels import EVERY_DAY, Empty, Follow, Layout, When
from bot.desk import Desk
from bot.papers import Edition, EditionState, Listing, Paper
from bot.rounds import open_due
from storage import open_store
from storage.tables import channels, topics

NOW = datetime(2026, 6, 13, 9, 0, tzinfo=UTC)
DAY = date(2026, 6, 12)
SINCE = NOW - timedelta(days=3)
WORDS = (
    "video audio speech image graph token motion scene depth policy reward memory vision robot "
    "protein molecule sparse dense latent causal neural kernel prompt agent planner"
).split()
THINGS = (
    "generation editing retrieval segmentation alignment distillation quantization pruning "
    "grounding reasoning navigation tracking forecasting translation compression synthesis "
    "detection matching routing caching"
).split()


def pool_of_topics() -> list[str]:
    """500 topics: two words each, some with fields, prefixes, exact phrases and CJK."""
    topics = [f"{word} {thing}" for word in WORDS for thing in THINGS]
    shapes = ["{}", "{}", "{}", "title:{}", '"{}"', "{} OR 视频生成", "{}*"]
    return [
        shapes[n % len(shapes)].format(
            f'"{topic}"' if "title" in shapes[n % len(shapes)] else topic
        )
        for n, topic in enumerate(topics)
    ]


def papers(count: int, chance: random.Random) -> list[Paper]:
    """Papers whose abstracts hold 15 of the topics' phrases each."""
    phrases = [f"{word} {thing}" for word in WORDS for thing in THINGS]
    made = []
    for n in range(count):
        held = chance.sample(phrases, 15)
        made.append(
            Paper(
                id=f"2606.{n:05d}",
                title=f"Toward {held[0].title()} with {held[1].title()}",
                abstract=" ".join(f"We study {phrase} in a new setting." for phrase in held),
                authors=("Ada Lovelace", "Alan Turing", "Grace Hopper", "Emmy Noether"),
                organization="Institute of Examples",
                published=NOW - timedelta(days=2, minutes=n),
                summary=f"A short account of {held[0]} and how it helps {held[1]}.",
                upvotes=chance.randrange(200),
                sources=("huggingface",),
            )
        )
    return made


async def list_papers(desk: Desk) -> None:
    """Fifty papers on one closed list."""
    source = desk.sources["huggingface"]
    listed = papers(50, random.Random(7))
    async with desk.store.transaction() as tx:
        await tx.papers.put(listed)
        await tx.editions.put(
            Edition("huggingface", DAY, source.closes(DAY), EditionState.CLOSED, 50, read_at=NOW)
        )
        await tx.editions.add_listings(
            Listing(paper.id, "huggingface", DAY, source.closes(DAY)) for paper in listed
        )


def subscribe(path: Path, count: int) -> None:
    """Channels that are all due at NOW, written in bulk: the bench is of opening alone."""
    chance = random.Random(7)
    zones = sorted(available_timezones())[:300]
    pool = pool_of_topics()
    made, followed = [], []
    for n in range(1, count + 1):
        zone = chance.choice(zones)
        made.append(
            {
                "id": n,
                "platform": "console",
                "chat": f"c{n}",
                "thread": "",
                "zone": zone,
                "language": ("en", "zh", "ko")[n % 3],
                "since": SINCE,
                "floor": SINCE,
                "hour": NOW.astimezone(ZoneInfo(zone)).time(),
                "days": EVERY_DAY,
                "layout": Layout.PACKED,
                "limit": 10,
                "when": When.CLOSED,
                "empty": Empty.ONCE,
                "follow": Follow.DEFAULT,
                "links": "arxiv",
                "sound": "first",
                "paused": False,
                "next_due": NOW,
                "created": SINCE,
            }
        )
        if n % 100:
            followed += [
                {"channel_id": n, "text": text, "created": SINCE}
                for text in chance.sample(pool, chance.randint(2, 6))
            ]
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(insert(channels), made)
        connection.execute(insert(topics), followed)
    engine.dispose()


def resident() -> float:
    """Resident memory of this process now, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def megabytes(folder: str) -> float:
    """Size of the files in a folder."""
    return sum(one.stat().st_size for one in Path(folder).iterdir()) / 1e6


async def measure(count: int) -> dict[str, float]:
    """Open the digests of `count` channels in an own database."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.sqlite3"
        async with open_store(f"sqlite:///{path}"):
            pass
        subscribe(path, count)
        async with open_store(f"sqlite:///{path}") as store, HuggingFace() as source:
            console = Console(io.StringIO(), as_json=False, width=80)
            desk = Desk(store, {"huggingface": source}, {}, {"console": console})
            await list_papers(desk)
            before = resident()
            started = clock.perf_counter()
            opened = await open_due(desk, NOW, ["console"], {}, SINCE)
            seconds = clock.perf_counter() - started
            after = resident()
            async with store.snapshot() as tx:
                digests = await tx.digests.last(range(1, 2001))
        size = megabytes(folder)
    assert opened.digests == count, opened
    return {
        "channels": count,
        "channels_per_s": count / seconds,
        "median_papers": statistics.median(digest.shown for digest in digests.values()),
        "database_mb": size,
        "resident_before_mb": before,
        "resident_after_mb": after,
    }


def run(quick: bool = False) -> dict[str, object]:
    """Figures and bounds; `quick` opens a tenth."""
    small = asyncio.run(measure(1_000 if quick else 10_000))
    large = asyncio.run(measure(10_000 if quick else 100_000))
    rate, size = large["channels_per_s"], large["database_mb"]
    most = 30.0 if quick else 300.0
    grown = large["resident_after_mb"] - large["resident_before_mb"]
    return {
        "name": "digests",
        "figures": {
            **large,
            "memory_of_ten_times_as_many_ratio": large["resident_after_mb"]
            / small["resident_after_mb"],
            "rate_of_ten_times_as_many_ratio": rate / small["channels_per_s"],
        },
        "bounds": [
            {"what": "channels/s, at least", "value": rate, "bound": 2000, "ok": rate >= 2000},
            {"what": "database, MB", "value": size, "bound": most, "ok": size < most},
            {"what": "memory grown, MB", "value": grown, "bound": 64, "ok": grown < 64},
        ],
    }
