"""A paper that Hugging Face and arXiv both list is one paper; arXiv's own need a wish for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from bot.channels import Follow
from tests.bot.digest.conftest import Village, at
from tests.wires.lists import ScriptedSource, a_paper

if TYPE_CHECKING:
    from bot.papers import Paper

MONDAY, TUESDAY, WEDNESDAY = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)


@pytest.fixture
def arxiv(village: Village) -> ScriptedSource:
    """A second source of the village, behind Hugging Face."""
    source = ScriptedSource("arxiv")
    village.desk = replace(
        village.desk,
        sources={**village.desk.sources, "arxiv": source},
        lookups={**village.desk.lookups, "arxiv": source},
    )
    return source


def _of_arxiv(number: int, title: str | None = None) -> Paper:
    return replace(
        a_paper(number, title), upvotes=None, version=1, categories=("cs.CV",), sources=("arxiv",)
    )


async def test_a_channel_without_topics_gets_arxivs_own_only_with_follow_all(
    village: Village, arxiv: ScriptedSource
) -> None:
    village.source.show(MONDAY, a_paper(1, upvotes=3))
    arxiv.show(MONDAY, _of_arxiv(2, "Video Generation"))
    await village.subscribe(at("2026-01-05 12:00"), chat="default")
    await village.subscribe(at("2026-01-05 12:00"), chat="all", follow=Follow.ALL)
    await village.subscribe(at("2026-01-05 12:00"), "video generation", chat="topic")
    for day in (6, 7):
        await village.round(at(f"2026-01-0{day} 09:00"))
    assert village.board.shown("default") == ["2601.00001"]
    assert village.board.shown("all") == ["2601.00001", "2601.00002"]
    assert village.board.shown("topic") == ["2601.00002"]


@pytest.mark.parametrize("arxiv_first", [True, False])
async def test_a_paper_on_both_lists_on_different_days_comes_once(
    village: Village, arxiv: ScriptedSource, arxiv_first: bool
) -> None:
    days = (MONDAY, WEDNESDAY) if arxiv_first else (WEDNESDAY, MONDAY)
    arxiv.show(days[0], _of_arxiv(1, "Video Generation"))
    village.source.show(days[1], a_paper(1, "Video Generation", upvotes=7))
    await village.subscribe(at("2026-01-05 12:00"), chat="default")
    await village.subscribe(at("2026-01-05 12:00"), chat="all", follow=Follow.ALL)
    await village.subscribe(at("2026-01-05 12:00"), "video generation", chat="topic")
    for day in range(6, 13):
        await village.round(at(f"2026-01-{day:02} 09:00"))
    for chat in ("default", "all", "topic"):
        assert village.board.shown(chat) == ["2601.00001"], chat
    first = {pin.address.chat: str(pin.head["date"]) for pin in village.board.pinned}
    assert first["default"] == ("2026-01-08" if arxiv_first else "2026-01-06")
    assert first["all"] == first["topic"] == "2026-01-06"
    assert all(pin.late == [] for pin in village.board.pinned)


async def test_a_failing_arxiv_holds_up_only_those_who_follow_it(
    village: Village, arxiv: ScriptedSource
) -> None:
    village.source.show(MONDAY, a_paper(1, "Video Generation"))
    arxiv.show(MONDAY, _of_arxiv(2, "Video Generation"))
    arxiv.outages = [(at("2026-01-05 13:00"), at("2026-01-06 20:00"))]
    await village.subscribe(at("2026-01-05 12:00"), chat="default")
    await village.subscribe(at("2026-01-05 12:00"), "video generation", chat="topic")
    await village.round(at("2026-01-06 09:00"))
    assert village.board.shown("default") == ["2601.00001"]
    assert village.board.shown("topic") == []
    await village.round(at("2026-01-06 12:00"))
    assert village.board.shown("topic") == ["2601.00001"]
    await village.round(at("2026-01-07 09:00"))
    assert village.board.shown("topic") == ["2601.00001", "2601.00002"]
    assert village.board.pinned[-1].late == []
    assert village.board.shown("default") == ["2601.00001"]


async def test_channels_that_missed_different_sources_yesterday_do_not_share_what_is_late(
    village: Village, arxiv: ScriptedSource
) -> None:
    from bot.channels import Topic

    village.source.show(MONDAY, a_paper(1, "Video Generation"))
    arxiv.show(MONDAY, _of_arxiv(2, "Video Generation"))
    arxiv.outages = [(at("2026-01-05 13:00"), at("2026-01-06 20:00"))]
    plain = await village.subscribe(at("2026-01-06 05:00"), chat="a-plain")
    other = await village.subscribe(at("2026-01-06 05:00"), "video generation", chat="b-topic")
    await village.round(at("2026-01-06 08:59"))
    await village.round(at("2026-01-06 12:00"))
    async with village.desk.store.transaction() as tx:
        await tx.topics.add(Topic("video generation", channel_id=plain.id))
    # Both opened at the same instant; only one of them missed arXiv.
    assert [len((await village.digests(c.id))[0].missing) for c in (plain, other)] == [0, 1]
    await village.round(at("2026-01-07 09:00"))
    late = {pin.address.chat: pin.late for pin in village.board.pinned[-2:]}
    assert late == {"a-plain": ["2601.00002"], "b-topic": []}
