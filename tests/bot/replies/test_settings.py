"""/settings: all of them, one, and the change of one with the next digest's time."""

from __future__ import annotations

from datetime import time, timedelta

from bot.cards import Table
from bot.channels import Channel, Empty, Follow, Layout, When
from bot.replies.choosable import settings_of
from tests.bot.replies.conftest import Chat


async def stored(chat: Chat) -> Channel:
    channel = await chat.channel()
    assert channel is not None
    return channel


async def test_every_setting_stands_in_the_table_with_its_value(chat: Chat):
    await chat.say("/subscribe agents")
    answer = await chat.ask("/settings")
    assert isinstance(answer.blocks[0], Table)
    assert [row[0] for row in answer.blocks[0].rows] == [
        one.name for one in settings_of(chat.board.limits)
    ]
    values = {row[0]: row[1] for row in answer.blocks[0].rows}
    assert values["hour"] == "09:00"
    assert values["days"] == "daily"
    assert values["quiet"] == "off"


async def test_a_setting_is_changed_as_people_type_it(chat: Chat):
    await chat.say("/subscribe agents")
    for typed, field, value in (
        ("hour 9:10", "hour", time(9, 10)),
        ("hour 21h30", "hour", time(21, 30)),
        ("time=7am", "hour", time(7)),
        ("zone new york", "zone", "America/New_York"),
        ("timezone 首尔", "zone", "Asia/Seoul"),
        ("days mon-fri", "days", frozenset(range(5))),
        ("language 한국어", "language", "ko"),
        ("limit 50", "limit", 50),
        ("layout compact", "layout", Layout.COMPACT),
        ("when fresh", "when", When.FRESH),
        ("empty once", "empty", Empty.ONCE),
        ("sources all", "follow", Follow.ALL),
        ("links hf", "links", "hf"),
        ("sound none", "sound", "none"),
        ("quiet 22-6", "quiet_to", time(6)),
    ):
        assert getattr(await stored(chat), field) != value
        await chat.say(f"/settings {typed}")
        assert getattr(await stored(chat), field) == value, typed


async def test_a_new_hour_zone_or_day_is_answered_with_the_next_digest_in_local_time(chat: Chat):
    await chat.say("/subscribe agents")
    assert "Next digest: Fri 9 Jan 16:30 (UTC)" in await chat.say("/settings hour 16:30")
    said = await chat.say("/settings zone seoul")
    assert "Sat 10 Jan 16:30 (Seoul)" in said
    assert "Mon 12 Jan 16:30 (Seoul)" in await chat.say("/settings days weekdays")
    channel = await stored(chat)
    assert channel.next_due is not None
    assert channel.next_due.isoformat() == "2026-01-12T07:30:00+00:00"


async def test_changing_nothing_says_so(chat: Chat):
    await chat.say("/subscribe agents")
    before = await stored(chat)
    assert "nothing was changed" in await chat.say("/settings hour 9:00")
    assert "nothing was changed" in await chat.say("/settings language English")
    assert await stored(chat) == before


async def test_an_hour_shortly_before_the_list_closes_is_answered_with_the_next_good_one(
    chat: Chat,
):
    await chat.say("/subscribe agents")
    assert "/settings hour 11:45" in await chat.say("/settings zone seoul")
    assert "/settings hour" not in await chat.say("/settings hour 11:45")
    assert "/settings hour 11:45" in await chat.say("/settings hour 10")
    assert "/settings hour" not in await chat.say("/settings when fresh")


async def test_a_digest_hour_inside_quiet_hours_is_refused_with_the_reason(chat: Chat):
    await chat.say("/subscribe agents")
    await chat.say("/settings quiet 22:00-07:00")
    before = await stored(chat)
    said = await chat.refused("/settings hour 23")
    assert "23:00" in said
    assert "22:00-07:00" in said
    await chat.refused("/settings quiet 8-10")
    assert await stored(chat) == before


async def test_a_wrong_value_changes_nothing(chat: Chat):
    await chat.say("/subscribe agents")
    before = await stored(chat)
    for typed in (
        "hour 25",
        "zone utc+9",
        "days someday",
        "language klingon",
        "limit 51",
        "colour red",
        "layout x",
    ):
        await chat.refused(f"/settings {typed}")
        assert await stored(chat) == before


async def test_one_setting_alone_says_its_value_and_what_is_possible(chat: Chat):
    await chat.say("/subscribe agents")
    said = await chat.say("/settings limit")
    assert "limit: 10" in said
    assert "50" in said


async def test_settings_of_a_chat_that_is_not_subscribed_lead_to_subscribe(chat: Chat):
    assert "/subscribe" in await chat.refused("/settings hour 9")


async def test_a_language_without_a_model_says_that_summaries_stay_english(chat: Chat):
    await chat.say("/subscribe agents")
    answer = await chat.ask("/settings language zh")
    assert answer.language == "zh"
    assert len(answer.blocks) == 2


async def test_a_moved_hour_never_brings_a_second_digest_on_one_day(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    chat.now += timedelta(hours=18, minutes=5)  # Saturday 09:05
    await chat.round()
    assert "Sun 11 Jan 12:00" in await chat.say("/settings hour 12")
