"""Digests to draw, and a look at what was drawn."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from adapters.platforms.discord.frozen import Call, thaw
from adapters.sources.huggingface.convert import to_paper
from bot.cards import Block, CardBlock, Foot, Heading, Line, ListBlock, ListCovered
from bot.cards.formatter import card
from bot.channels import Drawn, Kind
from bot.papers import Paper, Reading
from tests.wires.judges.discord import call_problems, limit_problems

ROOT = Path(__file__).resolve().parents[5]
DAYS = ROOT.parent / "shared" / "recordings" / "huggingface" / "days"
BUNDLED = ROOT / "adapters" / "sources" / "bundled" / "edition_2025-12-26.json"
DAY = date(2025, 12, 26)
PAPER = Paper(
    "2512.15716",
    "Spatia: Video Generation with Updatable Spatial Memory",
    authors=("Jinjing Zhao", "Fangyun Wei", "Zhening Liu", "Hongyang Zhang"),
    organization="The University of Sydney",
    summary="Keeps a cloud of points as memory, so that long videos stay as they began.",
    upvotes=20,
    stars=37,
    comments=3,
    code_url="https://github.com/example/spatia",
    project_url="https://example.org/spatia",
    image_url="https://cdn.example.org/spatia.png",
)
_PATHS = {
    Kind.OPEN_THREAD: "/channels/1234567890123456/messages/1234567890123457/threads",
    Kind.FORUM_POST: "/channels/1234567890123456/threads",
}


def papers(file: Path) -> list[Paper]:
    """The papers of a recorded list."""
    return [to_paper(record, "huggingface") for record in json.loads(file.read_bytes())]


def many(count: int, text: str = "") -> list[Paper]:
    """So many papers with an id of their own."""
    return [
        replace(PAPER, id=f"2512.{n:05}", title=f"{text or PAPER.title} {n}")
        for n in range(1, count + 1)
    ]


def read(paper: Paper, language: str) -> Reading:
    """A reading with three long parts."""
    text = paper.abstract or paper.title
    parts = (("Problem", text), ("Method", text * 2), ("Result", text))
    return Reading(paper.id, language, "full-text", (paper.summary or text,), parts)


def digest(
    given: Sequence[Paper],
    language: str = "en",
    *,
    cards: int = 10,
    lines: int = 25,
    late: int = 0,
    whole: bool = False,
) -> list[Block]:
    """A digest of the papers: cards, the last ones late, then lines; `whole`: with readings."""
    made = [card(one, read(one, language) if whole else None, language) for one in given]
    shown, rest = made[:cards], made[cards:]
    blocks: list[Block] = [
        Heading(
            date(2025, 12, 27),
            (ListCovered("huggingface", DAY, True),),
            len(made) + 4,
            len(made),
            ("video generation", "VLM"),
        )
    ]
    for number, one in enumerate(shown):
        hit = number % 3 == 0
        blocks.append(
            CardBlock(
                one,
                ("video generation",) if hit else (),
                ("title, abstract",) if hit else (),
                late=number >= len(shown) - late,
                rising=(2, 60) if number == 1 else None,
            )
        )
    if rest:
        listed = tuple(Line(one.id, one.title, one.url, one.upvotes) for one in rest[:lines])
        blocks.append(ListBlock(listed, max(0, len(rest) - lines), DAY))
    rungs = {one.rung for one in shown}
    blocks.append(Foot(rungs.pop() if len(rungs) == 1 else None, 4))
    return blocks


def calls(drawn: Sequence[Drawn]) -> list[Call]:
    """The calls of the bodies."""
    return [thaw(one.body) for one in drawn]


def message(call: Call) -> dict[str, Any]:
    """The message of a call, that of a forum post too."""
    inner: dict[str, Any] = call.payload.get("message", call.payload)
    return inner


def texts_of(call: Call) -> Iterator[str]:
    """What of a call is read as markdown."""
    inner = message(call)
    yield inner.get("content") or ""
    for embed in inner.get("embeds", ()):
        yield from (embed.get("title", ""), embed.get("description", ""))


def said(drawn: Sequence[Drawn]) -> str:
    """Everything that can be read in the messages."""
    parts: list[str] = []
    for call in calls(drawn):
        parts += texts_of(call)
        for embed in message(call).get("embeds", ()):
            parts += [
                embed.get("author", {}).get("name", ""),
                embed.get("footer", {}).get("text", ""),
            ]
    return "\n".join(part for part in parts if part)


def labels(call: Call) -> list[list[str]]:
    """The labels of the buttons, row by row."""
    rows = message(call).get("components", ())
    return [[one["label"] for one in row["components"]] for row in rows]


def problems(drawn: Sequence[Drawn], *, spec: bool = True) -> list[str]:
    """What the judges say against the bodies and fallbacks; `spec`: the document too."""
    found: list[str] = []
    for number, one in enumerate(drawn):
        for body in (one.body, one.fallback):
            if body is None:
                continue
            call = thaw(body)
            assert call.kind is one.kind
            path = _PATHS.get(call.kind, "/channels/1234567890123456/messages")
            told = call_problems("POST", path, call.payload) if spec else None
            told = limit_problems(path, call.payload) if told is None else told
            found += [f"{number}: {problem}" for problem in told]
            assert len(json.dumps(call.payload)) < 100_000
    return found


def paper_ids(drawn: Sequence[Drawn]) -> list[str]:
    """The papers that the messages name, in order."""
    return [paper for one in drawn for paper in one.papers]
