"""What goes next, and what is put aside: quiet hours, rests, floods, turns, chats that move."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

from bot.channels import Address, Allowance, Outcome, Pace, Verdict
from bot.courier import Courier
from bot.digest.turns import turn
from bot.rounds import open_round
from tests.bot.conftest import at
from tests.bot.courier.test_loop import TUESDAY, Gate, gate, opened, running
from tests.wires.mail import Part

if TYPE_CHECKING:
    from tests.bot.conftest import Town

__all__ = ["gate"]  # a fixture


async def test_quiet_hours_that_began_after_the_opening_hold_a_message(
    town: Town, gate: Gate
) -> None:
    gate.open.set()
    channel = await town.subscribe()
    await open_round(town.desk, TUESDAY)
    await town.change(channel, quiet_from=time(8), quiet_to=time(11))
    await Courier(town.desk, "mail", lambda: TUESDAY).drain()
    assert not gate.calls
    [waiting] = await town.unsettled()
    assert waiting.not_before == at("2026-01-06 11:00")


async def test_a_chat_that_is_to_be_left_alone_gets_its_next_message_later(
    town: Town, gate: Gate
) -> None:
    gate.parts = (Part(), Part(cards=False))
    gate.open.set()
    gate.answer = lambda _: Outcome(Verdict.ACCEPTED, ("m1",), rest=600.0)
    await opened(town, 1)
    carried = await Courier(town.desk, "mail", lambda: TUESDAY).drain()
    assert (carried.sent, len(gate.calls)) == (1, 1)
    [waiting] = await town.unsettled()
    assert waiting.not_before is not None
    assert waiting.not_before - TUESDAY > timedelta(seconds=590)


async def test_another_topic_of_a_chat_that_refused_is_not_tried(town: Town, gate: Gate) -> None:
    gate.limits = replace(gate.limits, pace=Pace(of_chat=lambda _: (Allowance(1, 0.2),)))
    gate.open.set()
    gate.answer = lambda _: Outcome(Verdict.TOO_FAST, retry_after=600.0)
    for thread in ("1", "2"):
        await town.subscribe("forum", thread=thread)
    await open_round(town.desk, TUESDAY)
    await Courier(town.desk, "mail", lambda: TUESDAY).drain()
    assert len(gate.calls) == 1
    waiting = await town.unsettled()
    assert len(waiting) == 2
    assert all(
        one.not_before is not None and one.not_before - TUESDAY > timedelta(seconds=590)
        for one in waiting
    )


async def test_what_is_opened_during_a_pause_of_the_token_waits_for_its_end(town: Town) -> None:
    pause = Outcome(Verdict.TOO_FAST, retry_after=1800.0, everywhere=True, error="slow down")
    town.mail.answer = lambda _: pause
    await town.subscribe("lab")
    await town.subscribe("hall", hour=time(9, 10))
    await town.round("2026-01-06 09:00")
    town.mail.answer = lambda _: None
    before = len(town.mail.calls)
    await town.round("2026-01-06 09:10")
    assert len(town.mail.calls) == before
    await town.round("2026-01-06 09:31")
    assert {one.address.chat for one in town.mail.accepted} == {"lab", "hall"}


async def test_messages_that_are_opened_together_go_in_the_turn_of_the_day(town: Town) -> None:
    channels = [await town.subscribe(f"chat{number}") for number in range(12)]
    await open_round(town.desk, TUESDAY)
    waiting = await town.unsettled()
    assert {one.channel_id: one.turn for one in waiting} == {
        one.id: turn(one.id, TUESDAY) for one in channels
    }
    async with town.desk.store.snapshot() as tx:
        next_ones = await tx.deliveries.next("mail", limit=12)
    chats = {one.address.chat: one.id for one in channels}
    order = [chats[one.address.chat] for one in next_ones]
    assert order == sorted(chats.values(), key=lambda number: turn(number, TUESDAY))
    assert order != sorted(order)


async def test_a_move_to_a_chat_that_is_just_getting_its_day_waits_for_that(
    town: Town, gate: Gate
) -> None:
    await town.subscribe("-1")
    await town.subscribe("-100")
    await open_round(town.desk, TUESDAY)
    new = Address("mail", "-100")
    async with running(town):
        await gate.until(lambda: gate.under_way == 2)
        gate.answer = lambda call: (
            Outcome(Verdict.MOVED, moved_to=new) if call.address.chat == "-1" else None
        )
        first = await town.at_address("-1")
        assert first is not None
        gate.hold = "-100"
        gate.open.set()
        await gate.until(lambda: len(gate.calls) == 1)  # the old chat's, which moved
        gate.hold = None
        await gate.until(lambda: len(gate.accepted) == 1)
    await town.round("2026-01-06 09:10")
    assert town.mail.texts("-100") == ["post 2601.00001 2601.00002"]
