"""The pen: blocks in a layout become messages, a thread of them, or posts of a forum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from adapters.platforms.discord.drawing import phrases
from adapters.platforms.discord.drawing.buttons import MOST
from adapters.platforms.discord.drawing.embeds import Shape, Shelf
from adapters.platforms.discord.drawing.escaping import fitted, plain, units
from adapters.platforms.discord.drawing.lines import GAP, Line, paper_line, pour, render
from adapters.platforms.discord.drawing.messages import (
    CONTENT,
    Message,
    Way,
    card_of,
    card_size,
)
from adapters.platforms.discord.drawing.wording import worded
from adapters.platforms.discord.frozen import freeze
from bot.cards import (
    Block,
    Button,
    Buttons,
    CardBlock,
    File,
    Foot,
    Heading,
    ListBlock,
    NoticeBlock,
    Paragraph,
    Rung,
)
from bot.channels import Drawn, Kind, Layout, Place, PlaceKind
from bot.texts import N_, Texts, texts

HEAD = 1_900  # UTF-16 units of the content above the embeds
TEXT = 4_000  # of the description of one embed of lines
NAME = 100
ARCHIVE = 1_440  # minutes after which a silent thread is folded away
_HERE = Place()
_LATE = N_("Late additions")


@dataclass(slots=True)
class _Parts:
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


class Pen:
    """Draws for Discord. It remembers the embeds of cards, nothing else."""

    def __init__(self) -> None:
        self._shelf = Shelf()

    def draw(
        self, blocks: Sequence[Block], layout: Layout, language: str, place: Place = _HERE
    ) -> tuple[Drawn, ...]:
        """Messages for the blocks, in order. Pure; never raises on any text."""
        return _Drawing(self._shelf, _sorted(blocks), layout, texts(language), place).drawn()


def _sorted(blocks: Sequence[Block]) -> _Parts:
    parts = _Parts()
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
                name = "".join(c for c in plain(block.name) if c not in '/\\:*?"<>|')[:NAME]
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
class _Drawing:
    shelf: Shelf
    parts: _Parts
    layout: Layout
    t: Texts
    place: Place

    def drawn(self) -> tuple[Drawn, ...]:
        kind = self.place.kind
        if kind is PlaceKind.FORUM:
            if self.layout is Layout.CARDS and self.parts.cards:
                return self._forum_cards()
            return self._forum_day()
        if (
            self.layout is Layout.THREAD
            and self.parts.cards
            and self.parts.heading
            and kind in (PlaceKind.GROUP, PlaceKind.BROADCAST)
        ):
            return self._thread()
        ways = self._ways(Way(crosspost=self._crossposts()))
        return self._all(self._messages(self._head(), self.parts.tail), ways)

    # Layouts

    def _messages(self, head: list[Line], tail: Sequence[Block]) -> list[Message]:
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
        messages = _headed(head)
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
            heading = units(t(_LATE)) if begins and not message.bare else 0
            if (apart and message.cards) or not message.takes(
                card_size(card) + heading, 1 + bool(heading), 1
            ):
                message = Message()
                messages.append(message)
            if begins and message.bare:
                message.content += [*([GAP] if message.content else []), Line(f"**{t(_LATE)}**")]
            elif begins:
                message.add_heading(t(_LATE))
            message.add_card(card, number)
        if lists and apart:
            messages.append(Message())
        start = len(cards) + 1 if numbered else 1
        self._add(messages, worded(tail, t, start=start), lists=lists)
        return messages

    def _compact(self, head: list[Line], tail: Sequence[Block]) -> list[Message]:
        """Every paper in one line, with buttons that show it as a card."""
        lines = self._index()
        lists = [one for one in tail if isinstance(one, ListBlock)]
        # Where no text of a paper is shown, there is nothing to say about what it came from.
        rest: list[Block] = [
            replace(one, rung=None) if isinstance(one, Foot) else one
            for one in tail
            if not isinstance(one, ListBlock)
        ]
        below = worded(lists, self.t, start=len(self.parts.cards) + 1, compact=True)
        if below and self.parts.cards[-1].late:
            lines.append(GAP)
        lines += below
        if more := worded(rest, self.t):
            lines += [GAP, *more]
        messages = _headed(head)
        self._add(messages, lines, lists=True)
        return messages

    def _index(self, room: int = 130) -> list[Line]:
        """The cards in one line each."""
        lines: list[Line] = []
        late = False
        for number, block in enumerate(self.parts.cards, start=1):
            if block.late and not late:
                lines += [*([GAP] if lines else []), Line(f"**{self.t(_LATE)}**")]
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
            messages = _headed(head)
        else:
            messages = [Message()]
            self._add(messages, head, lists=False)
        self._add(messages, worded(tail, self.t), lists=True)
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

    # Places

    def _thread(self) -> tuple[Drawn, ...]:
        """An index in the channel, its thread, the cards within."""
        t, heading = self.t, self.parts.heading
        assert heading is not None
        lists = [block for block in self.parts.tail if isinstance(block, ListBlock)]
        rest = [block for block in self.parts.tail if not isinstance(block, ListBlock)]
        index = _headed(self._head())[0]
        lines = self._index()
        if more := worded(rest, t):
            lines += [GAP, *more]
        chunks = pour(lines, TEXT, len(lines))
        if sum(chunk.size for chunk in chunks) > 5_900:
            lines = self._index(max(20, 5_000 // len(self.parts.cards) - 70))
            chunks = pour(lines, TEXT, len(lines))
        for chunk in chunks:
            if index.takes(chunk.size):
                index.add_text(chunk)
        way = Way(ping=self._ping(), crosspost=self._crossposts())
        opening = {
            "name": phrases.thread_name(heading, t) or "…",
            "auto_archive_duration": ARCHIVE,
        }
        thread = Drawn(
            freeze(Kind.OPEN_THREAD, opening), kind=Kind.OPEN_THREAD, silent=True, waits_for=0
        )
        inside = self._messages([], lists)
        ways = iter(lambda: Way(silent=True, waits_for=1), None)
        return (
            index.drawn(t, self.shelf, way, index=True),
            thread,
            *self._all(inside, ways),
        )

    def _forum_day(self) -> tuple[Drawn, ...]:
        """A post that holds all: the heading and the foot, then the rest as messages in it."""
        heading, t = self.parts.heading, self.t
        name = self._forum_name()
        first = Way(Kind.FORUM_POST, ping=self._ping(), name=name, tag=self._tag())
        if not (heading and self.parts.papers):
            messages = self._messages(self._head(), self.parts.tail)
        else:
            lists = [block for block in self.parts.tail if isinstance(block, ListBlock)]
            rest = [block for block in self.parts.tail if not isinstance(block, ListBlock)]
            below = worded(rest, t)
            head = [*self._head(), *([GAP] if below else []), *below]
            messages = [*_headed(head)[:1], *self._messages([], lists)]
        return self._all(messages, self._ways(first, Way(silent=True, waits_for=0)))

    def _forum_cards(self) -> tuple[Drawn, ...]:
        """A post for each paper, and one for what is not a card."""
        t, parts = self.t, self.parts
        out: list[Drawn] = []
        late = False
        for block in parts.cards:
            message = Message()
            if block.late and not late:
                message.content.append(Line(f"**{t(_LATE)}**"))
            late = late or block.late
            # Each post stands alone, so each says what its text came from.
            message.add_card(card_of(block, self.shelf, t, Shape.LARGE, None, None), len(out) + 1)
            card = block.card
            name = fitted(card.title, NAME, plain) or fitted(card.id, NAME, plain)
            out.append(message.drawn(t, self.shelf, self._forum_way(name, first=not out)))
        rest = [block for block in parts.tail if not isinstance(block, Foot)]
        told = bool(rest) or any(not isinstance(one, Heading) for one in parts.head)
        if told or parts.rows or parts.files:
            name = self._forum_name()
            parts.cards = []
            for number, message in enumerate(self._messages(self._head(), rest)):
                way = self._forum_way(name, first=not out)
                if number:
                    way = Way(silent=True, waits_for=len(out) - number)
                out.append(message.drawn(t, self.shelf, way))
        return tuple(out)

    def _forum_way(self, name: str, *, first: bool) -> Way:
        return Way(
            Kind.FORUM_POST,
            silent=not first,
            ping=self._ping() if first else None,
            name=name,
            tag=self._tag(),
        )

    def _forum_name(self) -> str:
        parts = self.parts
        if parts.heading is None:
            words = [block.card.title for block in parts.cards]
            words += [
                block.text for block in parts.head if isinstance(block, NoticeBlock | Paragraph)
            ]
            return next((name for word in words if (name := fitted(word, NAME, plain))), "…")
        if parts.papers:
            return phrases.day_name(parts.heading, self.t)
        return fitted(self.t.day(parts.heading.local_date), NAME, plain)

    # Ways

    def _head(self) -> list[Line]:
        return worded(self.parts.head, self.t)

    def _all(self, messages: Sequence[Message], ways: Iterator[Way]) -> tuple[Drawn, ...]:
        return tuple(
            message.drawn(self.t, self.shelf, way)
            for message, way in zip(messages, ways, strict=False)
        )

    def _ways(self, first: Way, other: Way | None = None) -> Iterator[Way]:
        """How the first message goes and how all others do."""
        parts = self.parts
        notice = parts.heading is not None and not parts.papers
        notice = notice and all(
            isinstance(block, Heading | NoticeBlock) for block in (*parts.head, *parts.tail)
        )
        if notice:
            kind = Kind.NOTICE if first.kind is Kind.POST else first.kind
            first = replace(first, kind=kind, silent=True, ping=None)
        else:
            first = replace(first, ping=self._ping())
        yield first
        other = other or replace(first, ping=None, silent=True)
        while True:
            yield other

    def _ping(self) -> str | None:
        digits = _digits(self.place.ping)
        return digits if self.parts.heading and self.parts.papers else None

    def _tag(self) -> str | None:
        return _digits(self.place.tag)

    def _crossposts(self) -> bool:
        return (
            self.place.crosspost
            and self.place.kind is PlaceKind.BROADCAST
            and self.parts.heading is not None
            and self.parts.papers
        )


def _headed(head: list[Line]) -> list[Message]:
    """The first message, with the head as its content as far as it fits."""
    message = Message()
    above = pour(head, HEAD, len(head)) if head else []
    if above:
        message.content = [*above[0].lines]
    for chunk in above[1:]:
        message.add_text(chunk)
    return [message]


def _digits(text: str | None) -> str | None:
    """An id as Discord has them, else nothing: it stands in a mention."""
    return text if text and text.isascii() and text.isdigit() and len(text) <= 20 else None
