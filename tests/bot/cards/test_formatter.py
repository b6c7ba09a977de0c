"""A paper becomes a card: readable, short, and nothing in it that the source did not give."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import Badge, Link, Rung
from bot.cards.cut import length
from bot.cards.formatter import TEXT, TITLE, card
from bot.papers import Paper, Reading

PAPER = Paper(
    "2512.21218",
    "Latent\nVisual  $\\pi$ Reasoning",
    abstract="We introduce Lantern, a tool. Results improve by 5\\%.",
    authors=("Kelvin Li", "Chuyi Shang", "J\\'er\\^ome B.", "D", "E", "F"),
    organization="UC\nBerkeley",
    summary="A ready line about \\textbf{tokens}.",
    upvotes=0,
    comments=0,
    stars=37,
    code_url="https://github.com/a/b",
    project_url="javascript:alert(1)",
)


def test_a_card_is_readable_and_on_one_line():
    made = card(PAPER, None, "en")
    assert made.title == "Latent Visual π Reasoning"
    assert made.organization == "UC Berkeley"
    assert made.authors[2] == "Jérôme B."
    assert made.lines == ("A ready line about tokens.",)
    assert made.rung is Rung.READY_MADE


def test_the_title_leads_to_arxiv_or_to_hugging_face():
    assert card(PAPER, None, "en").url == "https://arxiv.org/abs/2512.21218"
    assert card(PAPER, None, "en", links="hf").url == "https://huggingface.co/papers/2512.21218"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Kelvin Li, Chuyi Shang, Jérôme B., et al. (6)"),
        ("zh", "Kelvin Li, Chuyi Shang, Jérôme B. 等 6 人"),
        ("ko", "Kelvin Li, Chuyi Shang, Jérôme B. 외 3명"),
    ],
)
def test_three_authors_are_named_and_all_are_counted(language, expected):
    assert card(PAPER, None, language).byline == expected


def test_three_authors_or_fewer_are_all_named():
    assert card(replace(PAPER, authors=("A", "B", "C")), None, "en").byline == "A, B, C"
    assert card(replace(PAPER, authors=()), None, "en").byline == ""


def test_votes_are_shown_as_they_are_and_zero_stars_or_comments_are_not():
    assert card(PAPER, None, "en").badges == (Badge("upvotes", 0), Badge("stars", 37))
    assert card(replace(PAPER, upvotes=None, stars=0, comments=2), None, "en").badges == (
        Badge("comments", 2),
    )


def test_only_web_links_that_the_source_gave_are_kept():
    assert card(PAPER, None, "en").links == (Link("code", "https://github.com/a/b"),)
    spaced = replace(PAPER, code_url="https://a b", project_url="https://x.org/\x1b]8;;")
    assert card(spaced, None, "en").links == ()


def test_a_reading_gives_the_text_and_its_rung():
    reading = Reading(PAPER.id, "zh", "full-text", ("一句话。", "另一句。"), (("问题", "很难"),))
    made = card(PAPER, reading, "zh")
    assert made.lines == ("一句话。", "另一句。")
    assert made.rung is Rung.FULL_TEXT
    assert made.language == "zh"
    assert made.sections[0].name == "问题"


def test_an_empty_reading_falls_to_the_lower_rungs():
    assert card(PAPER, Reading(PAPER.id, "en", "abstract", ()), "en").rung is Rung.READY_MADE


def test_equal_contents_have_equal_keys_and_others_do_not():
    assert card(PAPER, None, "en").key == card(replace(PAPER), None, "en").key
    assert card(PAPER, None, "en").key != card(replace(PAPER, upvotes=1), None, "en").key


def test_a_title_of_two_megabytes_makes_a_card_like_any_other():
    made = card(replace(PAPER, title="long title $x$ " * 140_000), None, "en")
    assert length(made.title) <= TITLE
    assert made.title.endswith("…")


def test_a_paper_without_any_text_says_so():
    made = card(Paper("2512.00001", " \n"), None, "ko")
    assert made.title == "2512.00001"
    assert made.rung is Rung.NONE
    assert made.lines == ()


@given(st.text(), st.text(), st.text(), st.lists(st.text(), max_size=5))
def test_no_text_makes_the_formatter_fail_or_a_card_too_long(title, abstract, summary, authors):
    paper = Paper(
        "2512.00001", title, abstract, tuple(authors), organization=title, summary=summary
    )
    made = card(paper, None, "en")
    assert length(made.title) <= TITLE
    assert sum(map(length, made.lines)) <= TEXT
    assert "\n" not in made.title + made.byline + "".join(made.lines)
