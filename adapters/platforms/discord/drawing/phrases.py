"""What a digest says besides its cards: heading, notes, counts, foot; as Discord markdown."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from adapters.platforms.discord.drawing.escaping import fitted, marked, plain
from bot.cards import Badge, CardBlock, Heading, ListCovered, NoticeBlock, Rung
from bot.cards import phrases as words
from bot.channels import Notice
from bot.papers import source_name
from bot.texts import Texts

TOPICS = 600  # UTF-16 units of all topics in a heading
NOTE = 400  # of what is said below one card
SMALL = "-# "  # makes a line small and grey


def heading(block: Heading, t: Texts, *, unread: bool) -> list[str]:
    """Day, lists covered, counts, matched topics; a line each.

    `unread`: a notice tells that a source failed, so that no papers are no count.
    """
    day = f"**{marked(t.day(block.local_date))}**"
    lists = covered(block.lists, t)
    lines = [f"{day} · {fitted(lists, 400)}" if lists else day]
    topics = fitted(", ".join(block.topics), TOPICS)
    if counts := words.counts(block, t, topics, unread=unread):
        lines.append(counts)
    if block.missing:
        names = t.list(source_name(name) for name in block.missing)
        lines.append("⚠️ " + fitted(t("Not read: {sources}", sources=names), 300))
    return lines


@lru_cache(maxsize=256)
def covered(lists: tuple[ListCovered, ...], t: Texts) -> str:
    """The lists that the digest draws from, each source once."""
    return " · ".join(words.covered(lists, t))


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
    parts = [words.badge(one, t) for one in given if not (rising and one.kind == "upvotes")]
    if rising:
        parts.insert(0, words.rising(rising, t))
    return " · ".join(parts)


def votes(upvotes: int | None, rising: tuple[int, int] | None, t: Texts) -> str:
    """The votes of a paper in one line; empty when nobody counts them."""
    given = () if upvotes is None else (Badge("upvotes", upvotes),)
    return badges(given, t, rising)


def note(block: CardBlock, t: Texts, common: Rung | None) -> str:
    """Matched topics and, unless it is the common one, what the text came from."""
    parts = [_matched(block.topics, block.places, t)] if block.topics else []
    parts += words.exceptions(block.card, common, t)
    return " · ".join(parts)


@lru_cache(maxsize=4_096)
def _matched(topics: tuple[str, ...], places: tuple[str, ...], t: Texts) -> str:
    named = [*topics]
    for at, place in enumerate(places if len(places) == len(topics) else ()):
        if place:
            named[at] += words.behind(place, t)
    return t("matched: {topics}", topics=fitted(", ".join(named), NOTE - 100))


def notice(block: NoticeBlock) -> str:
    """The honest sentence; a failure stands out."""
    sign = "⚠️ " if block.state is Notice.SOURCE_FAILED else ""
    return sign + fitted(block.text, 1_000)
