"""The formatter: makes the card of a paper, the same for every channel of a language."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

from bot.cards.blocks import Badge, Card, Link, Rung, Section
from bot.cards.cut import clean, cut, fit
from bot.cards.tex import readable
from bot.papers import Paper, Reading
from bot.reading import lower_rungs
from bot.reading.laying import sections_of
from bot.texts import texts

TITLE = 300  # graphemes
TEXT = 420  # graphemes of all lines together
SECTION = 1_500  # graphemes of one part of the longer reading
NAME = 120  # graphemes of an author or an organisation
AUTHORS_NAMED = 3
_ORDERS = frozenset("hidden order demand role encoded".split())  # of bot.reading.injections
_RAW = 12  # code points looked at for each grapheme wanted: TeX and marks take room


def card(paper: Paper, reading: Reading | None, language: str, *, links: str = "arxiv") -> Card:
    """The card of a paper; without a reading, its text comes from the lower rungs.

    `links` says where the title leads: "arxiv" or "hf". Never raises on any text.
    """
    return _made(paper, reading, language, links)


@lru_cache(maxsize=512)  # what many ask for: the papers of some days
def _made(paper: Paper, reading: Reading | None, language: str, links: str) -> Card:
    read = reading if reading is not None and reading.lines else lower_rungs(paper, language)
    authors = tuple(name for raw in paper.authors if (name := _line(raw, NAME)))
    card = Card(
        key="",
        id=paper.id,
        language=read.language,
        title=_line(paper.title, TITLE) or paper.id,
        url=address(paper.id, links),
        authors=authors,
        byline=byline(authors, language),
        organization=_line(paper.organization or "", NAME) or None,
        upvotes=paper.upvotes,
        comments=paper.comments,
        badges=_badges(paper),
        links=_links(paper),
        lines=fit([line for raw in read.lines if (line := _line(raw, TEXT * 2))], TEXT),
        sections=tuple(
            Section(_line(name, NAME), text)
            for name, raw in _sections(read)
            if (text := _line(raw, SECTION))
        ),
        rung=_rung(read.rung),
        picture=_web(paper.image_url),
        model=_line(read.model or "", NAME) or None,
        unfound=len(read.unfound),
        flagged=any(one.partition(":")[0] in _ORDERS for one in read.flags),
    )
    return _keyed(card)


def _sections(read: Reading) -> tuple[tuple[str, str], ...]:
    """Named by the catalogue of today, not by that of the day of the reading."""
    return read.sections if read.report is None else sections_of(read.report, read.language)


def address(paper_id: str, links: str) -> str:
    """Where a title leads: the page at arXiv, or with "hf" at Hugging Face."""
    host = "https://huggingface.co/papers/" if links == "hf" else "https://arxiv.org/abs/"
    return host + paper_id


def byline(authors: tuple[str, ...], language: str) -> str:
    """The first three authors and how many there are; all of them when they are no more."""
    named = ", ".join(authors[:AUTHORS_NAMED])
    others = len(authors) - AUTHORS_NAMED
    if others <= 0:
        return named
    t = texts(language)
    # also: {others}, the number of those not named ({n} is that of all)
    return t("{names}, et al. ({n})", names=named, n=t.number(len(authors)), others=others)


def _line(raw: str, limit: int) -> str:
    return cut(clean(readable(raw[: limit * _RAW])), limit)


def _badges(paper: Paper) -> tuple[Badge, ...]:
    """Votes as they are; no stars and no comments are no news."""
    found = [Badge("upvotes", paper.upvotes)] if paper.upvotes is not None else []
    if paper.stars:
        found.append(Badge("stars", paper.stars))
    if paper.comments:
        found.append(Badge("comments", paper.comments))
    return tuple(found)


def _links(paper: Paper) -> tuple[Link, ...]:
    given = (("code", _web(paper.code_url)), ("project", _web(paper.project_url)))
    return tuple(Link(kind, url) for kind, url in given if url)


def _web(url: str | None) -> str | None:
    """The address when it is a web address of one word, else None."""
    url = (url or "").strip()
    if not url.lower().startswith(("http://", "https://")) or len(url) > 2_000:
        return None
    return (
        url
        if clean(url) == url and not any(char.isspace() or char in '<>"' for char in url)
        else None
    )


def _rung(value: str) -> Rung:
    try:
        return Rung(value)
    except ValueError:
        return Rung.NONE


def _keyed(card: Card) -> Card:
    from dataclasses import astuple, replace

    content = repr(astuple(card)).encode("utf-8", "backslashreplace")
    return replace(card, key=blake2b(content, digest_size=16).hexdigest())
