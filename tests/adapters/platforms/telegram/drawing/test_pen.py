"""What a digest looks like in each layout."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.platforms.telegram.drawing import Pen, inline_text
from adapters.platforms.telegram.frozen import thaw
from bot.cards import (
    Buttons,
    CardBlock,
    File,
    Foot,
    ListBlock,
    NoticeBlock,
    Paragraph,
    Rung,
)
from bot.cards.blocks import Button
from bot.cards.formatter import card
from bot.channels import Layout, Notice, Place, PlaceKind
from bot.papers import Paper, Reading
from tests.adapters.platforms.telegram.drawing.samples import (
    DAY,
    a_card,
    a_heading,
    a_line,
    calls,
    digest,
    draw,
    html,
    labels,
    problems,
    read,
)

PICTURE = "https://cdn.example.org/1.png"


def test_a_packed_message_says_everything_once() -> None:
    first = a_card(
        1, title="A <b>", upvotes=51, organization="UC Berkeley", authors=("Kelvin Li",),
        code_url="https://github.com/a/b", stars=37, project_url="https://a.org", comments=2,
    )  # fmt: skip
    blocks = digest([first, a_card(2, upvotes=0)], topics=("video generation", "VLM"), matched=2)
    (text,) = html(draw(blocks))
    assert text == (
        "📰 <b>Fri 26 Dec</b> · Hugging Face, Fri 26 Dec, closed\n"
        "9 new papers · 2 match: video generation, VLM\n"
        "\n"
        '1. <b><a href="https://arxiv.org/abs/2512.00001">A &lt;b&gt;</a></b>\n'
        "▲51 · 💬2 · UC Berkeley · Kelvin Li · "
        '<a href="https://github.com/a/b">code ★37</a> · <a href="https://a.org">project page</a>\n'
        "It shows thing number 1.\n"
        "\n"
        '2. <b><a href="https://arxiv.org/abs/2512.00002">Paper number 2</a></b>\n'
        "▲0\n"
        "It shows thing number 2.\n"
        "\n"
        "<i>From: ready-made line · 3 papers hidden: /why</i>"
    )


def test_the_longer_reading_is_an_expandable_quotation() -> None:
    (text,) = html(draw(digest([a_card(1, read=True), a_card(2)], rung=Rung.FULL_TEXT)))
    assert "It is read whole.\n<blockquote expandable><b>Problem: </b>Models that" in text
    assert "\n<b>Results: </b>5.2 points better on nine sets.</blockquote>\n\n2. " in text


def test_a_card_alone_tells_more_of_the_reading_than_one_of_many() -> None:
    one, two = a_card(1, read=True), a_card(2, read=True)
    (alone,) = read(draw(digest([one])))
    (many,) = read(draw(digest([one, two])))
    assert len(alone) > 1_300 > len(many.partition("2. ")[0])


def test_only_a_card_that_comes_from_elsewhere_says_so() -> None:
    (text,) = read(draw(digest([a_card(1), a_card(2, read=True)], rung=Rung.READY_MADE)))
    first, second = text.split("2. ")
    assert "from:" not in first
    assert "\nfrom: full text\n" in second
    assert "From: ready-made line" in second


def test_a_rising_card_shows_both_counts() -> None:
    rising = CardBlock(a_card(1, upvotes=60, organization="MIT"), rising=(2, 60))
    for layout in Layout:
        text = "\n".join(read(draw(digest([rising, a_card(2)]), layout)))
        assert "▲2 → ▲60" in text
        assert text.count("▲60") == text.count("▲2 → ▲60")


@pytest.mark.parametrize("layout", [*Layout])
def test_late_cards_stand_under_one_headline_behind_the_others(layout: Layout) -> None:
    late = CardBlock(a_card(1), late=True)
    blocks = digest([late, a_card(2), replace(late, card=a_card(3))], ListBlock((a_line(9),)))
    text = "\n".join(read(draw(blocks, layout)))
    assert text.count("Late additions") == 1
    places = [text.index(word) for word in ("number 2", "Late additions", "number 1", "number 3")]
    assert places == sorted(places)


def test_the_list_counts_on_and_says_what_is_left() -> None:
    lines = ListBlock((a_line(1), a_line(2)), passed=4, day=DAY)
    (message,) = calls(draw(digest([a_card(1), a_card(2)], lines)))
    assert message.params["text"].endswith(
        "<b>In one line each</b>\n"
        '3. ▲1 <a href="https://arxiv.org/abs/2511.00001">Listed 1</a>\n'
        '4. ▲2 <a href="https://arxiv.org/abs/2511.00002">Listed 2</a>\n'
        "4 more papers: /today 2025-12-26\n\n"
        "<i>From: ready-made line · 3 papers hidden: /why</i>"
    )
    assert labels(message) == [["1", "2", "3", "4"]]
    assert message.buttons[0][2].action == "card 2511.00001"


def test_a_compact_message_is_one_numbered_list() -> None:
    blocks = digest([a_card(1, upvotes=5), a_card(2)], ListBlock((a_line(7),)), papers=3)
    (message,) = calls(draw(blocks, Layout.COMPACT))
    assert message.params["text"] == (
        "📰 <b>Fri 26 Dec</b> · Hugging Face, Fri 26 Dec, closed\n"
        "3 new papers\n"
        "\n"
        '1. ▲5 <a href="https://arxiv.org/abs/2512.00001">Paper number 1</a>\n'
        '2. <a href="https://arxiv.org/abs/2512.00002">Paper number 2</a>\n'
        '3. ▲7 <a href="https://arxiv.org/abs/2511.00007">Listed 7</a>\n'
        "\n"
        "<i>From: ready-made line · 3 papers hidden: /why</i>"
    )
    assert [[b.action for b in row] for row in message.buttons] == [
        ["card 2512.00001", "card 2512.00002", "card 2511.00007"]
    ]


def test_cards_are_a_message_each_and_the_list_one_more() -> None:
    blocks = digest([a_card(1, read=True), a_card(2)], ListBlock((a_line(7),)))
    drawn = draw(blocks, Layout.CARDS)
    assert [one.papers for one in drawn] == [("2512.00001",), ("2512.00002",), ("2511.00007",)]
    assert [one.waits_for for one in drawn] == [None] * 3
    first, second, last = read(drawn)
    assert first.startswith("📰 Fri 26 Dec")
    assert second.startswith("Paper number 2\n")
    assert last.startswith("In one line each\n1. ▲7 Listed 7")
    assert labels(calls(drawn)[0]) == [["Abstract", "Report", "Save"]]


def test_a_foot_without_a_list_stands_below_the_last_card() -> None:
    texts = read(draw(digest([a_card(1), a_card(2)]), Layout.CARDS))
    assert len(texts) == 2
    assert texts[-1].endswith("From: ready-made line · 3 papers hidden: /why")


def test_a_thread_is_an_index_and_cards_that_answer_it() -> None:
    drawn = draw(digest([a_card(1), a_card(2)], ListBlock((a_line(7),))), Layout.THREAD)
    assert [one.papers for one in drawn] == [("2511.00007",), ("2512.00001",), ("2512.00002",)]
    assert [one.waits_for for one in drawn] == [None, 0, 0]
    index, first, _ = read(drawn)
    assert "1. Paper number 1\n2. Paper number 2\n\nIn one line each\n3. ▲7 Listed 7" in index
    assert "From: ready-made line" in index
    assert first.startswith("1. Paper number 1\nIt shows")
    assert labels(calls(drawn)[0]) == [["3"]]


@pytest.mark.parametrize("layout", [*Layout])
def test_only_the_first_message_rings(layout: Layout) -> None:
    drawn = draw(digest([a_card(n, read=True) for n in range(1, 12)]), layout)
    assert [one.silent for one in drawn] == [False, *[True] * (len(drawn) - 1)]


def test_a_message_with_one_card_shows_its_picture_and_its_buttons() -> None:
    card = a_card(
        1, image_url=PICTURE, code_url="https://github.com/a/b", project_url="https://a.b"
    )
    (call,) = calls(draw([CardBlock(card), Foot(card.rung, 0)]))
    assert call.params["link_preview_options"] == {
        "url": PICTURE, "prefer_large_media": True, "show_above_text": False,
    }  # fmt: skip
    assert labels(call) == [["Abstract", "Save"], ["Code"]]
    assert call.params["text"].endswith("thing number 1.\n<i>From: ready-made line</i>")


def test_messages_with_several_cards_have_no_preview() -> None:
    pictured = [a_card(n, image_url=PICTURE) for n in (1, 2)]
    for layout in (Layout.PACKED, Layout.COMPACT):
        (call,) = calls(draw(digest(pictured), layout))
        assert call.params["link_preview_options"] == {"is_disabled": True}


def test_a_card_without_a_heading_says_which_topics_it_matches() -> None:
    card = a_card(1)
    (text,) = read(draw([CardBlock(card, ("VLM", "agents")), Foot(card.rung, 0)]))
    assert "\nmatched: VLM, agents\n" in text


def test_a_card_has_the_same_bytes_in_every_channel() -> None:
    one, two, three = (a_card(n, read=n == 1) for n in (1, 2, 3))
    here = draw(digest([one, two], topics=("a",)))
    there = draw(digest([three, CardBlock(one, late=True, rising=(1, 2))], rung=Rung.NONE))
    assert here[0].body.fragments[1] == there[0].body.fragments[2]
    assert here[0].fallback
    assert there[0].fallback
    assert here[0].fallback.fragments[1] == there[0].fallback.fragments[2]
    again = Pen().draw(digest([one, two], topics=("a",)), Layout.PACKED, "en")
    assert again[0] == here[0]


def test_every_place_looks_alike() -> None:
    blocks, pen = digest([a_card(1), a_card(2)]), Pen()
    drawn = {pen.draw(blocks, Layout.PACKED, "en", Place(kind)) for kind in PlaceKind}
    assert len(drawn) == 1


@pytest.mark.parametrize("layout", [*Layout])
def test_a_long_digest_is_split_between_cards(layout: Layout) -> None:
    cards = [a_card(n, read=True, summary="word " * 90, title=f"T{n} " * 30) for n in range(1, 51)]
    drawn = draw(digest(cards, ListBlock(tuple(map(a_line, range(1, 41))), 7, DAY)), layout)
    assert problems(drawn) == []
    shown = [paper_id for one in drawn for paper_id in one.papers]
    assert len(shown) == len(set(shown)) == 90
    texts = read(drawn)
    assert "hidden: /why" in "".join(texts)
    assert not any(text.startswith("From:") for text in texts)
    assert not any(text.endswith(("In one line each", "Late additions")) for text in texts)


def test_fifty_long_topics_fit_into_a_heading() -> None:
    topics = tuple(f"{n} " + "very long topic " * 12 for n in range(50))
    (text,) = read(draw(digest([a_card(1, read=True)], topics=topics)))
    assert "… +4" in text
    assert problems(draw(digest([a_card(1, read=True)], topics=topics))) == []


def test_an_empty_digest_says_why() -> None:
    said = NoticeBlock(Notice.NO_MATCH, "Nothing new for your topics.")
    (text,) = read(draw([a_heading(papers=4, matched=0), said]))
    assert text.endswith("4 new papers · 0 match\n\nNothing new for your topics.")


def test_what_could_not_be_read_is_no_zero() -> None:
    said = NoticeBlock(Notice.SOURCE_FAILED, "Not now.")
    (text,) = read(draw([a_heading(papers=0, missing=("huggingface",), lists=()), said]))
    assert text == "📰 Fri 26 Dec\nNot read: Hugging Face\n\nNot now."


def test_the_plain_text_writes_the_links_out_and_has_no_button_that_leads_away() -> None:
    card = a_card(1, title="A & <B>", code_url="https://github.com/a/b", stars=3)
    (drawn,) = draw(digest([card]))
    assert drawn.fallback is not None
    call = thaw(drawn.fallback)
    assert "parse_mode" not in call.params
    assert "A & <B>\nhttps://arxiv.org/abs/2512.00001\nIt shows" in call.params["text"]
    assert "\ncode ★3: https://github.com/a/b" in call.params["text"]
    assert labels(call) == [["Abstract", "Save"]]


def test_a_plain_text_that_would_be_too_long_leaves_names_out_then_the_text() -> None:
    authors = ("Ada Lovelace", "Alan Turing")
    lean = [
        a_card(n, summary="word " * 80, title="title " * 6, authors=authors) for n in range(1, 9)
    ]
    bare = [a_card(n, summary="word", title=f"long title {n} " * 6) for n in range(1, 36)]
    for cards, kept in ((lean, True), (bare, False)):
        drawn = draw(digest(cards))
        assert problems(drawn) == []
        assert drawn[0].fallback is not None
        text = thaw(drawn[0].fallback).params["text"]
        assert ("word" in text, "Ada" in text) == (kept, False)
        assert all(f"https://arxiv.org/abs/{paper_id}" in text for paper_id in drawn[0].papers)


@pytest.mark.parametrize("layout", [*Layout])
def test_a_title_that_nobody_sees_gives_way_to_the_id(layout: Layout) -> None:
    cards = [
        replace(a_card(1), title="\x1b[31m", key=""),
        replace(a_card(2), title="\u3164", key=""),
    ]
    drawn = draw(digest(cards, ListBlock((a_line(7, "\u202e"),))), layout)
    text = "\n".join(read(drawn))
    assert all(paper_id in text for paper_id in ("2512.00001", "2512.00002", "2511.00007"))
    assert problems(drawn) == []


def test_nothing_gives_nothing() -> None:
    assert draw([]) == []
    assert draw([Paragraph.of("")]) == []
    assert draw([Buttons(())]) == []


def test_a_file_is_a_message_of_its_own_and_buttons_stand_below_the_text() -> None:
    rows = Buttons(((Button("Back", "saved"),),))
    text, file = calls(draw([Paragraph.of("Your list:"), File("a/b.bib", "@x"), rows]))
    assert (text.method, text.params["text"], labels(text)) == (
        "sendMessage", "Your list:", [["Back"]],
    )  # fmt: skip
    assert (file.method, file.file) == ("sendDocument", ("a-b.bib", b"@x"))


def test_an_inline_result_has_the_card_and_its_picture() -> None:
    params = inline_text(CardBlock(a_card(1, image_url=PICTURE)), "zh")
    assert set(params) == {"text", "parse_mode", "link_preview_options"}
    assert "依据：现成的一句话概要" in str(params["text"])


def test_every_language_speaks_its_own() -> None:
    blocks = digest([a_card(1), a_card(2)], papers=2)
    zh, ko = (read(draw(blocks, language=language))[0] for language in ("zh", "ko"))
    assert zh.startswith("📰 12月26日 周五 · Hugging Face 12月26日 周五，已截止\n新论文 2 篇")
    assert ko.startswith("📰 12월 26일 (금)")


def test_a_longer_reading_that_fits_is_shown_whole() -> None:
    paper = Paper("2512.1", "A paper", "It is short.")
    said = (
        ("问题", "没有记忆。"),
        ("方法", "每一段之后就更新，下一段以它为条件；动态物体不写进去。"),
    )
    made = card(paper, Reading(paper.id, "zh", "full-text", ("一句话。",), said), "zh")
    (seen,) = read(draw(digest([made]), language="zh"))
    for _, text in said:
        assert text in seen
