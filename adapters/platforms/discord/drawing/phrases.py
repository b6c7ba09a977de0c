"""What a digest says besides its cards: heading, notes, counts, foot; as Discord markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from adapters.platforms.discord.drawing.escaping import fitted, marked, plain
from bot.cards import Badge, CardBlock, Foot, Heading, ListBlock, ListCovered, NoticeBlock, Rung
from bot.channels import Notice
from bot.papers import source_name
from bot.texts import N_, Texts

TOPICS = 600  # UTF-16 units of all topics in a heading
NOTE = 400  # of what is said below one card
SMALL = "-# "  # makes a line small and grey

_BADGES = {"upvotes": "▲", "stars": "★", "comments": "💬"}
_RUNGS = {
    Rung.FULL_TEXT: N_("full text"),
    Rung.ABSTRACT: N_("abstract"),
    Rung.READY_MADE: N_("ready-made line"),
    Rung.SENTENCES: N_("sentences of the abstract"),
    Rung.NONE: N_("title only"),
}
_PLACES = {
    "title": N_("title"),
    "abstract": N_("abstract"),
    "keywords": N_("keywords"),
    "keyword": N_("keywords"),
    "author": N_("authors"),
    "authors": N_("authors"),
    "organization": N_("organisation"),
    "org": N_("organisation"),
    "category": N_("category"),
    "categories": N_("category"),
    "cat": N_("category"),
    "source": N_("source"),
    "upvotes": N_("votes"),
    "code": N_("code"),
    "project": N_("project page"),
}


def heading(block: Heading, t: Texts, *, unread: bool) -> list[str]:
    """Day, lists covered, counts, matched topics; a line each.

    `unread`: a notice tells that a source failed, so that no papers are no count.
    """
    day = f"**{marked(t.day(block.local_date))}**"
    lists = " · ".join(covered(tuple(each), t) for each in _by_source(block.lists))
    lines = [f"{day} · {fitted(lists, 400)}" if lists else day]
    counts = t.plural("{n} new paper", "{n} new papers", block.papers)
    if block.topics:
        counts += " · " + t.plural(
            "{n} matches: {topics}",
            "{n} match: {topics}",
            block.matched,
            topics=fitted(", ".join(block.topics), TOPICS),
        )
    elif block.matched != block.papers:
        counts += " · " + t.plural("{n} matches", "{n} match", block.matched)
    if block.papers or not (block.missing or unread):
        lines.append(counts)
    if block.missing:
        names = t.list(source_name(name) for name in block.missing)
        lines.append("⚠️ " + fitted(t("Not read: {sources}", sources=names), 300))
    return lines


@lru_cache(maxsize=256)
def covered(lists: tuple[ListCovered, ...], t: Texts) -> str:
    """The lists of one source: its day or days, and whether they are closed."""
    first, last = lists[0].day, lists[-1].day
    days = t.day(first) if first == last else f"{t.day(first)} – {t.day(last)}"
    name = source_name(lists[0].source)
    if all(each.closed for each in lists):
        return t("{source}, {days}, closed", source=name, days=days)
    return t("{source}, {days}, still open", source=name, days=days)


def day_name(block: Heading, t: Texts) -> str:
    """The name of a day's forum post: "Fri 26 Dec · 7 papers"."""
    count = t.plural("{n} paper", "{n} papers", block.matched)
    return fitted(f"{t.day(block.local_date)} · {count}", 100, plain)


def thread_name(block: Heading, t: Texts) -> str:
    """The name of a day's thread: the day, and the topics that matched or how many papers."""
    if not block.topics:
        return day_name(block, t)
    return fitted(f"{t.day(block.local_date)} · {', '.join(block.topics)}", 100, plain)


def badges(given: Iterable[Badge], t: Texts, rising: tuple[int, int] | None = None) -> str:
    """Votes, stars, comments; from how many votes to how many for a rising paper."""
    parts = [
        f"{_BADGES.get(one.kind, '')}{t.number(one.count)}"
        for one in given
        if not (rising and one.kind == "upvotes")
    ]
    if rising:
        parts.insert(0, " → ".join(f"▲{t.number(count)}" for count in rising))
    return " · ".join(parts)


def votes(upvotes: int | None, rising: tuple[int, int] | None, t: Texts) -> str:
    """The votes of a paper in one line; empty when nobody counts them."""
    given = () if upvotes is None else (Badge("upvotes", upvotes),)
    return badges(given, t, rising)


def note(block: CardBlock, t: Texts, common: Rung | None) -> str:
    """Matched topics and, unless it is the common one, what the text came from."""
    parts = [_matched(block.topics, block.places, t)] if block.topics else []
    if block.card.rung is not common:
        parts.append(t("from: {rung}", rung=t(_RUNGS[block.card.rung])))
    return " · ".join(parts)


@lru_cache(maxsize=4_096)
def _matched(topics: tuple[str, ...], places: tuple[str, ...], t: Texts) -> str:
    named = [*topics]
    for at, place in enumerate(places if len(places) == len(topics) else ()):
        if place:
            named[at] += f" ({t.list(_place(name, t) for name in place.split(', '))})"
    return t("matched: {topics}", topics=fitted(", ".join(named), NOTE - 100))


def foot(block: Foot, t: Texts) -> str:
    """What is common to the cards, and how many papers no topic matches."""
    parts: list[str] = []
    if block.rung is not None:
        parts.append(t("From: {rung}", rung=t(_RUNGS[block.rung])))
    if block.hidden:
        parts.append(t.plural("{n} paper hidden: /why", "{n} papers hidden: /why", block.hidden))
    return " · ".join(parts)


def more(block: ListBlock, t: Texts) -> str:
    """How many papers stand beyond the list, and how to see them."""
    if not block.passed:
        return ""
    if block.day is None:
        return t.plural("{n} more paper", "{n} more papers", block.passed)
    return t.plural(
        "{n} more paper: /today {date}",
        "{n} more papers: /today {date}",
        block.passed,
        date=block.day.isoformat(),
    )


def notice(block: NoticeBlock) -> str:
    """The honest sentence; a failure stands out."""
    sign = "⚠️ " if block.state is Notice.SOURCE_FAILED else ""
    return sign + fitted(block.text, 1_000)


def _place(name: str, t: Texts) -> str:
    return t(_PLACES[name]) if name in _PLACES else name


def _by_source(lists: Sequence[ListCovered]) -> list[list[ListCovered]]:
    found: dict[str, list[ListCovered]] = {}
    for each in lists:
        found.setdefault(each.source, []).append(each)
    return [sorted(each, key=lambda one: one.day) for each in found.values()]
