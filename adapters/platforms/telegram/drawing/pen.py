"""Draws blocks as Telegram messages, in four layouts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.platforms.telegram.drawing import digest, keyboard
from adapters.platforms.telegram.drawing.answers import paragraph, table
from adapters.platforms.telegram.drawing.atoms import Atom, Shown, said
from adapters.platforms.telegram.drawing.cards import Wardrobe
from adapters.platforms.telegram.drawing.packing import Message, packed
from adapters.platforms.telegram.drawing.wording import (
    escape,
    plain,
    quiet_sentence,
    seen,
    shortened,
    strange,
)
from adapters.platforms.telegram.frozen import Own, freeze_file, thaw
from bot.cards import (
    Block,
    Buttons,
    CardBlock,
    File,
    Foot,
    Heading,
    Line,
    ListBlock,
    NoticeBlock,
    Paragraph,
    Rung,
    Table,
    phrases,
)
from bot.channels import Drawn, Layout, Notice, Place
from bot.texts import Texts, texts

_ANYWHERE = Place()
_TOPIC, _TOPICS = 100, 400  # UTF-16 units, of the topics of a card that stands without a heading
_NOTICE = 1_000


class Pen:
    """Draws messages and remembers how cards look; one for all channels."""

    def __init__(self) -> None:
        self._wardrobe = Wardrobe()

    def draw(
        self, blocks: Sequence[Block], layout: Layout, language: str, place: Place = _ANYWHERE
    ) -> tuple[Drawn, ...]:
        """Messages for the blocks, in order; () for none. All but the first are silent.

        Every place looks alike: where a button cannot be answered, sending changes what it does.
        """
        return tuple(_Drawing(blocks, layout, texts(language), self._wardrobe).drawn())


def inline_text(block: CardBlock, language: str) -> dict[str, object]:
    """The card as text, parse_mode and link_preview_options of an inline result."""
    return thaw(Pen().draw((block,), Layout.PACKED, language)[0].body).params


class _Drawing:
    """One draw."""

    def __init__(
        self, blocks: Sequence[Block], layout: Layout, t: Texts, wardrobe: Wardrobe
    ) -> None:
        self._blocks = _in_order(blocks)
        self._layout = layout
        self._t = t
        self._wardrobe = wardrobe
        self._common: Rung | None = None  # where most texts came from: said once, at the foot
        self._headed = self._unread = False
        cards = lines = 0
        for block in blocks:
            match block:
                case CardBlock():
                    cards += 1
                case ListBlock():
                    lines += len(block.lines)
                case Foot():
                    self._common = block.rung
                case Heading():
                    self._headed = True
                case NoticeBlock():
                    self._unread |= block.state is Notice.SOURCE_FAILED
        # Cards that answer an index; where there is no heading there is no digest to index.
        self._threaded = layout is Layout.THREAD and self._headed and cards > 0
        self._lined = self._threaded or layout is Layout.COMPACT
        self._apart = layout is Layout.CARDS
        self._roomy = self._threaded or self._apart or cards == 1
        self._numbered = cards + lines > 1
        self._number = 0

    def drawn(self) -> list[Drawn]:
        """All messages; of a thread the index first."""
        drawn = self._messages()
        if self._threaded:
            cards = [block for block in self._blocks if isinstance(block, CardBlock)]
            for number, block in enumerate(cards, 1):
                atom = self._card(block, number if self._numbered else None)
                drawn += [one.drawn([], silent=True, waits_for=0) for one in packed([atom])]
        return drawn

    def _messages(self) -> list[Drawn]:
        """The blocks in order, files between the texts, buttons below the last text."""
        parts: list[Message | File] = []
        rows: keyboard.Rows = []
        waiting: list[Block] = []
        for block in self._blocks:
            if isinstance(block, Buttons):
                rows += keyboard.of_answer(block.rows)
            elif isinstance(block, File):
                parts += [*packed(self._atoms(waiting)), block]
                waiting = []
            else:
                waiting.append(block)
        parts += packed(self._atoms(waiting))
        if rows and not parts:
            parts += packed([said("▾")])  # buttons alone are no message
        texts_at = [at for at, part in enumerate(parts) if isinstance(part, Message)]
        last = texts_at[-1] if texts_at else len(parts) - 1
        return [
            _part(part, rows if at == last else [], silent=at > 0) for at, part in enumerate(parts)
        ]

    def _atoms(self, blocks: Sequence[Block]) -> Iterator[Atom]:
        before: Block | None = None
        for block in blocks:
            drew = False
            for atom in self._block(block, before):
                yield atom
                drew = True
            before = block if drew else before

    def _block(self, block: Block, before: Block | None) -> Iterator[Atom]:
        t = self._t
        match block:
            case Heading():
                yield digest.heading(block, t, unread=self._unread)
            case CardBlock():
                yield from self._placed(block, before)
            case ListBlock():
                yield from self._list(block, before)
            case NoticeBlock():
                if seen(text := plain(block.text)):
                    yield said(shortened(quiet_sentence(text), _NOTICE))
            case Foot():
                alone = isinstance(before, CardBlock) and not self._headed
                yield from digest.foot(block, t, "\n" if alone else "\n\n")
            case Paragraph():
                yield from paragraph(block, "\n" if isinstance(before, Paragraph) else "\n\n")
            case Table():
                yield from table(block, t, "\n\n")
            case Buttons() | File():
                return

    def _placed(self, block: CardBlock, before: Block | None) -> Iterator[Atom]:
        """The card among others, under its headline where it is the first late one."""
        begins = self._apart and isinstance(before, CardBlock)
        gap = "\n" if self._lined and isinstance(before, CardBlock) else "\n\n"
        if block.late and not _is_late(before):
            yield digest.late_heading(self._t, begins=begins)
            begins, gap = False, "\n" if self._lined else "\n\n"
        if self._lined:
            yield self._card_line(block, gap)
            return
        number = self._next() if self._numbered and not self._apart else None
        yield self._card(block, number, begins=begins, gap=gap)

    def _card(
        self, block: CardBlock, number: int | None, *, begins: bool = False, gap: str = "\n\n"
    ) -> Atom:
        card, note = block.card, self._note(block)
        votes = phrases.rising(block.rising, self._t)
        dressed = self._wardrobe.dressed(card, self._t.language, whole=self._roomy)
        shown = Shown(card, dressed, Own(votes, escape(note)), Own(votes, note))
        before = "" if number is None else f"{number}. "
        button = None if number is None else keyboard.number(number, card.id)
        return Atom(before, before, len(before), card=shown, number=button, gap=gap, begins=begins)

    def _note(self, block: CardBlock) -> str:
        """What neither head nor foot says of it."""
        t = self._t
        notes = []
        if block.topics and not self._headed:
            named = ", ".join([strange(topic, _TOPIC) for topic in block.topics])
            notes.append(t("matched: {topics}", topics=shortened(named, _TOPICS)))
        notes += phrases.exceptions(block.card, self._common, t)
        return " · ".join(notes)

    def _card_line(self, block: CardBlock, gap: str) -> Atom:
        """A card as one line; an index only announces it: it comes as a message of its own."""
        card = block.card
        return digest.line(
            Line(card.id, card.title, card.url, card.upvotes),
            self._t,
            number=self._next() if self._numbered else None,
            votes=phrases.rising(block.rising, self._t),
            gap=gap,
            announced=self._threaded,
        )

    def _list(self, block: ListBlock, before: Block | None) -> Iterator[Atom]:
        compact = self._layout is Layout.COMPACT
        begins = self._apart and isinstance(before, CardBlock)
        together = compact and isinstance(before, CardBlock) and not before.late
        gap = "\n" if together else "\n\n"
        if block.lines and self._headed and not compact:
            yield digest.list_heading(self._t, begins=begins)
            begins, gap = False, "\n"
        for one in block.lines:
            number = self._next() if self._numbered else None
            yield digest.line(one, self._t, number=number, gap=gap, begins=begins)
            begins, gap = False, "\n"
        yield from digest.passed(block, self._t)

    def _next(self) -> int:
        self._number += 1
        return self._number


def _part(part: Message | File, rows: keyboard.Rows, *, silent: bool) -> Drawn:
    if isinstance(part, Message):
        return part.drawn(rows, silent=silent)
    name = " ".join(plain(part.name).split()).replace("/", "-").replace("\\", "-")
    body = freeze_file(shortened(name, 60) or "file.txt", plain(part.text), rows)
    return Drawn(body, silent=silent)


def _in_order(blocks: Sequence[Block]) -> Sequence[Block]:
    """Late cards stand together, behind the others."""
    cards = [block for block in blocks if isinstance(block, CardBlock)]
    if not any(card.late for card in cards):
        return blocks
    ordered = iter(sorted(cards, key=lambda card: card.late))
    return [next(ordered) if isinstance(block, CardBlock) else block for block in blocks]


def _is_late(block: Block | None) -> bool:
    return isinstance(block, CardBlock) and block.late
