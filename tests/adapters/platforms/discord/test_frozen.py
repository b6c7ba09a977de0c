"""Frozen bodies of Discord: what was frozen comes back, and nothing else is read."""

from __future__ import annotations

import pytest

from adapters.platforms.discord.drawing import Pen
from adapters.platforms.discord.frozen import freeze, overlay, thaw
from bot.cards import CardBlock, File, Paragraph
from bot.cards.formatter import card
from bot.channels import Body, Kind, Layout
from tests.adapters.platforms.discord.drawing.samples import PAPER, digest, many


def test_what_differs_is_laid_over_the_shared_embed():
    embed = b'{"title":"A","description":"B","footer":{"text":"C"}}'
    payload = {"embeds": [overlay("1. ", "note", None), {"title": "own"}, overlay("", "", "D")]}
    call = thaw(freeze(Kind.POST, payload, [embed, embed], crosspost=True))
    assert call.kind is Kind.POST
    assert call.crosspost
    assert call.payload["embeds"] == [
        {"title": "1. A", "description": "B\nnote", "footer": {"text": "C"}},
        {"title": "own"},
        {"title": "A", "description": "B", "footer": {"text": "D"}},
    ]


def test_the_message_of_a_forum_post_is_laid_over_too():
    payload = {"name": "n", "message": {"embeds": [overlay("", "note", None)]}}
    call = thaw(freeze(Kind.FORUM_POST, payload, [b'{"title":"A"}']))
    assert call.payload == {
        "name": "n",
        "message": {"embeds": [{"title": "A", "description": "note"}]},
    }


def test_a_file_comes_back_with_its_bytes():
    (drawn,) = Pen().draw([Paragraph.of("Here."), File("a.bib", "@a{é}")], Layout.PACKED, "en")
    call = thaw(drawn.body)
    assert call.file == ("a.bib", "@a{é}".encode())
    assert call.payload["attachments"] == [{"id": 0, "filename": "a.bib"}]


@pytest.mark.parametrize(
    "fragments",
    [
        (),
        (b"?",),
        (b"\xff",),
        (b"[]",),
        (b"{}",),
        (b'{"v":2,"kind":"post","payload":{}}',),
        (b'{"v":1,"kind":"no","payload":{}}',),
        (b'{"v":1,"kind":"post","payload":3}',),
        (b'{"v":1,"kind":"post","payload":{"embeds":[{"card":["","",null]}]}}',),
        (b'{"v":1,"kind":"post","payload":{"embeds":[{"card":[]}]}}', b"{}"),
        (b'{"v":1,"kind":"post","payload":{},"file":"a"}',),
        (b'{"v":1,"kind":"forum-post","payload":{}}',),
        (b"[" * 100_000,),
    ],
)
def test_a_body_that_cannot_be_read_raises_value_error(fragments):
    with pytest.raises(ValueError, match=r"."):
        thaw(Body(fragments))


def test_equal_cards_are_equal_fragments_whatever_stands_around_them():
    pen, papers = Pen(), many(3)
    one = pen.draw(digest(papers), Layout.PACKED, "en")
    other = Pen().draw(digest([papers[2], papers[0]]), Layout.PACKED, "en")
    cards = set(one[0].body.fragments[1:])
    assert len(cards) == 3
    assert set(other[0].body.fragments[1:]) <= cards


def test_the_fragment_of_a_card_does_not_tell_of_the_channel():
    block = CardBlock(card(PAPER, None, "en"))
    told = CardBlock(block.card, ("spatial memory",), ("title",), late=True, rising=(2, 60))
    plain, rising = (Pen().draw([each], Layout.PACKED, "en")[0].body for each in (block, told))
    assert plain.fragments[1:] == rising.fragments[1:]
    assert plain.fragments[0] != rising.fragments[0]
