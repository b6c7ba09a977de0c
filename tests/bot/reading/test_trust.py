"""A reading brings nothing in that its source does not have: links, mentions, markup."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.cut import graphemes
from bot.reading.trust import Source, plain, shortened, trusted
from bot.reports import Brief, Guide, Innovation, Report

SOURCE = (
    "Attic keeps maps. Code: https://github.com/example/attic and mail ada@example.org. "
    "We use <think> tokens, snake_case names, the @handle dataset and example.net."
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://evil.example/x?y=1 now.", "See now."),
        ("Code: https://github.com/example/attic.", "Code: https://github.com/example/attic."),
        ("Code: github.com/example/attic", "Code: github.com/example/attic"),
        ("Code: github.com/example/attic-win", "Code:"),
        ("Write to bob@evil.org!", "Write to!"),
        ("Write to ada@example.org!", "Write to ada@example.org!"),
        ("Hello @everyone and @handle", "Hello and @handle"),
        ("<@123456789> <@&42> <#7> said", "said"),
        ("[click](https://evil.example) here", "click here"),
        ("**Bold** and __more__ and `code` and *soft*", "Bold and more and code and soft"),
        ("# Heading\n- one\n- two", "Heading one two"),
        ("```json\nanswer\n```", "answer"),
        ("<b>bold</b> <think> &lt;", "bold <think>"),
        ("$\\alpha_1$ and \\textbf{big}", "α₁ and big"),
        ("snake_case and a*b*c and 2 * 3 * 4", "snake_case and a*b*c and 2 * 3 * 4"),
        ("a\u202eb\u200bc\x07d\U000e0041", "abc d"),
        ("javascript:alert(1) go", "go"),
        ("参见 https://evil.example/路径。好", "参见。好"),
        ("good results.In the end, data:ImageNet", "good results.In the end, data:ImageNet"),
        ("the ``long tail'' effect", "the “long tail” effect"),
        ("where x<y and z>w", "where x<y and z>w"),
        ('<img src=x> and <br/> and <a href="u">w</a>', "and and w"),
        ("加入 t.me/evil 群，见 evil.com。", "加入 群，见。"),
        (
            "version 1.4.2, e.g. this, i.e. that, vs. it",
            "version 1.4.2, e.g. this, i.e. that, vs. it",
        ),
        ("in Qwen2.5-VL and PyTorch, U.S. data", "in Qwen2.5-VL and PyTorch, U.S. data"),
    ],
)
def test_a_field_keeps_only_what_its_source_has(text, expected):
    assert plain(text, SOURCE) == expected


def test_a_long_field_ends_with_a_sentence():
    text = "One sentence here. " * 50
    short = plain(text, SOURCE, 100)
    assert len(short) <= 100
    assert short.endswith("here.")


def test_a_long_word_is_cut_with_a_mark():
    assert shortened("x" * 50, 10) == "x" * 9 + "…"


def test_every_field_of_a_report_is_looked_at():
    bad = "x https://evil.example/a"
    report = Report(
        bad,
        bad,
        Guide(bad, bad, bad, bad, bad),
        (Innovation(bad, bad), Innovation("", "")) * 4,
        bad,
        Brief(bad, bad, bad, bad, (bad, bad, "y"), bad, bad),
    )
    good = trusted(report, SOURCE)
    assert "evil" not in str(good.as_dict())
    assert good.brief.datasets == ("x", "y")
    assert good.innovations == (Innovation("x", "x"),) * 2
    assert Report.of_dict(good.as_dict()) == good


@given(st.text(st.sampled_from("ab*_`[]()<>@:/.#~|\\${}&; \n。，\u202e\u200b1")))
def test_any_text_becomes_one_bounded_line(text):
    line = plain(text, Source(SOURCE), 60)
    assert "\n" not in line
    assert "\u202e" not in line
    assert len(list(graphemes(line))) <= 60


@pytest.mark.parametrize("unit", ["[", "*a", "__a", "a.", "<a ", "@a", "`", "https:", "a@a.", "(["])
def test_a_hostile_text_is_no_longer_work_than_another(unit):
    began = time.perf_counter()
    plain(unit * (40_000 // len(unit)), "source")
    assert time.perf_counter() - began < 5
