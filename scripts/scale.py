"""Write the tables of docs/scale.md from the simulation; with --check only compare."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from math import floor
from pathlib import Path

from adapters.platforms.discord import Discord
from adapters.platforms.telegram import Telegram
from adapters.sources.bundled import DAY, BundledServer
from adapters.sources.huggingface import HuggingFace
from bot.channels import Address, Channel, Layout, Pace, PlaceKind
from bot.desk import Desk
from bot.papers import Edition, EditionState, Listing
from bot.ports import Platform
from bot.rounds import open_due
from scripts.pages import ROOT, renew, written
from scripts.simulation import Simulation, World
from storage import open_store

PAGE = ROOT / "docs" / "scale.md"
BEGIN = "<!-- {}: written by scripts/scale from the simulation -->"
CHANNELS = (1_000, 10_000, 100_000, 1_000_000)
TOKENS = (1, 2, 4)
NAMES = {"telegram": "Telegram", "discord": "Discord"}
LATENCY = {"telegram": (0.03, 0.08), "discord": (0.08, 0.2)}  # seconds of a call
PAPERS = 23  # of a usual weekday: the median of 2026
GROUPS = 5  # one of so many channels is a group
STEADY = 6_000  # messages after which the rest goes on at the pace of their second half
_NOW = datetime(2025, 12, 27, 9, tzinfo=UTC)


async def _messages() -> dict[tuple[str, Layout], int]:
    """How many messages the usual day makes in each layout, by opening one digest of each."""
    platforms: dict[str, Platform] = {"telegram": Telegram("0:never"), "discord": Discord("never")}
    since = _NOW - timedelta(days=3)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        async with (
            open_store(f"sqlite:///{Path(folder) / 'scale.sqlite3'}") as store,
            BundledServer() as server,
            HuggingFace(server.url) as source,
        ):
            bundled = (await source.edition(DAY, None, now=_NOW)).papers
            listed = [
                replace(bundled[n % len(bundled)], id=f"2512.{n:05d}", upvotes=100 - n)
                for n in range(PAPERS)
            ]
            closes = source.closes(DAY)
            edition = Edition(source.name, DAY, closes, EditionState.CLOSED, PAPERS, read_at=_NOW)
            desk = Desk(store, {source.name: source}, {}, platforms)
            places = {}
            async with store.transaction() as tx:
                await tx.papers.put(listed)
                await tx.editions.put(edition)
                await tx.editions.add_listings(
                    Listing(one.id, source.name, DAY, closes) for one in listed
                )
                for name, layout in product(platforms, Layout):
                    channel = Channel(
                        Address(name, str(layout)),
                        "UTC",
                        "en",
                        since,
                        layout=layout,
                        next_due=_NOW,
                        created=since,
                        kind=PlaceKind.GROUP,
                    )
                    places[name, layout] = await tx.channels.add(channel)
            await open_due(desk, _NOW, list(platforms), {}, since)
            async with store.snapshot() as tx:
                for key, channel in places.items():
                    digest = (await tx.digests.last([channel.id]))[channel.id]
                    found[key] = len(await tx.deliveries.of_digest(digest.id))
    return found


def _paces() -> dict[str, Pace]:
    return {one.name: one.limits.pace for one in (Telegram("0:never"), Discord("never"))}


def seconds(world: World, channels: int, messages: int, *, most: int = STEADY) -> float:
    """Until the last of the channels has all its messages, with one token."""
    whole = channels * messages
    few = min(channels, most + 1)
    digests = [
        (Address("any", f"{'-' if n % GROUPS == 0 else ''}{n}"), messages)
        for n in range(1, few + 1)
    ]
    day = Simulation(world, digests).run(most)
    if whole <= most:
        return day.last
    half = day.accepted[len(day.accepted) // 2]
    rate = (len(day.accepted) - len(day.accepted) // 2 - 1) / (day.last - half)
    return max(day.last + (whole - day.sent) / rate, channels * world.opening)


def spoken(took: float) -> str:
    """ "36 s", "6 min", "9.9 h"."""
    if took < 90:
        return f"{took:.0f} s"
    if took < 90 * 60:
        return f"{took / 60:.0f} min"
    return f"{took / 3600:.1f} h" if took < 36_000 else f"{took / 3600:.0f} h"


def arrival(worlds: dict[str, World], messages: dict[tuple[str, Layout], int]) -> str:
    """Time until everybody has everything."""
    head = "| | layout | messages | tokens |"
    lines = [head + "".join(f" {count:,} |" for count in CHANNELS)]
    lines.append("|---|---|---|---|" + "---|" * len(CHANNELS))
    for name, world in worlds.items():
        for many in sorted({messages[name, layout] for layout in Layout}):
            layouts = ", ".join(f"`{one}`" for one in Layout if messages[name, one] == many)
            for tokens in TOKENS:
                cells = [spoken(seconds(world, count // tokens, many)) for count in CHANNELS]
                first = tokens == TOKENS[0]
                start = f"| {NAMES[name]} | {layouts} | {many}" if first else "| | |"
                lines.append(f"{start} | {tokens} | {' | '.join(cells)} |")
    return "\n".join(lines)


def sizes(worlds: dict[str, World], messages: dict[tuple[str, Layout], int]) -> str:
    """How many channels of the same minute one token serves in time."""
    spans = ((60, "1 min"), (600, "10 min"), (3600, "1 h"))
    lines = ["| | layout |" + "".join(f" within {name} |" for _, name in spans)]
    lines.append("|---|---|" + "---|" * len(spans))
    for name, world in worlds.items():
        for many in sorted({messages[name, layout] for layout in Layout}):
            layouts = ", ".join(f"`{one}`" for one in Layout if messages[name, one] == many)
            rate = STEADY / seconds(world, STEADY, 1)
            cells = [f"{_round(rate * span / many):,}" for span, _ in spans]
            lines.append(f"| {NAMES[name]} | {layouts} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _round(number: float) -> int:
    """To two digits, downwards."""
    step = 10 ** max(0, len(str(floor(number))) - 2)
    return floor(number / step) * step


def parts() -> Iterable[tuple[str, str]]:
    """What stands between the marks."""
    messages = asyncio.run(_messages())
    worlds = {name: World(pace, LATENCY[name]) for name, pace in _paces().items()}
    yield "arrival", arrival(worlds, messages)
    yield "sizes", sizes(worlds, messages)


def page(text: str) -> str:
    """The page with its tables as they should be. Raises ValueError without the marks."""
    return written(text, BEGIN, parts())


def main() -> int:
    """Write the page; with --check 1 when it is behind."""
    return renew(PAGE, page(PAGE.read_text(encoding="utf-8")), "scripts/scale")


if __name__ == "__main__":
    sys.exit(main())
