"""Without a model a card still says something: the ready-made line, or two sentences."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import Rung
from bot.papers import Paper
from bot.reading import lower_rungs, sentences, telling

ABSTRACT = (
    "Robots often forget where they put things. Existing maps, e.g. those of Smith et al. (2024), "
    "grow without bound, cf. Fig. 3 of that study. We introduce Attic, a memory that throws away "
    "what no plan needs. It keeps 0.5 MB for each room of rank $k$. Earlier systems kept 40. "
    "Experiments in 12 homes show that Attic finds objects 31% faster than the best baseline. "
    "Code is available at https://example.org/attic."
)


def test_a_ready_made_line_is_taken_as_it_is():
    reading = lower_rungs(Paper("1", "T", ABSTRACT, summary="One \\emph{line}."), "zh")
    assert (reading.rung, reading.lines) == (Rung.READY_MADE, ("One line.",))


def test_the_contribution_and_the_result_are_chosen_in_the_order_of_the_abstract():
    reading = lower_rungs(Paper("1", "T", ABSTRACT), "en")
    assert reading.rung == Rung.SENTENCES
    assert reading.lines == (
        "We introduce Attic, a memory that throws away what no plan needs.",
        "Experiments in 12 homes show that Attic finds objects 31% faster than the best baseline.",
    )


def test_a_paper_without_text_has_no_lines():
    reading = lower_rungs(Paper("1", "T", " \n "), "ko")
    assert (reading.rung, reading.lines, reading.language) == (Rung.NONE, (), "ko")


def test_abbreviations_and_decimals_end_no_sentence():
    assert len(sentences(ABSTRACT)) == 7


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Let $x$. We go.", ["Let x.", "We go."]),
        ("By J. Smith and K. Lee. We agree.", ["By J. Smith and K. Lee.", "We agree."]),
        ("Is it so? Yes! It is.", ["Is it so?", "Yes!", "It is."]),
        ("He said “no.” She left.", ["He said “no.”", "She left."]),
        ("第一句。第二句！", ["第一句。", "第二句！"]),
        ("We follow Li et al. We differ.", ["We follow Li et al.", "We differ."]),
        ("Only one without an end", ["Only one without an end"]),
        ("", []),
    ],
)
def test_sentences_are_split_where_they_end(text, expected):
    assert sentences(text) == expected


def test_one_sentence_is_all_there_is_to_tell():
    assert telling(["Just this."]) == ("Just this.",)
    assert telling([]) == ()


@given(st.text(st.sampled_from("aA .?!\n1。e$x")))
def test_sentences_lose_no_letter(text):
    joined = "".join(sentences(text))
    assert [c for c in joined if c.isalpha()] == [c for c in text if c.isalpha()]


def test_an_abstract_of_two_megabytes_is_read_in_a_moment():
    started = time.perf_counter()
    lower_rungs(Paper("1", "T", "we propose a. X " * 130_000), "en")
    assert time.perf_counter() - started < 5
