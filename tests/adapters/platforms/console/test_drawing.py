"""Digests and answers as text: within the width, plain when piped, in the language."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from adapters.platforms.console import Console
from adapters.platforms.console.wrapping import Piece, wrap
from bot.cards import (
    Block,
    CardBlock,
    Foot,
    Heading,
    Line,
    ListBlock,
    ListCovered,
    NoticeBlock,
    Paragraph,
    Rung,
    Span,
    Table,
)
from bot.cards.formatter import card
from bot.channels import Address, Layout, Notice, Verdict
from bot.papers import Paper

DAYS = Path(__file__).parents[5] / "shared" / "recordings" / "huggingface" / "days"
LAB = Address("console", "lab")
DAY = dt.date(2025, 12, 26)
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
)
OTHER = replace(PAPER, id="2512.21218", title="Latent Implicit Visual Reasoning", stars=None)


def digest(language: str = "en") -> list[Block]:
    """A digest with one of everything."""
    first = CardBlock(card(PAPER, None, language), ("video generation",), ("title",))
    late = CardBlock(
        card(OTHER, None, language), ("VLM",), ("abstract",), late=True, rising=(2, 60)
    )
    covered = (ListCovered("huggingface", DAY, True), ListCovered("arxiv", DAY, False))
    return [
        Heading(dt.date(2025, 12, 27), covered, 7, 3, ("video generation", "VLM"), ("arxiv",)),
        late,
        first,
        ListBlock(
            (Line("2512.00001", "A third paper", "https://arxiv.org/abs/2512.00001", 4),), 2, DAY
        ),
        NoticeBlock(Notice.SOURCE_FAILED, "arXiv could not be read."),
        Foot(Rung.READY_MADE, 4),
    ]


async def shown(
    blocks: Sequence[Block],
    *,
    width: int = 80,
    language: str = "en",
    layout: Layout = Layout.PACKED,
    color: bool = False,
    bare: bool = False,
) -> str:
    output = io.StringIO()
    console = Console(output, as_json=False, width=width, color=color, bare=bare)
    (drawn,) = console.draw(blocks, layout, language)
    outcome = await console.send(LAB, drawn.body, "pb1", silent=False)
    assert outcome.verdict is Verdict.ACCEPTED
    return output.getvalue()


async def test_a_digest_looks_like_this():
    assert (
        await shown(digest())
        == """\
Sat 27 Dec                                                           console:lab
Hugging Face, Fri 26 Dec, closed · arXiv, Fri 26 Dec, still open
7 new papers · 3 match: video generation, VLM
Not read: arXiv
────────────────────────────────────────────────────────────────────────────────

 Spatia: Video Generation with Updatable Spatial Memory            ▲20  ★37  💬3
 Jinjing Zhao, Fangyun Wei, Zhening Liu, et al. (4) · The University of Sydney
 Keeps a cloud of points as memory, so that long videos stay as they began.
 matched: video generation (title)
 arxiv.org/abs/2512.15716 · code github.com/example/spatia

Late additions

 Latent Implicit Visual Reasoning                                  ▲2 → ▲60  💬3
 Jinjing Zhao, Fangyun Wei, Zhening Liu, et al. (4) · The University of Sydney
 Keeps a cloud of points as memory, so that long videos stay as they began.
 matched: VLM (abstract)
 arxiv.org/abs/2512.21218 · code github.com/example/spatia

In one line each
   ▲4  A third paper                                                  2512.00001
2 more papers: /today 2025-12-26

arXiv could not be read.

From: ready-made line · 4 papers hidden: /why

