"""A message as text for a terminal of some width, in the channel's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from adapters.platforms.console.frozen import Message
from adapters.platforms.console.tables import table
from adapters.platforms.console.wrapping import Piece, Row, paint, shorten, width_of, wrap
from bot.cards import (
    Block,
    Buttons,
    Card,
    CardBlock,
    File,
    Foot,
    Heading,
    Line,
    Link,
    ListBlock,
    NoticeBlock,
    Paragraph,
    Table,
    phrases,
)
from bot.channels import Layout, Notice
from bot.papers import source_name
from bot.texts import N_, Texts, texts

NARROWEST, WIDEST = 20, 100  # cells; longer lines are hard to read
_LINKS = {"code": N_("code"), "project": N_("project page")}


def drawn(message: Message, *, width: int, color: bool, place: str | None = None) -> str:
    """The whole message; ends with a line break, a digest with an empty line.

    Without `color` there is no escape code. `place` names the channel in the head of a digest.
    """
    drawing = _Drawing(message, max(NARROWEST, min(width, WIDEST)), place)
    rows = [*drawing.rows()]
    if any(isinstance(block, Heading) for block in message.blocks):
        rows.append([])
    return "".join(paint(row, color=color) + "\n" for row in rows)


class _Drawing:
    def __init__(self, message: Message, width: int, place: str | None) -> None:
        self.message = message
        self.width = width
        self.place = place
        self.t: Texts = texts(message.language)
        foot = next((block for block in message.blocks if isinstance(block, Foot)), None)
        self.common = foot.rung if foot else None  # said once, at the foot
        self.unread = any(
            isinstance(block, NoticeBlock) and block.state is Notice.SOURCE_FAILED
            for block in message.blocks
        )

    def rows(self) -> Iterable[Row]:
        """The rows of all blocks; an empty one between blocks that need air."""
        before: Block | None = None
        for block in self._in_order():
            rows = self._block(block)
            if not rows:
                continue
            if before is not None and self._apart(before, block):
                yield []
            if isinstance(block, CardBlock) and block.late and not _is_late(before):
                yield from self._line(Piece(self.t("Late additions"), "strong"))
                if self.message.layout is not Layout.COMPACT:
                    yield []
            yield from rows
            before = block

    def _in_order(self) -> Sequence[Block]:
        """Late cards stand together, behind the others."""
        blocks = self.message.blocks
        cards = [block for block in blocks if isinstance(block, CardBlock)]
        if not any(card.late for card in cards):
            return blocks
        ordered = iter(sorted(cards, key=lambda card: card.late))
        return [next(ordered) if isinstance(block, CardBlock) else block for block in blocks]

    def _apart(self, before: Block, block: Block) -> bool:
        compact = self.message.layout is Layout.COMPACT
        if compact and isinstance(before, CardBlock) and isinstance(block, CardBlock | ListBlock):
            return before.late != _is_late(block)
        return not (isinstance(before, Paragraph) and isinstance(block, Paragraph | Table))

    def _block(self, block: Block) -> list[Row]:
        match block:
            case Heading():
                return self._heading(block)
            case CardBlock():
                compact = self.message.layout is Layout.COMPACT
                return [self._compact(block)] if compact else self._card(block)
            case ListBlock():
                return self._list(block)
            case NoticeBlock():
                return self._line(Piece.of(block.text, "notice"))
            case Foot():
                return self._foot(block)
            case Paragraph():
                return self._paragraph(block)
            case Table():
                return table(block, self.width)
            case Buttons():
                return self._buttons(block)
            case File():
                return [[Piece.of(line, "code")] for line in block.text.split("\n")]

    def _line(self, *pieces: Piece) -> list[Row]:
        return wrap(list(pieces), self.width)

    def _heading(self, block: Heading) -> list[Row]:
        t = self.t
        day = Piece(t.day(block.local_date), "day")
        lists = Piece.of(" · ".join(phrases.covered(block.lists, t)))
        place = Piece.of(self.place or "", "dim")
        rows: list[Row] = []
        whole: Row = [day, Piece(" · "), lists] if lists.text else [day]
        beside = 2 + cell_len(place.text) if place.text else 0
        if width_of(whole) + beside > self.width:
            rows = wrap([lists], self.width)
            whole = [day]
        gap = self.width - width_of(whole) - cell_len(place.text)
        rows.insert(0, [*whole, Piece(" " * gap), place] if place.text and gap > 1 else whole)
        counts = phrases.counts(block, t, ", ".join(block.topics), unread=self.unread)
        if counts:
            rows += self._line(Piece.of(counts, "dim"))
        if block.missing:
            names = t.list(source_name(name) for name in block.missing)
            rows += self._line(Piece.of(t("Not read: {sources}", sources=names), "notice"))
        return [*rows, [Piece("─" * self.width, "dim")]]

    def _card(self, block: CardBlock) -> list[Row]:
        card, inner = block.card, self.width - 1
        badges = self._badges(block)
        room = inner - width_of(badges) - 2 if badges else inner
        beside = badges and room >= inner // 2
        title = wrap(
            [Piece.of(card.title, "title", card.url)], inner, first=room if beside else None
        )
        rows = [*title]
        if beside:
            gap = inner - width_of(title[0]) - width_of(badges)
            rows[0] = [*title[0], Piece(" " * gap), *badges]
        elif badges:
            rows.append(badges)
        by = " · ".join(part for part in (card.byline, card.organization) if part)
        if by:
            rows += wrap([Piece.of(by, "dim")], inner)
        for line in card.lines:
            rows += wrap([Piece.of(line)], inner)
        if notes := self._notes(block):
            rows += wrap([Piece.of(notes, "dim")], inner)
        rows += self._addresses(card, inner)
        return [[Piece(" "), *row] for row in rows]

    def _badges(self, block: CardBlock) -> Row:
        parts: list[str] = []
        for badge in block.card.badges:
            if badge.kind == "upvotes" and block.rising:
                continue
            parts.append(phrases.badge(badge, self.t))
        if block.rising:
            parts.insert(0, phrases.rising(block.rising, self.t))
        return [Piece("  ".join(parts), "badge")] if parts else []

    def _notes(self, block: CardBlock) -> str:
        t = self.t
        notes: list[str] = []
        if block.topics:
            places = block.places if len(block.places) == len(block.topics) else ()
            topics = [*block.topics]
            for at, place in enumerate(places):
                if place:
                    topics[at] += phrases.behind(place, t)
            notes.append(t("matched: {topics}", topics=", ".join(topics)))
        notes += phrases.exceptions(block.card, self.common, t)
        return " · ".join(notes)

    def _addresses(self, card: Card, width: int) -> list[Row]:
        """Where the title leads and the other links, on one line if it holds them all."""
        rows: list[Row] = [[Piece.of(_short(card.url), "dim", card.url)]]
        for link in card.links:
            name = Piece.of(self._link(link) + " ", "dim")
            rows.append([name, Piece.of(_short(link.url), "dim", link.url)])
        whole: Row = [*rows[0]]
        for row in rows[1:]:
            whole += [Piece(" · ", "dim"), *row]
        if width_of(whole) <= width:
            return [whole]
        return [line for row in rows for line in wrap(row, width)]

    def _link(self, link: Link) -> str:
        return self.t(_LINKS[link.kind]) if link.kind in _LINKS else link.kind

    def _compact(self, block: CardBlock) -> Row:
        card = block.card
        line = Line(card.id, card.title, card.url, card.upvotes)
        return self._list_line(line, phrases.rising(block.rising, self.t))

    def _list(self, block: ListBlock) -> list[Row]:
        t = self.t
        rows: list[Row] = []
        if block.lines and self.message.layout is not Layout.COMPACT:
            rows += self._line(Piece(t("In one line each"), "strong"))
        rows += [self._list_line(line) for line in block.lines]
        if more := phrases.more(block, t):
            rows += self._line(Piece.of(more, "dim"))
        return rows

    def _list_line(self, line: Line, rising: str = "") -> Row:
        """Votes, title, id: as much of the title as there is room for."""
        badge = rising or ("" if line.upvotes is None else f"▲{self.t.number(line.upvotes)}")
        votes = Piece(badge.rjust(5) + "  ", "badge")
        room = self.width - cell_len(votes.text) - len(line.id) - 2
        if room < 24:  # better more of the title than the id
            return [votes, _title(line.title, line.url, self.width - cell_len(votes.text))]
        title = _title(line.title, line.url, room)
        gap = Piece(" " * (room - cell_len(title.text) + 2))
        return [votes, title, gap, Piece.of(line.id, "dim", line.url)]

    def _foot(self, block: Foot) -> list[Row]:
        said = phrases.foot(block, self.t)
        return self._line(Piece.of(said, "dim")) if said else []

    def _paragraph(self, block: Paragraph) -> list[Row]:
        rows: list[Row] = []
        row: Row = []
        for span in block.spans:
            for number, text in enumerate(span.text.split("\n")):
                if number:
                    rows += self._typed(row)
                    row = []
                row.append(Piece.of(text, span.kind, span.url))
        return rows + self._typed(row)

    def _buttons(self, block: Buttons) -> list[Row]:
        """A terminal has none: what each would ask for, to be typed."""
        rows = []
        for button in (one for row in block.rows for one in row if one.action):
            rows.append((f"/{button.action}", f"{button.label}{' ✓' if button.chosen else ''}"))
        return table(Table(tuple(rows)), self.width)

    def _typed(self, row: Row) -> list[Row]:
        """A line of text, wrapped; one to be copied stays whole, for a break would spoil it."""
        whole = bool(row) and all(piece.style == "code" for piece in row)
        return [row] if whole else wrap(row, self.width)


def _is_late(block: Block | None) -> bool:
    return isinstance(block, CardBlock) and block.late


def _title(title: str, url: str, room: int) -> Piece:
    return Piece(shorten(Piece.of(title).text, max(room, 1)), "plain", url)


def _short(url: str) -> str:
    return url.split("://", 1)[-1].removeprefix("www.").rstrip("/")
