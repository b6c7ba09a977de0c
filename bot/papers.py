"""What a paper is, where it was listed, and what one source lists for one day."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from bot.reports import Report

_NEW_ID = r"\d{4}\.\d{4,5}"
_OLD_ID = r"[a-z-]+(?:\.[A-Z]{2})?/\d{7}"
_ID = re.compile(rf"({_NEW_ID}|{_OLD_ID})(?:v(\d+))?", re.ASCII)
_IN_TEXT = re.compile(
    rf"(?:arxiv:|(?:https?://)?(?:www\.|export\.)?(?:arxiv\.org/(?:abs|pdf|html)/"
    rf"|huggingface\.co/papers/|hf\.co/papers/))?({_NEW_ID}|{_OLD_ID})(?:v(\d+))?(?:\.pdf)?/?"
    rf"(?:[?#]\S*)?",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Paper:
    """One work. Its identity is the arXiv id without version, whichever source listed it."""

    id: str  # "2512.21218" or "astro-ph/0601001"; never with a version
    title: str  # one line of text as the source wrote it; may hold TeX
    abstract: str = ""  # running text, line breaks folded; may hold TeX
    authors: tuple[str, ...] = ()  # in the source's order; may hold TeX
    organization: str | None = None  # full name of the institution
    published: datetime | None = None  # first submission, UTC
    version: int | None = None  # latest version seen, from 1
    categories: tuple[str, ...] = ()  # arXiv categories, the primary one first
    keywords: tuple[str, ...] = ()  # the source's keywords
    summary: str | None = None  # ready-made line of the source, English
    upvotes: int | None = None
    comments: int | None = None  # number of comments at the source
    code_url: str | None = None
    stars: int | None = None  # stars of the code repository
    project_url: str | None = None
    image_url: str | None = None
    sources: tuple[str, ...] = ()  # names of the sources that told of it, oldest first


@dataclass(frozen=True, slots=True)
class Listing:
    """That one source listed one paper for one day."""

    paper_id: str
    source: str
    day: date
    instant: datetime  # UTC; first seen, but never later than the closing of its list


class EditionState(StrEnum):
    """How far the list of a day is known."""

    OPEN = "open"  # not yet read after its closing time
    CLOSED = "closed"  # read after its closing time, holds papers
    EMPTY = "empty"  # read after its closing time, holds nothing


@dataclass(frozen=True, slots=True)
class Edition:
    """What one source lists for one day, and how the last reads went.

    A failed read never hides what an earlier one found: `failure` stands beside the state.
    """

    source: str
    day: date
    closes: datetime  # UTC; the source's closing time with its margin
    state: EditionState = EditionState.OPEN
    count: int = 0  # papers known of this list
    broken: int = 0  # records of the last read that could not be understood
    read_at: datetime | None = None  # UTC; the last successful read
    tried_at: datetime | None = None  # UTC; the last read, whatever came of it
    failure: str | None = None  # one sentence about the last read, when it failed
    failing_since: datetime | None = None  # UTC; the first of the failed reads in a row
    validator: str | None = None  # opaque; makes the next read conditional


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of one paper in one language, and from what."""

    paper_id: str
    language: str  # "en", "zh", "ko"
    rung: str  # value of bot.cards.Rung: what the text came from
    lines: tuple[str, ...]  # contribution first
    sections: tuple[tuple[str, str], ...] = ()  # (name, text), in reading order
    model: str | None = None
    paper_version: int | None = None
    read_at: datetime | None = None  # UTC
    unfound: tuple[str, ...] = ()  # numbers of the reading that its source does not hold
    derived: tuple[str, ...] = ()  # numbers that follow from others of the source
    flags: tuple[str, ...] = ()  # what was noticed: "instructions", "links", …
    share: float | None = None  # of the text that was read, from 0 to 1
    report: Report | None = None  # field by field; None on the two lowest rungs


_SOURCES = {"huggingface": "Hugging Face", "arxiv": "arXiv"}


def source_name(source: str) -> str:
    """What people call a source; the name itself for one that has no other."""
    return _SOURCES.get(source, source)


def split_id(text: str) -> tuple[str, int | None] | None:
    """The version-less arXiv id and the version (or None) that `text` is; None if it is no id.

    Both schemes of https://info.arxiv.org/help/arxiv_identifier.html: `2512.21218v2` and
    `astro-ph/0601001`.
    """
    if not (found := _ID.fullmatch(text.strip())):
        return None
    return found[1], int(found[2]) if found[2] else None


def find_id(text: str) -> tuple[str, int | None] | None:
    """The same for what people paste: an id, `arXiv:` before it, or a link of a known host."""
    if not (found := _IN_TEXT.fullmatch(text.strip().strip("<>"))):
        return None
    paper_id = found[1] if "/" not in found[1] else _old_style(found[1])
    return paper_id, int(found[2]) if found[2] else None


def _old_style(paper_id: str) -> str:
    archive, number = paper_id.split("/")
    name, dot, subject = archive.partition(".")
    return f"{name.lower()}{dot}{subject.upper()}/{number}"


def merge(known: Paper | None, seen: Paper) -> Paper:
    """One paper out of what was known and what a source tells now.

    What the newer record is silent about is kept. The wording (title, abstract, authors,
    version, categories) is arXiv's where arXiv told it, unless the newer record is arXiv's too;
    numbers (votes, stars, comments) are always the newer ones.
    """
    if known is None:
        return seen
    if known.id != seen.id:
        raise ValueError(f"merging {known.id} with {seen.id}")
    keeps_wording = known.version is not None and (seen.version or 0) < known.version
    wording, other = (known, seen) if keeps_wording else (seen, known)
    return replace(
        seen,
        title=wording.title or other.title,
        abstract=wording.abstract or other.abstract,
        authors=wording.authors or other.authors,
        version=wording.version or other.version,
        categories=wording.categories or other.categories,
        published=wording.published or other.published,
        organization=seen.organization or known.organization,
        keywords=seen.keywords or known.keywords,
        summary=seen.summary or known.summary,
        upvotes=known.upvotes if seen.upvotes is None else seen.upvotes,
        comments=known.comments if seen.comments is None else seen.comments,
        code_url=seen.code_url or known.code_url,
        stars=known.stars if seen.stars is None else seen.stars,
        project_url=seen.project_url or known.project_url,
        image_url=seen.image_url or known.image_url,
        sources=tuple(dict.fromkeys((*known.sources, *seen.sources))),
    )
