"""Any text in any place passes the limits and stays text."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.platforms.discord.drawing import Pen
from bot.cards import (
    Block,
    Button,
    Buttons,
    CardBlock,
    File,
    Foot,
    Heading,
    Line,
    ListBlock,
    NoticeBlock,
    Paragraph,
    Span,
    Table,
)
from bot.cards.formatter import card
from bot.channels import Drawn, Layout, Notice, Place, PlaceKind
from bot.papers import Paper, Reading
from tests.adapters.platforms.discord.drawing.samples import (
    DAY,
    calls,
    digest,
    many,
    message,
    paper_ids,
    problems,
    texts_of,
)
from tests.wires.judges.discord import leads, live

HOSTS = {"arxiv.org", "github.com", "example.org"}
NASTY = [
    "@everyone",
    "<@&1>",
    "<t:1:R>",
    "</details>",
    "<b>bold</b> &amp; **bold** __u__ ||s|| ~~x~~",
    "[x](https://evil.example)",
    "https://evil.example/a discord.gg/abc",
    "```\n@here\n```",
    "\u202eright to left עברית العربية",
    "👩‍👩‍👧‍👦🏳️‍🌈🇰🇷" * 20,
    "e" + "\u0301" * 60,
    "\ud800 lone \udfff",
    "\\",
    "# head\n- list\n1. one\n> quote",
    "$\\mathbf{x}_{1}^{*}$",
    "x" * 3_000,
    "*" * 3_000,
    "漢" * 3_000,
    "😀" * 3_000,
    "",
]
texts = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=())),
    st.lists(st.sampled_from(NASTY), max_size=6).map(" ".join),
)
addresses = st.one_of(
    st.none(), texts, st.just("https://github.com/a/b"), st.just("https://example.org/" + "x" * 900)
)


@st.composite
def digests(draw) -> list[Block]:
    made: list[Block] = []
    for number in range(draw(st.integers(1, 12))):
        paper = Paper(
            f"2512.{number:05}",
            draw(texts),
            draw(texts),
            tuple(draw(st.lists(texts, max_size=4))),
            draw(st.one_of(st.none(), texts)),
            summary=draw(st.one_of(st.none(), texts)),
            upvotes=draw(st.one_of(st.none(), st.integers(0, 10**9))),
            code_url=draw(addresses),
            project_url=draw(addresses),
            image_url=draw(addresses),
        )
        reading = None
        if draw(st.booleans()):
            parts = tuple((draw(texts), draw(texts)) for _ in range(draw(st.integers(0, 4))))
            reading = Reading(paper.id, "en", "full-text", (draw(texts),), parts)
        topics = tuple(draw(st.lists(texts, max_size=2)))
        made.append(
            CardBlock(
                card(paper, reading, "en"),
                topics,
                tuple("title" for _ in topics),
                late=draw(st.booleans()),
                rising=draw(st.one_of(st.none(), st.just((2, 60)))),
            )
        )
    lines = tuple(
        Line(f"2511.{n:05}", draw(texts), "https://arxiv.org/abs/1", 3)
        for n in range(draw(st.integers(0, 6)))
    )
    heading = Heading(DAY, (), 5, 3, tuple(draw(st.lists(texts, max_size=5))))
    return [heading, *made, ListBlock(lines), Foot(None, 3)]


ways = (
    digests(),
    st.sampled_from(list(Layout)),
    st.sampled_from(list(PlaceKind)),
    st.booleans(),
)
words = (texts, texts, st.sampled_from(["plain", "strong", "code", "mark"]))
few = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
very_many = settings(few, max_examples=1_000)


@few
@given(*ways)
def test_any_digest_passes_names_every_paper_and_calls_nobody(blocks, layout, kind, pinged):
    digest_passes(blocks, layout, kind, pinged)


@pytest.mark.nightly
@very_many
@given(*ways)
def test_very_many_digests_pass(blocks, layout, kind, pinged):
    digest_passes(blocks, layout, kind, pinged)


@few
@given(*words)
@example("a\n" * 3_000, "b", "code")
@example("a " * 9_000, "*" * 9_000, "strong")
def test_any_answer_passes_and_calls_nobody(one, other, kind):
    answer_passes(one, other, kind)


@pytest.mark.nightly
@very_many
@given(*words)
def test_very_many_answers_pass(one, other, kind):
    answer_passes(one, other, kind)


@pytest.mark.parametrize("kind", [PlaceKind.GROUP, PlaceKind.FORUM])
@pytest.mark.parametrize("layout", list(Layout))
def test_words_without_end_beside_a_digest_overflow_into_messages_of_their_own(layout, kind):
    words = Paragraph.of("word " * 8_000)
    for blocks in ([words, *digest(many(3))], [*digest(many(3)), words]):
        made = Pen().draw(blocks, layout, "en", Place(kind))
        assert problems(made, spec=False) == []
        assert sorted(paper_ids(made)) == sorted(one.id for one in many(3))


def digest_passes(blocks: list[Block], layout: Layout, kind: PlaceKind, pinged: bool) -> None:
    place = Place(kind, ping="42" if pinged else None, tag="7")
    made = Pen().draw(blocks, layout, "en", place)
    assert problems(made, spec=False) == []
    cards = [one for one in blocks if isinstance(one, CardBlock)]
    order = [one.card.id for one in sorted(cards, key=lambda one: one.late)]
    listed = [line.id for one in blocks if isinstance(one, ListBlock) for line in one.lines]
    assert paper_ids(made) == order + listed
    quiet(made)


def answer_passes(one: str, other: str, kind: str) -> None:
    blocks: list[Block] = [
        Paragraph((Span(one, kind), Span(other), Span(one, kind, "https://arxiv.org/abs/1"))),
        Paragraph.of(Span(other, "code")),
        Table(((one, other), (other, "x")), (one,)),
        Table(((one, other, one),)),
        NoticeBlock(Notice.NO_MATCH, one),
        Buttons(((Button(one, "help"), Button(other, "x", url=None)), (Button("u", url=one),))),
        File(one, other),
    ]
    made = Pen().draw(blocks, Layout.PACKED, "en", Place(PlaceKind.PRIVATE))
    assert made
    assert problems(made, spec=False) == []
    quiet(made)
    for block in blocks:
        assert problems(Pen().draw([block], Layout.PACKED, "ko", Place()), spec=False) == []


def quiet(made: Sequence[Drawn]) -> None:
    for call in calls(made):
        for text in texts_of(call):
            assert [one for one in live(text) if one != "<@&42>"] == []
            assert {urlsplit(url).hostname for url in leads(text)} <= HOSTS
        for embed in message(call).get("embeds", ()):
            assert live(embed.get("author", {}).get("name", "")) == []
