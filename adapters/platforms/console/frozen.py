"""The console's frozen body: JSON fragments, the head first, then each card by itself.

A card's fragment holds only what is the same in every channel, so that the store keeps it once;
what differs (matched topics, late, rising, heading, list, notice, foot) stands in the head.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.cards import (
    Badge,
    Block,
    Button,
    Buttons,
    Card,
    CardBlock,
    File,
    Foot,
    Heading,
    Line,
    Link,
    ListBlock,
    ListCovered,
    NoticeBlock,
    Paragraph,
    Rung,
    Section,
    Span,
    Table,
)
from bot.channels import Body, Layout, Notice

VERSION = 1
_MOST_KEPT = 20_000  # cards in the memo; a day has some hundreds

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class Message:
    """What a frozen body says."""

    blocks: tuple[Block, ...]
    layout: Layout
    language: str


class Freezer:
    """Makes bodies of blocks and remembers the fragments of cards."""

    def __init__(self) -> None:
        self._cards: dict[str, bytes] = {}

    def freeze(self, blocks: Sequence[Block], layout: Layout, language: str) -> Body:
        """The body of one message."""
        fragments: list[bytes] = []
        parts: list[object] = []
        for block in blocks:
            if type(block) is CardBlock:
                fragments.append(self._card(block.card))
                parts.append(("card", block.topics, block.places, block.late, block.rising))
            else:
                parts.append(_FREEZE[type(block)](block))
        head = _encode({"v": VERSION, "lang": language, "layout": layout, "blocks": parts})
        return Body((head.encode("utf-8", "replace"), *fragments))

    def _card(self, card: Card) -> bytes:
        if (known := self._cards.get(card.key)) is None:
            if len(self._cards) >= _MOST_KEPT:
                self._cards.clear()
            known = _encode(_card_fields(card)).encode("utf-8", "replace")
            self._cards[card.key] = known
        return known


def thaw(body: Body) -> Message:
    """The message of a body. Raises ValueError when it is none that this version can read."""
    try:
        head = json.loads(body.fragments[0])
        if head["v"] != VERSION:
            raise ValueError(f"a message of version {head['v']}, this program reads {VERSION}")
        cards = iter(body.fragments[1:])
        blocks = tuple(
            _thaw_card(next(cards), part) if part[0] == "card" else _THAW[part[0]](part[1:])
            for part in head["blocks"]
        )
        return Message(blocks, Layout(head["layout"]), head["lang"])
    except (LookupError, TypeError, AttributeError, RuntimeError) as error:
        raise ValueError(f"a message that cannot be read: {error!r}") from error


def _card_fields(card: Card) -> dict[str, object]:
    return {
        "key": card.key,
        "id": card.id,
        "language": card.language,
        "title": card.title,
        "url": card.url,
        "authors": card.authors,
        "byline": card.byline,
        "organization": card.organization,
        "upvotes": card.upvotes,
        "comments": card.comments,
        "badges": [(badge.kind, badge.count) for badge in card.badges],
        "links": [(link.kind, link.url) for link in card.links],
        "lines": card.lines,
        "sections": [(section.name, section.text) for section in card.sections],
        "rung": card.rung,
        "picture": card.picture,
        "model": card.model,
        "unfound": card.unfound,
        "flagged": card.flagged,
    }


def _thaw_card(fragment: bytes, part: list[Any]) -> CardBlock:
    fields = json.loads(fragment)
    card = Card(
        **{
            **fields,
            "authors": tuple(fields["authors"]),
            "badges": tuple(Badge(*badge) for badge in fields["badges"]),
            "links": tuple(Link(*link) for link in fields["links"]),
            "lines": tuple(fields["lines"]),
            "sections": tuple(Section(*section) for section in fields["sections"]),
            "rung": Rung(fields["rung"]),
        }
    )
    _, topics, places, late, rising = part
    return CardBlock(card, tuple(topics), tuple(places), late, tuple(rising) if rising else None)


def _heading(block: Heading) -> object:
    lists = [(covered.source, covered.day.isoformat(), covered.closed) for covered in block.lists]
    day = block.local_date.isoformat()
    return ("heading", day, lists, block.papers, block.matched, block.topics, block.missing)


def _thaw_heading(part: list[Any]) -> Heading:
    day, lists, papers, matched, topics, missing = part
    covered = tuple(ListCovered(source, date.fromisoformat(of), done) for source, of, done in lists)
    return Heading(date.fromisoformat(day), covered, papers, matched, tuple(topics), tuple(missing))


def _thaw_foot(
    rung: str | None,
    hidden: int,
    model: str | None = None,
    checked: bool = False,
    version: int | None = None,
    share: float | None = None,
    read_on: str | None = None,
    spent: bool = False,
) -> Foot:
    """Also of a message that an earlier version froze."""
    on = date.fromisoformat(read_on) if read_on else None
    return Foot(Rung(rung) if rung else None, hidden, model, checked, version, share, on, spent)


def _list(block: ListBlock) -> object:
    lines = [(line.id, line.title, line.url, line.upvotes) for line in block.lines]
    return ("list", lines, block.passed, block.day.isoformat() if block.day else None)


def _thaw_list(part: list[Any]) -> ListBlock:
    lines, passed, day = part
    return ListBlock(
        tuple(Line(*line) for line in lines), passed, date.fromisoformat(day) if day else None
    )


_FREEZE: dict[type, Callable[[Any], object]] = {
    Heading: _heading,
    ListBlock: _list,
    NoticeBlock: lambda block: ("notice", block.state, block.text),
    Foot: lambda block: (
        "foot",
        block.rung,
        block.hidden,
        block.model,
        block.checked,
        block.version,
        block.share,
        block.read_on.isoformat() if block.read_on else None,
        block.spent,
    ),
    Paragraph: lambda block: ("text", [(span.text, span.kind, span.url) for span in block.spans]),
    Table: lambda block: ("table", block.rows, block.head),
    Buttons: lambda block: (
        "buttons",
        [
            [(one.label, one.action, one.url, one.chosen, one.danger) for one in row]
            for row in block.rows
        ],
    ),
    File: lambda block: ("file", block.name, block.text),
}
_THAW: dict[str, Callable[[list[Any]], Block]] = {
    "heading": _thaw_heading,
    "list": _thaw_list,
    "notice": lambda part: NoticeBlock(Notice(part[0]), part[1]),
    "foot": lambda part: _thaw_foot(*part),
    "text": lambda part: Paragraph(tuple(Span(*span) for span in part[0])),
    "table": lambda part: Table(tuple(tuple(row) for row in part[0]), tuple(part[1])),
    "buttons": lambda part: Buttons(tuple(tuple(Button(*one) for one in row) for row in part[0])),
    "file": lambda part: File(*part),
}
