"""Filling messages: the cards, lists and words of a digest or an answer, layout by layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.platforms.discord.drawing import phrases
from adapters.platforms.discord.drawing.buttons import MOST
from adapters.platforms.discord.drawing.embeds import Shape, Shelf
from adapters.platforms.discord.drawing.escaping import plain, units
from adapters.platforms.discord.drawing.lines import GAP, Chunk, Line, paper_line, pour, render
from adapters.platforms.discord.drawing.messages import CONTENT, Message, card_of, card_size
from adapters.platforms.discord.drawing.wording import listed, worded
from bot.cards import (
    Block,
    Button,
    Buttons,
    CardBlock,
    File,
    Foot,
    Heading,
    ListBlock,
    Rung,
)
from bot.channels import Layout
from bot.texts import N_, Texts

HEAD = 1_900  # UTF-16 units of the content above the embeds
TEXT = 4_000  # of the description of one embed of lines
LATE = N_("Late additions")
_FILE_NAME = 100


@dataclass(slots=True)
class Parts:
    """What is to be drawn, by where it goes."""

    heading: Heading | None = None
    head: list[Block] = field(default_factory=list)  # above the cards and lists
    cards: list[CardBlock] = field(default_factory=list)  # late ones behind the others
    tail: list[Block] = field(default_factory=list)
    rows: list[Sequence[Button]] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)
    foot: Foot | None = None

    @property
    def common(self) -> Rung | None:
        """What the text of the cards came from, where the foot says it for all."""
        return self.foot.rung if self.foot else None

    @property
    def papers(self) -> bool:
        """Whether a paper is shown."""
        return bool(self.cards) or any(
            isinstance(block, ListBlock) and block.lines for block in self.tail
        )


def sorted_out(blocks: Sequence[Block]) -> Parts:
    """The blocks by where they go."""
    parts = Parts()
    behind = False
    for block in blocks:
        match block:
            case CardBlock():
                parts.cards.append(block)
                behind = True
                continue
            case Buttons():
                parts.rows += block.rows
                continue
            case File():
                name = "".join(c for c in plain(block.name) if c not in '/\\:*?"<>|')[:_FILE_NAME]
                parts.files.append((name or "file.txt", block.text))
                continue
            case Heading():
                parts.heading = parts.heading or block
            case Foot():
                parts.foot = block
                behind = True
            case ListBlock():
                behind = True
            case _:
                pass
        (parts.tail if behind else parts.head).append(block)
    parts.cards.sort(key=lambda card: card.late)
    return parts


@dataclass(slots=True)
class Filling:
    """Fills messages with the parts of one digest or answer."""

    shelf: Shelf
    parts: Parts
    layout: Layout
    t: Texts

    def messages(self, head: list[Line], tail: Sequence[Block]) -> list[Message]:
        """Messages with the head above, the cards, the tail below, buttons and files last."""
        if self.layout is Layout.COMPACT and self.parts.cards:
            messages = self._compact(head, tail)
        elif self.parts.cards:
            messages = self._cards(head, tail)
        else:
            messages = self._texts(head, tail)
        if self.parts.rows:
            if not messages:
                messages.append(Message())
            messages[-1].rows += self.parts.rows
        for number, file in enumerate(self.parts.files):
            if number or not messages:
                messages.append(Message())
            messages[-1].file = file
        return [message for message in messages if not message.empty]

    def _cards(self, head: list[Line], tail: Sequence[Block]) -> list[Message]:
        """Cards as embeds: one a message, or as many as fit."""
        t, cards = self.t, self.parts.cards
        apart = self.layout is Layout.CARDS
        lists = any(isinstance(block, ListBlock) for block in tail)
        numbered = not apart and (len(cards) > 1 or lists)
        foot = ""
        if (apart or len(cards) == 1) and all(isinstance(block, Foot) for block in tail):
            # Nothing but the foot stands below: it goes below the last card's own text.
            foot = "\n".join(line.text for line in worded(tail, t))
            tail = ()
        messages = headed(head)
        late = False
        for number, block in enumerate(cards, start=1):
            shape = Shape.LARGE if apart else Shape.SMALL
            card = card_of(
                block, self.shelf, t, shape, number if numbered else None, self.parts.common
            )
            if foot and number == len(cards):
                card.note = f"{card.note}\n{foot}" if card.note else foot
            begins = block.late and not late
            late = late or block.late
            message = messages[-1]
            heading = units(t(LATE)) if begins and not message.bare else 0
            if (apart and message.cards) or not message.takes(
                card_size(card) + heading, 1 + bool(heading), 1
            ):
                message = Message()
                messages.append(message)
            if begins and message.bare:
                message.content += [*([GAP] if message.content else []), Line(f"**{t(LATE)}**")]
            elif begins:
                message.add_heading(t(LATE))
            message.add_card(card, number)
        if lists and apart:
            messages.append(Message())
        start = len(cards) + 1 if numbered else 1
        self._add(messages, worded(tail, t, start=start), lists=lists)
        return messages

    def _compact(self, head: list[Line], tail: Sequence[Block]) -> list[Message]:
        """Every paper in one line, with buttons that show it as a card."""
        lines = self.index()
        lists = [one for one in tail if isinstance(one, ListBlock)]
        # Where no text of a paper is shown, there is nothing to say about what it came from.
        rest: list[Block] = [
            Foot(None, one.hidden) if isinstance(one, Foot) else one
            for one in tail
            if not isinstance(one, ListBlock)
        ]
        below = worded(lists, self.t, start=len(self.parts.cards) + 1, compact=True)
        if below and self.parts.cards[-1].late:
            lines.append(GAP)
        lines += below
        if more := worded(rest, self.t):
            lines += [GAP, *more]
        messages = headed(head)
        self._add(messages, lines, lists=True)
        return messages

    def index(self, room: int = 130) -> list[Line]:
        """The cards in one line each."""
        lines: list[Line] = []
        late = False
        for number, block in enumerate(self.parts.cards, start=1):
            if block.late and not late:
                lines += [*([GAP] if lines else []), Line(f"**{self.t(LATE)}**")]
            late = late or block.late
            card = block.card
            votes = phrases.votes(card.upvotes, block.rising, self.t)
            lines.append(paper_line(card.id, card.title, card.url, votes, number, room))
        return lines

    def _texts(self, head: list[Line], tail: Sequence[Block]) -> list[Message]:
        """An answer without cards: content while it is short, lists in embeds."""
        if not any(isinstance(block, ListBlock) and block.lines for block in tail):
            below = worded(tail, self.t)
            head = [*head, *([GAP] if head and below else []), *below]
            tail = ()
        if units(render(head)) <= CONTENT:
            messages = headed(head)
        else:
            messages = [Message()]
            self._add(messages, head, lists=False)
        self._add(messages, worded(tail, self.t, compact=True), lists=True)
        return messages

    def _add(self, messages: list[Message], lines: list[Line], *, lists: bool) -> None:
        """Add lines in embeds, to the last message as long as it takes them."""
        if not lines:
            return
        message = messages[-1]
        for chunk in pour(lines, TEXT, MOST):
            if not message.takes(chunk.size, 1, len(chunk.numbers)):
                if not lists and units(render([*message.content, GAP, *chunk.lines])) <= HEAD:
                    # A few words more would be a message of their own: they go above.
                    message.content += [*([GAP] if message.content else []), *chunk.lines]
                    continue
                message = Message()
                messages.append(message)
            message.add_text(chunk)

    def one_each(self, room: int, lists: list[ListBlock], below: list[Line]) -> list[Chunk]:
        """The lines of the index, titles in `room` units: cards, lists, what stands below."""
        lines, start = self.index(room), len(self.parts.cards) + 1
        for block in lists:
            lines += [GAP, *listed(block, self.t, start, headed=True, room=room)]
            start += len(block.lines)
        lines += [GAP, *below] if below else []
        return pour(lines, TEXT, len(lines))


def headed(head: list[Line]) -> list[Message]:
    """The first message, with the head as its content as far as it fits, and what it overflows."""
    messages = [message := Message()]
    above = pour(head, HEAD, len(head)) if head else []
    if above:
        message.content = [*above[0].lines]
    for chunk in above[1:]:
        if not messages[-1].takes(chunk.size):
            messages.append(Message())
        messages[-1].add_text(chunk)
    return messages
