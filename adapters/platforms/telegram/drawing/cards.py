"""A card as pieces of a message: marked, plain, and bare; made once and remembered."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.platforms.telegram.drawing import wording
from adapters.platforms.telegram.drawing.keyboard import Rows, of_card
from adapters.platforms.telegram.drawing.wording import (
    escape,
    link,
    seen,
    shortened,
    strange,
    units,
    web,
)
from adapters.platforms.telegram.frozen import Own, Pieces, card_text, freeze_card
from bot.cards import Card, Section, phrases
from bot.cards.cut import clean
from bot.texts import N_, Texts, texts

# UTF-16 units; a heading and the largest card stay under one message's 4096 together.
TITLE, NAME, BYLINE, TEXT = 400, 160, 300, 1_000
QUOTE_PACKED, QUOTE_WHOLE = 700, 1_400
TITLE_BARE = 60
SECTION_NAME = 40
_LEAST_SECTION = 60
_MOST_KEPT = 4_000  # cards in the memo, some kilobytes each; a day has some hundreds

_LINKS = {"code": N_("code"), "project": N_("project page")}


@dataclass(frozen=True, slots=True)
class Form:
    """A card in one dress."""

    fragment: bytes
    units: int  # of what is read
    entities: int = 0


@dataclass(frozen=True, slots=True)
class Dressed:
    """A card in all that may be needed of it."""

    marked: Form
    plain: Form  # addresses written out, no longer reading
    lean: Form  # title, address and text, where the plain texts of a message are too long
    bare: Form  # title and address, where they still are
    picture: str | None
    buttons: Rows

    def form(self, dress: str) -> Form:
        """That of a plain text: "plain", "lean" or "bare"."""
        return {"plain": self.plain, "lean": self.lean}.get(dress, self.bare)


class Wardrobe:
    """Makes the forms of cards and remembers them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, bool], Dressed] = {}

    def dressed(self, card: Card, language: str, *, whole: bool) -> Dressed:
        """The card for a message in `language`; `whole`: it has the message to itself."""
        key = (card.key, language, whole)
        if (known := self._known.get(key)) is None:
            known = _dressed(card, texts(language), whole=whole)
            if card.key:  # one without was made by hand and cannot be told from another
                if len(self._known) >= _MOST_KEPT:
                    self._known.clear()
                self._known[key] = known
        return known


def _dressed(card: Card, t: Texts, *, whole: bool) -> Dressed:
    title = wording.title(card.title, card.id, TITLE)
    url = web(card.url)
    votes = next((phrases.badge(one, t) for one in card.badges if one.kind == "upvotes"), "")
    links = _links(card, t)
    beside = _badges_beside(card, t, starred=any(one.kind == "code" for one in card.links))
    by = (strange(card.organization or "", NAME), strange(card.byline, BYLINE))
    facts = [part for part in (beside, *by) if part]
    text = _text(card.lines)
    bold = f"<b>{link(url, escape(title)) if url else escape(title)}</b>"
    quote, quoted, sections = _quote(card, QUOTE_WHOLE if whole else QUOTE_PACKED)
    marked = Pieces(
        bold,
        votes,
        " · ".join([*map(escape, facts), *(link(to, escape(name)) for name, to in links)]),
        escape(text),
        quote,
    )
    names = [name for name, _ in links]
    read = Pieces(title, votes, " · ".join([*facts, *names]), text, quoted)
    entities = 2 + len(links) + (1 + sections if sections else 0)
    plain = Pieces(
        f"{title}\n{url}" if url else title,
        votes,
        " · ".join(facts),
        text,
        "\n".join([f"{name}: {to}" for name, to in links]),
    )
    lean = plain._replace(facts="", quote="")
    short = shortened(title, TITLE_BARE)
    bare = Pieces(f"{short}\n{url}" if url else short, votes, "", "", "")
    return Dressed(
        Form(freeze_card(marked), _units(read), entities),
        Form(freeze_card(plain), _units(plain)),
        Form(freeze_card(lean), _units(lean)),
        Form(freeze_card(bare), _units(bare)),
        web(card.picture),
        of_card(card, t),
    )


def _units(pieces: Pieces) -> int:
    return units(card_text(pieces, Own(), marked=False))


def _badges_beside(card: Card, t: Texts, *, starred: bool) -> str:
    """Comments, and stars where no link to the code bears them."""
    shown = ("comments",) if starred else ("stars", "comments")
    return " ".join([phrases.badge(one, t) for one in card.badges if one.kind in shown])


def _links(card: Card, t: Texts) -> list[tuple[str, str]]:
    """Names and addresses of where the card leads besides its title."""
    stars = next((f" {phrases.badge(one, t)}" for one in card.badges if one.kind == "stars"), "")
    found = []
    for one in card.links:
        if one.kind in _LINKS and (url := web(one.url)):
            found.append((t(_LINKS[one.kind]) + (stars if one.kind == "code" else ""), url))
    return found


def _text(lines: tuple[str, ...]) -> str:
    rows: list[str] = []
    room = TEXT
    for line in lines:
        if room < _LEAST_SECTION:
            break
        rows.append(strange(line, room))
        room -= units(rows[-1]) + 1
    return "\n".join([row for row in rows if row])


def _quote(card: Card, room: int) -> tuple[str, str, int]:
    """The longer reading as an expandable quotation, as it is read, and its number of parts.

    What does not fit is cut in the longest parts first.
    """
    colon = "：" if card.language.startswith("zh") else ": "
    parts = _told(card.sections, room)
    takes = [units(strange(text, room)) + 2 for _, text in parts]  # 2: what marks a direction
    share = _share(takes, room - sum(units(n) + 3 for n, _ in parts))
    told = [(name, strange(text, share)) for name, text in parts]
    if not told:
        return "", "", 0
    rows = "\n".join([f"<b>{escape(name)}{colon}</b>{escape(text)}" for name, text in told])
    read = "\n".join([f"{name}{colon}{text}" for name, text in told])
    return f"<blockquote expandable>{rows}</blockquote>", read, len(told)


def _told(sections: tuple[Section, ...], room: int) -> list[tuple[str, str]]:
    """The parts that say anything, as many as have room for a sentence each."""
    named = [(strange(one.name, SECTION_NAME), one.text) for one in sections]
    told = [(name, text) for name, text in named if seen(name) and seen(clean(text))]
    return told[: max(1, room // (2 * _LEAST_SECTION))]


def _share(lengths: list[int], room: int) -> int:
    """The most that one part may take, so that all stay within `room` and short ones whole."""
    left = sorted(lengths)
    while left:
        share = max(_LEAST_SECTION, room // len(left))
        if left[0] > share:
            return share
        room -= left.pop(0)
    return max(lengths, default=0)
