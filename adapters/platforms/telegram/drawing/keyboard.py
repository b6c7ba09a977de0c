"""Rows of buttons as Telegram takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from adapters.platforms.telegram.drawing.wording import plain, seen, shortened, web
from bot.cards import ACTION_BYTES, Button, Card
from bot.cards.buttons import card_buttons
from bot.texts import Texts

MOST = 100  # buttons of a message; more are refused
A_ROW = 8  # more than these in a row are refused or unreadable
A_ROW_OF_WORDS = 3
LABEL = 60  # UTF-16 units

Rows = list[tuple[Button, ...]]


def of_card(card: Card, t: Texts) -> Rows:
    """What can be pressed under a card, and below it where the card leads."""
    buttons = card_buttons(card, t)
    asked = [one for one in buttons if one.action]
    leading = [one for one in buttons if not one.action]
    return [part for row in (asked, leading) for part in _rows(_fitting(row), A_ROW_OF_WORDS)]


@lru_cache(maxsize=10_000)
def number(at: int, paper_id: str) -> Button | None:
    """The button that shows a paper whole; None for one whose id no button can carry."""
    return _fit(Button(str(at), f"card {paper_id}"))


def of_numbers(numbers: Sequence[Button]) -> Rows:
    """Numbers in rows of about one length."""
    return _rows(numbers, A_ROW)


def of_answer(rows: Iterable[Sequence[Button]]) -> Rows:
    """The rows of an answer as they were given; one that is too long becomes several."""
    return [part for row in rows for part in _rows(_fitting(row), A_ROW)]


def _fitting(buttons: Iterable[Button]) -> list[Button]:
    """Those that Telegram takes, their labels cut, and marked where they are chosen."""
    return [made for one in buttons if (made := _fit(one))]


def _rows(buttons: Sequence[Button], most: int) -> Rows:
    count = -(-len(buttons) // most)
    ends = [round(len(buttons) * number / count) for number in range(count + 1)] if count else []
    return [tuple(buttons[a:b]) for a, b in pairwise(ends)]


def without_web(rows: Rows) -> Rows:
    """The rows without buttons that lead away: a refused address would refuse the message."""
    return [kept for row in rows if (kept := tuple([one for one in row if one.action]))]


def capped(rows: Rows) -> Rows:
    """As many as a message takes."""
    if sum(map(len, rows)) <= MOST:
        return rows
    kept: Rows = []
    room = MOST
    for row in rows:
        if part := row[:room]:
            kept.append(part)
            room -= len(part)
    return kept


def _fit(button: Button) -> Button | None:
    if button.action:
        if len(button.action.encode("utf-8", "surrogatepass")) > ACTION_BYTES:
            return None  # it could not come back whole
        url = None
    elif (url := web(button.url)) is None:
        return None
    label = " ".join(plain(button.label).split())
    label = shortened(f"✓ {label}" if button.chosen else label, LABEL)
    return replace(button, label=label if seen(label) else "…", url=url)
