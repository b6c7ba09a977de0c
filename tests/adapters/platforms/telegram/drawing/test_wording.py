"""Text made safe, measured and cut."""

from __future__ import annotations

import pytest

from adapters.platforms.telegram.drawing.wording import (
    escape,
    quiet,
    seen,
    shortened,
    strange,
    units,
    web,
)
from tests.wires.judges.telegram import found_entities


def test_length_is_counted_as_telegram_counts() -> None:
    assert [units(text) for text in ("abc", "中文", "😀", "👩‍👩‍👧")] == [3, 2, 2, 8]


def test_only_three_signs_are_escaped() -> None:
    assert escape('<a href="x">\'&nbsp;') == '&lt;a href="x"&gt;\'&amp;nbsp;'


@pytest.mark.parametrize("limit", [1, 5, 20, 59])
def test_a_shortened_text_keeps_within_its_units(limit: int) -> None:
    for text in ("word " * 30, "中文" * 30, "😀" * 40, "👩‍👩‍👧‍👦" * 9, "e" + "\u0301" * 90):
        assert units(shortened(text, limit)) <= limit


def test_what_nobody_sees_is_told() -> None:
    assert not any(map(seen, ("", " \n", "\u3164", "\u2800\u200d", "\u0301")))
    assert all(map(seen, ("a", " ▾ ", "中", "👩‍👩‍👧", "\ufffd")))


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("(https://a.org/b)@durov", ["https://a.org/b"]),
        ("https://a.org/<@durov>,/start", ["https://a.org/"]),
        ("https://[::1]/start #tag", []),
        ("http://@durov https://#tag", []),
        ("#\U00031c57", []),  # a letter to Telegram already
        ("foo.zzz/@durov foo.zzz/-/start", []),
        ("https://medium.com/@user/a#b", ["https://medium.com/@user/a#b"]),
        ("see https://a.org/x_(y).html, or", ["https://a.org/x_(y).html"]),
        ("(a.org/b/c.py)", ["a.org/b/c.py"]),
    ],
)  # fmt: skip
def test_nothing_comes_alive_behind_an_address(text: str, linked: list[str]) -> None:
    assert [words for _, words in found_entities(quiet(text))] == linked
    assert not any(kind in ("Mention", "Hashtag") for kind, _ in found_entities(quiet(text)))


def test_strange_text_is_one_clean_line() -> None:
    assert strange("a\n\x1b[31mb\u202e \ud800c", 40) == "a b \ufffdc"


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://arxiv.org/abs/2512.1", "https://arxiv.org/abs/2512.1"),
        ("HTTP://A.Org", "HTTP://A.Org"),
        ("https://a.org/ü x", "https://a.org/%C3%BC%20x"),
        ("https://a.org:8080/?q=1&r=%20#s", "https://a.org:8080/?q=1&r=%20#s"),
        ('https://a.org/"><b>', "https://a.org/%22%3E%3Cb%3E"),
        ("https://localhost/", None),
        ("https://a.org:99999/", None),
        ("https://user:word@a.org/", None),
        ("javascript:alert(1)", None),
        ("tg://resolve?domain=x", None),
        ("https://a.org/" + "x" * 1_000, None),
        (None, None),
    ],
)
def test_only_addresses_that_telegram_takes_are_linked(url: str | None, taken: str | None) -> None:
    assert web(url) == taken
