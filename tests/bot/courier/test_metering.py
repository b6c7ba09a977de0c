"""What the courier tells those who watch: calls, ends, doubts, pauses and lateness."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.channels import DeliveryState, Kind, Outcome, Verdict
from bot.courier import Courier, drop_stale, recover
from bot.courier.metering import lateness, tell_call
from bot.courier.settling import Landed
from bot.rounds import open_round
from tests.bot.conftest import Town, at
from tests.wires.mail import Part
from tests.wires.meter import Recording

TUESDAY = "2026-01-06 09:00"


@pytest.fixture
def meter(town: Town) -> Recording:
    meter = Recording()
    town.desk = replace(town.desk, meter=meter)
    return meter


def verdicts(meter: Recording) -> Counter[str]:
    assert all(
        platform == "mail" and 0 <= seconds < 20 for platform, _, seconds in meter.of("called")
    )
    return Counter(verdict for _, verdict, _ in meter.of("called"))


async def test_a_digest_that_arrives_is_told_with_how_late_it_was(
    town: Town, meter: Recording
) -> None:
    town.mail.parts = (Part(cards=False), Part())
    await town.subscribe()
    await town.round("2026-01-06 09:07")
    late = timedelta(minutes=7)
    assert meter.of("settled") == [("mail", "post", "sent", late)] * 2
    assert verdicts(meter) == {"accepted": 2}
    assert not meter.of("held_up")
    assert not meter.of("doubted")


async def test_what_is_refused_and_what_is_given_up_are_told_apart(
    town: Town, meter: Recording
) -> None:
    town.mail.answer = lambda _: Outcome(Verdict.CONTENT_REFUSED, error="no")
    town.mail.pieces = lambda _: ()
    await town.subscribe()
    await town.round(TUESDAY)
    assert meter.of("settled") == [("mail", "post", "refused", None)]
    assert verdicts(meter) == {"content-refused": 2}  # as it was, and as plain text


async def test_a_pause_that_is_asked_for_is_told_with_its_scope(
    town: Town, meter: Recording
) -> None:
    await town.subscribe()
    pauses = iter(
        Outcome(Verdict.TOO_FAST, retry_after=60, everywhere=scope) for scope in (False, True)
    )
    town.mail.answer = lambda _: next(pauses)
    for now in (TUESDAY, "2026-01-06 09:05"):
        await town.round(now)
    assert meter.of("held_up") == [("mail", "chat"), ("mail", "token")]
    assert not meter.of("settled")


async def test_what_nobody_knows_of_is_told_at_the_call_and_after_a_death(
    town: Town, meter: Recording
) -> None:
    await town.subscribe()
    town.mail.answer = lambda _: Outcome(Verdict.UNKNOWN, error="No answer in time.")
    await town.round(TUESDAY)
    assert meter.of("doubted") == [("mail", 1)]
    async with town.desk.store.transaction() as tx:
        [waiting] = await tx.deliveries.unsettled()
        await tx.deliveries.settle(replace(waiting, state=DeliveryState.IN_FLIGHT))
    assert await recover(town.desk, at(TUESDAY), alone=True) == 1
    assert meter.of("doubted") == [("mail", 1)] * 2
    assert meter.of("settled") == [("mail", "post", "stale", None)]  # in doubt twice: given back


async def test_what_went_out_of_date_is_told_as_stale(town: Town, meter: Recording) -> None:
    await town.subscribe()
    await open_round(town.desk, at(TUESDAY))
    await drop_stale(town.desk, at("2026-01-07 09:00"), ["mail"])
    assert meter.of("settled") == [("mail", "post", "stale", None)]


async def test_what_is_out_of_date_when_its_turn_comes_is_told_as_stale(
    town: Town, meter: Recording
) -> None:
    await town.subscribe()
    await open_round(town.desk, at(TUESDAY))
    await Courier(town.desk, "mail", lambda: at("2026-01-07 09:00")).drain()
    assert meter.of("settled") == [("mail", "post", "stale", None)]
    assert not meter.of("called")


async def test_an_edit_has_no_lateness(town: Town, meter: Recording) -> None:
    channel = await town.subscribe()
    await town.round(TUESDAY)
    async with town.desk.store.snapshot() as tx:
        digest = await tx.digests.get(channel.id, at(TUESDAY).date())
        assert digest is not None
        [sent] = await tx.deliveries.of_digest(digest.id)
    assert sent.due == at(TUESDAY)
    assert lateness(replace(sent, sent_at=at("2026-01-06 09:01"))) == timedelta(minutes=1)
    assert lateness(replace(sent, kind=Kind.EDIT)) is None
    assert lateness(replace(sent, due=None)) is None


async def test_a_call_whose_turn_did_not_come_is_none(town: Town, meter: Recording) -> None:
    await town.subscribe()
    await open_round(town.desk, at(TUESDAY))
    [waiting] = await town.unsettled()
    paused = Outcome(Verdict.TOO_FAST, retry_after=5.0)
    meter.told.clear()
    tell_call(meter, "mail", Landed(waiting, paused, left=False))
    assert meter.told == []


async def test_a_message_that_was_not_delivered_is_one_line_with_its_facts(
    town: Town, meter: Recording, caplog: pytest.LogCaptureFixture
) -> None:
    await town.subscribe()
    town.mail.answer = lambda _: Outcome(Verdict.NOT_SENT, error="No connection.")
    with caplog.at_level(logging.INFO, logger="bot.courier"):
        await town.round(TUESDAY)
    [line] = [one for one in caplog.records if one.name.startswith("bot.courier")]
    facts: dict[str, Any] = vars(line)
    assert line.getMessage() == "not delivered"
    assert (facts["channel"], facts["attempt"], facts["error"]) == (
        "mail:lab",
        1,
        "No connection.",
    )
