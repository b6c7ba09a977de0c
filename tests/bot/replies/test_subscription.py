"""/subscribe, /unsubscribe, /pause and /resume."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cards import Table
from bot.replies import forget_departed
from tests.bot.replies.conftest import Chat


async def test_subscribe_without_words_offers_the_commonest_keywords_with_papers_per_week(
    chat: Chat,
):
    await chat.read()
    answer = await chat.ask("/subscribe")
    table = next(block for block in answer.blocks if isinstance(block, Table))
    assert [row[0] for row in table.rows] == [
        "/subscribe agents",
        "/subscribe video generation",
        "/subscribe everything",
    ]
    assert table.rows[-1][1] == "6"
    assert await chat.channel() is None


async def test_a_subscription_is_answered_with_the_next_digest_and_one_sample(chat: Chat):
    await chat.read()
    said = await chat.say("/subscribe agents")
    assert "Next digest: Sat 10 Jan 09:00 (UTC)" in said
    assert "The list of Thu 8 Jan has 2 papers; for you: 1" in said
    assert "/today 2026-01-08" in said


async def test_everything_subscribes_without_topics_in_every_language(chat: Chat):
    for name, word in enumerate(("everything", "全部", "모두")):
        other = chat.elsewhere(f"chat{name}")
        await other.say(f"/subscribe {word}")
        assert await other.channel() is not None
        assert await other.followed() == []


async def test_start_and_subscribe_again_never_reset(chat: Chat):
    await chat.say("/subscribe agents")
    await chat.say("/settings hour 7")
    before = await chat.channel()
    await chat.say("/start")
    await chat.say("/subscribe agents")
    await chat.say("/subscribe")
    await chat.say("/subscribe everything")
    assert await chat.channel() == before
    assert await chat.followed() == ["agents"]


async def test_subscribe_again_with_topics_adds_them(chat: Chat):
    await chat.say("/subscribe agents")
    said = await chat.say("/subscribe agents, robots")
    assert "Added: robots" in said
    assert "Followed already: agents" in said
    assert await chat.followed() == ["agents", "robots"]


async def test_the_first_topic_of_a_chat_that_got_everything_says_what_changes(chat: Chat):
    await chat.say("/subscribe everything")
    assert "only papers that match" in await chat.say("/subscribe robots")


async def test_a_wrong_topic_subscribes_nothing(chat: Chat):
    await chat.refused("/subscribe video AND")
    assert await chat.channel() is None


async def test_unsubscribing_asks_first(chat: Chat):
    await chat.say("/subscribe agents")
    assert "/unsubscribe yes" in await chat.say("/unsubscribe")
    channel = await chat.channel()
    assert channel is not None
    assert not channel.paused


async def test_unsubscribing_stops_the_papers_and_can_be_undone_for_30_days(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    await chat.say("/settings hour 7")
    await chat.say("/unsubscribe yes")
    assert "/subscribe" in await chat.refused("/status")
    assert "/subscribe" in await chat.refused("/resume")
    chat.now += timedelta(days=29)
    await chat.round()
    assert chat.board.shown() == []
    assert await forget_departed(chat.desk, chat.now) == 0
    assert "as it was" in await chat.say("/subscribe")
    assert await chat.followed() == ["agents"]
    channel = await chat.channel()
    assert channel is not None
    assert channel.hour.hour == 7
    assert channel.next_due is not None
    assert channel.since == chat.now


async def test_an_undo_with_new_topics_adds_them(chat: Chat):
    await chat.say("/subscribe agents")
    await chat.say("/unsubscribe yes")
    await chat.say("/subscribe robots")
    assert await chat.followed() == ["agents", "robots"]


async def test_after_30_days_the_settings_are_gone(chat: Chat):
    await chat.say("/subscribe agents")
    await chat.say("/settings hour 7")
    await chat.say("/unsubscribe yes")
    chat.now += timedelta(days=31)
    assert "not subscribed" in await chat.refused("/settings")
    await chat.say("/subscribe robots")
    channel = await chat.channel()
    assert channel is not None
    assert channel.hour.hour == 9
    assert await chat.followed() == ["robots"]


async def test_the_sweep_removes_what_unsubscribed_more_than_30_days_ago_and_nothing_else(
    chat: Chat,
):
    await chat.say("/subscribe agents")
    resting = chat.elsewhere("resting")
    await resting.say("/subscribe agents")
    await resting.say("/pause")
    back = chat.elsewhere("back")
    await back.say("/subscribe agents")
    await back.say("/unsubscribe yes")
    await back.say("/subscribe")
    await chat.say("/unsubscribe yes")
    later = chat.now + timedelta(days=31)
    assert await forget_departed(chat.desk, later) == 1
    assert await forget_departed(chat.desk, later) == 0
    assert await chat.channel() is None
    assert await resting.channel() is not None
    assert await back.channel() is not None


async def test_a_message_that_waits_does_not_leave_after_unsubscribing(chat: Chat):
    from bot.channels import Outcome, Verdict

    await chat.read()
    await chat.say("/subscribe agents")
    chat.board.answer = lambda _: Outcome(Verdict.NOT_SENT)
    chat.now += timedelta(days=1)
    await chat.round()
    await chat.say("/unsubscribe yes")
    chat.board.answer = lambda _: Outcome(Verdict.ACCEPTED, platform_ids=("1",))
    chat.now += timedelta(minutes=30)
    await chat.round()
    assert chat.board.shown() == []


async def test_a_pause_of_some_days_ends_by_itself(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    said = await chat.say("/pause 3")
    assert "Paused for 3 days" in said
    assert "Tue 13 Jan 09:00 (UTC)" in said
    chat.now += timedelta(days=2)
    await chat.round()
    assert chat.board.shown() == []
    assert "paused until Mon 12 Jan 15:00" in await chat.say("/status")


async def test_a_pause_without_days_lasts_until_resume(chat: Chat):
    await chat.say("/subscribe agents")
    assert "/resume" in await chat.say("/pause")
    assert "Paused already" in await chat.say("/pause")
    assert "paused" in await chat.say("/status")
    assert "Next digest: Sat 10 Jan 09:00" in await chat.say("/resume")
    assert "not paused" in await chat.say("/resume")


async def test_what_was_listed_during_a_pause_does_not_flood_in(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    await chat.say("/pause")
    chat.now += timedelta(days=1)  # a digest would have come
    await chat.say("/resume")
    chat.now += timedelta(days=1)
    await chat.round()
    assert chat.board.shown() == []


async def test_a_wrong_number_of_days_pauses_nothing(chat: Chat):
    await chat.say("/subscribe agents")
    before = await chat.channel()
    assert "1 to 365" in await chat.refused("/pause 400")
    assert await chat.channel() == before


@pytest.mark.parametrize(
    ("rest", "back"),
    [("/pause", "/resume"), ("/pause 7", "/resume"), ("/unsubscribe yes", "/subscribe")],
)
async def test_a_pause_that_cost_no_digest_changes_nothing(chat: Chat, rest: str, back: str):
    await chat.read()
    await chat.say("/subscribe agents")
    before = await chat.channel()
    await chat.say(rest)
    chat.now += timedelta(hours=2)
    await chat.say(back)
    assert await chat.channel() == before
    chat.now += timedelta(days=1)
    await chat.round()
    assert chat.board.shown() == ["2601.00005"]
