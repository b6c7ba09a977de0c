"""Paragraphs and tables on a narrow screen."""

from __future__ import annotations

from bot.cards import Buttons, Paragraph, Span, Table
from bot.cards.blocks import Button
from tests.adapters.platforms.telegram.drawing.samples import calls, draw, html, labels, read
from tests.wires.judges.telegram import found_entities


def code(text: str) -> Span:
    return Span(text, "code")


def test_spans_are_marked_and_their_text_is_not() -> None:
    block = Paragraph.of(
        Span("<b>", "strong"), " & ", Span("match", "mark"), " ", code("x < y"), " ",
        Span("page", url="https://a.org/?a=1&b=2"),
    )  # fmt: skip
    (text,) = html(draw([block]))
    assert text == (
        "<b>&lt;b&gt;</b> &amp; <u>match</u> <code>x &lt; y</code> "
        '<a href="https://a.org/?a=1&amp;b=2">page</a>'
    )


def test_a_command_without_words_is_touched_one_with_words_is_copied() -> None:
    (text,) = html(draw([Paragraph.of(code("/topics"), " ", code("/today 2025-12-26"))]))
    assert text == "/topics <code>/today 2025-12-26</code>"


def test_commands_in_our_own_sentences_can_be_touched() -> None:
    said = "To see more: /why. Ask @someone at Node.sh about /home/x #1 /whyever"
    (text,) = read(draw([Paragraph.of(said)]))
    assert found_entities(text) == [("BotCommand", "/why")]


def test_lines_of_code_are_one_block_to_copy() -> None:
    assert html(draw([Paragraph.of(code("@a{\n  b\n}"))])) == ["<pre>@a{\n  b\n}</pre>"]


def test_paragraphs_stand_close_and_tables_apart() -> None:
    table = Table((("Last", "27 Dec"), ("Next", "Tue")))
    (text,) = html(draw([Paragraph.of("a"), Paragraph.of("b"), table, Paragraph.of("c")]))
    assert text == "a\nb\n\n<b>Last</b>: 27 Dec\n<b>Next</b>: Tue\n\nc"


def test_a_table_of_commands_is_a_line_each() -> None:
    table = Table((("/today [date]", "Preview"), ("/forget yes", "Delete"), ("/start", "Begin")))
    assert html(draw([table])) == [
        "/today [date] – Preview\n<code>/forget yes</code> – Delete\n/start – Begin"
    ]


def test_a_table_with_a_head_names_its_columns_once() -> None:
    table = Table((("1", "RAG", "4"), ("2", "agents", "23")), ("", "Topic", "papers"))
    assert html(draw([table])) == ["<i>Topic – papers</i>\n1. RAG – 4\n2. agents – 23"]


def test_settings_name_value_and_meaning() -> None:
    (text,) = html(draw([Table((("hour", "09:00", "When it comes"),))], language="zh"))
    assert text == "<b>hour</b>：09:00 – When it comes"


def test_a_text_longer_than_a_message_is_broken_at_lines_and_nothing_is_lost() -> None:
    lines = [f"line {n} <&>" for n in range(1_500)]
    texts = read(draw([Paragraph.of(Span("\n".join(lines), "strong"))]))
    assert len(texts) > 3
    assert [line for text in texts for line in text.split("\n")] == lines


def test_buttons_stand_below_the_last_message() -> None:
    row = (
        Button("Hour", "settings hour", chosen=True), Button("Delete", "forget yes", danger=True),
        Button("Site", url="https://a.org"), Button("no", url="javascript:x"), Button("no"),
        Button("no", "x" * 61),
    )  # fmt: skip
    first, last = calls(draw([Paragraph.of("x\n" * 3_000), Buttons((row,))]))
    assert labels(first) == []
    assert labels(last) == [["✓ Hour", "Delete", "Site"]]
    assert [one.action for one in last.buttons[0]] == ["settings hour", "forget yes", ""]


def test_labels_and_rows_are_cut_to_what_can_be_read() -> None:
    many = tuple(Button("word " * 30, f"a {n}") for n in range(120))
    (call,) = calls(draw([Paragraph.of("x"), Buttons((many,))]))
    assert sum(map(len, call.buttons)) == 100
    assert max(map(len, call.buttons)) == 8
    assert all(len(one.label) <= 60 for row in call.buttons for one in row)


def test_buttons_alone_have_something_to_stand_under() -> None:
    (call,) = calls(draw([Buttons(((Button("Go", "start"),),))]))
    assert call.params["text"] == "▾"
    assert labels(call) == [["Go"]]
