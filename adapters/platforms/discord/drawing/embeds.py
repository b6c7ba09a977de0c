"""The embed of a card, made once per card, language and shape, and remembered.

Limits: https://docs.discord.com/developers/resources/message#embed-object-embed-limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from adapters.platforms.discord.drawing import phrases
from adapters.platforms.discord.drawing.buttons import Component, rows_of
from adapters.platforms.discord.drawing.escaping import (
    fitted,
    link,
    linked,
    plain,
    seen,
    units,
    web,
)
from adapters.platforms.discord.frozen import encode
from bot.cards import Card
from bot.cards.buttons import card_buttons
from bot.texts import N_, Texts

EMBEDS = 10
TOTAL = 6_000  # characters over all embeds of a message
TITLE = 246  # the number before it and 256 together
AUTHOR = 256
LINES = 1_300  # UTF-16 units of a card's own lines
LONG = 2_200  # of lines and longer reading together; all of it is behind a button
COLOR = 0x3E6FA3  # ink
_LINKS = {"code": N_("Code"), "project": N_("Project page")}
_LEAST = 160  # of a part of the longer reading, for less is no use
_MOST_KEPT = 5_000  # embeds in the memo; a day has some hundreds of papers


class Shape(StrEnum):
    """How much of a card its embed shows."""

    SMALL = "small"  # among others: a thumbnail, links as a line
    SINGLE = "single"  # alone in a message: the same, the links are buttons
    LARGE = "large"  # a message for each: the picture, the longer reading


@dataclass(frozen=True, slots=True)
class Made:
    """An embed ready to be frozen, and what a fallback says instead."""

    fragment: bytes
    size: int  # UTF-16 units of what counts towards TOTAL
    footer: int  # of them in the footer
    title: str  # clean
    address: str | None
    rows: list[list[Component]]  # its buttons, where it stands alone


class Shelf:
    """Embeds of cards, remembered by what the card is."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str, Shape], Made] = {}

    def embed(self, card: Card, t: Texts, shape: Shape) -> Made:
        """The embed of a card in the language of `t`."""
        key = (card.key, t.language, shape)
        if (made := self._made.get(key)) is None or not card.key:
            if len(self._made) >= _MOST_KEPT:
                self._made.clear()
            made = self._made[key] = _made(card, t, shape)
        return made


def _made(card: Card, t: Texts, shape: Shape) -> Made:
    title = fitted(card.title, TITLE) or fitted(card.id, TITLE) or "…"
    by = " · ".join(part for part in (card.organization, card.byline) if part)
    parts = {
        "title": title,
        "description": _description(card, t, shape),
        "author": fitted(by, AUTHOR, plain),
        "footer": phrases.badges(card.badges, t),
    }
    address = web(card.url)
    embed: dict[str, Any] = {"title": title, "color": COLOR}
    if address:
        embed["url"] = address
    if parts["author"]:
        embed["author"] = {"name": parts["author"]}
    if parts["description"]:
        embed["description"] = parts["description"]
    if parts["footer"]:
        embed["footer"] = {"text": parts["footer"]}
    if picture := web(card.picture):
        embed["image" if shape is Shape.LARGE else "thumbnail"] = {"url": picture}
    return Made(
        encode(embed).encode("utf-8", "replace"),
        sum(map(units, parts.values())),
        units(parts["footer"]),
        card.title if seen(card.title) else card.id,
        address,
        [] if shape is Shape.SMALL else rows_of([card_buttons(card, t)]),
    )


def _description(card: Card, t: Texts, shape: Shape) -> str:
    room = LINES
    lines: list[str] = []
    for line in card.lines:
        if made := fitted(line, room):
            lines.append(made)
            room -= units(made) + 1
        if room < 80:
            break
    text = "\n".join(lines)
    if shape is Shape.LARGE:
        return _with_sections(card, text)
    if shape is Shape.SMALL or any(web(one.url, 512) is None for one in card.links):
        # An address too long for a button still fits into a line.
        links = [
            link(linked(t(_LINKS[one.kind])), one.url)
            for one in card.links
            if one.kind in _LINKS and web(one.url, 1_000)
        ]
        if links:
            text += "\n" * bool(text) + phrases.SMALL + " · ".join(links)
    return text


def _with_sections(card: Card, text: str) -> str:
    """The longer reading below the lines: every part has its share of the room."""
    left = [section for section in card.sections if seen(section.text)]
    room = LONG - units(text)
    while left and room // len(left) < _LEAST:
        left.pop()
    for at, section in enumerate(left):
        share = room // (len(left) - at)
        name = fitted(section.name, 80)
        head = f"\n\n**{name}**\n" if name else "\n\n"
        part = head + fitted(section.text, share - units(head))
        text += part
        room -= units(part)
    return text.lstrip("\n")
