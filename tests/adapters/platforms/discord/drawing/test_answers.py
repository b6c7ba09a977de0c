"""Answers: words, tables, buttons, files."""

from __future__ import annotations

import pytest

from adapters.platforms.discord.drawing import Pen
from bot.cards import (
    Block,
    Button,
    Buttons,
    CardBlock,
    File,
    Foot,
    Line,
    ListBlock,
    Paragraph,
    Span,
    Table,
)
from bot.cards.formatter import card
from bot.channels import Layout, Place, PlaceKind
from tests.adapters.platforms.discord.drawing.samples import (
    PAPER,
    calls,
    labels,
    many,
    message,
    paper_ids,
    problems,
    read,
    said,
)

HERE = Place(PlaceKind.PRIVATE)


def drawn(*blocks: Block):
    made = Pen().draw(blocks, Layout.PACKED, "en", HERE)
    assert problems(made) == []
    return made


def content(*blocks: Block) -> str:
    (one,) = calls(drawn(*blocks))
    assert "embeds" not in one.payload
    text: str = one.payload["content"]
    return text


def row(*buttons: Button) -> Buttons:
    return Buttons((buttons,))


def test_nothing_is_said_with_no_message():
    assert drawn() == drawn(Paragraph.of("")) == drawn(Paragraph.of(" \n ")) == ()


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (Span("plain *text*"), r"plain \*text\*"),
        (Span("strong", "strong"), "**strong**"),
        (Span("/paper 1", "code"), "`/paper 1`"),
        (Span("a`b", "code"), "`` a`b ``"),
        (Span("word", "mark"), "**word**"),
        (Span("a [b] *c*", url="https://a.org/x_(y)"), "[a (b) ∗c∗](<https://a.org/x_%28y%29>)"),
        (Span("title", "strong", "https://a.org"), "[**title**](<https://a.org>)"),
        (Span("nowhere", url="javascript:1"), "nowhere"),
        (Span("# a\n- b\n1. c\n> d"), "\\# a\n\\- b\n1\\. c\n\\> d"),
        (Span("https://a.org @everyone"), "https:\u2060//a.org @\u2060everyone"),
    ],
)
def test_a_span_is_drawn_as_what_it_is(span, text):
    assert content(Paragraph((span,))) == text


def test_a_marked_part_of_a_word_keeps_its_place():
    spans = (Span("Video "), Span("gener", "mark"), Span("ation - x"), Span(" now", "strong"))
    assert content(Paragraph(spans)) == "Video **gener**ation - x **now**"


def test_neighbouring_marks_are_not_taken_for_one():
    text = content(Paragraph((Span("a", "strong"), Span("b", "mark"), Span("c", "code"))))
    assert text == "**a**\u2060**b**`c`"


def test_lines_of_code_are_a_block_that_nothing_ends():
    text = content(Paragraph.of(Span("@article{x,\n  title = {``A'' ```},\n}", "code")))
    assert text.startswith("```\n@article{x,\n  title = {``A''")
    assert text.endswith("\n}\n```")
    assert text.count("```") == 2


def test_long_code_is_parted_into_blocks_that_are_each_closed():
    lines = "\n".join(f"line {n} of a long bibliography" for n in range(300))
    made = drawn(Paragraph.of(Span(lines, "code")))
    for call in calls(made):
        for embed in message(call)["embeds"]:
            assert embed["description"].count("```") == 2
    assert "line 299 of" in said(made)


def test_settings_are_a_line_each():
    assert content(Table((("hour", "09:00"), ("zone", "Asia/Seoul")))) == (
        "**hour** 09:00\n**zone** Asia/Seoul"
    )


def test_a_narrow_table_is_aligned():
    text = content(Table((("Fri 26 Dec", "7"), ("Thu", "12")), ("List of", "papers")))
    assert text == "```\nList of     papers\nFri 26 Dec  7\nThu         12\n```"


def test_a_wide_table_is_a_line_for_each_row():
    rows = (("1", "a topic that is longer than what a telephone shows", "23"), ("2", "图", "1"))
    assert content(Table(rows, ("", "Topic", "papers"))) == (
        "-# Topic · papers\n"
        "**1** a topic that is longer than what a telephone shows · 23\n"
        "**2** 图 · 1"
    )


