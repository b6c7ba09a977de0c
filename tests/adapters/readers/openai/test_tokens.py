"""Promises of the estimate: by stated rules, rather too many than too few, in one pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.readers.openai.tokens import estimate


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("the", 1),
        ("learning", 2),  # a token for every four letters begun
        ("the model learns", 1 + 2 + 2),  # a space goes with its word
        ("2025", 4),  # a digit, a mark
        ("(a)", 3),
        ("a\n\nb", 3),  # breaks in a row
        ("论文", 2),  # an ideograph, a syllable, a kana
        ("논문", 2),
        ("ひらがな", 4),
        ("модель", 3),  # two letters of another alphabet
        ("naïve", 1 + 1 + 1),
        ("हिन", 2 + 2),  # one a letter; its signs are symbols
        ("∑", 2),
        ("😀", 2),
    ],
)
def test_every_script_has_its_rule(text: str, tokens: int) -> None:
    assert estimate(text) == tokens


def test_english_prose_is_not_underrated() -> None:
    """A token has about four letters there, and about three quarters of a word."""
    text = (
        "We propose a simple network architecture, based solely on attention, and dispense with "
        "recurrence and convolutions entirely. Experiments show that it is superior in quality."
    )
    assert len(text) / 4 <= estimate(text) <= len(text) / 2.5
    assert estimate(text) >= len(text.split()) * 4 / 3


def test_mathematics_costs_more_than_prose() -> None:
    assert estimate(r"$\mathcal{L}_{\text{ce}} = -\sum_i y_i \log p_i$") > 25


@given(st.text(), st.text())
def test_more_text_is_never_fewer_tokens(one: str, other: str) -> None:
    """But for one, where a space or a word is joined."""
    assert max(estimate(one), estimate(other)) <= estimate(one + other) + 1
    assert estimate(one + other) <= estimate(one) + estimate(other) + 1
