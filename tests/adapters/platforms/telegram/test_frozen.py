"""A frozen body says its call, and nothing of where it goes."""

from __future__ import annotations

import pytest

from adapters.platforms.telegram.frozen import (
    Own,
    Pieces,
    freeze,
    freeze_card,
    freeze_file,
    thaw,
)
from bot.cards import Button
from bot.channels import Body

CARD = freeze_card(Pieces("<b>T</b>", "▲5", "MIT", "Text &amp; more", "<blockquote>q</blockquote>"))


def test_cards_stand_between_the_parts_of_the_envelope() -> None:
    body = freeze(["1. ", Own(), "\n\n2. ", Own("▲1 → ▲5", "late"), ""], [CARD, CARD], marked=True)
    call = thaw(body)
    assert call.method == "sendMessage"
    assert call.params == {
        "text": "1. <b>T</b>\n▲5 · MIT\nText &amp; more\n<blockquote>q</blockquote>\n\n"
        "2. <b>T</b>\n▲1 → ▲5 · MIT\nText &amp; more\n<i>late</i>\n<blockquote>q</blockquote>",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    assert body.fragments[1:] == (CARD, CARD)


def test_a_plain_text_has_no_parse_mode() -> None:
    card = freeze_card(Pieces("T", "", "", "", ""))
    assert thaw(freeze([Own("", "note")], [card], marked=False)).params == {
        "text": "T\nnote",
        "link_preview_options": {"is_disabled": True},
    }


def test_a_picture_is_a_large_preview() -> None:
    call = thaw(freeze(["x"], [], marked=True, picture="https://a.org/1.png"))
    assert call.params["link_preview_options"]["url"] == "https://a.org/1.png"
    assert "is_disabled" not in call.params["link_preview_options"]


def test_buttons_keep_their_actions_unresolved() -> None:
    rows = [(Button("A", "save 2512.1"), Button("B", url="https://a.org")), (Button("C", "x"),)]
    assert thaw(freeze(["x"], [], marked=True, rows=rows)).buttons == tuple(map(tuple, rows))


def test_a_file_is_a_document_and_never_empty() -> None:
    call = thaw(freeze_file("a.bib", "", [(Button("A", "x"),)]))
    assert (call.method, call.params, call.file) == ("sendDocument", {}, ("a.bib", b"\n"))
    assert call.buttons == ((Button("A", "x"),),)
    assert thaw(freeze_file("a.bib", "@é")).file == ("a.bib", "@é".encode())


@pytest.mark.parametrize(
    "fragments",
    [
        (),
        (b"",),
        (b"\xff",),
        (b"[]",),
        (b"{}",),
        (b'{"v":2,"html":true,"text":["x"]}',),
        (b'{"v":1}',),
        (b'{"v":1,"html":true,"text":[["",""]]}',),
        (b'{"v":1,"html":true,"text":[["",""]]}', b'["too","few"]'),
        (b'{"v":1,"html":true,"text":[7]}',),
        (b'{"v":1,"html":true,"text":["x"],"rows":[[["a"]]]}',),
        (b'{"v":1,"file":"a"}',),
    ],
)
def test_what_cannot_be_read_is_a_value_error(fragments: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        thaw(Body(fragments))
