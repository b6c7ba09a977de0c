"""The blocks that messages are made of: what they mean, never how they look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.channels import Notice


class Rung(StrEnum):
    """What the text of a card came from, best first."""

    FULL_TEXT = "full-text"  # a reading of the full text
    ABSTRACT = "abstract"  # a reading of the abstract
    READY_MADE = "ready-made"  # the source's own line
    SENTENCES = "sentences"  # sentences of the abstract
    NONE = "none"  # the source gave no text at all


@dataclass(frozen=True, slots=True)
class Badge:
    """A count beside the title."""

    kind: str  # "upvotes", "stars" or "comments"
    count: int


@dataclass(frozen=True, slots=True)
class Link:
    """Somewhere else to go. The text is the platform's; the address is one the source gave."""

    kind: str  # "code" or "project"
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the longer reading."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """One paper in one language, the same for every channel: a title, a link, lines, badges."""

    key: str  # digest of all that is below: equal keys, equal cards
    id: str
    language: str  # of the lines; the title is the paper's own
    title: str  # readable Unicode, one line
    url: str
    authors: tuple[str, ...]  # all of them, readable Unicode
    byline: str  # "A, B, C, et al. (14)" in the language
    organization: str | None
    upvotes: int | None
    comments: int | None
    badges: tuple[Badge, ...]
    links: tuple[Link, ...]
    lines: tuple[str, ...]  # the text, cut to the card's budget; at least the first is shown
    sections: tuple[Section, ...]  # the longer reading; may be empty
    rung: Rung
    picture: str | None = None
    model: str | None = None  # that read the paper
    unfound: int = 0  # numbers of the reading that its source does not hold
    flagged: bool = False  # the paper holds instructions for models


@dataclass(frozen=True, slots=True)
class ListCovered:
    """One list that a digest draws from."""

    source: str
    day: date
    closed: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a digest."""

    local_date: date
    lists: tuple[ListCovered, ...]
    papers: int  # candidates
    matched: int
    topics: tuple[str, ...]  # texts of the channel's topics that matched something; () without
    missing: tuple[str, ...] = ()  # sources that could not be read


@dataclass(frozen=True, slots=True)
class CardBlock:
    """A card with what differs from channel to channel."""

    card: Card
    topics: tuple[str, ...] = ()  # texts of the matching topics
    places: tuple[str, ...] = ()  # where each matched: "title", "abstract", "keywords", …
    late: bool = False  # of a list older than a digest this channel already had
    rising: tuple[int, int] | None = None  # votes when it was only listed, and now


@dataclass(frozen=True, slots=True)
class Line:
    """A paper as one line of the compact list."""

    id: str
    title: str
    url: str
    upvotes: int | None = None


@dataclass(frozen=True, slots=True)
class ListBlock:
    """The papers beyond the cards, one line each."""

    lines: tuple[Line, ...]
    passed: int = 0  # matched, but beyond this list
    day: date | None = None  # what `/today DATE` pages the rest of


@dataclass(frozen=True, slots=True)
class NoticeBlock:
    """One honest sentence: why there is nothing, or what is missing."""

    state: Notice
    text: str


@dataclass(frozen=True, slots=True)
class Foot:
    """What is common to the cards above: stands once, at the end."""

    rung: Rung | None  # of most cards, the others say their own; None: each says its own
    hidden: int  # papers that no topic matches
    model: str | None = None  # that read them
    checked: bool = False  # every number of its readings was found in the papers
    version: int | None = None  # of the text that was read, where the card stands alone
    share: float | None = None  # of that text, from 0 to 1
    read_on: date | None = None
    spent: bool = False  # the day's tokens did not reach for every paper


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text of one kind."""

    text: str
    kind: str = "plain"  # "plain", "strong", "code" (something to type), "mark" (matching word)
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text of an answer. Line breaks inside a span are kept."""

    spans: tuple[Span, ...]

    @classmethod
    def of(cls, *parts: str | Span) -> Paragraph:
        """A paragraph of plain texts and ready spans."""
        return cls(tuple(Span(part) if isinstance(part, str) else part for part in parts))

    @property
    def text(self) -> str:
        """What it says without any marking."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of an answer: settings, counts per day. Cells are plain text."""

    rows: tuple[tuple[str, ...], ...]
    head: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: it asks for what its action would ask for when typed, or leads away."""

    label: str  # in the language of the answer; a few words
    action: str = ""  # a command line without "/", at most ACTION_BYTES bytes of UTF-8
    url: str | None = None  # where it leads, instead of an action
    chosen: bool = False  # what it would choose is so already
    danger: bool = False  # it deletes something


ACTION_BYTES = 60  # platforms carry 64 bytes and more; the rest is for their own mark


@dataclass(frozen=True, slots=True)
class Buttons:
    """Buttons below what stands above them, row by row."""

    rows: tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class File:
    """A text to be taken away as a file: BibTeX, an export."""

    name: str  # "saved.bib"
    text: str


Block = Heading | CardBlock | ListBlock | NoticeBlock | Foot | Paragraph | Table | Buttons | File
