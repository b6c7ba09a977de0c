"""Opening the digests of 100,000 channels due at once on SQLite: channels/s, memory, size."""

from __future__ import annotations

import asyncio
import io
import random
import resource
import tempfile
import time as clock
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import available_timezones

from adapters.platforms.console import Console
from adapters.sources.huggingface import HuggingFace
from bot.channels import Address, Channel, Empty, Topic
from bot.desk import Desk
from bot.papers import Edition, EditionState, Listing, Paper
from bot.rounds import open_due
from storage import open_store

NOW = datetime(2026, 6, 13, 9, 0, tzinfo=UTC)
DAY = date(2026, 6, 12)
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
    """Papers whose abstracts hold 20 of the topics' phrases each."""
    phrases = [f"{word} {thing}" for word in WORDS for thing in THINGS]
    made = []
    for n in range(count):
        held = chance.sample(phrases, 20)
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


async def fill(desk: Desk, count: int, chance: random.Random) -> None:
    """Papers of one closed list, and channels that are all due at NOW."""
    source = desk.sources["huggingface"]
    listed = papers(50, chance)
    async with desk.store.transaction() as tx:
        await tx.papers.put(listed)
        await tx.editions.put(
            Edition("huggingface", DAY, source.closes(DAY), EditionState.CLOSED, 50, read_at=NOW)
        )
        await tx.editions.add_listings(
            Listing(paper.id, "huggingface", DAY, source.closes(DAY)) for paper in listed
        )
    zones = sorted(available_timezones())[:300]
    topics = pool_of_topics()
    for start in range(0, count, 5000):
        async with desk.store.transaction() as tx:
            for n in range(start, min(start + 5000, count)):
                channel = await tx.channels.add(
                    Channel(
                        Address("console", f"c{n}"),
                        zone=chance.choice(zones),
                        language=("en", "zh", "ko")[n % 3],
                        since=NOW - timedelta(days=3),
                        hour=time(n % 24),
                        empty=Empty.ONCE,
                        next_due=NOW,
                        created=NOW - timedelta(days=3),
                    )
                )
                if n % 100:
                    for text in chance.sample(topics, chance.randint(2, 6)):
                        await tx.topics.add(Topic(text, channel_id=channel.id, created=NOW))


def peak() -> float:
    """Peak resident memory of this process in MB (Linux gives kilobytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def megabytes(folder: str) -> float:
    """Size of the files in a folder."""
    return sum(one.stat().st_size for one in Path(folder).iterdir()) / 1e6


async def measure(count: int) -> dict[str, float]:
    """Open the digests of `count` channels in an own database."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.sqlite3"
        async with open_store(f"sqlite:///{path}") as store, HuggingFace() as source:
            console = Console(io.StringIO(), as_json=False, width=80)
            desk = Desk(store, {"huggingface": source}, {}, {"console": console})
            await fill(desk, count, random.Random(7))
            before = peak()
            started = clock.perf_counter()
            opened = await open_due(desk, NOW, ["console"], {}, NOW - timedelta(days=3))
            seconds = clock.perf_counter() - started
            after = peak()
            async with store.snapshot() as tx:
                sizes = sorted(
                    digest.shown for digest in (await tx.digests.last(range(1, 2001))).values()
                )
        size = megabytes(folder)
    assert opened.digests == count, opened
    return {
        "channels": count,
        "channels_per_s": count / seconds,
        "median_papers": sizes[len(sizes) // 2],
        "database_mb": size,
        "peak_before_mb": before,
        "peak_growth_mb": after - before,
    }


def run(quick: bool = False) -> dict[str, object]:
    """Figures and bounds; `quick` opens a tenth."""
    small = asyncio.run(measure(2_000 if quick else 20_000))
    large = asyncio.run(measure(10_000 if quick else 100_000))
    rate, size = large["channels_per_s"], large["database_mb"]
    most = 30.0 if quick else 300.0
    return {
        "name": "digests",
        "figures": {
            **large,
            "growth_small_mb": small["peak_growth_mb"],
            "rate_to_small_ratio": rate / small["channels_per_s"],
        },
        "bounds": [
            {"what": "channels/s, at least", "value": rate, "bound": 2000, "ok": rate >= 2000},
            {"what": "database, MB", "value": size, "bound": most, "ok": size < most},
            {
                "what": "memory grown while opening, MB",
                "value": large["peak_growth_mb"],
                "bound": 64,
                "ok": large["peak_growth_mb"] < 64,
            },
        ],
    }
