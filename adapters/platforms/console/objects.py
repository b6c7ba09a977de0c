"""A message as JSON objects, one a line: what it means, whatever the layout."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from adapters.platforms.console.frozen import Message
from bot.cards import (
    Block,
    Buttons,
    CardBlock,
    File,
    Heading,
    ListBlock,
    NoticeBlock,
    Paragraph,
    Table,
)

# Harmless to JSON, but a terminal may obey them and `splitlines` breaks at some.
_TO_ESCAPE = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_DIGEST_ORDER = {CardBlock: 0, ListBlock: 1, NoticeBlock: 2}


def objects(
    message: Message, *, channel: str | None, seconds: float, ascii_only: bool = False
) -> Iterator[str]:
    """The lines, without line ends.

    A digest gives cards, list, notice and summary in this order, each with `channel` and `date`
    unless `channel` is None; an answer gives its blocks in theirs. `ascii_only` is for a stream
    that cannot carry Unicode.
    """
    heading = next((block for block in message.blocks if isinstance(block, Heading)), None)
    place: dict[str, object] = {}
    blocks = list(message.blocks)
    if heading:
        blocks.sort(key=lambda block: _DIGEST_ORDER.get(type(block), 3))
        if channel is not None:
            place = {"channel": channel, "date": heading.local_date.isoformat()}
    for block in blocks:
        if fields := _fields(block):
            yield _line(fields | place, ascii_only)
    if heading:
        yield _line(_summary(heading, blocks, seconds) | place, ascii_only)


def _fields(block: Block) -> dict[str, object] | None:
    match block:
        case CardBlock(card=card):
            return {
                "kind": "card",
                "id": card.id,
                "title": card.title,
                "url": card.url,
                "authors": card.authors,
                "organization": card.organization,
                "upvotes": card.upvotes,
                "comments": card.comments,
                "topics": block.topics,
                "rung": card.rung,
                **({"model": card.model, "unfound": card.unfound} if card.model else {}),
                "lines": card.lines,
                "late": block.late,
            }
        case ListBlock():
            return {"kind": "list", "ids": [line.id for line in block.lines]}
        case NoticeBlock():
            return {"kind": "notice", "state": block.state, "text": block.text}
        case Paragraph():
            return {"kind": "text", "text": block.text}
        case Table():
            return {"kind": "table", "head": block.head, "rows": block.rows}
        case Buttons():
            asked = [one.action for row in block.rows for one in row if one.action]
            return {"kind": "buttons", "commands": [f"/{action}" for action in asked]}
        case File():
            return {"kind": "file", "name": block.name, "text": block.text}
        case _:
            return None


def _summary(heading: Heading, blocks: list[Block], seconds: float) -> dict[str, object]:
    lists = [block for block in blocks if isinstance(block, ListBlock)]
    shown = sum(isinstance(block, CardBlock) for block in blocks)
    return {
        "kind": "summary",
        "papers": heading.papers,
        "matched": heading.matched,
        "shown": shown + sum(len(block.lines) for block in lists),
        "hidden": heading.papers - heading.matched,
        "passed": sum(block.passed for block in lists),
        "seconds": round(seconds, 1),
    }


def _line(fields: dict[str, object], ascii_only: bool) -> str:
    text = json.dumps(fields, ensure_ascii=ascii_only)
    return _TO_ESCAPE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
