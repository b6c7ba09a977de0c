"""Digests in every layout and place: what stands where, what rings, what waits for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.platforms.discord.drawing import Pen
from bot.cards import Block, CardBlock, Foot, Heading, Line, ListBlock, NoticeBlock, Rung
from bot.cards.formatter import card
from bot.channels import Drawn, Kind, Layout, Notice, Place, PlaceKind
from tests.adapters.platforms.discord.drawing.samples import (
    DAY,
    PAPER,
    calls,
    digest,
    labels,
    many,
    message,
    paper_ids,
    problems,
    said,
)

GROUP, TOPIC = Place(PlaceKind.GROUP), Place(PlaceKind.TOPIC)
FORUM, BROADCAST = Place(PlaceKind.FORUM), Place(PlaceKind.BROADCAST)


def drawn(
    blocks: Sequence[Block],
    layout: Layout = Layout.PACKED,
    place: Place = GROUP,
    language: str = "en",
) -> tuple[Drawn, ...]:
    made = Pen().draw(blocks, layout, language, place)
    assert problems(made, spec=False) == []
    return made


@pytest.mark.parametrize("kind", list(PlaceKind))
@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize(("count", "lines"), [(1, 25), (2, 0), (10, 25), (13, 25), (60, 40)])
def test_every_paper_is_named_once_and_in_order(kind, layout, count, lines):
    blocks = digest(many(count), lines=lines, late=1)
    made = drawn(blocks, layout, Place(kind, ping="42", tag="7", crosspost=True))
    shown = min(count, 10 + lines)
    assert paper_ids(made) == [f"2512.{n:05}" for n in range(1, shown + 1)]


@pytest.mark.parametrize("kind", list(PlaceKind))
@pytest.mark.parametrize("layout", list(Layout))
def test_only_the_first_message_rings_and_mentions_the_role(kind, layout):
    made = drawn(digest(many(30)), layout, Place(kind, ping="42"))
    assert [one.silent for one in made] == [False] + [True] * (len(made) - 1)
    for number, one in enumerate(calls(made)):
        if one.kind is Kind.OPEN_THREAD:
            continue
        inner = message(one)
        assert ("<@&42>" in inner.get("content", "")) == (number == 0)
        roles = {"roles": ["42"]} if number == 0 else {}
        assert inner["allowed_mentions"] == {"parse": [], **roles}


@pytest.mark.parametrize("ping", ["everyone", "1>@everyone", "", "٣", "1" * 30])
def test_only_an_id_is_mentioned(ping):
    (one,) = calls(drawn(digest(many(2)), place=Place(ping=ping)))
    assert "<@" not in message(one)["content"]
    assert message(one)["allowed_mentions"] == {"parse": []}


def test_a_digest_without_papers_calls_nobody():
    heading = next(one for one in digest(many(1)) if isinstance(one, Heading))
    nothing: list[Block] = [heading, NoticeBlock(Notice.NO_MATCH, "Nothing new.")]
    for one in calls(drawn(nothing, place=Place(ping="42"))):
        assert "<@" not in str(one.payload)
        assert message(one)["allowed_mentions"] == {"parse": []}


def test_packed_is_as_few_messages_as_the_limits_allow():
    (one,) = calls(drawn(digest(many(10), cards=10)))
    assert len(one.payload["embeds"]) == 10
    assert len(drawn(digest(many(11), cards=11))) == 2


def test_ten_cards_that_fill_a_message_have_their_foot_above():
    (one,) = calls(drawn(digest(many(10), cards=10)))
    assert one.payload["content"].endswith("-# From: ready-made line · 4 papers hidden: /why")


def test_few_cards_have_their_foot_below():
    (one,) = calls(drawn(digest(many(3))))
    assert one.payload["embeds"][-1]["description"].startswith("-# From: ready-made line · 4")


def test_long_cards_are_spread_over_messages_of_at_most_6000_characters():
    papers = [replace(one, summary="A long sentence. " * 60) for one in many(10)]
    made = drawn(digest(papers))
    assert len(made) == 2
    assert [len(one.papers) for one in made] == [8, 2]


def test_the_heading_names_day_lists_counts_and_topics():
    (one,) = calls(drawn(digest(many(3))))
    assert one.payload["content"] == (
        "**Sat 27 Dec** · Hugging Face, Fri 26 Dec, closed\n"
        "7 new papers · 3 match: video generation, VLM"
    )


def test_a_card_shows_title_link_people_badges_text_and_why_it_is_there():
    embed = message(calls(drawn(digest(many(2))))[0])["embeds"][0]
    assert embed["title"] == f"1. {PAPER.title} 1"
    assert embed["url"] == "https://arxiv.org/abs/2512.00001"
    assert embed["author"]["name"].startswith("The University of Sydney · Jinjing Zhao, Fangyun")
    assert embed["footer"] == {"text": "▲20 · ★37 · 💬3"}
    assert embed["thumbnail"] == {"url": PAPER.image_url}
    assert embed["description"] == (
        f"{PAPER.summary}\n"
        "-# [Code](<https://github.com/example/spatia>)"
        " · [Project page](<https://example.org/spatia>)\n"
        "-# matched: video generation (title and abstract)"
    )


def test_a_rising_paper_shows_from_where_to_where():
    embed = message(calls(drawn(digest(many(2))))[0])["embeds"][1]
    assert embed["footer"] == {"text": "▲2 → ▲60 · ★37 · 💬3"}


def test_cards_that_differ_say_each_what_they_came_from():
    papers = [PAPER, replace(PAPER, id="2512.2", summary=None, abstract="A sentence. And more.")]
    text = said(drawn(digest(papers)))
    assert "from: ready-made line" in text
    assert "from: sentences of the abstract" in text
    assert "From:" not in text


def test_late_cards_stand_last_below_one_heading():
    late = [CardBlock(card(one, None, "en"), late=n < 2) for n, one in enumerate(many(4))]
    made = drawn([Heading(DAY, (), 4, 4, ()), *late])
    titles = [embed.get("title") for embed in message(calls(made)[0])["embeds"]]
    assert [title[:2] for title in titles] == ["1.", "2.", "La", "3.", "4."]
    assert titles[2] == "Late additions"
    assert paper_ids(made) == ["2512.00003", "2512.00004", "2512.00001", "2512.00002"]


def test_the_late_heading_is_content_where_a_message_begins():
    made = calls(drawn(digest(many(3), late=1), Layout.CARDS))
    assert "Late additions" not in message(made[1]).get("content", "")
    assert message(made[2])["content"] == "**Late additions**"


def test_many_cards_have_numbers_to_press():
    (one,) = calls(drawn(digest(many(7))))
    assert labels(one) == [["1", "2", "3", "4", "5"], ["6", "7"]]
    assert message(one)["components"][0]["components"][0]["custom_id"] == "p:card 2512.00001"


def test_one_card_has_its_own_buttons():
    one = calls(drawn(digest([PAPER], whole=True)))[0]
    assert labels(one) == [["Abstract", "Report", "Save", "Code", "Project page"]]
    assert "Code" not in message(one)["embeds"][0]["description"]
    assert message(one)["embeds"][0]["title"] == PAPER.title


def test_papers_in_one_line_can_be_pressed_too():
    made = drawn(digest(many(12), lines=2))
    assert labels(calls(made)[-1])[-1][-2:] == ["11", "12"]
    assert "**In one line each**\n**11.** [" in said(made)


def test_the_rest_of_a_list_says_how_to_see_it():
    assert "-# 5 more papers: /today 2025-12-26" in said(drawn(digest(many(17), lines=2)))


def test_cards_is_a_message_for_each_with_picture_and_longer_reading():
    papers = [replace(one, abstract="A thing was done. " * 60) for one in many(3)]
    made = drawn(digest(papers, whole=True), Layout.CARDS)
    assert [len(one.papers) for one in made] == [1, 1, 1]
    embed = message(calls(made)[0])["embeds"][0]
    assert embed["image"] == {"url": PAPER.image_url}
    assert "thumbnail" not in embed
    for name in ("Problem", "Method", "Result"):
        assert f"\n\n**{name}**\nA thing" in embed["description"]
    assert message(calls(made)[-1])["embeds"][0]["description"].endswith(
        "-# From: full text · 4 papers hidden: /why"
    )


def test_the_list_behind_cards_is_a_message_of_its_own():
    made = drawn(digest(many(5), cards=3), Layout.CARDS)
    assert [len(one.papers) for one in made] == [1, 1, 1, 2]
    assert labels(calls(made)[-1]) == [["1", "2"]]


def test_compact_is_one_list_with_buttons():
    (one,) = calls(drawn(digest(many(20), late=1), Layout.COMPACT))
    (embed,) = one.payload["embeds"]
    assert embed["description"].count("](<https://arxiv.org/abs/") == 20
    assert "**2.** [Spatia: Video Generation with Updatable Spatial Memory 2]" in said(
        drawn(digest(many(20)), Layout.COMPACT)
    )
    assert "**Late additions**\n**10.** [" in embed["description"]
    assert "From:" not in embed["description"]
    assert sum(map(len, labels(one))) == 20


def test_a_long_compact_list_gives_every_paper_a_button():
    made = drawn(digest(many(60), cards=10, lines=50), Layout.COMPACT)
    assert [sum(map(len, labels(one))) for one in calls(made)] == [25, 25, 10]


def test_thread_is_an_index_its_thread_and_the_cards_within():
    made = drawn(digest(many(15), lines=3), Layout.THREAD)
    index, thread, *inside = made
    assert (index.kind, index.waits_for, index.papers) == (Kind.POST, None, ())
    assert (thread.kind, thread.waits_for, thread.fallback) == (Kind.OPEN_THREAD, 0, None)
    assert calls(made)[1].payload == {
        "name": "Sat 27 Dec · video generation, VLM",
        "auto_archive_duration": 1440,
    }
    assert {one.waits_for for one in inside} == {1}
    assert "**13.** [Spatia" in said([index])
    assert "4 papers hidden: /why" in said([index])
    assert labels(calls(made)[0]) == []


@pytest.mark.parametrize("cards", [10, 50])
def test_an_index_of_very_many_papers_holds_all_of_them(cards):
    papers = many(cards + 25, "A long title that says a great deal about what was done " * 3)
    made = drawn(digest(papers, cards=cards), Layout.THREAD)
    assert said(made[:1]).count("](<https://arxiv.org/abs/") == cards + 25


@pytest.mark.parametrize("place", [TOPIC, Place(PlaceKind.PRIVATE)])
def test_there_is_no_thread_within_a_thread_or_a_private_chat(place):
    blocks = digest(many(5))
    assert drawn(blocks, Layout.THREAD, place) == drawn(blocks, Layout.PACKED, place)


@pytest.mark.parametrize("layout", [Layout.PACKED, Layout.COMPACT, Layout.THREAD])
def test_a_forum_has_a_post_a_day_with_the_cards_inside(layout):
    made = drawn(digest(many(12), lines=2), layout, replace(FORUM, tag="77"))
    first, *others = made
    payload = calls(made)[0].payload
    assert (first.kind, first.papers) == (Kind.FORUM_POST, ())
    assert payload["name"] == "Sat 27 Dec · 12 papers"
    assert payload["applied_tags"] == ["77"]
    assert "4 papers hidden: /why" in payload["message"]["content"]
    assert {(one.kind, one.waits_for) for one in others} == {(Kind.POST, 0)}


def test_a_forum_of_cards_has_a_post_for_each_paper():
    made = drawn(digest(many(4), cards=3), Layout.CARDS, replace(FORUM, tag="77"))
    assert {one.kind for one in made} == {Kind.FORUM_POST}
    assert [call.payload["name"] for call in calls(made)] == [
        *(f"{PAPER.title} {n}" for n in (1, 2, 3)),
        "Sat 27 Dec · 4 papers",
    ]
    assert all(call.payload["applied_tags"] == ["77"] for call in calls(made))


def test_a_forum_without_a_tag_names_none():
    for tag in (None, "x"):
        (one, *_) = calls(drawn(digest(many(2)), place=replace(FORUM, tag=tag)))
        assert "applied_tags" not in one.payload


def notice() -> list[Block]:
    return [Heading(DAY, (), 5, 0, ()), NoticeBlock(Notice.NO_MATCH, "Nothing new.")]


@pytest.mark.parametrize("layout", list(Layout))
def test_a_notice_is_silent_short_and_mentions_nobody(layout):
    (one,) = drawn(notice(), layout, Place(ping="42"))
    assert (one.kind, one.silent) == (Kind.NOTICE, True)
    (call,) = calls([one])
    assert call.payload["content"] == "**Fri 26 Dec**\n5 new papers · 0 match\nNothing new."


@pytest.mark.parametrize("layout", list(Layout))
def test_a_notice_to_a_forum_is_a_post(layout):
    (one,) = drawn(notice(), layout, FORUM)
    (call,) = calls([one])
    assert (one.kind, one.silent, call.payload["name"]) == (Kind.FORUM_POST, True, "Fri 26 Dec")
    (one,) = drawn([NoticeBlock(Notice.SOURCE_FAILED, "arXiv could *not*.")], layout, FORUM)
    assert calls([one])[0].payload["name"] == "arXiv could *not*."


def test_what_could_not_be_read_stands_out():
    blocks = digest(many(2))
    heading = blocks[0]
    assert isinstance(heading, Heading)
    blocks[0] = replace(heading, missing=("arxiv",))
    blocks.insert(-1, NoticeBlock(Notice.SOURCE_FAILED, "arXiv could not be read."))
    text = said(drawn(blocks))
    assert "⚠️ Not read: arXiv" in text
    assert "⚠️ arXiv could not be read." in text


@pytest.mark.parametrize("layout", list(Layout))
def test_announcements_are_published_only_where_that_is_set(layout):
    blocks = digest(many(12))
    for place in (BROADCAST, replace(GROUP, crosspost=True)):
        assert not any(call.crosspost for call in calls(drawn(blocks, layout, place)))
    made = drawn(blocks, layout, replace(BROADCAST, crosspost=True))
    for one, call in zip(made, calls(made), strict=True):
        assert call.crosspost == (one.kind is Kind.POST and one.waits_for is None)


@pytest.mark.parametrize("place", [GROUP, FORUM])
@pytest.mark.parametrize("layout", list(Layout))
def test_fallbacks_are_plain_and_name_every_paper(layout, place):
    papers = many(40, "A title of some length, as they are today")
    made = drawn(digest(papers, lines=25), layout, place)
    for one in made:
        if one.fallback is None:
            assert one.kind is Kind.OPEN_THREAD
            continue
        (call,) = calls([replace(one, body=one.fallback)])
        inner = message(call)
        assert set(inner) == {"content", "allowed_mentions"}
        assert len(inner["content"]) <= 2000
        for number in range(len(one.papers)):
            assert inner["content"].count("A title") >= number


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "新论文"), ("ko", "새 논문"), ("en", "new papers")]
)
def test_it_speaks_the_language_of_the_channel(language, words):
    assert words in said(drawn(digest(many(3), language), language=language))


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("place", [GROUP, FORUM])
@pytest.mark.parametrize("title", ["\u3164", "\x1b[31m", "\u202e", "\u200d", "\u2800 \u0301"])
def test_a_title_that_nobody_sees_gives_way_to_the_id(title, place, layout):
    papers = [replace(one, title=title, authors=(title,), organization=title) for one in many(3)]
    made = drawn(digest(papers, cards=2), layout, place)
    text = said(made)
    assert all(one.id in text for one in papers)
    for one in made:
        if one.fallback:
            (call,) = calls([replace(one, body=one.fallback)])
            assert all(f"{paper} <" in message(call)["content"] for paper in one.papers)


def test_a_list_without_cards_is_drawn():
    line = Line("2512.1", "A title", "https://arxiv.org/abs/2512.1", None)
    made = drawn([Heading(DAY, (), 1, 1, ()), ListBlock((line,)), Foot(Rung.ABSTRACT, 0)])
    assert paper_ids(made) == ["2512.1"]


def test_the_same_blocks_are_the_same_messages():
    for layout in Layout:
        assert drawn(digest(many(12)), layout) == drawn(digest(many(12)), layout)
