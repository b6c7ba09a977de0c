"""A failing source puts a digest off; a failing send gives its papers back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.channels import DeliveryState, Notice, Outcome, Verdict
from bot.courier import recover
from bot.editions import survey
from bot.papers import Edition, EditionState
from tests.bot.digest.conftest import at
from tests.wires.lists import a_paper

if TYPE_CHECKING:
    from tests.bot.digest.conftest import Village

FRIDAY = date(2026, 1, 2)
MONDAY, TUESDAY, WEDNESDAY = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)
NOT_SENT = Outcome(Verdict.NOT_SENT, error="The connection was refused.")
UNKNOWN = Outcome(Verdict.UNKNOWN, error="The answer did not come.")


async def test_a_digest_waits_for_a_failing_source_by_ten_minutes(village: Village) -> None:
    village.source.show(MONDAY, a_paper(1))
    village.source.outages = [(at("2026-01-06 00:00"), at("2026-01-06 09:25"))]
    channel = await village.subscribe(at("2026-01-05 12:00"))
    first = await village.round(at("2026-01-06 09:00"))
    assert first.failed_sources == {"huggingface": "huggingface did not answer (HTTP 503)."}
    (waiting,) = first.put_off
    assert waiting.again == at("2026-01-06 09:10")
    assert "09:10" in waiting.text
    for minute in (10, 20):
        await village.round(at(f"2026-01-06 09:{minute}"))
    assert village.board.pinned == []
    await village.round(at("2026-01-06 09:30"))
    assert village.board.shown() == ["2601.00001"]
    (digest,) = await village.digests(channel.id)
    assert digest.due == at("2026-01-06 09:00")
    assert digest.missing == ()


async def test_after_three_hours_it_opens_and_says_what_is_missing(village: Village) -> None:
    from bot.channels import Empty

    village.source.outages = [(at("2026-01-05 13:00"), at("2026-01-06 15:00"))]
    channel = await village.subscribe(at("2026-01-05 12:00"), empty=Empty.ONCE)
    now = at("2026-01-06 09:00")
    while now <= at("2026-01-06 12:00"):
        await village.round(now)
        now += timedelta(minutes=10)
    (pin,) = village.board.pinned
    assert pin.notices == [Notice.SOURCE_FAILED]
    (digest,) = await village.digests(channel.id)
    assert digest.missing == ("huggingface",)
    assert digest.opened == at("2026-01-06 12:00")


async def test_a_source_that_failed_for_days_loses_nothing(village: Village) -> None:
    for n, day in enumerate((MONDAY, TUESDAY, WEDNESDAY)):
        village.source.show(day, a_paper(n))
    village.source.outages = [(at("2026-01-05 13:00"), at("2026-01-12 00:00"))]
    await village.subscribe(at("2026-01-05 12:00"))
    now = at("2026-01-06 09:00")
    while now < at("2026-01-13 12:00"):
        await village.round(now)
        now += timedelta(hours=1)
    assert sorted(village.board.shown()) == ["2601.00000", "2601.00001", "2601.00002"]


async def test_a_failed_read_hides_nothing_read_before(village: Village) -> None:
    village.source.show(MONDAY, a_paper(1), at=at("2026-01-05 05:00"))
    from bot.channels import When

    village.source.outages = [(at("2026-01-05 08:30"), at("2026-01-05 09:30"))]
    await village.subscribe(at("2026-01-05 06:00"), when=When.FRESH)
    await village.round(at("2026-01-05 08:00"))
    await village.round(at("2026-01-05 09:00"))
    assert village.board.shown() == ["2601.00001"]


async def test_what_came_of_a_broken_off_list_is_kept_and_the_list_stays_open(
    village: Village,
) -> None:
    from bot.editions import read_day
    from bot.papers import EditionState

    for n in range(5):
        village.source.show(MONDAY, a_paper(n))
    village.source.breaks_off_after = 3
    now = at("2026-01-06 09:00")
    edition = await read_day(village.desk, "huggingface", MONDAY, now)
    assert (edition.count, edition.state) == (3, EditionState.OPEN)
    assert edition.failure == "huggingface broke off."
    village.source.breaks_off_after = None
    edition = await read_day(village.desk, "huggingface", MONDAY, now)
    assert (edition.count, edition.state, edition.failure) == (5, EditionState.CLOSED, None)


async def test_what_was_not_sent_is_tried_again_later(village: Village) -> None:
    village.source.show(MONDAY, a_paper(1))
    village.board.answer = lambda call: NOT_SENT if call < 3 else Outcome(Verdict.ACCEPTED)
    await village.subscribe(at("2026-01-05 12:00"))
    first = await village.round(at("2026-01-06 09:00"))
    assert first.unsettled == 1
    for minute in (2, 4, 6):
        await village.round(at(f"2026-01-06 09:{minute:02}"))
    assert village.board.shown() == ["2601.00001"]


async def test_what_went_stale_comes_with_the_next_digest_however_long_it_takes(
    village: Village,
) -> None:
    village.source.show(MONDAY, a_paper(1))
    village.board.answer = lambda _: NOT_SENT
    channel = await village.subscribe(at("2026-01-05 12:00"))
    now = at("2026-01-06 09:00")
    while now < at("2026-01-16 00:00"):
        await village.round(now)
        now += timedelta(hours=6)
    assert village.board.pinned == []
    village.board.answer = lambda _: Outcome(Verdict.ACCEPTED)
    await village.round(at("2026-01-16 09:00"))
    await village.round(at("2026-01-17 09:00"))
    assert village.board.shown() == ["2601.00001"]
    assert len(await village.digests(channel.id)) == 12


async def test_an_unknown_outcome_is_tried_once_more_and_then_given_back(
    village: Village,
) -> None:
    village.source.show(MONDAY, a_paper(1))
    village.board.answer = lambda call: UNKNOWN if call < 3 else Outcome(Verdict.ACCEPTED)
    await village.subscribe(at("2026-01-05 12:00"))
    for minute in (0, 10, 20):
        await village.round(at(f"2026-01-06 09:{minute:02}"))
    assert village.board.calls == 2
    await village.round(at("2026-01-07 09:00"))
    assert village.board.shown() == ["2601.00001"]


async def test_a_refused_message_is_sent_once_as_plain_text_and_then_settled(
    village: Village,
) -> None:
    village.source.show(MONDAY, a_paper(1))
    refused = Outcome(Verdict.CONTENT_REFUSED, error="can't parse entities")
    village.board.answer = lambda _: refused
    channel = await village.subscribe(at("2026-01-05 12:00"))
    done = await village.round(at("2026-01-06 09:00"))
    assert village.board.calls == 2
    assert (done.carried.refused, done.unsettled) == (1, 0)
    await village.round(at("2026-01-07 09:00"))
    assert village.board.calls == 2
    async with village.desk.store.snapshot() as tx:
        (row,) = await tx.ledger.of_channel(channel.id, limit=5)
    assert row.state == "refused"


async def test_an_attempt_that_died_in_flight_is_taken_up_at_the_next_start(
    village: Village,
) -> None:
    from datetime import UTC, datetime

    village.source.show(MONDAY, a_paper(1))
    village.board.answer = lambda _: NOT_SENT
    await village.subscribe(at("2026-01-05 12:00"))
    await village.round(at("2026-01-06 09:00"))
    async with village.desk.store.transaction() as tx:
        assert await tx.deliveries.wake("board", at("2026-01-06 10:00")) == 1
        ids = [one.id for one in await tx.deliveries.next("board", limit=5)]
        real = datetime.now(UTC)
        claimed = await tx.deliveries.claim(ids, at=real, lease_until=real)
    assert [one.state for one, _, _ in claimed] == [DeliveryState.IN_FLIGHT]
    village.board.answer = lambda _: Outcome(Verdict.ACCEPTED)
    assert await recover(village.desk, at("2026-01-06 10:00"), alone=True) == 1
    await village.round(at("2026-01-06 10:00"))
    await village.round(at("2026-01-07 09:00"))
    assert village.board.shown() in (["2601.00001"], ["2601.00001", "2601.00001"])
    assert village.board.shown()[0] == "2601.00001"


async def test_a_source_that_fails_for_a_day_is_told_once_and_so_is_its_end(
    village: Village, caplog: object
) -> None:
    import logging

    import pytest

    assert isinstance(caplog, pytest.LogCaptureFixture)
    caplog.set_level(logging.ERROR, logger="bot.rounds")
    village.source.outages = [(at("2026-01-05 13:00"), at("2026-01-08 00:00"))]
    await village.subscribe(at("2026-01-05 12:00"))
    now = at("2026-01-05 14:00")
    while now < at("2026-01-08 06:00"):
        await village.round(now)
        now += timedelta(hours=2)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert said[0] == "source fails"
    assert said[1].startswith("source answers again")


async def test_a_closed_list_whose_votes_were_not_read_makes_no_trouble_for_ever(
    village: Village,
) -> None:
    """It is never read again once it is a week old; its failure stays in its row."""
    name, now = village.source.name, at("2026-01-12 12:00")

    async def troubled(read_at: str, failed_at: str) -> set[str]:
        closed = Edition(name, FRIDAY, at("2026-01-03 02:45"), EditionState.CLOSED, 3)
        newest = Edition(name, date(2026, 1, 12), at("2026-01-13 02:45"), read_at=at(read_at))
        async with village.desk.store.transaction() as tx:
            await tx.editions.put(replace(closed, tried_at=at(failed_at), failure="HTTP 503."))
            await tx.editions.put(newest)
            return set((await survey(tx, now, FRIDAY)).troubled(village.desk.sources, now))

    assert await troubled("2026-01-12 09:00", "2026-01-09 20:00") == set()
    assert await troubled("2026-01-12 09:00", "2026-01-12 09:30") == {name}
    assert await troubled("2026-01-12 11:00", "2026-01-12 11:30") == set()


async def test_a_rising_paper_whose_card_never_arrived_is_not_listed_again(
    village: Village,
) -> None:
    from bot.channels import When

    for n in (1, 2):
        village.source.show(TUESDAY, a_paper(n), at=at("2026-01-06 05:00"))
    village.source.show(date(2026, 1, 8), a_paper(3, upvotes=99), at=at("2026-01-08 05:00"))
    village.source.votes = {
        "2601.00001": [(at("2026-01-06 05:00"), 9)],
        "2601.00002": [(at("2026-01-06 05:00"), 2), (at("2026-01-06 20:00"), 60)],
    }
    await village.subscribe(at("2026-01-06 04:00"), when=When.FRESH, limit=1)
    await village.round(at("2026-01-06 09:00"))
    village.board.answer = lambda _: NOT_SENT
    await village.round(at("2026-01-07 09:00"))
    village.board.answer = lambda _: Outcome(Verdict.ACCEPTED)
    await village.round(at("2026-01-08 09:00"))
    await village.round(at("2026-01-09 09:00"))
    lines = [one for pin in village.board.pinned for one in pin.lines]
    assert lines.count("2601.00002") == 1
    assert [pin.cards for pin in village.board.pinned][:2] == [["2601.00001"], ["2601.00003"]]


async def test_a_retry_waits_for_the_end_of_the_quiet_hours(village: Village) -> None:
    from datetime import time

    village.source.show(MONDAY, a_paper(1))
    village.board.answer = lambda call: NOT_SENT if call == 1 else Outcome(Verdict.ACCEPTED)
    await village.subscribe(
        at("2026-01-05 12:00"), hour=time(21, 59), quiet_from=time(22), quiet_to=time(7)
    )
    await village.round(at("2026-01-06 22:00") - timedelta(seconds=1))
    now = at("2026-01-06 22:00")
    while now < at("2026-01-07 07:00"):
        await village.round(now)
        now += timedelta(minutes=30)
    assert village.board.calls == 1
    await village.round(at("2026-01-07 07:00"))
    assert village.board.shown() == ["2601.00001"]


async def test_what_a_down_time_carried_into_the_quiet_hours_waits_for_their_end(
    village: Village,
) -> None:
    from datetime import time

    village.source.show(MONDAY, a_paper(1))
    village.board.answer = lambda call: NOT_SENT if call == 1 else Outcome(Verdict.ACCEPTED)
    await village.subscribe(
        at("2026-01-05 12:00"), hour=time(21), quiet_from=time(22), quiet_to=time(7)
    )
    await village.round(at("2026-01-06 21:00"))  # tried again within seconds, had it not stopped
    await village.round(at("2026-01-06 23:00"))
    assert village.board.calls == 1
    await village.round(at("2026-01-07 07:00"))
    assert village.board.shown() == ["2601.00001"]
