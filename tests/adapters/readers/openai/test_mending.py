r"""Promises of mending: valid JSON is read as it is, the rest as it was meant, and nothing crashes.

Of LaTeX: a backslash that JSON takes for the beginning of an escape is given back where it began
a command, and a line break stays a line break.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.readers.openai.latex import restored
from adapters.readers.openai.mending import cleaned, found, spoken

NAMES = ("field", "results")
GOOD = {"field": "x", "results": "y"}
WRITTEN = '{"field": "x", "results": "y"}'

numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
objects = st.fixed_dictionaries({"field": values, "results": values})
signs = ['"', "'", "{", "}", "[", "]", ",", ":", "\\", "\n", "“", "”", "//", "/*", " ", "-", "é"]
words = ["<think>", "</think>", "```json", "field", "results", "1e999", "null", "None"]
pieces = st.sampled_from([*signs, *words, "\\u12", "\\ud83d"])


def same(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


@given(objects, st.booleans(), st.sampled_from([None, 2]))
def test_valid_json_is_read_as_it_is(
    value: dict[str, Any], ascii: bool, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=ascii, indent=indent)
    assert found(text, NAMES) == same(text)


@given(objects)
def test_fences_and_chatter_round_valid_json_change_nothing(value: dict[str, Any]) -> None:
    text = json.dumps(value)
    told = f"Sure, here it is:\n```json\n{text}\n```\nHope that helps!"
    if "think" not in text and "thought" not in text and "reasoning" not in text:
        assert found(told, NAMES) == same(text)


@given(st.lists(pieces | st.text(max_size=3), max_size=60).map("".join))
def test_no_text_crashes_it(text: str) -> None:
    for told in (text, WRITTEN[:9] + text, text + WRITTEN):
        value = found(told, NAMES)
        assert value is None or isinstance(value, dict)
        cleaned(value)


@given(objects, st.data())
def test_what_breaks_off_is_not_completed(value: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(value)
    end = data.draw(st.integers(0, len(text) - 1))
    got = found(text[:end], NAMES)
    # nothing, or an object that stands inside whole and has the names itself
    assert got is None or json.dumps(got, default=float)[1:-1] in json.dumps(
        same(text), default=float
    )


@pytest.mark.parametrize(
    "told",
    [
        WRITTEN,
        f"\ufeff{WRITTEN}\n",
        f"Here you are: {WRITTEN} Anything else?",
        f"```json\n{WRITTEN}\n```",
        f"```\n{WRITTEN}",
        f'<think>Perhaps {{"field": 1, "results": 2}}?</think>{WRITTEN}',
        f'the template ate its first mark {{"field": 1}}</think>\n{WRITTEN}',
        f'A set {{x}} and { {1} } and {{"a": 1}}: {WRITTEN}',
        f'{{"field": "draft", "results": ""}} No: {WRITTEN}',
        "{'field': 'x', 'results': 'y',}",
        "{field: 'x', results: \"y\"}",
        '{"field": "x", // one\n /* two */ "results": "y"}',
        "{“field”：“x”，“results”：“y”}",
        '{"field": "x"\n "results": "y"}',
        '{"Field": "x", "RESULTS": "y"}',
        f'{{"report": {WRITTEN}}}',
        f"[{WRITTEN}]",
        '{"field": "x", "results": "y", "field": ""}',
        '{"field": "", "results": "y", "field": "x"}',
    ],
)
def test_an_object_is_found_however_it_is_written(told: str) -> None:
    assert found(told, NAMES) == GOOD


@pytest.mark.parametrize(
    "told",
    [
        "",
        "No object at all.",
        '{"field": "x", "results": "y"',
        '{"field": "x", "results": "y',
        '{"innovations": [{"name": "a", "text": "b"}, {"name": "c"',
        f"<think>I would say {WRITTEN} but",
        '{"name": "a"}',
        "{" * 5000,
        '{"a":' * 5000,
        "[" * 100_000,
    ],
)
def test_where_there_is_none_none_is_made_up(told: str) -> None:
    assert found(told, NAMES) is None


def test_marks_and_line_breaks_inside_a_string_stay_inside() -> None:
    told = '{"field": "called "deep" learning, or so", "results": "it\'s\ntwo lines"}'
    assert found(told, NAMES) == {
        "field": 'called "deep" learning, or so',
        "results": "it's\ntwo lines",
    }


def test_numbers_keep_their_digits() -> None:
    got = found('{"field": 0.80, "results": 12345678901234567890}', NAMES)
    assert got is not None
    assert str(got["field"]) == "0.80"
    assert str(got["results"]) == "12345678901234567890"


def test_pythons_words_are_understood() -> None:
    assert found("{'field': None, 'results': [True, False, NaN]}", NAMES) == {
        "field": None,
        "results": [True, False, None],
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"$\alpha$", r"$\alpha$"),
        (r"$3 \times 4$", r"$3 \times 4$"),
        (r"$\nabla f$ and $\frac{a}{b}$", r"$\nabla f$ and $\frac{a}{b}$"),
        (r"$\beta$, $\rho$, $\theta$, $\tau$", r"$\beta$, $\rho$, $\theta$, $\tau$"),
        (r"$\nu \ne \tan x$", r"$\nu \ne \tan x$"),
        (r"$\underline{x} \upsilon$", r"$\underline{x} \upsilon$"),
        (r"50\% of \{a\}", r"50\% of \{a\}"),
        (r"first\nnext, and\nexists", "first\nnext, and\nexists"),
        (r"$\alpha$\nnot this\nTheta\tis", "$\\alpha$\nnot this\nTheta\tis"),
        (r"\\alpha and \\times", r"\alpha and \times"),
        (r"\u00e9 \ud83d\ude00", "é 😀"),
        (r"a \"word\" \/", 'a "word" /'),
    ],
)
def test_latex_is_given_back_and_escapes_are_kept(written: str, meant: str) -> None:
    got = cleaned(found(f'{{"field": "{written}", "results": "y"}}', NAMES))
    assert got["field"] == meant


@given(st.text().filter(lambda text: "\\" not in text and "$" not in text))
def test_plain_lines_are_left_alone(text: str) -> None:
    """Sentences that begin lines with any English word but a piece of a command."""
    lines = "First\n" + "\n".join(
        word for word in text.split("\n") if not word[:1].isascii() or not word[:1].isalpha()
    )
    kept = "".join(sign for sign in lines if sign in "\n\t" or sign.isprintable())
    assert restored(kept) == kept


def test_signs_that_no_database_takes_are_dropped() -> None:
    assert restored("a\x00b\ud800c\r\nd") == "abc\nd"


def test_thoughts_are_not_what_was_said() -> None:
    assert spoken("<think>a</think>b<THINKING>c</thinking>d") == "bd"
    assert spoken("a</think>b") == "b"
    assert spoken("a<think>b") == "a"
