"""Frozen bodies: what is frozen is thawed again, and a shared card is the same bytes."""

from __future__ import annotations

from datetime import date

import pytest

from adapters.platforms.console.frozen import Freezer, thaw
from bot.cards import (
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
from bot.channels import Body, Layout, Notice
from bot.papers import Paper, Reading

DAY = date(2025, 12, 26)
PAPER = Paper("2512.1", "T", authors=("A", "B"), upvotes=3, stars=4, code_url="https://x.org/c")
READING = Reading("2512.1", "zh", "abstract", ("一。",), (("问题", "难"),))
CARD = card(PAPER, READING, "zh")
BLOCKS = (
    Heading(DAY, (ListCovered("arxiv", DAY, True),), 5, 2, ("a", "b"), ("arxiv",)),
    CardBlock(CARD, ("a",), ("title",), late=True, rising=(2, 60)),
    CardBlock(card(PAPER, None, "en")),
    ListBlock((Line("2512.2", "U", "https://x.org", None),), 3, DAY),
    NoticeBlock(Notice.NOT_YET, "Soon."),
    Foot(None, 3),
    Foot(Rung.ABSTRACT, 0),
    Paragraph.of("a ", Span("b", "code", "https://x.org")),
    Table((("1", "2"),), ("x", "y")),
)


def test_what_is_frozen_is_thawed_again():
    message = thaw(Freezer().freeze(BLOCKS, Layout.COMPACT, "zh"))
    assert message.blocks == BLOCKS
    assert (message.layout, message.language) == (Layout.COMPACT, "zh")


def test_a_card_is_the_same_bytes_in_every_channel_and_the_head_holds_the_rest():
    freezer = Freezer()
    one = freezer.freeze([BLOCKS[0], CardBlock(CARD, ("a",), ("title",))], Layout.PACKED, "zh")
    two = freezer.freeze([CardBlock(CARD, ("other",), late=True)], Layout.CARDS, "en")
    assert one.fragments[1] is two.fragments[1]
    assert len(one.fragments) == 2
    assert b"other" in two.fragments[0]
    assert len(one.fragments[0]) < 300


@pytest.mark.parametrize(
    "fragments",
    [
        *[(), (b"",), (b"{}",), (b'{"v":99}',), (b"[1]",), (b"\xff",)],
        (b'{"v":1,"lang":"en","layout":"packed","blocks":[["card",[],[],false,null]]}',),
        (b'{"v":1,"lang":"en","layout":"packed","blocks":[["new-kind",1]]}',),
    ],
)
def test_a_body_that_cannot_be_read_is_said_to_be_one(fragments):
    with pytest.raises(ValueError):  # noqa: PT011  (json and we word it differently)
        thaw(Body(fragments))
