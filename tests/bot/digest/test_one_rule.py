"""What a digest holds: listed after the horizon, matching, and without a ledger row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.cards import Buttons
from bot.channels import Empty, LedgerState, Notice, PlaceKind, When
from bot.digest.subscription import paused, resumed
from bot.editions import read_day
from tests.bot.digest.conftest import at
from tests.wires.lists import a_paper

if TYPE_CHECKING:
    from tests.bot.digest.conftest import Village

MONDAY, TUESDAY, WEDNESDAY = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)
THURSDAY, FRIDAY = date(2026, 1, 8), date(2026, 1, 9)


async def test_a_closed_list_reaches_the_channel_once(village: Village) -> None:
    shown = [village.source.show(MONDAY, a_paper(n, upvotes=n)) for n in range(3)]
    await village.subscribe(at("2026-01-05 12:00"))
    await village.round(at("2026-01-06 09:00"))
    await village.round(at("2026-01-06 09:05"))
    await village.round(at("2026-01-07 09:00"))
    assert village.board.shown() == [paper.id for paper in reversed(shown)]


async def test_an_open_list_waits_unless_the_channel_wants_it_fresh(village: Village) -> None:
    village.source.show(TUESDAY, a_paper(1), at=at("2026-01-06 05:00"))
    await village.subscribe(at("2026-01-06 04:00"), chat="closed")
    await village.subscribe(at("2026-01-06 04:00"), chat="fresh", when=When.FRESH)
    await village.round(at("2026-01-06 09:00"))
    assert village.board.shown("closed") == []
    assert village.board.shown("fresh") == ["2601.00001"]
    await village.round(at("2026-01-07 09:00"))
    assert village.board.shown("closed") == ["2601.00001"]
    assert village.board.shown("fresh") == ["2601.00001"]


async def test_a_late_addition_comes_next_day_under_the_late_heading(village: Village) -> None:
    village.source.show(TUESDAY, a_paper(1), at=at("2026-01-06 05:00"))
    village.source.show(TUESDAY, a_paper(2, upvotes=9), at=at("2026-01-06 20:00"))
    village.source.show(WEDNESDAY, a_paper(3), at=at("2026-01-07 05:00"))
    await village.subscribe(at("2026-01-06 04:00"), when=When.FRESH)
    await village.round(at("2026-01-06 09:00"))
    await village.round(at("2026-01-07 09:00"))
    first, second = village.board.pinned
    assert (first.cards, first.late) == (["2601.00001"], [])
    assert second.cards == ["2601.00003", "2601.00002"]
    assert second.late == ["2601.00002"]


async def test_a_first_digest_holds_the_last_closed_list_and_none_of_it_is_late(
    village: Village,
) -> None:
    village.source.show(FRIDAY, a_paper(1))
    village.source.show(THURSDAY, a_paper(2))
    await village.subscribe(at("2026-01-11 12:00"))
    await village.round(at("2026-01-12 09:00"))
    (pin,) = village.board.pinned
    assert pin.cards == ["2601.00001"]
    assert pin.late == []
    assert pin.head["lists"] == ["2026-01-09"]


async def test_from_friday_to_monday_nothing_is_repeated_and_the_weekend_is_silent(
    village: Village,
) -> None:
    village.source.show(THURSDAY, a_paper(1))
    village.source.show(FRIDAY, a_paper(2))
    village.source.show(date(2026, 1, 12), a_paper(3))
    await village.subscribe(at("2026-01-08 12:00"), empty=Empty.ONCE)
    for day in range(9, 14):
        await village.round(at(f"2026-01-{day:02} 09:00"))
    assert [pin.cards for pin in village.board.pinned] == [
        ["2601.00001"],
        ["2601.00002"],
        ["2601.00003"],
    ]
    assert [str(pin.head["date"]) for pin in village.board.pinned] == [
        "2026-01-09",
        "2026-01-10",
        "2026-01-13",
    ]


async def test_a_weekly_channel_gets_the_whole_week(village: Village) -> None:
    for n, day in enumerate((MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)):
        village.source.show(day, a_paper(n))
    channel = await village.subscribe(at("2026-01-05 01:00"), days=frozenset({5}))
    now = at("2026-01-05 09:00")
    while now < at("2026-01-11 00:00"):
        await village.round(now)
        now += timedelta(hours=12)
    assert sorted(village.board.shown()) == [f"2601.0000{n}" for n in range(5)]
    assert len(await village.digests(channel.id)) == 1


async def test_only_matching_papers_are_shown_and_the_rest_is_counted(village: Village) -> None:
    village.source.show(MONDAY, a_paper(1, "Video Generation with Memory"))
    village.source.show(MONDAY, a_paper(2, "Proofs in Geometry"))
    await village.subscribe(at("2026-01-05 12:00"), "video generation", "agents")
    await village.round(at("2026-01-06 09:00"))
    (pin,) = village.board.pinned
    assert pin.cards == ["2601.00001"]
    assert pin.head["papers"] == 2
    assert pin.head["matched"] == 1
    assert pin.head["topics"] == ["video generation"]
    (digest,) = await village.digests(1)
    assert (digest.papers, digest.matched, digest.hidden) == (2, 1, 1)


async def test_hidden_papers_are_counted_on_one_day_only(village: Village) -> None:
    village.source.show(MONDAY, a_paper(1, "Proofs in Geometry"))
    village.source.show(TUESDAY, a_paper(2, "Proofs in Algebra"))
    await village.subscribe(at("2026-01-05 12:00"), "video generation")
    await village.round(at("2026-01-06 09:00"))
    await village.round(at("2026-01-07 09:00"))
    assert [digest.papers for digest in await village.digests(1)] == [1, 1]


@pytest.mark.parametrize(
    ("kind", "alone", "offered"),
    [
        (PlaceKind.GROUP, True, ["today 2026-01-05 2"]),
        (PlaceKind.PRIVATE, False, ["today 2026-01-05 2"]),
        (PlaceKind.GROUP, False, []),  # all would see the answer, so most may not ask
    ],
)
async def test_what_is_beyond_the_list_is_one_press_away_for_who_is_answered_alone(
    village: Village, kind: PlaceKind, alone: bool, offered: list[str]
) -> None:
    village.board.limits = replace(village.board.limits, buttons=True, private_answers=alone)
    for n in range(60):
        village.source.show(MONDAY, a_paper(n, upvotes=n))
    await village.subscribe(at("2026-01-05 12:00"), limit=5, kind=kind)
    await village.round(at("2026-01-06 09:00"))
    (blocks,) = village.board.drawn
    buttons = [one for block in blocks if isinstance(block, Buttons) for one in block.rows[0]]
    assert [one.action for one in buttons] == offered


async def test_the_list_beyond_the_cards_is_listed_and_beyond_that_passed(
    village: Village,
) -> None:
    for n in range(60):
        village.source.show(MONDAY, a_paper(n, upvotes=n))
    channel = await village.subscribe(at("2026-01-05 12:00"), limit=5)
    await village.round(at("2026-01-06 09:00"))
    (pin,) = village.board.pinned
    assert pin.cards == [f"2601.000{n}" for n in (59, 58, 57, 56, 55)]
    assert len(pin.lines) == 40
    (digest,) = await village.digests(channel.id)
    assert (digest.matched, digest.shown, digest.passed) == (60, 45, 15)
    async with village.desk.store.snapshot() as tx:
        rows = await tx.ledger.of_channel(channel.id, limit=100)
    counts = {state: sum(row.state is state for row in rows) for state in LedgerState}
    assert counts[LedgerState.SHOWN] == 5
    assert counts[LedgerState.LISTED] == 40
    assert counts[LedgerState.PASSED] == 15
    await village.round(at("2026-01-07 09:00"))
    assert len(village.board.pinned) == 1


async def test_a_listed_paper_that_gains_votes_rises_once(village: Village) -> None:
    for n in range(4):
        village.source.show(TUESDAY, a_paper(n), at=at("2026-01-06 05:00"))
    village.source.votes = {
        "2601.00000": [(at("2026-01-06 05:00"), 9)],
        "2601.00001": [(at("2026-01-06 05:00"), 8)],
        "2601.00002": [(at("2026-01-06 05:00"), 2), (at("2026-01-06 20:00"), 60)],
        "2601.00003": [(at("2026-01-06 05:00"), 1)],
    }
    await village.subscribe(at("2026-01-06 04:00"), when=When.FRESH, limit=2)
    await village.round(at("2026-01-06 09:00"))
    for day in (7, 8, 9):
        await village.round(at(f"2026-01-0{day} 09:00"))
    first, second = village.board.pinned
    assert (first.cards, first.lines) == (
        ["2601.00000", "2601.00001"],
        ["2601.00002", "2601.00003"],
    )
    assert (second.cards, second.rising, second.late) == (["2601.00002"], ["2601.00002"], [])


async def test_the_votes_of_a_closed_list_are_read_again_while_its_papers_may_rise(
    village: Village,
) -> None:
    village.source.show(MONDAY, a_paper(1, upvotes=5))
    village.source.show(MONDAY, a_paper(2, upvotes=2))
    village.source.votes = {"2601.00002": [(at("2026-01-06 20:00"), 60)]}
    await village.subscribe(at("2026-01-05 12:00"), limit=1)
    await village.round(at("2026-01-06 09:00"))
    await village.round(at("2026-01-07 09:00"))
    assert [pin.rising for pin in village.board.pinned] == [[], ["2601.00002"]]


async def test_nothing_from_a_pause_is_news_after_resume(village: Village) -> None:
    village.source.show(MONDAY, a_paper(1))
    village.source.show(WEDNESDAY, a_paper(2))
    village.source.show(THURSDAY, a_paper(3))
    channel = await village.subscribe(at("2026-01-05 12:00"))
    await village.round(at("2026-01-06 09:00"))
    channel = await village.channel(channel.id)
    await village.put(paused(channel, at("2026-01-06 10:00"), None, None))
    for day in (7, 8):
        await village.round(at(f"2026-01-0{day} 09:00"))
    last = (await village.digests(channel.id))[0]
    channel = await village.channel(channel.id)
    await village.put(resumed(channel, at("2026-01-08 12:00"), last))
    await village.round(at("2026-01-09 09:00"))
    assert village.board.shown() == ["2601.00001", "2601.00003"]
    assert len(await village.digests(channel.id)) == 2


async def test_a_pause_of_days_ends_by_itself(village: Village) -> None:
    village.source.show(WEDNESDAY, a_paper(1))
    village.source.show(FRIDAY, a_paper(2))
    channel = await village.subscribe(at("2026-01-05 12:00"))
    await village.put(paused(channel, at("2026-01-05 13:00"), 4, None))
    for day in range(6, 11):
        await village.round(at(f"2026-01-{day:02} 09:00"))
    assert village.board.shown() == ["2601.00002"]


async def test_a_topic_added_later_finds_what_was_hidden_within_three_days(
    village: Village,
) -> None:
    from bot.channels import Topic

    village.source.show(MONDAY, a_paper(1, "Proofs in Geometry"))
    village.source.show(MONDAY, a_paper(2, "Video Generation"))
    channel = await village.subscribe(at("2026-01-05 12:00"), "video generation")
    await village.round(at("2026-01-06 09:00"))
    async with village.desk.store.transaction() as tx:
        await tx.topics.add(
            Topic("geometry", channel_id=channel.id, created=at("2026-01-06 10:00"))
        )
    await village.round(at("2026-01-07 09:00"))
    assert [pin.cards for pin in village.board.pinned] == [["2601.00002"], ["2601.00001"]]
    assert village.board.pinned[1].late == ["2601.00001"]


async def test_empty_once_speaks_when_the_reason_is_a_new_one(village: Village) -> None:
    for day in (MONDAY, TUESDAY, WEDNESDAY):
        village.source.show(day, a_paper(day.day, "Proofs in Geometry"))
    village.source.show(FRIDAY, a_paper(20, "Proofs in Algebra"))
    await village.subscribe(at("2026-01-05 12:00"), "video generation", empty=Empty.ONCE)
    for date_of_month in range(6, 14):
        await village.round(at(f"2026-01-{date_of_month:02} 09:00"))
    said = [pin.notices for pin in village.board.pinned]
    assert said == [
        [Notice.NO_MATCH],
        [Notice.NONE_LISTED],
        [Notice.NO_MATCH],
        [Notice.NONE_LISTED],
    ]
    assert all(pin.silent for pin in village.board.pinned)
    dates = [str(pin.head["date"]) for pin in village.board.pinned]
    assert dates == ["2026-01-06", "2026-01-09", "2026-01-10", "2026-01-13"]


async def test_empty_never_says_nothing_and_still_opens_a_row(village: Village) -> None:
    channel = await village.subscribe(at("2026-01-05 12:00"), empty=Empty.NEVER)
    await village.round(at("2026-01-06 09:00"))
    assert village.board.pinned == []
    (digest,) = await village.digests(channel.id)
    assert (digest.notice, digest.spoke) == (Notice.NONE_LISTED, False)


async def test_a_fresh_channel_is_told_that_the_list_holds_nothing_yet(village: Village) -> None:
    village.source.show(MONDAY, a_paper(1))
    await village.subscribe(at("2026-01-05 12:00"), when=When.FRESH, empty=Empty.ALWAYS)
    await village.round(at("2026-01-06 09:00"))
    await village.round(at("2026-01-07 09:00"))
    assert village.board.pinned[1].notices == [Notice.NOT_YET]


async def test_after_months_without_the_bot_nobody_waits_for_a_list_of_long_ago(
    village: Village,
) -> None:
    await village.subscribe(at("2026-01-05 12:00"), empty=Empty.ALWAYS)
    await village.round(at("2026-01-06 09:00"))
    await village.round(at("2026-04-10 09:00"))
    assert village.board.pinned[1].notices == [Notice.NONE_LISTED]


async def test_a_down_time_is_caught_up_with_one_digest_under_its_own_date(
    village: Village,
) -> None:
    for n, day in enumerate((MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)):
        village.source.show(day, a_paper(n))
    channel = await village.subscribe(at("2026-01-05 12:00"), hour=time(9))
    await village.round(at("2026-01-06 09:00"))
    await village.round(at("2026-01-11 15:00"))
    assert sorted(village.board.shown()) == [f"2601.0000{n}" for n in range(5)]
    assert [str(d.local_date) for d in await village.digests(channel.id)] == [
        "2026-01-11",
        "2026-01-06",
    ]
    assert (await village.channel(channel.id)).next_due == at("2026-01-12 09:00")


async def test_a_late_addition_that_matches_nothing_is_counted_once(village: Village) -> None:
    village.source.show(TUESDAY, a_paper(1, "Video Generation"), at=at("2026-01-06 05:00"))
    village.source.show(TUESDAY, a_paper(2, "Proofs in Geometry"), at=at("2026-01-06 20:00"))
    await village.subscribe(at("2026-01-06 04:00"), "video generation", when=When.FRESH)
    for date_of_month in (6, 7, 8):
        await village.round(at(f"2026-01-0{date_of_month} 09:00"))
    counts = [(digest.papers, digest.hidden) for digest in await village.digests(1)]
    assert counts == [(0, 0), (1, 1), (1, 0)]


async def test_empty_once_does_not_begin_anew_after_a_weekend(village: Village) -> None:
    village.source.show(FRIDAY, a_paper(1, "Proofs in Geometry"))
    village.source.show(date(2026, 1, 12), a_paper(2, "Proofs in Algebra"))
    await village.subscribe(at("2026-01-09 12:00"), "video generation", empty=Empty.ONCE)
    async with village.desk.store.transaction() as tx:
        channel = await tx.channels.get(1)
        assert channel is not None
        await tx.channels.put(replace(channel, since=village.source.closes(THURSDAY)))
    for date_of_month in range(10, 14):
        await village.round(at(f"2026-01-{date_of_month} 09:00"))
    assert [digest.notice for digest in await village.digests(1)] == [
        Notice.NO_MATCH,
        Notice.NONE_LISTED,
        Notice.NONE_LISTED,
        Notice.NO_MATCH,
    ]
    assert [str(pin.head["date"]) for pin in village.board.pinned] == ["2026-01-10"]


async def test_an_old_list_that_somebody_looked_at_is_not_news(village: Village) -> None:
    village.source.show(FRIDAY, a_paper(1))
    village.source.show(date(2026, 1, 12), a_paper(2))
    now = at("2026-01-13 08:00")
    await village.subscribe(now, when=When.FRESH)
    await read_day(village.desk, "huggingface", FRIDAY, now)
    await village.round(at("2026-01-13 09:00"))
    assert village.board.shown() == ["2601.00002"]
