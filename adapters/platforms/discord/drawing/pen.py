"""The pen: blocks in a layout become messages, a thread of them, or posts of a forum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from adapters.platforms.discord.drawing import phrases
from adapters.platforms.discord.drawing.embeds import TOTAL, Shape, Shelf
from adapters.platforms.discord.drawing.escaping import fitted, plain
from adapters.platforms.discord.drawing.filling import LATE, Filling, Parts, headed, sorted_out
from adapters.platforms.discord.drawing.lines import GAP, Line
from adapters.platforms.discord.drawing.messages import Message, Way, card_of
from adapters.platforms.discord.drawing.wording import worded
from adapters.platforms.discord.frozen import freeze
from bot.cards import Block, Foot, Heading, ListBlock, NoticeBlock, Paragraph
from bot.channels import Drawn, Kind, Layout, Place, PlaceKind
from bot.texts import Texts, texts

NAME = 100  # UTF-16 units of the name of a thread or forum post
ARCHIVE = 1_440  # minutes after which a silent thread is folded away
_HERE = Place()


class Pen:
    """Draws for Discord. It remembers the embeds of cards, nothing else."""

    def __init__(self) -> None:
        self._shelf = Shelf()

    def draw(
        self, blocks: Sequence[Block], layout: Layout, language: str, place: Place = _HERE
    ) -> tuple[Drawn, ...]:
        """Messages for the blocks, in order. Pure; never raises on any text."""
        t = texts(language)
        filling = Filling(self._shelf, sorted_out(blocks), layout, t)
        return _Drawing(self._shelf, filling, filling.parts, layout, t, place).drawn()


@dataclass(slots=True)
class _Drawing:
    shelf: Shelf
    filling: Filling
    parts: Parts
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
        return self._all(self.filling.messages(self._head(), self.parts.tail), ways)

    def _thread(self) -> tuple[Drawn, ...]:
        """An index in the channel, its thread, the cards within."""
        t, heading = self.t, self.parts.heading
        assert heading is not None
        lists = [block for block in self.parts.tail if isinstance(block, ListBlock)]
        rest = [block for block in self.parts.tail if not isinstance(block, ListBlock)]
        below = worded(rest, t)
        chunks = self.filling.one_each(130, lists, below)
        if sum(chunk.size for chunk in chunks) > TOTAL:
            count = len(self.parts.cards) + sum(len(block.lines) for block in lists)
            chunks = self.filling.one_each(max(20, 5_000 // count - 70), lists, below)
        index = headed(self._head())[0]
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
        inside = self.filling.messages([], lists)
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
            messages = self.filling.messages(self._head(), self.parts.tail)
        else:
            lists = [block for block in self.parts.tail if isinstance(block, ListBlock)]
            rest = [block for block in self.parts.tail if not isinstance(block, ListBlock)]
            below = worded(rest, t)
            head = [*self._head(), *([GAP] if below else []), *below]
            messages = [*headed(head), *self.filling.messages([], lists)]
        return self._all(messages, self._ways(first, Way(silent=True, waits_for=0)))

    def _forum_cards(self) -> tuple[Drawn, ...]:
        """A post for each paper, and one for what is not a card."""
        t, parts = self.t, self.parts
        out: list[Drawn] = []
        late = False
        for block in parts.cards:
            message = Message()
            if block.late and not late:
                message.content.append(Line(f"**{t(LATE)}**"))
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
            for number, message in enumerate(self.filling.messages(self._head(), rest)):
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


def _digits(text: str | None) -> str | None:
    """An id as Discord has them, else nothing: it stands in a mention."""
    return text if text and text.isascii() and text.isdigit() and len(text) <= 20 else None
