"""The conversation: suggestions while typing, inline papers, and how often a person may ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.ports import Request
from bot.replies import Talk
from tests.bot.replies.conftest import Chat, text_of


def request(chat: Chat, command: str, text: str = "") -> Request:
    return Request(command, text, chat.address, chat.person, chat.now, chat.rights)


async def values(chat: Chat, command: str, option: str, typed: str, before: str = "") -> list[str]:
    told = await Talk(chat.desk).suggest(request(chat, command, before), option, typed)
    assert len(told) <= 25
    assert all(0 < len(one.label) <= 100 and 0 < len(one.value) <= 100 for one in told)
    return [one.value for one in told]


async def test_topics_are_suggested_by_how_common_they_are_and_added_to_what_stands(chat: Chat):
    await chat.read()
    assert (await values(chat, "subscribe", "topics", "video"))[0] == "video"
    assert "video generation" in await values(chat, "subscribe", "topics", "video")
    assert "agents, video generation" in await values(chat, "subscribe", "topics", "agents, vid")


async def test_topics_to_be_removed_are_those_that_are_followed(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents, world model")
    assert await values(chat, "topics", "query", "wor", "remove") == ["world model"]


async def test_papers_are_suggested_by_title_and_the_newest_for_nothing(chat: Chat):
    await chat.read()
    assert await values(chat, "paper", "paper", "robots") == ["2601.00003"]
    assert "2601.00006" in await values(chat, "paper", "paper", "")


async def test_settings_and_their_values_are_suggested(chat: Chat):
    assert "hour" in await values(chat, "settings", "name", "ho")
    assert await values(chat, "settings", "value", "seoul", "zone") == ["Asia/Seoul"]
    assert (await values(chat, "settings", "value", "9:30", "hour"))[0] == "9:30"
    assert "compact" in await values(chat, "settings", "value", "", "layout")


async def test_commands_are_suggested_for_help(chat: Chat):
    assert await values(chat, "help", "command", "sub") == ["subscribe", "unsubscribe"]


@pytest.mark.parametrize("setting", ["nothing", ""])
async def test_what_cannot_be_suggested_gives_nothing(chat: Chat, setting: str):
    assert await values(chat, "settings", "value", "x", setting) == []
    assert await values(chat, "dance", "how", "x") == []


async def test_inline_questions_find_stored_papers_as_cards(chat: Chat):
    await chat.read()
    cards = await Talk(chat.desk).cards(request(chat, "inline", "agents"))
    assert {one.card.id for one in cards} == {"2601.00002", "2601.00005"}


async def test_who_asks_too_fast_is_told_how_long_to_wait_and_others_are_not(chat: Chat):
    talk = Talk(chat.desk)
    answers = [await talk.reply(request(chat, "help")) for _ in range(30)]
    refused = [one for one in answers if one.failed]
    assert refused
    assert "second" in text_of(refused[0].blocks)
    other = chat.elsewhere("lab")
    other.person = type(chat.person)("8")
    assert not (await talk.reply(request(other, "help"))).failed


async def test_an_update_that_is_told_twice_is_done_once(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    talk = Talk(chat.desk)
    said = Request("pause", "7", chat.address, chat.person, chat.now, chat.rights, key="update 1")
    assert (await talk.reply(said)).blocks
    await chat.say("/resume")
    assert (await talk.reply(said)).blocks == ()
    channel = await chat.channel()
    assert channel is not None
    assert channel.paused_until is None


async def test_in_a_group_a_person_who_asks_too_fast_is_told_once(chat: Chat):
    talk = Talk(chat.desk)
    asked = replace(request(chat, "help"), private=False)
    answers = [await talk.reply(asked) for _ in range(30)]
    refused = [one for one in answers if one.failed]
    assert len(refused) == 1
    assert not answers[-1].blocks
