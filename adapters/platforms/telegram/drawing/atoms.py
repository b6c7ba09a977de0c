"""What a message is packed from: pieces that stay whole, each marked and plain."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.platforms.telegram.drawing.cards import Dressed
from adapters.platforms.telegram.drawing.wording import escape, units
from adapters.platforms.telegram.frozen import Own
from bot.cards import Button, Card


@dataclass(frozen=True, slots=True)
class Shown:
    """A card in a message."""

    card: Card
    dressed: Dressed
    marked: Own
    plain: Own


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece that is never broken."""

    html: str  # of a card: what stands before it on its first line
    plain: str
    units: int  # of what is read of the marked text
    entities: int = 0
    bare: str | None = None  # a shorter plain text, where there is one
    card: Shown | None = None
    paper: str | None = None  # id, when it is a line of a list
    number: Button | None = None  # expands it
    gap: str = "\n\n"  # to what stands above it in the same message
    begins: bool = False  # stands in a message that begins with it
    leads: bool = False  # a headline: never the last of its message
    clings: bool = False  # stands with what is above it

    @property
    def short(self) -> str:
        """The shortest plain text."""
        return self.plain if self.bare is None else self.bare

    @property
    def plain_units(self) -> int:
        """The least that its plain text takes."""
        own = units(self.short)
        if self.card is None:
            return own
        note, rising = self.card.plain.note, self.card.plain.rising
        return own + self.card.dressed.bare.units + units(note) + units(rising) + 4


def said(
    text: str,
    *,
    tag: str = "",
    gap: str = "\n\n",
    begins: bool = False,
    leads: bool = False,
    clings: bool = False,
) -> Atom:
    """An atom of plain text, all of it in one tag or in none."""
    html = escape(text)
    if tag:
        html = f"<{tag}>{html}</{tag}>"
    return Atom(
        html,
        text,
        units(text),
        int(bool(tag)),
        gap=gap,
        begins=begins,
        leads=leads,
        clings=clings,
    )
