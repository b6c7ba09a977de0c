"""A chat that moves: everything moves along, two channels become one, twice changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.channels import Address, DeliveryState, LedgerRow, LedgerState, Outcome, PlaceKind, Verdict
from bot.moving import move
from bot.suspension import suspend
from storage import check
from tests.bot.conftest import at
from tests.wires.mail import Call, Part

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.conftest import Town

OLD, NEW = Address("mail", "-1"), Address("mail", "-100")
MOVED = Outcome(Verdict.MOVED, moved_to=NEW, error="The group was upgraded.")


def old_is_gone(call: Call) -> Outcome | None:
    return MOVED if call.address.chat == "-1" else None


async def test_a_message_to_a_chat_that_moved_arrives_at_once_in_the_new_one(town: Town) -> None:
    town.mail.parts = (Part(), Part(waits_for=0))
    town.mail.answer = old_is_gone
    channel = await town.subscribe("-1", "study")
    thread = await town.subscribe("-1", thread="7")
    done = await town.round("2026-01-06 09:00")
    assert done.unsettled == 0
    assert sorted(town.mail.texts("-100")) == sorted(["post 2601.00001", "post 2601.00002"] * 2)
    assert (await town.channel(channel)).address == NEW
    assert (await town.channel(thread)).address == replace(NEW, thread="7")
    for former in (None, "7"):
        assert await town.at_address("-1", former) == await town.at_address("-100", former)


async def test_a_chat_that_moves_in_circles_does_not_keep_the_courier_busy(town: Town) -> None:
    town.mail.answer = lambda call: replace(
        MOVED, moved_to=NEW if call.address.chat == "-1" else OLD
    )
    await town.subscribe("-1")
    await town.round("2026-01-06 09:00")
    assert len(town.mail.calls) == 5
    assert [one.state for one in await town.unsettled()] == [DeliveryState.READY]


async def test_the_older_channel_keeps_its_settings_and_takes_the_new_address(
    town: Town,
) -> None:
    older = await town.subscribe("-1", "study", now=at("2026-01-05 10:00"), limit=3)
    newer = await town.subscribe("-100", "robots", kind=PlaceKind.GROUP, limit=7)
    async with town.desk.store.transaction() as tx:
        await tx.saved.add(OLD, "ann", "2601.00001", at("2026-01-05 12:00"))
        for channel_id, number, state in (
            (older.id, 1, LedgerState.LISTED),
            (newer.id, 1, LedgerState.SHOWN),
            (newer.id, 2, LedgerState.SHOWN),
        ):
            row = LedgerRow(channel_id, f"2601.0000{number}", state, at("2026-01-05 13:00"))
            await tx.ledger.reserve([row])
    for _ in range(2):
        async with town.desk.store.transaction() as tx:
            found = await move(tx, OLD, NEW)
        assert [(one.id, one.address, one.limit) for one in found] == [(older.id, NEW, 3)]
        assert await town.ledger(older) == {"1": "listed", "2": "shown"}
    async with town.desk.store.snapshot() as tx:
        assert [one.text for one in await tx.topics.all()] == ["study"]
        assert await tx.saved.of(NEW, "ann") == ["2601.00001"]
    assert (await town.at_address("-1")) == (await town.at_address("-100"))


async def test_a_newer_channel_goes_into_an_older_one_that_is_there_already(town: Town) -> None:
    older = await town.subscribe("-100", now=at("2026-01-05 10:00"))
    await town.subscribe("-1")
    async with town.desk.store.transaction() as tx:
        assert [one.id for one in await move(tx, OLD, NEW)] == [older.id]
    assert (await town.channel(older)).address == NEW
    found = await town.at_address("-1")
    assert found is not None
    assert found.id == older.id


@pytest.mark.parametrize("first", ["-1", "-100"])
async def test_what_one_of_two_was_about_to_get_is_not_lost(
    town: Town, first: str, tmp_path: Path
) -> None:
    other = "-100" if first == "-1" else "-1"
    town.mail.answer = lambda _: Outcome(Verdict.NOT_SENT)
    await town.subscribe(first, now=at("2026-01-05 10:00"))
    await town.subscribe(other, now=at("2026-01-05 11:00"))
    await town.round("2026-01-06 09:00")
    town.mail.answer = old_is_gone
    for minute in (10, 20):
        await town.round(f"2026-01-06 09:{minute}")
    await town.round("2026-01-07 09:00")
    assert town.mail.texts("-100") == ["post 2601.00001 2601.00002"]
    assert await town.unsettled() == []
    assert await check(f"sqlite:///{tmp_path}/paperboy.db") == []


async def test_who_unsubscribed_and_began_anew_keeps_the_new_subscription(town: Town) -> None:
    from bot.replies.asked import note_left

    left = await town.subscribe("-1", now=at("2026-01-05 10:00"), paused=True)
    anew = await town.subscribe("-100", "study")
    async with town.desk.store.transaction() as tx:
        await note_left(tx, left.id, at("2026-01-05 11:00"))
        assert [one.id for one in await move(tx, OLD, NEW)] == [anew.id]
        assert [one.text for one in await tx.topics.all()] == ["study"]


async def test_a_suspended_channel_goes_on_in_the_new_chat(town: Town) -> None:
    channel = await town.subscribe("-1")
    await town.change(channel, suspended_at=at("2026-01-05 13:00"), next_due=None)
    async with town.desk.store.transaction() as tx:
        [found] = await move(tx, OLD, NEW, at("2026-01-06 08:00"))
    assert found.suspended_at is None
    assert found.next_due == at("2026-01-06 09:00")


async def test_who_was_told_that_a_chat_is_out_of_reach_hears_that_it_goes_on(town: Town) -> None:
    channel, thread = await town.subscribe("-1"), await town.subscribe("-1", thread="7")
    async with town.desk.store.transaction() as tx:
        await suspend(tx, channel, at("2026-01-05 13:00"), "I was removed.")
    await town.round("2026-01-05 13:10")
    async with town.desk.store.transaction() as tx:
        await move(tx, OLD, NEW, at("2026-01-05 14:00"))
    await town.round("2026-01-05 14:10")
    assert len(town.told()) == 2
    for one in (channel, thread):
        assert (await town.channel(one)).next_due == at("2026-01-06 09:00")
    async with town.desk.store.snapshot() as tx:
        assert not await tx.notes.starting("alert:chat:")
        assert not await tx.notes.starting("suspended:")


@pytest.mark.parametrize("older", ["-1", "-100"])
async def test_what_one_of_two_showed_already_is_not_shown_again_by_the_other(
    town: Town, older: str
) -> None:
    newer = "-100" if older == "-1" else "-1"
    town.mail.parts = (Part(), Part(waits_for=0))
    town.mail.answer = lambda call: (
        Outcome(Verdict.NOT_SENT) if call.address.chat == older else None
    )
    kept = await town.subscribe(older, now=at("2026-01-05 10:00"))
    await town.subscribe(newer, now=at("2026-01-05 11:00"))
    await town.round("2026-01-06 09:00")
    assert town.mail.texts(newer) == ["post 2601.00001", "post 2601.00002"]
    town.mail.answer = old_is_gone
    async with town.desk.store.transaction() as tx:
        await move(tx, OLD, NEW, at("2026-01-06 09:05"))
    for minute in (10, 30):
        await town.round(f"2026-01-06 09:{minute}")
    await town.round("2026-01-07 09:00")
    assert [one for one in town.mail.accepted if "2601" in one.text][2:] == []
    assert await town.ledger(kept) == {"1": "shown", "2": "shown"}
    assert await town.unsettled() == []
