"""A refused plain message in pieces, one for each paper."""

from __future__ import annotations

import json

import pytest

from adapters.platforms.discord import Discord
from adapters.platforms.discord.drawing import Pen
from adapters.platforms.discord.frozen import freeze, thaw
from adapters.platforms.discord.splitting import pieces
from bot.channels import Body, Drawn, Kind, Layout, Place, PlaceKind
from tests.adapters.platforms.discord.drawing.samples import digest, many, problems

NASTY = "1. @everyone <b> [x](http://y.example) `code` **bold** \\ ~~~ \u202e 标题 😀"
PLACES = [Place(kind, ping="42", tag="7", crosspost=True) for kind in PlaceKind]


def of_several(drawn: tuple[Drawn, ...]) -> list[Drawn]:
    return [one for one in drawn if len(one.papers) > 1]


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind.value)
@pytest.mark.parametrize("title", ["", NASTY], ids=["plain", "nasty"])
@pytest.mark.parametrize("count", [2, 12, 35])
def test_every_fallback_of_several_papers_comes_apart_into_them(
    layout: Layout, place: Place, title: str, count: int
) -> None:
    papers = many(count, title)
    drawn = Pen().draw(digest(papers, late=1), layout, "en", place)
    for one in of_several(drawn):
        assert one.fallback is not None
        whole = thaw(one.fallback).message["content"]
        parts = pieces(one.fallback)
        assert [part.papers for part in parts] == [(paper,) for paper in one.papers]
        for part in parts:
            call = thaw(part.body)
            text = call.message["content"]
            assert text in whole
            assert "\n" not in text
            assert "<@&" not in text
            assert call.message["allowed_mentions"] == {"parse": []}
            assert part.kind is call.kind is one.kind
        assert problems(parts, spec=False) == []
        assert len({thaw(part.body).message["content"] for part in parts}) == len(parts)


@pytest.mark.parametrize("layout", [Layout.PACKED, Layout.COMPACT])
def test_a_piece_shows_the_title_and_the_address_of_its_paper(layout: Layout) -> None:
    papers = many(3)
    (one,) = Pen().draw(digest(papers), layout, "en")
    assert one.fallback is not None
    for part, paper in zip(pieces(one.fallback), papers, strict=True):
        text = thaw(part.body).message["content"]
        assert paper.title in text
        assert f"/{paper.id}>" in text


def test_a_ping_before_the_first_paper_does_not_move_the_borders() -> None:
    papers = many(4)
    place = Place(PlaceKind.GROUP, ping="424242")
    plain, pinging = (
        Pen().draw(digest(papers), Layout.PACKED, "en", where)[0].fallback
        for where in (Place(), place)
    )
    assert plain is not None
    assert pinging is not None
    assert thaw(pinging).message["content"].startswith("<@&424242> ")
    assert [part.body for part in pieces(plain)] == [part.body for part in pieces(pinging)]


def test_the_pieces_of_a_forum_post_are_posts_that_bear_the_title_of_their_paper() -> None:
    line = "3\\. Attention \\*is\\* all you need <https://arxiv.org/abs/1706.03762>"
    text = f"<@&1> {line}\n{line}"
    payload = {
        "name": "Fri 26 Dec · 2 papers",
        "message": {"content": text, "allowed_mentions": {"parse": [], "roles": ["1"]}},
        "applied_tags": ["7"],
    }
    spans = [("1706.03762", 6, 6 + len(line)), ("2", 7 + len(line), len(text))]
    first, second = pieces(freeze(Kind.FORUM_POST, payload, papers=spans))
    assert (first.kind, first.papers, second.papers) == (Kind.FORUM_POST, ("1706.03762",), ("2",))
    call = thaw(first.body)
    assert call.payload["name"] == "Attention *is* all you need"
    assert call.payload["applied_tags"] == ["7"]
    assert call.message == {"content": line, "allowed_mentions": {"parse": []}}


def test_an_announcement_stays_one() -> None:
    place = Place(PlaceKind.BROADCAST, crosspost=True)
    (one,) = Pen().draw(digest(many(3)), Layout.PACKED, "en", place)
    assert one.fallback is not None
    assert all(thaw(part.body).crosspost for part in pieces(one.fallback))


def test_what_cannot_be_taken_apart_gives_nothing() -> None:
    (alone,) = Pen().draw(digest(many(1)), Layout.PACKED, "en")
    (several,) = Pen().draw(digest(many(3)), Layout.PACKED, "en")
    assert alone.fallback is not None
    assert several.fallback is not None
    head = json.loads(several.fallback.fragments[0])
    del head["papers"]  # as it was frozen before
    older = Body((json.dumps(head).encode(),))
    thread = Body((b'{"v":1,"kind":"open-thread","payload":{"name":"x"}}',))
    for body in (alone.fallback, older, thread, Body((b"?",)), Body(())):
        assert Discord("no.token").split(body) == ()


def test_an_index_names_papers_that_others_show_so_it_is_not_taken_apart() -> None:
    drawn = Pen().draw(digest(many(5)), Layout.THREAD, "en")
    index = drawn[0]
    assert index.papers == ()
    assert index.fallback is not None
    assert pieces(index.fallback) == ()


def test_a_piece_is_not_taken_apart_again() -> None:
    (one,) = Pen().draw(digest(many(3)), Layout.PACKED, "en")
    assert one.fallback is not None
    for part in pieces(one.fallback):
        assert part.fallback is None
        assert pieces(part.body) == ()
