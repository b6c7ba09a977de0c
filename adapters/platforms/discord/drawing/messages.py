"""One message while it is filled: content, embeds and buttons within Discord's limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.platforms.discord.drawing import phrases
from adapters.platforms.discord.drawing.buttons import (
    MOST,
    ROWS,
    Component,
    action_rows,
    numbers,
    rows_of,
)
from adapters.platforms.discord.drawing.embeds import (
    COLOR,
    EMBEDS,
    TOTAL,
    Made,
    Shape,
    Shelf,
)
from adapters.platforms.discord.drawing.escaping import marked, plain, units
from adapters.platforms.discord.drawing.lines import Chunk, Line, Span, render, spoken
from adapters.platforms.discord.frozen import freeze, overlay
from bot.cards import Button, CardBlock, Rung
from bot.cards.buttons import card_buttons
from bot.channels import Body, Drawn, Kind
from bot.texts import Texts

CONTENT = 2_000
_NOBODY: dict[str, Any] = {"parse": []}


@dataclass(frozen=True, slots=True)
class Way:
    """What a message is besides what it shows."""

    kind: Kind = Kind.POST
    silent: bool = False
    waits_for: int | None = None
    ping: str | None = None  # id of a role
    crosspost: bool = False
    name: str = ""  # of a forum post
    tag: str | None = None


@dataclass(slots=True)
class _Card:
    block: CardBlock
    made: Made
    shape: Shape
    prefix: str
    note: str
    footer: str | None


@dataclass(slots=True)
class Message:
    """Filled from above; what does not fit must go into the next one."""

    content: list[Line] = field(default_factory=list)
    rows: list[Sequence[Button]] = field(default_factory=list)  # asked for by an answer
    file: tuple[str, str] | None = None
    _shown: list[_Card | dict[str, Any]] = field(default_factory=list)
    _spoken: list[Line] = field(default_factory=list)
    _size: int = 0
    _cards: int = 0
    numbers: list[tuple[int, str]] = field(default_factory=list)
    listed: bool = False  # holds papers in one line each

    @property
    def empty(self) -> bool:
        """Whether nothing is in it."""
        return not (self.content or self._shown or self.file or self.rows)

    @property
    def cards(self) -> int:
        """How many cards it shows."""
        return self._cards

    @property
    def bare(self) -> bool:
        """Whether it has no embed yet."""
        return not self._shown

    def takes(self, size: int, embeds: int = 1, numbered: int = 0) -> bool:
        """Whether embeds of so many units and papers fit beside what is there."""
        return (
            len(self._shown) + embeds <= EMBEDS
            and self._size + size <= TOTAL
            and (not numbered or len(self.numbers) + numbered <= MOST)
        )

    def add_card(self, card: _Card, number: int) -> None:
        """Show a card."""
        self._shown.append(card)
        self._size += card_size(card)
        self._cards += 1
        paper = card.block.card.id
        self.numbers.append((number, paper))
        self._spoken.append(
            Line(
                "",
                number=number if card.prefix else None,
                paper=paper,
                title=card.made.title,
                address=card.made.address,
            )
        )

    def add_heading(self, text: str) -> None:
        """Show a heading between cards."""
        self._shown.append({"title": marked(text)})
        self._size += units(marked(text))
        self._spoken.append(Line(f"**{marked(text)}**"))

    def add_text(self, chunk: Chunk) -> None:
        """Show lines in an embed of their own."""
        embed: dict[str, Any] = {"description": chunk.text}
        if chunk.numbers:
            embed["color"] = COLOR
            self.listed = True
        self._shown.append(embed)
        self._size += chunk.size
        self.numbers += chunk.numbers
        self._spoken += chunk.lines

    def drawn(self, t: Texts, shelf: Shelf, way: Way, *, index: bool = False) -> Drawn:
        """The message as it is sent. An `index` names papers that others show: not its own."""
        embeds, fragments, rows = self._frozen(t, shelf, index)
        text = render(self.content)
        mentions = _NOBODY
        call = ""
        if way.ping:
            call = f"<@&{way.ping}>"
            mentions = {"parse": [], "roles": [way.ping]}
        content = f"{call} {text}" if call and text else call or text
        if not content and not embeds and not self.file:
            content = "\u200b"
        message: dict[str, Any] = {"allowed_mentions": mentions}
        if content:
            message["content"] = content
        if embeds:
            message["embeds"] = embeds
        if rows:
            message["components"] = rows
        if self.file:
            message["attachments"] = [{"id": 0, "filename": self.file[0]}]
        said = [*self.content, *self._spoken]
        room = CONTENT - (len(call) + 1 if call else 0)
        words, spans = spoken(said, room)
        words = words or "\u200b"
        if call:
            words = f"{call} {words}"
            spans = [(paper, a + len(call) + 1, b + len(call) + 1) for paper, a, b in spans]
        short = {"allowed_mentions": mentions, "content": words}
        papers = () if index else tuple(one.paper for one in self._spoken if one.paper)
        return Drawn(
            _body(message, way, fragments, self.file),
            papers,
            _body(short, way, spans=() if index else spans),
            way.kind,
            way.silent,
            way.waits_for,
        )

    def _frozen(
        self, t: Texts, shelf: Shelf, index: bool
    ) -> tuple[list[dict[str, Any]], list[bytes], list[Component]]:
        embeds: list[dict[str, Any]] = []
        fragments: list[bytes] = []
        alone: tuple[CardBlock, Made] | None = None
        for shown in self._shown:
            if isinstance(shown, dict):
                embeds.append(shown)
                continue
            made = shown.made
            if self._cards == 1 and not self.listed:
                if shown.shape is Shape.SMALL:
                    made = shelf.embed(shown.block.card, t, Shape.SINGLE)
                alone = shown.block, made
            embeds.append(overlay(shown.prefix, shown.note, shown.footer))
            fragments.append(made.fragment)
        if index:
            return embeds, fragments, []
        if alone is not None:
            block, made = alone
            rows = rows_of([card_buttons(block.card, t), *self.rows]) if self.rows else made.rows
            return embeds, fragments, action_rows(rows)
        rows = rows_of(self.rows)
        counted = numbers(self.numbers)[: ROWS - len(rows)]
        return embeds, fragments, action_rows([*counted, *rows])


def card_of(
    block: CardBlock, shelf: Shelf, t: Texts, shape: Shape, number: int | None, common: Rung | None
) -> _Card:
    """A card with what differs from channel to channel."""
    card = block.card
    footer = phrases.badges(card.badges, t, block.rising) if block.rising else None
    note = phrases.note(block, t, common)
    return _Card(
        block,
        shelf.embed(card, t, shape),
        shape,
        f"{number}. " if number else "",
        phrases.SMALL + note if note else "",
        footer,
    )


def card_size(card: _Card) -> int:
    """UTF-16 units that count towards the total of a message."""
    size = card.made.size + len(card.prefix) + units(card.note) + 1
    return size + units(card.footer) - card.made.footer if card.footer else size


def _body(
    message: dict[str, Any],
    way: Way,
    fragments: Sequence[bytes] = (),
    file: tuple[str, str] | None = None,
    spans: Sequence[Span] = (),
) -> Body:
    if way.kind is not Kind.FORUM_POST:
        return freeze(
            way.kind, message, fragments, crosspost=way.crosspost, file=file, papers=spans
        )
    post: dict[str, Any] = {"name": plain(way.name) or "…", "message": message}
    if way.tag:
        post["applied_tags"] = [way.tag]
    return freeze(way.kind, post, fragments, file=file, papers=spans)
