"""The parts of a digest around its cards: heading, list, foot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

from adapters.platforms.telegram.drawing import keyboard, wording
from adapters.platforms.telegram.drawing.atoms import Atom, said
from adapters.platforms.telegram.drawing.wording import (
    escape,
    link,
    shortened,
    strange,
    units,
    web,
)
from bot.cards import Foot, Heading, Line, ListBlock, ListCovered, phrases
from bot.papers import source_name
from bot.texts import Texts, texts

TITLE_OF_LINE = 160  # UTF-16 units
_TITLE_BARE = 40
_TOPIC = 80
_LISTS = 600
_TOPICS = 600  # of all topics in a heading together
_SOURCE = 60  # units of the name of a source


def heading(block: Heading, t: Texts, *, unread: bool) -> Atom:
    """The day and its lists, what came and what matched, what could not be read.

    `unread`: a notice below says that a list could not be read, so that zero papers mean nothing.
    """
    day, lists = _day_and_lists(block.local_date, block.lists, t.language)
    rows = [f" · {lists}" if lists else ""]
    if counts := phrases.counts(block, t, _topics(block.topics), unread=unread):
        rows.append(counts)
    if block.missing:
        names = t.list(wording.strange(source_name(name), _SOURCE) for name in block.missing)
        rows.append(t("Not read: {sources}", sources=names))
    rest = "\n".join(rows)
    plain = f"📰 {day}{rest}"
    html = f"📰 <b>{escape(day)}</b>{escape(rest)}"
    return Atom(html, plain, units(plain), 1, leads=True)


def _topics(topics: Sequence[str]) -> str:
    """The topics, as many as a heading has room for, and how many more there are."""
    named: list[str] = []
    room = _TOPICS
    for number, topic in enumerate(topics):
        text = strange(topic, _TOPIC)
        room -= units(text) + 2
        if room < 0:
            return f"{', '.join(named)}, … +{len(topics) - number}"
        named.append(text)
    return ", ".join(named)


@lru_cache(maxsize=256)  # thousands of channels have the same heads
def _day_and_lists(day: date, lists: tuple[ListCovered, ...], language: str) -> tuple[str, str]:
    t = texts(language)
    return t.day(day), shortened(" · ".join(phrases.covered(lists, t)), _LISTS)


def late_heading(t: Texts, *, begins: bool) -> Atom:
    """What stands over the cards of older lists."""
    return said(t("Late additions"), tag="b", leads=True, begins=begins)


def list_heading(t: Texts, *, begins: bool) -> Atom:
    """What stands over the papers beyond the cards."""
    return said(t("In one line each"), tag="b", leads=True, begins=begins)


def line(
    one: Line,
    t: Texts,
    *,
    number: int | None,
    votes: str = "",
    gap: str = "\n",
    begins: bool = False,
    announced: bool = False,
) -> Atom:
    """A paper as one line: number, votes, title.

    `announced`: another message shows it, so that it is neither counted nor expanded here.
    """
    html, title, bare, url = _line(one.id, one.title, one.url)
    badge = votes or ("" if one.upvotes is None else f"▲{t.number(one.upvotes)}")
    before = f"{number}. " if number is not None else "· "
    if badge:
        before += f"{badge} "
    button = None if number is None or announced else keyboard.number(number, one.id)
    return Atom(
        before + html,
        f"{before}{title}\n{url}" if url else before + title,
        units(before) + units(title),
        int(url is not None),
        f"{before}{bare}\n{url.partition('//')[2]}" if url else before + bare,
        paper=None if announced else one.id,
        number=button,
        gap=gap,
        begins=begins,
    )


@lru_cache(maxsize=4_000)
def _line(paper_id: str, title: str, url: str) -> tuple[str, str, str, str | None]:
    """The title as HTML, as text and as less text, and its address."""
    shown = wording.title(title, paper_id, TITLE_OF_LINE)
    address = web(url)
    html = link(address, escape(shown)) if address else escape(shown)
    return html, shown, shortened(shown, _TITLE_BARE), address


def passed(block: ListBlock, t: Texts) -> Iterator[Atom]:
    """How many more there are, and how to see them."""
    if not (more := phrases.more(block, t)):
        return
    yield said(more, gap="\n" if block.lines else "\n\n", clings=True)


def foot(block: Foot, t: Texts, gap: str) -> Iterator[Atom]:
    """What is common to the cards above, and what is hidden."""
    if told := phrases.foot(block, t):
        yield said(told, tag="i", gap=gap, clings=True)
