"""Text of others stays text: nothing in it is markup, a mention, a link or an emoji."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.platforms.discord.drawing.escaping import (
    coded,
    fitted,
    link,
    linked,
    marked,
    plain,
    units,
    web,
)
from tests.wires.judges.discord import leads, live, masked

LOUD = [
    "@everyone and @here",
    "<@123> <@!1> <@&1> <#1> <id:guide>",
    "<t:1:R> <:a:1> <a:b:2> </paper:1> :smile:",
    "https://evil.example <https://evil.example> discord.gg/abc discord.com/invite/abc",
    "[a](https://evil.example) [b](<https://evil.example>)",
    "**b** *i* _i_ __u__ ~~s~~ ||h|| `c` ```d```",
    "\\*not\\* \\",
]
_PAIR = re.compile(r"\\[^\sA-Za-z0-9]")
_ACTIVE = re.compile(r"[*_`\[]|~~|\|\||^(?:#{1,3}|-#|[-+]|>{1,3})\s|^[0-9]+[.)]\s")


@pytest.mark.parametrize("text", LOUD)
@pytest.mark.parametrize("dress", [plain, marked, linked])
def test_nothing_calls_or_leads_away(text, dress):
    made = dress(text)
    assert live(made) == leads(made) == []
    assert not re.search(r":\w+:", made)


@given(st.text(st.characters(exclude_categories=())))
@example("# a")
@example("-# a")
@example("1. a")
@example("12) a")
@example("> a")
@example("[[a]](b)")
@example("|||")
@example("~~~")
@example("\\\\*a*")
def test_marked_text_holds_no_active_markup(text):
    made = marked(text)
    assert not _ACTIVE.search(_PAIR.sub("x", made))
    assert not live(made)
    assert not masked(made)


@given(st.text("*_`~|[]\\a ("))
def test_the_text_of_a_link_cannot_end_it(text):
    made = linked(text)
    assert not re.search(r"[\[\]\\*]|~~|\|\|", made)
    assert "`" not in made
    assert not re.search(r"(?<![a-zA-Z0-9])_|_(?![a-zA-Z0-9])", made)
    if made.strip():
        assert masked(link(made, "https://a.org/b")) == [(made, "https://a.org/b")]


def test_words_that_need_no_escape_have_none():
    text = "Vision-Language: A (B) #1 > 2, 3.5 + 4 ~ 5 | 6 — {x}; 50%"
    assert plain(text) == marked(text) == linked(text) == text


def test_a_mark_in_one_link_does_not_pair_off_with_that_in_the_next():
    assert linked("`Hello' world") == "ˋHello' world"
    assert linked("_init and snake_case_names, exit_") == "ˍinit and snake_case_names, exitˍ"


def test_a_backslash_is_never_shown_within_a_link():
    assert linked(r"VA-$\pi$ *x* [CLS] a_b") == "VA-$∖pi$ ∗x∗ (CLS) a_b"


@pytest.mark.parametrize("text", ["```", "a```b", "`" * 9, "@everyone"])
def test_code_cannot_end_its_block(text):
    assert "```" not in coded(text)
    assert live(coded(text)) == []


def test_a_right_to_left_name_stays_where_it_stands():
    for dress in (plain, marked, linked):
        assert dress("עברית (7)") == "\u2068עברית (7)\u2069"
    assert fitted("ע" * 100, 50) == "\u2068" + "ע" * 47 + "…\u2069"


def test_code_keeps_its_indent():
    assert coded("    title = {A},") == "    title = {A},"


@given(st.text(), st.integers(1, 300))
def test_fitted_text_fits_in_utf_16_units(text, limit):
    assert units(fitted(text, limit)) <= limit
    assert units(fitted(text, limit, linked)) <= limit


def test_a_cut_never_parts_an_escape():
    assert fitted("*" * 500, 100) == "\\*" * 49 + "…"


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "ftp://a.org", "http://localhost/x", "https://[bad", "", None),
        *("https://a.org:port/", "https://a.org/\ud800", "//a.org", "https:///x"),
        *(
            "https://a<b>.org",
            "https://a..org/",
            "https://.a.org",
            "https://-a.org",
            "https://$A.b",
        ),
    ],
)
def test_an_address_that_discord_refuses_is_left_out(url):
    assert web(url) is None
    assert link("text", url) == "text"


def test_an_address_cannot_end_its_link():
    assert web("https://a.org/x_(y)?q=<1>") == "https://a.org/x_%28y%29?q=%3C1%3E"
    assert web("HTTPS://A.org") == "https://A.org"
    assert web("https://a.org/é") == "https://a.org/%C3%A9"
    assert web("https://a.org/" + "x" * 600, 512) is None
