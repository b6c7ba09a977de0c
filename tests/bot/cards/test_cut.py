"""Text is cleaned and cut where a reader expects, never inside a letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.cut import clean, cut, fit, graphemes, length

FAMILY = "👨\u200d👩\u200d👧"


@pytest.mark.parametrize(
    "letter",
    [
        "e\u0301",
        FAMILY,
        "🇰🇷",
        "❤\ufe0f",
        "👍🏽",
        "\u1112\u1161\u11ab",
        "한",
        "ก\u0e33",
        "नि",
        "1\ufe0f\u20e3",
    ],
)
def test_what_a_reader_sees_as_one_letter_is_one(letter):
    assert list(graphemes(letter)) == [letter]
    assert list(graphemes(f"a{letter}{letter}b")) == ["a", letter, letter, "b"]


def test_three_flags_are_three_letters():
    assert list(graphemes("🇰🇷🇨🇳🇬🇧x")) == ["🇰🇷", "🇨🇳", "🇬🇧", "x"]


@given(st.text())
def test_letters_together_are_the_text(text):
    assert "".join(graphemes(text)) == text


def test_a_pile_of_marks_is_bounded():
    assert max(map(len, graphemes("a" + "\u0301" * 10_000))) <= 32


@given(st.text(), st.integers(0, 40))
def test_a_cut_text_is_never_longer_than_asked_and_cut_between_letters(text, limit):
    short = cut(text, limit)
    assert length(short) <= limit or short == text
    if short != text and limit > 1:
        kept = short.removesuffix("…").rstrip()
        assert text.startswith(kept)
        assert kept == "" or kept in _prefixes(text)


def _prefixes(text: str) -> set[str]:
    letters = list(graphemes(text))
    return {"".join(letters[:at]).rstrip() for at in range(len(letters) + 1)} | {
        "".join(letters[:at]).rstrip(" \t,;:，、；：—–-([{（「『“‘")
        for at in range(len(letters) + 1)
    }


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 10, "short"),
        ("First sentence here. Second one follows", 30, "First sentence here. …"),
        ("one two three four five", 12, "one two…"),
        ("models, e.g. GPT and others of that kind", 14, "models, e.g.…"),
        ("unbreakablewordwithoutspaces", 10, "unbreakab…"),
        ("这是第一句话。这是第二句话，后面还有很多", 12, "这是第一句话。 …"),
        ("这是一个没有标点的很长的句子", 8, "这是一个没有标…"),
        ("a, b, c", 1, "…"),
    ],
)
def test_text_is_cut_behind_a_sentence_or_a_word(text, limit, expected):
    assert cut(text, limit) == expected


def test_clean_text_is_one_line_without_controls_escapes_and_overrides():
    dirty = "a\x1b[31mred\x1b[0m\r\nb\x00\x9b2Jc \u202edesrever\u202c\u2066x\u2069 \ud800 \u200bz"
    assert clean(dirty) == "ared b 2Jc desreverx \ufffd z"
    assert clean("unseen \xad\u200b between words") == "unseen between words"


@given(st.text(st.characters()))
def test_clean_text_stays_clean_and_can_be_encoded(text):
    once = clean(text)
    assert clean(once) == once
    once.encode()
    assert "\n" not in once
    assert "\x1b" not in once


def test_joined_emoji_survive_cleaning():
    assert clean(FAMILY) == FAMILY


def test_lines_fit_into_a_budget_whole_ones_first():
    assert fit(["a" * 50, "b" * 40], 100) == ("a" * 50, "b" * 40)
    assert fit(["word " * 30], 50)[0].endswith("…")
    assert fit(["a" * 90, "b " * 40], 100) == ("a" * 90,)
    assert fit([], 100) == ()
    assert sum(map(length, fit(["x y " * 60, "z w " * 60], 420))) <= 420
