"""What was listed lately: the papers that counts and examples are taken from."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.channels import Topic
from bot.desk import Desk
from bot.digest.pool import WHOLE_LIST, bits
from bot.editions import read_day
from bot.papers import Listing, Paper
from bot.ports import Source, Transaction

_PATIENCE = 25  # seconds that an answer waits for lists that were never read
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """One paper of the lists, once, however often it was listed."""

    paper: Paper
    day: date  # of its earliest list in the window
    sources: frozenset[str]  # that listed it there


async def recent(tx: Transaction, desk: Desk, now: datetime, days: int) -> list[Listed]:
    """The papers listed within the last `days` days, by day."""
    listings = await tx.editions.listings_between(now - timedelta(days=days), now)
    return await _listed(tx, [one for one in listings if one.source in desk.sources])


async def last_days(
    tx: Transaction, desk: Desk, now: datetime, days: int
) -> tuple[list[tuple[Paper, date]], list[date]]:
    """Every (paper, day of its list) of the newest `days` days, and these days, oldest first.

    They end today, or yesterday while today has no list yet.
    """
    listings = await tx.editions.listings_between(now - timedelta(days=days + 3), now)
    listings = [one for one in listings if one.source in desk.sources]
    today = now.date()
    last = today if any(one.day == today for one in listings) else today - timedelta(days=1)
    window = [last - timedelta(days=n) for n in reversed(range(days))]
    wanted = sorted({(one.paper_id, one.day) for one in listings if one.day in window})
    papers = await tx.papers.get({paper_id for paper_id, _ in wanted})
    return [(papers[paper_id], day) for paper_id, day in wanted if paper_id in papers], window


async def counts(
    tx: Transaction, desk: Desk, now: datetime, days: int, topics: Sequence[Topic]
) -> tuple[list[int], int, int]:
    """Of the papers of the last days: how many match each topic, any topic, and how many are."""
    from bot.topics import Matcher

    listed, _ = await last_days(tx, desk, now, days)
    papers = list({paper.id: paper for paper, _ in listed}.values())
    matcher = Matcher(papers)
    masks = matcher.masks([[topic.text] for topic in topics])
    (either,) = matcher.masks([[topic.text for topic in topics]])
    return [mask.bit_count() for mask in masks], either.bit_count(), len(papers)


async def list_of(tx: Transaction, desk: Desk, day: date, *, whole_only: bool) -> list[Listed]:
    """The papers of the lists of one day; `whole_only`: what a channel without topics gets."""
    names = [name for name in desk.sources if not whole_only or name == WHOLE_LIST]
    return await _listed(
        tx, [one for name in names for one in await tx.editions.listings_on(name, day)]
    )


async def _listed(tx: Transaction, listings: Sequence[Listing]) -> list[Listed]:
    papers = await tx.papers.get({one.paper_id for one in listings})
    days: dict[str, date] = {}
    sources: dict[str, set[str]] = {}
    for one in listings:
        days[one.paper_id] = min(one.day, days.get(one.paper_id, one.day))
        sources.setdefault(one.paper_id, set()).add(one.source)
    return [
        Listed(papers[paper_id], day, frozenset(sources[paper_id]))
        for paper_id, day in sorted(days.items(), key=lambda pair: pair[1])
        if paper_id in papers
    ]


async def ensure_lists(desk: Desk, now: datetime, days: int) -> None:
    """Read the lists of the last `days` days that nobody tried to read yet; failures are noted.

    Where the bot runs they are there already; a one-shot command or a first subscription may
    come before them.
    """
    first = (now - timedelta(days=days)).date()
    async with desk.store.snapshot() as tx:
        known = {(one.source, one.day) for one in await tx.editions.between(first, now.date())}
    days_back = [now.date() - timedelta(days=n) for n in range((now.date() - first).days + 1)]

    async def of(name: str, port: Source) -> None:
        for day in days_back:
            if (name, day) in known or not port.expects(day):
                continue
            if (await read_day(desk, name, day, now)).failure:
                return  # the source is down: its other days would only make the person wait

    try:
        async with asyncio.timeout(_PATIENCE), asyncio.TaskGroup() as group:
            for name, port in desk.sources.items():
                group.create_task(of(name, port))
    except TimeoutError:
        log.warning("lists not read in time: first=%s", first)


def matching(papers: Sequence[Paper], topics: Iterable[Topic]) -> list[Paper]:
    """Those of the papers that match at least one topic, in their order."""
    from bot.topics import Matcher

    (mask,) = Matcher(papers).masks([[topic.text for topic in topics]])
    return [papers[i] for i in bits(mask)]


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword of the sources and how often it comes."""

    name: str
    per_week: float  # papers
    all_per_week: float  # papers, whatever their keywords


def commonest_keywords(listed: Sequence[Listed], now: datetime, limit: int) -> list[Keyword]:
    """The commonest keywords, each at least twice, with their papers per week."""
    if not listed:
        return []
    weeks = max(1.0, ((now.date() - min(one.day for one in listed)).days + 1) / 7)
    counts: Counter[str] = Counter()
    spellings: dict[str, Counter[str]] = {}
    for one in listed:
        for folded, name in {" ".join(k.casefold().split()): k for k in one.paper.keywords}.items():
            if folded and len(folded) <= 40 and "," not in folded:
                counts[folded] += 1
                spellings.setdefault(folded, Counter())[" ".join(name.split())] += 1
    common = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]
    return [
        Keyword(spellings[folded].most_common(1)[0][0], n / weeks, len(listed) / weeks)
        for folded, n in common
        if n > 1
    ]