"""
    )


async def test_compact_is_one_line_for_each_paper():
    text = await shown(digest(), layout=Layout.COMPACT, bare=True)
    assert text.splitlines()[4:12] == [
        "",
        "  ▲20  Spatia: Video Generation with Updatable Spatial Memory         2512.15716",
        "",
        "Late additions",
        "▲2 → ▲60  Latent Implicit Visual Reasoning                            2512.21218",
        "",
        "   ▲4  A third paper                                                  2512.00001",
        "2 more papers: /today 2025-12-26",
    ]


async def test_thread_and_packed_are_drawn_as_cards():
    assert await shown(digest(), layout=Layout.THREAD) == await shown(digest(), layout=Layout.CARDS)
    assert await shown(digest(), layout=Layout.PACKED) == await shown(digest(), layout=Layout.CARDS)


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("language", ["en", "zh", "ko"])
async def test_every_line_stays_within_the_width(width, language):
    text = await shown(digest(language), width=width, language=language)
    assert max(map(cell_len, text.splitlines())) <= width
    assert all(line == line.rstrip() for line in text.splitlines())


async def test_labels_are_in_the_language_of_the_channel():
    assert "12月27日 周六" in await shown(digest("zh"), language="zh")
    assert "12월 27일 (토)" in await shown(digest("ko"), language="ko")


async def test_a_rung_of_its_own_is_said_on_the_card():
    blocks = [block for block in digest() if not isinstance(block, Foot)]
    assert "· from: ready-made line" in await shown([*blocks, Foot(None, 0)])
    assert "from:" not in await shown(digest())


async def test_chinese_text_is_broken_between_letters_and_not_before_a_mark():
    lines = "让多模态模型自己学出视觉推理，不用标注中间图像，就能处理以看图为主的推理。" * 3
    block = CardBlock(replace(card(PAPER, None, "zh"), lines=(lines,), badges=()))
    text = await shown([block], width=41)
    body = [line for line in text.splitlines() if "推理" in line or "图像" in line]
    assert all(38 <= cell_len(line) <= 41 for line in body[:-1])
    assert not any(line.strip()[0] in "，。" for line in body)


async def test_piped_text_holds_no_escape_code_and_a_terminal_gets_links():
    assert "\x1b" not in await shown(digest())
    colored = await shown(digest(), color=True)
    assert "\x1b]8;" in colored
    assert "https://arxiv.org/abs/2512.15716" in colored
    assert re.sub(r"\x1b\][^\x1b]*\x1b\\|\x1b\[[0-9;]*m", "", colored) == await shown(digest())


@pytest.mark.parametrize("color", [False, True])
async def test_a_hostile_title_cannot_steer_the_terminal(color):
    title = "[bold]x[/] \x1b[2J\x1b]0;owned\x07 \u202egnp.exe \x9b31m @everyone"
    block = CardBlock(replace(card(PAPER, None, "en"), title=title, url="https://x.org/\x1b\\a"))
    text = await shown([block], color=color)
    assert "[bold]x[/]" in text
    assert "@everyone" in text
    for bad in ("\x1b[2J", "\x1b]0;", "\x07", "\u202e", "\x9b", "\x1b\\a"):
        assert bad not in text


async def test_answers_are_paragraphs_and_aligned_tables():
    blocks: list[Block] = [
        Paragraph.of("Next: ", Span("Tue 30 Dec 11:45", "strong"), "\nTry ", Span("/help", "code")),
        Table((("zone", "Asia/Seoul"), ("语言", "zh")), ("name", "value")),
    ]
    assert await shown(blocks, bare=True) == (
        "Next: Tue 30 Dec 11:45\nTry /help\nname  value\nzone  Asia/Seoul\n语言  zh\n"
    )


async def test_a_wide_table_is_wrapped_into_the_width():
    text = await shown([Table((("a", "word " * 40, "c"),))], width=40)
    assert max(map(cell_len, text.splitlines())) <= 40
    assert text.count("word") == 40


@given(st.text(), st.text(), st.integers(1, 130), st.sampled_from(list(Layout)), st.booleans())
async def test_any_text_is_drawn_within_any_width(title, line, width, layout, color):
    made = replace(card(PAPER, None, "en"), title=title, lines=(line,), organization=line)
    blocks: list[Block] = [
        CardBlock(made, (title,), (line,)),
        ListBlock((Line("1", title, line, None),)),
        NoticeBlock(Notice.NO_MATCH, title),
        Paragraph.of(title, Span(line, "code", title)),
        Table(((title, line), (line,)), (line,)),
    ]
    text = await shown(blocks, width=width, layout=layout, color=color)
    plain = re.sub(r"\x1b\]8;[^\x1b]*\x1b\\|\x1b\[[0-9;]*m", "", text)
    assert max(map(cell_len, plain.split("\n"))) <= max(width, 20)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", plain)


@pytest.mark.skipif(not DAYS.is_dir(), reason="no recordings in ../shared")
@pytest.mark.parametrize("language", ["en", "zh", "ko"])
async def test_every_card_of_every_recorded_day_is_drawn(language):
    count = 0
    for file in sorted(DAYS.glob("*.json")):
        cards = [card(_paper(record), None, language) for record in json.loads(file.read_text())]
        count += len(cards)
        text = await shown([CardBlock(each, ("x",), ("title",)) for each in cards], width=72)
        assert max(map(cell_len, text.splitlines())) <= 72
        assert not re.search(r"\\[a-zA-Z]+|\$\\|\^\{|_\{", text)
    assert count == 956


def _paper(record: dict[str, Any]) -> Paper:
    told = record["paper"]
    organization = told.get("organization") or {}
    return Paper(
        told["id"],
        told["title"],
        told.get("summary", ""),
        tuple(author["name"] for author in told["authors"]),
        organization.get("fullname"),
        summary=told.get("ai_summary"),
        upvotes=told.get("upvotes"),
        comments=record.get("numComments"),
        code_url=told.get("githubRepo"),
        stars=told.get("githubStars"),
        project_url=told.get("projectPage"),
    )


async def test_a_line_to_be_copied_is_never_broken():
    line = "/import " + "x y " * 40
    text = await shown([Paragraph.of(Span(line.strip(), "code"))], width=40)
    assert line.strip() in text.splitlines()


async def test_a_source_that_was_not_read_is_not_called_a_day_without_papers():
    notice = NoticeBlock(Notice.SOURCE_FAILED, "Hugging Face could not be read.")
    text = await shown([Heading(dt.date(2026, 6, 12), (), 0, 0, ()), notice], width=80)
    assert "0 new papers" not in text
    assert "could not be read" in text


def test_a_command_behind_chinese_text_is_not_torn_from_its_slash():
    rows = wrap([Piece("未显示二十一篇：/why")], 17)
    assert ["".join(piece.text for piece in row) for row in rows] == ["未显示二十一篇：", "/why"]


async def test_a_rising_paper_is_marked_in_one_line_too():
    rising = CardBlock(card(PAPER, None, "en"), rising=(2, 60))
    text = await shown([rising], layout=Layout.COMPACT)
    assert "▲2 → ▲60  Spatia" in text
