"""Promises of wording: one line, bounded, nothing that cannot be stored; whole addresses only."""

from __future__ import annotations

import pytest

from adapters.sources.wording import folded, service_address, web_address
from bot.errors import SetUpWrong


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Two\n  lines\tand\u00a0more\u2028end", "Two lines and more end"),
        ("  $O(n^2)$ \\textbf{bold} ", "$O(n^2)$ \\textbf{bold}"),
        ("nul\x00 bell\x07 delete\x7f", "nul bell delete"),
        ("half \ud83d of a pair", "half \ufffd of a pair"),
        ("0", "0"),
        (" \n ", ""),
        (None, ""),
        (7, ""),
        (["a"], ""),
    ],
)
def test_text_becomes_one_line_without_controls_and_tex_stays(said: object, kept: str) -> None:
    assert folded(said, 100) == kept


def test_a_text_of_two_megabytes_is_cut_and_says_so() -> None:
    kept = folded("word " * 400_000, 1_000)
    assert len(kept) <= 1_000
    assert kept.endswith("word…")


def test_a_text_of_exactly_the_bound_is_not_cut() -> None:
    assert folded("x" * 50, 50) == "x" * 50
    assert folded("x" * 51, 50) == "x" * 49 + "…"


@pytest.mark.parametrize(
    "said",
    [
        "https://github.com/a/b",
        "http://example.org:8080/x?y=z#here",
        "https://пример.example/путь",
        "HTTPS://EXAMPLE.ORG",
    ],
)
def test_whole_web_addresses_are_kept(said: str) -> None:
    assert web_address(f" {said}\n") == said


@pytest.mark.parametrize(
    "said",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "//example.org/x",
        "github.com/a/b",
        "https://",
        "https://exa mple.org",
        'https://example.org/"onclick',
        "https://example.org/<b>",
        "http://[::1",
        "http://host:port/",
        "https://example.org/" + "a" * 2_000,
        "https://example.org/\ud83d",
        "",
        None,
        5,
    ],
)
def test_anything_else_is_no_address(said: object) -> None:
    assert web_address(said) is None


def test_a_service_address_loses_its_slash_and_shows_no_password() -> None:
    bare, auth = service_address("https://me:s%40cret@mirror.example/hf/", "HF_ENDPOINT", "…")
    assert bare == "https://mirror.example/hf"
    assert auth == ("me", "s@cret")


@pytest.mark.parametrize("said", ["mirror.example", "ftp://x", "https://x/?a=b", "https://x/#y"])
def test_a_wrong_service_address_names_the_setting_and_an_example(said: str) -> None:
    with pytest.raises(SetUpWrong, match=r"HF_ENDPOINT .*example: https://huggingface\.co"):
        service_address(said, "HF_ENDPOINT", "https://huggingface.co")
