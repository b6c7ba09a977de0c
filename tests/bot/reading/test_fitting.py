"""Of a text that is too long, method and results go first, and what went is told."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ports.reading import Section, Whole
from bot.reading.fitting import fit


def words(text: str) -> int:
    return len(text.split())


def body(word: str, paragraphs: int = 10) -> str:
    return "\n\n".join(f"{word} " * 20 + f"end{n}." for n in range(paragraphs))


PAPER = Whole(
    "2501.00001",
    1,
    "A Title",
    "An abstract of five words.",
    (
        Section(1, "Introduction", body("intro")),
        Section(1, "Related Work", body("related")),
        Section(1, "Attic", ""),
        Section(2, "Forgetting", body("forget")),
        Section(1, "Experiments", body("experiment")),
        Section(2, "Ablation", "A\tB\n1\t2"),
        Section(1, "Conclusion", body("conclude", 2)),
        Section(1, "Acknowledgments", body("thanks")),
        Section(1, "Proofs", body("proof", 40), appendix=True),
    ),
)


def test_a_text_that_fits_is_given_whole_but_for_the_thanks():
    fitted = fit(PAPER, 100_000, words)
    assert "proof" in fitted.text
    assert "thanks" not in fitted.text
    assert "[…]" not in fitted.text
    assert fitted.text.startswith("# A Title\n\n## Abstract\n\nAn abstract of five words.")
    assert "\n## Attic\n\n### Forgetting\n" in fitted.text
    assert 0.85 < fitted.share < 1


def test_method_and_results_come_before_related_work_and_the_appendix():
    fitted = fit(PAPER, 740, words)
    assert words(fitted.text) == fitted.tokens <= 740
    assert fitted.titles == ("Introduction", "Forgetting", "Experiments", "Ablation", "Conclusion")
    assert "[…]" in fitted.text
    assert 0.2 < fitted.share < 0.6


def test_what_is_given_stands_in_the_order_of_the_paper():
    text = fit(PAPER, 500, words).text
    places = [text.find(word) for word in ("intro", "forget", "experiment", "conclude")]
    assert -1 not in places
    assert places == sorted(places)


def test_a_long_section_ends_with_a_whole_paragraph_and_a_mark():
    text = fit(PAPER, 500, words).text
    before = text.split("\n\n[…]")[0]
    assert before.splitlines()[-1].rstrip().endswith(".")


def test_one_long_section_does_not_take_the_place_of_the_others():
    paper = Whole(
        "1",
        1,
        "T",
        "A.",
        (Section(1, "Method", body("m", 300)), Section(1, "Results", body("r", 5))),
    )
    assert fit(paper, 1_000, words).titles == ("Method", "Results")


def test_a_section_of_one_long_paragraph_is_cut_at_a_sentence():
    paper = Whole("1", 1, "T", "A.", (Section(1, "Method", "One two three four. " * 500),))
    text = fit(paper, 300, words).text
    assert text.endswith("four.\n\n[…]")
    assert words(text) > 200


def test_the_rest_of_a_budget_goes_to_the_sections_that_were_cut():
    paper = Whole("1", 1, "T", "A.", (Section(1, "Method", body("m", 100)),))
    assert words(fit(paper, 1_000, words).text) > 900


def test_headings_that_say_nothing_are_read_by_place():
    sections = tuple(Section(1, title, body(title.lower(), 4)) for title in ("Ox", "Bee", "Cat"))
    fitted = fit(Whole("1", 1, "T", "A.", sections), 200, words)
    assert "ox" in fitted.text


def test_a_budget_of_nothing_gives_nothing_and_does_not_fail():
    assert fit(PAPER, 0, words).text == ""
    assert fit(PAPER, 3, words).text == "# A Title"


def test_a_paper_without_sections_is_its_abstract():
    fitted = fit(Whole("1", 1, "T", "A.", ()), 100, words)
    assert (fitted.text, fitted.share, fitted.titles) == ("# T\n\n## Abstract\n\nA.", 1.0, ())


def test_the_work_does_not_grow_with_the_square_of_the_text():
    asked = 0

    def counted(text: str) -> int:
        nonlocal asked
        asked += len(text)
        return len(text) // 4

    sections = tuple(Section(1, f"Method {n}", body("m", 40)) for n in range(60))
    size = sum(len(section.text) for section in sections)
    fit(Whole("1", 1, "T", "A.", sections), 12_000, counted)
    assert asked < 40 * size


SECTIONS = st.builds(
    Section,
    st.integers(0, 4),
    st.sampled_from(["", "Method", "Related", "Results", "X", "Acknowledgments"]),
    st.text(st.sampled_from("a b.\n\t。"), max_size=200),
    st.booleans(),
)


@settings(max_examples=150)
@given(
    st.builds(
        Whole, st.just("1"), st.none(), st.text("a ", max_size=30), st.text("b .", max_size=80),
        st.lists(SECTIONS, max_size=6).map(tuple),
    ),
    st.integers(-3, 120),
)  # fmt: skip
def test_the_budget_is_kept_whatever_the_paper(whole, most):
    fitted = fit(whole, most, len)
    assert len(fitted.text) <= max(0, most)
    assert 0 <= fitted.share <= 1
