"""The JSON of the console: exact fields, fixed order, one object a line."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from adapters.platforms.console import Console
from bot.cards import Block, CardBlock, Heading, Line, ListBlock, NoticeBlock, Paragraph, Table
from bot.cards.formatter import card
from bot.channels import Address, Layout, Notice, Verdict
from bot.papers import Paper

LAB = Address("console", "lab")
BARE = Paper("2512.00001", "T")
CARD_FIELDS = [
    "kind", "id", "title", "url", "authors", "organization", "upvotes", "comments", "topics",
    "rung", "lines", "late",
]  # fmt: skip
SUMMARY_FIELDS = ["kind", "papers", "matched", "shown", "hidden", "passed", "seconds"]


def digest() -> list[Block]:
    return [
        Heading(date(2025, 12, 27), (), 9, 5, ("a",)),
        NoticeBlock(Notice.SOURCE_FAILED, "arXiv could not be read."),
        ListBlock((Line("2512.00003", "U", "https://x.org"), Line("2512.00004", "V", "u")), 2),
        CardBlock(card(BARE, None, "en")),
    ]


async def objects(
    blocks: Sequence[Block],
    output: io.StringIO | None = None,
    layout: Layout = Layout.PACKED,
    bare: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> list[dict[str, Any]]:
    output = output or io.StringIO()
    console = Console(output, as_json=True, bare=bare, clock=clock)
    (drawn,) = console.draw(blocks, layout, "en")
    assert (await console.send(LAB, drawn.body, "k", silent=True)).verdict is Verdict.ACCEPTED
    return [json.loads(line) for line in output.getvalue().splitlines()]


async def test_a_digest_is_cards_list_notice_and_summary_with_exactly_these_fields():
    found = await objects(digest())
    assert [each["kind"] for each in found] == ["card", "list", "notice", "summary"]
    assert [list(each) for each in found] == [
        [*CARD_FIELDS, "channel", "date"],
        ["kind", "ids", "channel", "date"],
        ["kind", "state", "text", "channel", "date"],
        [*SUMMARY_FIELDS, "channel", "date"],
    ]
    assert {(each["channel"], each["date"]) for each in found} == {("console:lab", "2025-12-27")}


async def test_what_is_unknown_is_null_and_never_missing():
    (found, *_) = await objects(digest())
    assert found["organization"] is found["upvotes"] is found["comments"] is None
    assert (found["authors"], found["lines"], found["rung"]) == ([], [], "none")


async def test_the_summary_counts():
    now = iter([100.0, 101.26])
    *_, summary = await objects(digest(), clock=lambda: next(now))
    assert summary == {
        "kind": "summary", "papers": 9, "matched": 5, "shown": 3, "hidden": 4, "passed": 2,
        "seconds": 1.3, "channel": "console:lab", "date": "2025-12-27",
    }  # fmt: skip


async def test_bare_objects_name_no_channel():
    found = await objects(digest(), bare=True)
    assert list(found[0]) == CARD_FIELDS
    assert list(found[-1]) == SUMMARY_FIELDS


async def test_an_empty_digest_is_a_notice_and_a_summary():
    blocks: list[Block] = [
        Heading(date(2025, 12, 27), (), 4, 0, ()),
        NoticeBlock(Notice.NO_MATCH, "Nothing."),
    ]
    found = await objects(blocks, bare=True)
    assert found[0] == {"kind": "notice", "state": "no-match", "text": "Nothing."}
    assert (found[1]["papers"], found[1]["hidden"], found[1]["shown"]) == (4, 4, 0)


async def test_the_meaning_is_the_same_whatever_the_layout():
    whole = [await objects(digest(), layout=layout, clock=lambda: 0.0) for layout in Layout]
    assert all(each == whole[0] for each in whole)


async def test_answers_keep_their_order_and_have_no_summary():
    blocks: list[Block] = [Table((("a", "b"),), ("x", "y")), Paragraph.of("one\ntwo"), digest()[-1]]
    found = await objects(blocks)
    assert found[0] == {"kind": "table", "head": ["x", "y"], "rows": [["a", "b"]]}
    assert found[1] == {"kind": "text", "text": "one\ntwo"}
    assert list(found[2]) == CARD_FIELDS


@pytest.mark.parametrize("text", ["a\u2028b\x85c\x9b2J\u202e", "\ud83d broken", "\x1b[2J\n"])
async def test_no_text_breaks_the_line_or_steers_a_terminal(text):
    output = io.StringIO()
    block = CardBlock(replace(card(BARE, None, "en"), title=text))
    (found,) = await objects([block], output)
    assert found["title"] == text.replace("\ud83d", "?")
    assert not any(char in output.getvalue() for char in "\x1b\x9b\u2028\u202e\x85")


async def test_a_stream_without_unicode_gets_escaped_json_and_replaced_text():
    raw = io.BytesIO()
    output = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    console = Console(output, as_json=True)
    (drawn,) = console.draw([Paragraph.of("▲ 中")], Layout.CARDS, "en")
    assert (await console.send(LAB, drawn.body, "k", silent=True)).verdict is Verdict.ACCEPTED
    assert json.loads(raw.getvalue()) == {"kind": "text", "text": "▲ 中"}
    console = Console(output, as_json=False)
    assert (await console.send(LAB, drawn.body, "k", silent=True)).verdict is Verdict.ACCEPTED
    assert raw.getvalue().endswith(b"? ?\n")
