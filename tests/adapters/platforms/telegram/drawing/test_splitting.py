"""A refused message of several papers falls into one plain message for each of them."""

from __future__ import annotations

import pytest

from adapters.platforms.telegram import Telegram
from adapters.platforms.telegram.frozen import thaw
from bot.cards import Block, Button, Buttons, CardBlock, Line, ListBlock, Paragraph
from bot.channels import Body, Drawn, Layout
from tests.adapters.platforms.telegram.drawing.samples import a_card, a_heading

# Some begin like a line among others: only the number of the list may go.
TITLES = ("2. A <b>title", "1. Another title", "· Third & last")
HEAD = a_heading()


def card(number: int) -> CardBlock:
    return CardBlock(a_card(number, id=f"2512.{number:05}", title=TITLES[number], upvotes=5))


def line(number: int) -> Line:
    paper = f"2512.{number:05}"
    return Line(paper, TITLES[number], f"https://arxiv.org/abs/{paper}", 5)


def fallback(*blocks: Block, layout: Layout = Layout.PACKED) -> tuple[Drawn, Body]:
    (drawn,) = Telegram("1:t").draw(blocks, layout, "en")
    assert drawn.fallback is not None
    return drawn, drawn.fallback


def texts(body: Body) -> dict[str, str]:
    pieces = Telegram("1:t").split(body)
    for one in pieces:
        call = thaw(one.body)
        assert "parse_mode" not in call.params
        assert not call.buttons
        assert len(one.papers) == 1
        assert one.fallback is None
    return {one.papers[0]: thaw(one.body).params["text"] for one in pieces}


@pytest.mark.parametrize(
    ("blocks", "layout"),
    [
        ((HEAD, card(0), card(1), card(2)), Layout.PACKED),
        ((HEAD, card(0), card(1), card(2)), Layout.COMPACT),
        ((HEAD, card(0), ListBlock((line(1), line(2)))), Layout.PACKED),
        ((ListBlock((line(0), line(1), line(2))),), Layout.COMPACT),
    ],
    ids=["cards", "compact", "cards-and-lines", "lines"],
)
def test_each_paper_is_shown_once_in_its_order_and_what_stands_around_goes(blocks, layout):
    drawn, plain = fallback(*blocks, layout=layout)
    pieces = texts(plain)
    assert tuple(pieces) == drawn.papers
    for number, text in enumerate(pieces.values()):
        assert TITLES[number] in text
        assert f"arxiv.org/abs/2512.{number:05}" in text
        assert not any(other in text for other in TITLES if other != TITLES[number])
        assert text == text.strip()
        assert text.removeprefix("▲5 ").startswith(TITLES[number])


def test_a_message_of_one_paper_or_of_none_and_a_marked_one_are_not_split():
    for blocks in ((HEAD, card(0)), (Paragraph.of("Hi"),), (HEAD, ListBlock((line(0),)))):
        assert texts(fallback(*blocks)[1]) == {}
    assert texts(fallback(HEAD, card(0), card(1))[0].body) == {}
    assert texts(fallback(Paragraph.of("x"), Buttons(((Button("A", "card 1"),),)))[1]) == {}


@pytest.mark.parametrize(
    "fragments",
    [
        (),
        (b"?",),
        (b"[]",),
        (b'{"v":1,"html":false,"text":[["",""],["",""]],"papers":[[0,"a"],[1,"b"]]}',),
        (b'{"v":2,"html":false,"text":["a","b"],"papers":[[0,"a"],[1,"b"]]}',),
    ],
)
def test_what_cannot_be_read_has_no_pieces(fragments):
    assert Telegram("1:t").split(Body(fragments)) == ()