def test_a_long_answer_goes_into_embeds_whole():
    words = "word " * 700
    (one,) = calls(drawn(Paragraph.of(words)))
    assert one.payload["embeds"][0]["description"] == words.strip()
    long = " ".join(f"w{n}" for n in range(6000))
    made = drawn(Paragraph.of(long))
    assert said(made).replace("\n", " ").split() == long.split()


def test_buttons_say_what_they_do_and_how():
    buttons = (
        Button("09:00", "settings hour 09:00", chosen=True),
        Button("Forget", "forget", danger=True),
        Button("Code", url="https://github.com/a/b"),
        Button("Later", "settings hour"),
        Button("Nowhere"),
        Button("Bad", url="javascript:1"),
    )
    (one,) = calls(drawn(Paragraph.of("When?"), row(*buttons)))
    (inside,) = [each["components"] for each in one.payload["components"]]
    assert [(each["label"], each["style"]) for each in inside] == [
        ("09:00", 3),
        ("Forget", 4),
        ("Code", 5),
        ("Later", 2),
    ]
    assert inside[0]["custom_id"] == "p:settings hour 09:00"
    assert inside[2]["url"] == "https://github.com/a/b"


def test_twelve_topics_and_everything_fit():
    rows = tuple(
        tuple(Button(f"topic {n} · 12 a week", f"topics add {n}") for n in range(at, at + 2))
        for at in range(0, 12, 2)
    )
    (one,) = calls(drawn(Paragraph.of("?"), Buttons((*rows, (Button("everything", "all"),)))))
    assert [len(each) for each in labels(one)] == [5, 5, 2, 1]


def test_of_too_many_buttons_the_way_back_stays():
    rows = tuple((Button(str(n), f"x {n}"),) for n in range(40))
    (one,) = calls(drawn(Paragraph.of("?"), Buttons((*rows, (Button("Back", "back"),)))))
    assert [len(each) for each in labels(one)] == [5, 5, 5, 5, 1]
    assert labels(one)[-1] == ["Back"]


def test_a_long_label_is_cut():
    (one,) = calls(drawn(Paragraph.of("?"), row(Button("word " * 40, "x"))))
    assert len(labels(one)[0][0]) <= 80


def test_the_card_of_one_paper_has_its_buttons_and_says_what_it_came_from():
    made = card(PAPER, read(PAPER, "en"), "en")
    (one,) = calls(drawn(CardBlock(made, ("VLM",), ("title",)), Foot(made.rung, 0)))
    (embed,) = one.payload["embeds"]
    assert embed["description"].endswith("-# matched: VLM (title)\n-# From: full text")
    assert "content" not in one.payload


def test_a_button_that_the_card_has_already_stands_there_once():
    made = card(PAPER, None, "en")
    shared = row(Button("Save", f"save {made.id}"), Button("Share", f"share {made.id}"))
    (one,) = calls(drawn(CardBlock(made), shared))
    assert labels(one) == [["Abstract", "Save", "Code", "Project page"], ["Share"]]


def test_found_papers_are_a_list_to_press_with_the_words_below():
    lines = tuple(Line(p.id, p.title, f"https://arxiv.org/abs/{p.id}", 4) for p in many(3))
    made = drawn(ListBlock(lines), Paragraph.of("More: ", Span("/search x", "code")))
    (one,) = calls(made)
    assert labels(one) == [["1", "2", "3"]]
    assert one.payload["embeds"][0]["description"].endswith("▲4\n\nMore: `/search x`")
    assert paper_ids(made) == ["2512.00001", "2512.00002", "2512.00003"]


def test_pages_can_be_turned_below_a_list():
    lines = tuple(Line(p.id, p.title, f"https://arxiv.org/abs/{p.id}", 4) for p in many(25))
    (one,) = calls(drawn(ListBlock(lines), row(Button("Next", "today 2"))))
    assert labels(one)[-1] == ["Next"]
    assert len(labels(one)) == 5


def test_files_are_attachments_one_a_message():
    made = drawn(Paragraph.of("Here."), File("a/b.bib", "@a{}"), File("c.txt", "c"))
    assert [call.file for call in calls(made)] == [("ab.bib", b"@a{}"), ("c.txt", b"c")]
    assert [call.payload.get("content") for call in calls(made)] == ["Here.", None]


def test_an_answer_mentions_no_role():
    (one,) = calls(Pen().draw([Paragraph.of("Hi")], Layout.PACKED, "en", Place(ping="42")))
    assert one.payload == {"allowed_mentions": {"parse": []}, "content": "Hi"}
