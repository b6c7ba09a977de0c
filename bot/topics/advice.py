"""What a new topic would bring: its count by day, examples, whether it is too narrow or wide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.papers import Paper
from bot.topics.matching import Matcher
from bot.topics.parsing import parse
from bot.topics.reasons import mark
from bot.topics.tree import Query
from bot.topics.widening import wider

EXAMPLES = 2


@dataclass(frozen=True, slots=True)
class Example:
    """A paper that the topic matches."""

    paper: Paper
    day: date  # the newest day that listed it
    spans: tuple[tuple[int, int], ...]  # matching words of the title, code points
    places: tuple[str, ...]  # where it matches, "title" first


@dataclass(frozen=True, slots=True)
class Advice:
    """What the topic would have brought on the days that were asked about."""

    query: Query
    days: tuple[tuple[date, int], ...]  # matching papers by day, oldest day first
    total: int  # matching papers, each once
    papers: int  # all papers of these days, each once
    examples: tuple[Example, ...]  # at most two, the best first
    too_few: bool  # under one match a week
    too_wide: bool  # over half of everything
    wider: Query | None = None  # when too few: a wider query that brings more
    wider_total: int = 0  # its matches


def advise(
    query: Query | str,
    listed: Sequence[tuple[Paper, date]],
    days: Sequence[date] | None = None,
) -> Advice:
    """Try a topic on listed papers (paper, day of its list).

    `days` are the days asked about, those without a list too; without it, all from the first day
    to the last of `listed`. Raises TopicError for a text that cannot be read.
    """
    if isinstance(query, str):
        query = parse(query)
    asked = sorted(set(_between(listed) if days is None else days))
    inside = set(asked)
    newest: dict[str, tuple[Paper, date]] = {}
    by_day: dict[date, set[str]] = {day: set() for day in asked}
    for paper, day in listed:
        if day in inside:
            by_day[day].add(paper.id)
            if paper.id not in newest or newest[paper.id][1] < day:
                newest[paper.id] = paper, day
    papers = [paper for paper, _ in newest.values()]
    matcher = Matcher(papers)
    mask = matcher.mask(query)
    total = mask.bit_count()
    matching = {paper.id: i for i, paper in enumerate(papers) if mask >> i & 1}
    examples = [
        Example(paper, newest[paper.id][1], mark(query, paper.title), matcher.places(query, i))
        for paper, i in ((papers[i], i) for i in matching.values())
    ]
    examples.sort(key=_goodness, reverse=True)
    few = _is_few(total, len(asked))
    better = _wider(query, matcher, total, len(asked)) if few else None
    return Advice(
        query=query,
        days=tuple((day, len(ids & matching.keys())) for day, ids in by_day.items()),
        total=total,
        papers=len(papers),
        examples=tuple(examples[:EXAMPLES]),
        too_few=few,
        too_wide=_is_wide(total, len(papers)),
        wider=better,
        wider_total=matcher.mask(better).bit_count() if better else 0,
    )


def _between(listed: Sequence[tuple[Paper, date]]) -> list[date]:
    if not listed:
        return []
    first, last = min(day for _, day in listed), max(day for _, day in listed)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _goodness(example: Example) -> tuple[bool, int, date, str]:
    """A match in the title shows best what a topic brings; then votes; then the newest."""
    paper = example.paper
    return "title" in example.places, paper.upvotes or 0, example.day, paper.id


def _is_few(total: int, days: int) -> bool:
    return total * 7 < days or total == 0


def _is_wide(total: int, papers: int) -> bool:
    return total * 2 > papers


def _wider(query: Query, matcher: Matcher, total: int, days: int) -> Query | None:
    """The nearest wider query that brings enough; failing that, the nearest that brings more."""
    more: Query | None = None
    for candidate in wider(query):
        count = matcher.mask(candidate).bit_count()
        if count <= total or _is_wide(count, len(matcher.papers)):
            continue
        if not _is_few(count, days):
            return candidate
        more = more or candidate
    return more
