"""A chat that is gone is suspended, tried again ever more seldom, and goes on by itself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.channels import Address, Outcome, Verdict
from bot.suspension import look_again, resume_reachable, suspend, thread_back
from tests.bot.conftest import at
from tests.wires.lists import a_paper
from tests.wires.mail import GONE, Call

if TYPE_CHECKING:
    from tests.bot.conftest import Town


def lab_is_gone(call: Call) -> Outcome | None:
    return GONE if call.address.chat == "lab" else None


async def test_a_chat_that_is_gone_is_suspended_with_every_setting_kept(town: Town) -> None:
    town.mail.answer = lab_is_gone
    town.mail.there = GONE
    channel = await town.subscribe("lab", "study", limit=3)
    hall = await town.subscribe("hall")
    done = await town.round("2026-01-06 09:00")
    assert done.unsettled == 0
    stored = await town.channel(channel)
    assert (stored.suspended_at, stored.next_due) == (at("2026-01-06 09:00"), None)
    assert stored.limit == 3
    assert await town.ledger(channel) == {}
    assert await town.ledger(hall) == {"1": "shown", "2": "shown"}
    await town.round("2026-01-07 09:00")
    assert len([one for one in town.mail.calls if one.address.chat == "lab"]) == 1


async def test_it_is_tried_after_1_h_6_h_1_d_3_d_and_7_d_and_then_left_alone(town: Town) -> None:
    town.mail.answer = lab_is_gone
    town.mail.there = GONE
    channel = await town.subscribe("lab")
    await town.round("2026-01-06 09:00")
    tried: list[timedelta] = []
    now = at("2026-01-06 09:00")
    while now < at("2026-01-25 00:00"):
        before = len(town.mail.probed)
        await town.round(f"{now:%Y-%m-%d %H:%M}")
        if len(town.mail.probed) > before:
            tried.append(now - at("2026-01-06 09:00"))
        now += timedelta(hours=1 if now < at("2026-01-06 15:00") else 6)
    assert tried == [timedelta(hours=n) for n in (1, 6, 24, 72, 168)]
    assert (await town.channel(channel)).suspended_at is not None


async def test_a_chat_that_is_back_goes_on_with_the_news_of_three_days(town: Town) -> None:
    town.mail.answer = lab_is_gone
    town.mail.there = GONE
    town.source.show(date(2026, 1, 8), a_paper(3))
    channel = await town.subscribe("lab")
    await town.round("2026-01-06 09:00")
    town.mail.answer = lambda _: None
    await town.round("2026-01-07 09:00")
    await town.round("2026-01-08 09:00")
    assert (await town.channel(channel)).suspended_at is not None
    town.mail.there = Outcome(Verdict.ACCEPTED)
    await town.round("2026-01-09 09:30")
    back = await town.channel(channel)
    assert (back.suspended_at, back.next_due) == (None, at("2026-01-10 09:00"))
    await town.round("2026-01-10 09:00")
    assert town.mail.texts("lab") == ["post 2601.00003"]


async def test_the_operator_is_told_once_of_the_suspension_and_once_of_its_end(
    town: Town,
) -> None:
    town.mail.answer = lab_is_gone
    town.mail.there = GONE
    await town.subscribe("lab", name="The Lab")
    await town.subscribe("lab", thread="7")
    for hour in (9, 10, 11):
        await town.round(f"2026-01-06 {hour:02}:00")
    [said] = town.told()
    assert "The Lab (mail:lab)" in said
    assert "The bot was blocked." in said
    town.mail.there = Outcome(Verdict.ACCEPTED)
    await town.round("2026-01-06 16:00")
    await town.round("2026-01-06 17:00")
    assert town.told()[1:] == ["The Lab (mail:lab) can be reached again."]


async def test_a_sign_from_the_chat_ends_the_suspension_of_all_its_threads(town: Town) -> None:
    lab = await town.subscribe("lab")
    thread = await town.subscribe("lab", thread="7")
    async with town.desk.store.transaction() as tx:
        await suspend(tx, thread, at("2026-01-06 08:00"), "gone")
        await suspend(tx, lab, at("2026-01-06 08:10"), "gone")
    assert (await town.channel(lab)).suspended_at == at("2026-01-06 08:00")
    for _ in range(2):
        async with town.desk.store.transaction() as tx:
            stored = await tx.channels.get(lab.id)
            assert stored is not None
            back = await resume_reachable(tx, stored, at("2026-01-06 08:30"))
        assert back.next_due == at("2026-01-06 09:00")
        assert back == await town.channel(lab)
        assert (await town.channel(thread)).suspended_at is None
    await town.round("2026-01-06 12:00")
    assert town.mail.probed == []


async def test_a_pause_outlives_a_suspension(town: Town) -> None:
    channel = await town.subscribe("lab")
    await town.change(channel, paused=True, next_due=None)
    async with town.desk.store.transaction() as tx:
        stored = await tx.channels.get(channel.id)
        assert stored is not None
        await suspend(tx, stored, at("2026-01-06 08:00"), "gone")
    async with town.desk.store.transaction() as tx:
        stored = await tx.channels.get(channel.id)
        assert stored is not None
        back = await resume_reachable(tx, stored, at("2026-01-06 08:30"))
    assert (back.paused, back.next_due, back.suspended_at) == (True, None, None)
    await town.round("2026-01-06 09:00")
    assert town.told() == []


async def test_a_chat_found_elsewhere_by_the_trial_moves(town: Town) -> None:
    town.mail.answer = lab_is_gone
    town.mail.there = Outcome(Verdict.MOVED, moved_to=Address("mail", "new"))
    channel = await town.subscribe("lab")
    await town.round("2026-01-06 09:00")
    await town.round("2026-01-06 10:00")
    moved = await town.channel(channel)
    assert (moved.address.chat, moved.suspended_at) == ("new", None)


async def test_a_channel_whose_thread_is_gone_is_paused_and_told_once(town: Town) -> None:
    gone = Outcome(Verdict.THREAD_GONE, error="message thread not found")
    town.mail.answer = lambda call: gone if call.address.thread == "7" else None
    thread = await town.subscribe("lab", thread="7")
    other = await town.subscribe("lab")
    await town.round("2026-01-06 09:00")
    await town.round("2026-01-07 09:00")
    stored = await town.channel(thread)
    assert (stored.paused, stored.suspended_at) == (True, None)
    assert not (await town.channel(other)).paused
    assert len(town.told()) == 1
    assert await town.ledger(thread) == {}
    async with town.desk.store.transaction() as tx:
        back = await thread_back(tx, stored, at("2026-01-07 10:00"))
    assert (back.paused, back.next_due) == (False, at("2026-01-08 09:00"))


async def test_a_sign_from_the_community_has_its_chats_tried_at_once(town: Town) -> None:
    town.mail.answer = lab_is_gone
    town.mail.there = GONE
    channel = await town.subscribe("lab")
    await town.round("2026-01-06 09:00")
    times = ["06 10:00", "06 15:00", "07 09:00", "09 09:00", "13 09:00"]
    for sign in ("06 09:30", "20 09:30"):  # before the first trial, and after the last one
        async with town.desk.store.transaction() as tx:
            await look_again(tx, "mail", at(f"2026-01-{sign}"))
        for later in (sign, *times):
            await town.round(f"2026-01-{later}")
        times = ["20 12:00", "24 09:00"]
    assert len(town.mail.probed) == 1 + 5 + 1
    town.mail.there = Outcome(Verdict.ACCEPTED)
    async with town.desk.store.transaction() as tx:
        await look_again(tx, "mail", at("2026-01-21 08:00"))
    await town.round("2026-01-21 08:00")
    assert (await town.channel(channel)).suspended_at is None


async def test_a_suspended_channel_that_was_removed_is_not_tried(town: Town) -> None:
    town.mail.answer = lab_is_gone
    channel = await town.subscribe("lab")
    await town.round("2026-01-06 09:00")
    async with town.desk.store.transaction() as tx:
        await tx.channels.remove(channel.id)
    await town.round("2026-01-06 12:00")
    assert town.mail.probed == []
    async with town.desk.store.snapshot() as tx:
        assert await tx.notes.starting("suspended:") == {}
