"""One entry of arXiv's API, Atom feed or RSS feed as a Paper."""

from __future__ import annotations

import re
from datetime import UTC
from xml.etree.ElementTree import Element

from adapters.sources.arxiv.documents import ARXIV, ATOM, DUBLIN, instant, text
from adapters.sources.arxiv.names import one_name, split_names
from adapters.sources.wording import LONGEST_ABSTRACT, LONGEST_TITLE, MOST_AUTHORS, folded
from bot.errors import Skip
from bot.papers import Paper, find_id

# ACM and MSC classes ("I.2.7", "68T05") stand among the categories of the API.
_CATEGORY = re.compile(r"[a-z-]+(?:\.[A-Za-z-]+)?", re.ASCII)
_ANNOUNCED = re.compile(r"arXiv:\S+\s+Announce Type:\s*\S+\s*(?:Abstract:\s*)?", re.IGNORECASE)


def from_api(entry: Element, source: str) -> Paper:
    """The paper of an `entry` of the query API. Raises Skip when it has no id or no title."""
    paper_id, version = _id(text(entry, f"{ATOM}id"))
    published = instant(text(entry, f"{ATOM}published"))
    primary = entry.find(f"{ARXIV}primary_category")
    return Paper(
        id=paper_id,
        title=_title(entry, f"{ATOM}title"),
        abstract=folded(text(entry, f"{ATOM}summary"), LONGEST_ABSTRACT),
        authors=tuple(
            name
            for author in entry.findall(f"{ATOM}author")[:MOST_AUTHORS]
            if (name := one_name(author.findtext(f"{ATOM}name")))
        ),
        published=published.astimezone(UTC) if published else None,
        version=version,
        categories=_categories(
            [
                *([primary.get("term")] if primary is not None else []),
                *(part.get("term") for part in entry.findall(f"{ATOM}category")),
            ]
        ),
        sources=(source,),
    )


def from_feed(entry: Element, source: str) -> Paper:
    """The paper of an Atom `entry` or an RSS `item` of a daily feed. Raises Skip.

    Its `published` is the day of the announcement, not of the submission: left out.
    """
    rss = entry.tag == "item"
    link = entry.find(f"{ATOM}link")
    said = text(entry, "guid" if rss else f"{ATOM}id")
    linked = text(entry, "link") if rss else (link.get("href", "") if link is not None else "")
    paper_id, version = _id(said, linked)
    abstract = text(entry, "description" if rss else f"{ATOM}summary")
    terms = (
        [part.text for part in entry.findall("category")]
        if rss
        else [part.get("term") for part in entry.findall(f"{ATOM}category")]
    )
    creators = entry.findall(f"{DUBLIN}creator")
    return Paper(
        id=paper_id,
        title=_title(entry, "title" if rss else f"{ATOM}title"),
        abstract=folded(_ANNOUNCED.sub("", abstract.lstrip(), count=1), LONGEST_ABSTRACT),
        authors=tuple(
            name for creator in creators for name in split_names("".join(creator.itertext()))
        )[:MOST_AUTHORS],
        version=version,
        categories=_categories(terms),
        sources=(source,),
    )


def named(entry: Element) -> str | None:
    """How a broken entry can be named."""
    return folded(text(entry, f"{ATOM}id", "guid", "link"), 80) or None


def _id(*said: str) -> tuple[str, int | None]:
    for candidate in said:
        if found := find_id(candidate.removeprefix("oai:arXiv.org:")):
            return found
    raise Skip("it has no arXiv id")


def _title(entry: Element, name: str) -> str:
    if title := folded(text(entry, name), LONGEST_TITLE):
        return title
    raise Skip("it has no title")


def _categories(terms: list[str | None]) -> tuple[str, ...]:
    said = (term.strip() for term in terms if term)
    return tuple(dict.fromkeys(term for term in said if _CATEGORY.fullmatch(term)))[:50]
