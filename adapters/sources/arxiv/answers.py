"""Whole answers of arXiv: a daily feed (Atom or RSS), a page of the query API."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from xml.etree.ElementTree import Element

from adapters.sources.arxiv import entries
from adapters.sources.arxiv.documents import ARXIV, ATOM, SEARCH, Damaged, instant, read, text
from adapters.sources.arxiv.schedule import new_york
from adapters.sources.wording import folded
from bot.errors import Skip
from bot.papers import Paper
from bot.ports import Broken


@dataclass(frozen=True, slots=True)
class Feed:
    """The feed of one day."""

    day: date  # of the announcement, in New York
    size: int  # entries of any kind
    papers: tuple[Paper, ...]  # new and cross-listed, in their order, each id once
    broken: tuple[Broken, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of results of the query API."""

    total: int  # of the whole query, as the service counts
    size: int  # entries on this page
    papers: tuple[Paper, ...]
    broken: tuple[Broken, ...]
    refusal: str | None = None  # what the service says is wrong with the question


def feed(body: bytes, source: str) -> Feed:
    """A daily feed, in either format. Raises Damaged.

    Replacements (`replace`, `replace-cross`) are no news: they are not listed. An entry without
    an announce type is, so that nothing is lost.
    """
    root = read(body)
    if root.tag == f"{ATOM}feed":
        items = root.findall(f"{ATOM}entry")
        said = [text(root, f"{ATOM}published", f"{ATOM}updated")]
        days = [text(item, f"{ATOM}published") for item in items]
    elif root.tag == "rss" and (channel := root.find("channel")) is not None:
        items = channel.findall("item")
        said = [text(channel, "pubDate", "lastBuildDate")]
        days = [text(item, "pubDate") for item in items]
    else:
        raise Damaged("something that is not a feed")
    dates = [_day(each) for each in days]
    day = max((each for each in dates if each), default=None) or _day(said[0])
    if day is None:
        raise Damaged("a feed that does not say its day")
    news = (
        item
        for item, its in zip(items, dates, strict=True)
        if its in (None, day) and not _kind(item).startswith("replace")
    )
    papers, broken = _papers(news, entries.from_feed, source)
    return Feed(day, len(items), papers, broken)


def begun(body: bytes, source: str) -> Feed | None:
    """The whole entries of a daily feed that was cut short; None when there are none."""
    for last, end in ((b"</entry>", b"</feed>"), (b"</item>", b"</channel></rss>")):
        if (place := body.rfind(last)) >= 0:
            try:
                return feed(body[: place + len(last)] + end, source)
            except Damaged:
                continue
    return None


def page(body: bytes, source: str) -> Page:
    """A page of the query API. Raises Damaged."""
    root = read(body)
    if root.tag != f"{ATOM}feed":
        raise Damaged("something that is not a feed")
    items = root.findall(f"{ATOM}entry")
    for item in items:
        if "/api/errors" in text(item, f"{ATOM}id"):
            said = folded(text(item, f"{ATOM}summary"), 200) or "it gives no reason"
            return Page(0, 0, (), (), refusal=said.rstrip("."))
    total = text(root, f"{SEARCH}totalResults")
    papers, broken = _papers(items, entries.from_api, source)
    return Page(
        int(total) if total.isascii() and total.isdigit() and len(total) < 10 else len(items),
        len(items),
        papers,
        broken,
    )


def _papers(
    items: Iterable[Element], convert: Callable[[Element, str], Paper], source: str
) -> tuple[tuple[Paper, ...], tuple[Broken, ...]]:
    papers: dict[str, Paper] = {}
    broken = []
    for place, item in enumerate(items, start=1):
        try:
            paper = convert(item, source)
        except Skip as error:
            where = entries.named(item) or f"entry {place}"
            broken.append(Broken(where, f"{where} cannot be used: {error}."))
        else:
            papers.setdefault(paper.id, paper)
    return tuple(papers.values()), tuple(broken)


def _kind(item: Element) -> str:
    return text(item, f"{ARXIV}announce_type").lower()


def _day(said: str) -> date | None:
    """The announcement day; a feed made up to two hours before midnight is the next day's."""
    moment = instant(said)
    return (moment + timedelta(hours=2)).astimezone(new_york()).date() if moment else None
