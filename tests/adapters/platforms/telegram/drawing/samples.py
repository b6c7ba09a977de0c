"""Digests to draw, and what is asked of everything drawn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from adapters.platforms.telegram.drawing import Pen
from adapters.platforms.telegram.frozen import Call, thaw
from adapters.sources.huggingface.convert import to_paper
from bot.cards import Block, Card, CardBlock, Foot, Heading, Line, ListBlock, ListCovered, Rung
from bot.cards.formatter import card
from bot.channels import Drawn, Layout
from bot.papers import Paper, Reading
from tests.wires.judges.telegram import call_problems, parsed, text_problems

DAY = date(2025, 12, 26)
SECTIONS = (
    ("Problem", "Models that look and talk reason in words alone. " * 12),
    ("Method", "Tokens for looking are learnt without labels. " * 30),
    ("Results", "5.2 points better on nine sets."),
)
ROOT = Path(__file__).resolve().parents[5]
DAYS = ROOT.parent / "shared" / "recordings" / "huggingface" / "days"


def a_card(number: int = 1, *, language: str = "en", read: bool = False, **facts: Any) -> Card:
    """A card of a paper; `read`: with a longer reading."""
    facts.setdefault("title", f"Paper number {number}")
    facts.setdefault("summary", f"It shows thing number {number}.")
    paper = Paper(facts.pop("id", f"2512.{number:05}"), **facts)
    return card(paper, reading(paper, language) if read else None, language)


def reading(paper: Paper, language: str) -> Reading:
    return Reading(paper.id, language, "full-text", ("It is read whole.",), SECTIONS)


def a_heading(**words: Any) -> Heading:
    words.setdefault("lists", (ListCovered("huggingface", DAY, True),))
    words.setdefault("papers", 9)
    words.setdefault("matched", words["papers"])
    words.setdefault("topics", ())
    return Heading(DAY, **words)


def a_line(number: int = 1, title: str | None = None) -> Line:
    paper_id = f"2511.{number:05}"
    return Line(paper_id, title or f"Listed {number}", f"https://arxiv.org/abs/{paper_id}", number)


def digest(
    cards: Sequence[Card | CardBlock], *more: Block, topics: tuple[str, ...] = (), **words: Any
) -> list[Block]:
    """Heading, cards, what is given, foot."""
    blocks = [one if isinstance(one, CardBlock) else CardBlock(one) for one in cards]
    rung = words.pop("rung", Rung.READY_MADE)
    return [a_heading(topics=topics, **words), *blocks, *more, Foot(rung, 3)]


def draw(
    blocks: Sequence[Block], layout: Layout = Layout.PACKED, language: str = "en"
) -> list[Drawn]:
    return [*Pen().draw(blocks, layout, language)]


def calls(drawn: Sequence[Drawn]) -> list[Call]:
    return [thaw(one.body) for one in drawn]


def read(drawn: Sequence[Drawn]) -> list[str]:
    """What people see of each message."""
    return [
        parsed(call.params["text"], call.params.get("parse_mode"))[0]
        for call in calls(drawn)
        if not call.file
    ]


def html(drawn: Sequence[Drawn]) -> list[str]:
    return [call.params["text"] for call in calls(drawn) if not call.file]


def labels(call: Call) -> list[list[str]]:
    return [[button.label for button in row] for row in call.buttons]


def as_sent(call: Call) -> dict[str, Any]:
    """The whole parameters of a call, as sending will make them."""
    keyboard = [
        [
            {"text": one.label, "url": one.url}
            if one.url
            else {"text": one.label, "callback_data": one.action}
            for one in row
        ]
        for row in call.buttons
    ]
    params = {"chat_id": 1, **call.params}
    return {**params, "reply_markup": {"inline_keyboard": keyboard}} if keyboard else params


def problems(drawn: Sequence[Drawn], *, spec: bool = True) -> list[str]:
    """What Telegram's parser and document say against the messages and their plain texts."""
    found: list[str] = []
    for one in drawn:
        for body in (one.body, one.fallback):
            if body is None:
                continue
            call = thaw(body)
            if call.file:
                continue
            found += text_problems(call.params)
            found += (call_problems(call.method, as_sent(call)) or []) if spec else []
            if sum(map(len, call.buttons)) > 100:
                found.append("too many buttons")
        plain = thaw(one.fallback) if one.fallback else None
        if plain and ("parse_mode" in plain.params or any(b.url for r in plain.buttons for b in r)):
            found.append("the plain text is not plain")
    return found


@cache
def recorded(day: str) -> tuple[Paper, ...]:
    """The papers of a recorded day."""
    records = json.loads((DAYS / f"{day}.json").read_text("utf-8"))
    return tuple(to_paper(record, "huggingface") for record in records)


def recorded_digest(papers: Sequence[Paper], language: str) -> list[Block]:
    """Most of the papers as cards in all their shapes, the rest as a list."""
    cards = [
        card(paper, reading(paper, language) if at % 3 == 0 else None, language)
        for at, paper in enumerate(papers)
    ]
    most = -(-len(cards) * 4 // 5)
    blocks = [
        CardBlock(
            one,
            ("agents",),
            ("title",),
            late=at % 7 == 5,
            rising=(1, one.upvotes) if at % 5 == 4 and one.upvotes else None,
        )
        for at, one in enumerate(cards[:most])
    ]
    lines = tuple(Line(one.id, one.title, one.url, one.upvotes) for one in cards[most:])
    return digest(
        blocks, ListBlock(lines, 4, DAY), topics=("agents",), papers=len(cards), rung=Rung.SENTENCES
    )
