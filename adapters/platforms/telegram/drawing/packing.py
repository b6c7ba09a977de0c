"""Messages out of atoms: as few as the limits allow, each with a plain text to fall back on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from adapters.platforms.telegram.drawing import keyboard
from adapters.platforms.telegram.drawing.atoms import Atom
from adapters.platforms.telegram.drawing.wording import units
from adapters.platforms.telegram.frozen import Own, freeze
from bot.channels import Body, Drawn

UNITS = 4_096  # of UTF-16, after the markup is read (core.telegram.org/bots/api#sendmessage)
RAW_BYTES = 32_000  # Client.cpp of telegram-bot-api takes 2^15
ENTITIES = 90  # about 100 are kept; what Telegram links by itself needs room too


class _Size(NamedTuple):
    """What a message holds, in the four ways in which it is limited."""

    units: int = 0
    raw: int = 0  # bytes
    entities: int = 0
    plain: int = 0  # units of the shortest plain text

    def fits(self) -> bool:
        return (
            self.units <= UNITS
            and self.raw <= RAW_BYTES
            and self.entities <= ENTITIES
            and self.plain <= UNITS
        )


class Message:
    """Atoms that stand in one message."""

    def __init__(self) -> None:
        self.atoms: list[Atom] = []
        self._size = _Size()

    def takes(self, atoms: Sequence[Atom], *, anyhow: bool = False) -> bool:
        """Put them below what is there if there is room for all of them, or else `anyhow`."""
        size = _sum(self._size, atoms)
        if anyhow or size.fits():
            self._size = size
            self.atoms += atoms
            return True
        return False

    @property
    def papers(self) -> tuple[str, ...]:
        """Ids of its cards and lines, in order."""
        found = [atom.card.card.id if atom.card else atom.paper for atom in self.atoms]
        return tuple([one for one in found if one is not None])

    def drawn(self, rows: keyboard.Rows, *, silent: bool, waits_for: int | None = None) -> Drawn:
        """The message, with `rows` of buttons below its own."""
        shown = [atom.card for atom in self.atoms if atom.card is not None]
        alone = shown[0] if len(shown) == 1 else None
        if alone is not None and not any(atom.paper for atom in self.atoms):
            own = alone.dressed.buttons
        else:
            own = keyboard.of_numbers([atom.number for atom in self.atoms if atom.number])
        buttons = keyboard.capped([*own, *rows])
        texts: list[str | Own] = []
        text = ""
        for at, atom in enumerate(self.atoms):
            text += atom.gap + atom.html if at else atom.html
            if atom.card is not None:
                texts += (text, atom.card.marked)
                text = ""
        texts.append(text)
        body = freeze(
            texts,
            [one.dressed.marked.fragment for one in shown],
            marked=True,
            picture=alone.dressed.picture if alone else None,
            rows=buttons,
        )
        fallback = self._fallback(keyboard.without_web(buttons))
        return Drawn(body, self.papers, fallback, silent=silent, waits_for=waits_for)

    def _plain_units(self, dress: str) -> int:
        """What the plain text takes with its cards in that dress."""
        length = 0
        for atom in self.atoms:
            length += len(atom.gap) + units(atom.plain if dress == "plain" else atom.short)
            if (shown := atom.card) is not None:
                length += shown.dressed.form(dress).units + _own_units(shown.plain)
        return length

    def _fallback(self, rows: keyboard.Rows) -> Body:
        """Plain text with its addresses written out, and nothing that could be refused."""
        dress = next((one for one in ("plain", "lean") if self._plain_units(one) <= UNITS), "bare")
        texts: list[str | Own] = []
        cards: list[bytes] = []
        text = ""
        papers: list[tuple[int, str]] = []
        for at, atom in enumerate(self.atoms):
            own = atom.plain if dress == "plain" else atom.short
            gap = atom.gap if at else ""
            if atom.card is not None:
                texts += (text + gap + own, atom.card.plain)
                text = ""
                cards.append(atom.card.dressed.form(dress).fragment)
                papers.append((len(texts) - 1, atom.card.card.id))
            elif atom.paper is not None:
                texts += (text + gap, own)
                text = ""
                papers.append((len(texts) - 1, atom.paper))
            else:
                text += gap + own
        texts.append(text)
        return freeze(texts, cards, marked=False, rows=rows, papers=papers)


def _sum(size: _Size, atoms: Iterable[Atom]) -> _Size:
    """The size with some more atoms, never less than it is."""
    length, raw, entities, plain = size
    for atom in atoms:
        gap = len(atom.gap)
        length += gap + atom.units
        raw += gap + len(atom.html if atom.html.isascii() else atom.html.encode())
        entities += atom.entities
        plain += gap + atom.plain_units
        if (shown := atom.card) is not None:
            form, own = shown.dressed.marked, shown.marked
            length += form.units + _own_units(own)
            raw += len(form.fragment) + 4 * (len(own.rising) + len(own.note)) + 16
            entities += form.entities + bool(own.note)
    return _Size(length, raw, entities, plain)


def _own_units(own: Own) -> int:
    """At most so much comes to a card; what joins it to the rest included."""
    return units(own.rising) + units(own.note) + 4 if own.rising or own.note else 0


def packed(atoms: Iterable[Atom]) -> list[Message]:
    """The atoms as messages, in order; a headline stays with what it heads."""
    messages: list[Message] = []
    for group in _groups(atoms):
        _place(messages, group)
    return messages


def _groups(atoms: Iterable[Atom]) -> Iterable[list[Atom]]:
    """Atoms that belong together: headlines with the next, and what clings with the one before."""
    group: list[Atom] = []
    for atom in atoms:
        if group and not (group[-1].leads or atom.clings):
            yield group
            group = []
        group.append(atom)
    if group:
        yield group


def _place(messages: list[Message], group: list[Atom]) -> None:
    if messages and not group[0].begins and messages[-1].takes(group):
        return
    fresh = Message()
    if fresh.takes(group, anyhow=len(group) == 1):
        messages.append(fresh)
        return
    for number, atom in enumerate(group):  # too much to stay together
        _place(messages, [replace(atom, begins=atom.begins and number == 0)])
