"""What every platform promises, whatever it is."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.console import Console
from bot.cards import (
    Block,
    CardBlock,
    Foot,
    Heading,
    Line,
    ListBlock,
    NoticeBlock,
    Paragraph,
    Rung,
    Table,
)
from bot.cards.formatter import card
from bot.channels import Address, Body, Layout, Notice, Verdict
from bot.papers import Paper
from bot.ports import Person, Platform

PLATFORMS: dict[str, Callable[[], Platform]] = {
    "console-text": lambda: Console(io.StringIO(), as_json=False, width=80, color=False),
    "console-json": lambda: Console(io.StringIO(), as_json=True),
}
NOW = datetime(2025, 12, 26, tzinfo=UTC)


@pytest.fixture(params=list(PLATFORMS))
def platform(request):
    return PLATFORMS[request.param]()


def blocks(text: str = "Some words") -> list[Block]:
    return [
        Heading(date(2025, 12, 26), (), 2, 2, (text,), (text,)),
        CardBlock(card(Paper("2512.1", text, text), None, "en"), (text,), (text,)),
        ListBlock((Line("2512.2", text, "https://x.org", 1),), 1, date(2025, 12, 26)),
        NoticeBlock(Notice.NO_MATCH, text),
        Foot(Rung.ABSTRACT, 1),
        Paragraph.of(text),
        Table(((text, text),), (text,)),
    ]


async def test_what_is_drawn_can_be_sent_and_is_accepted(platform):
    address = Address(platform.name, "1")
    for layout in Layout:
        for drawn in platform.draw(blocks(), layout, "en"):
            outcome = await platform.send(address, drawn.body, "pb1", silent=False)
            assert outcome.verdict is Verdict.ACCEPTED


def test_every_paper_is_named_once_by_the_messages_in_order(platform):
    for layout in Layout:
        drawn = platform.draw(blocks(), layout, "en")
        assert [paper for each in drawn for paper in each.papers] == ["2512.1", "2512.2"]


def test_drawing_is_pure(platform):
    assert platform.draw(blocks(), Layout.PACKED, "zh") == platform.draw(
        blocks(), Layout.PACKED, "zh"
    )


@given(text=st.text(st.characters()), name=st.sampled_from(sorted(PLATFORMS)))
def test_no_text_makes_drawing_fail(text, name):
    for drawn in PLATFORMS[name]().draw(blocks(text), Layout.PACKED, "en"):
        assert all(isinstance(fragment, bytes) for fragment in drawn.body.fragments)


async def test_a_body_of_nobody_knows_whom_raises_nothing(platform):
    outcome = await platform.send(Address(platform.name, "1"), Body((b"?",)), "k", silent=True)
    assert outcome.verdict is not Verdict.ACCEPTED


async def test_verbs_are_those_that_the_limits_name(platform):
    address = Address(platform.name, "1")
    assert platform.limits.verbs <= {"find", "probe", "rights", "serve"}
    assert platform.limits.most_cards >= 1
    if "find" not in platform.limits.verbs:
        assert await platform.find(address, "pb1", NOW) is None
    if "probe" in platform.limits.verbs:
        assert (await platform.probe(address)).verdict is Verdict.ACCEPTED
    if "rights" in platform.limits.verbs:
        assert isinstance((await platform.rights(address, Person("me"))).manage, bool)
