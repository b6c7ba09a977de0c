"""/export, /import and /forget."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.cards import Paragraph
from bot.channels import Address, Limits, Outcome, Verdict
from bot.ports import Person
from tests.bot.replies.conftest import Chat, text_of


async def exported(chat: Chat) -> str:
    """What /export gives to be pasted."""
    return text_of(((await chat.ask("/export")).blocks[-1],))


async def test_an_export_can_be_imported_elsewhere_and_gives_the_same(chat: Chat):
    await chat.say("/subscribe agents, title:robots, 视频生成")
    for line in ("hour 7:45", "zone paris", "days fri-mon", "limit 5", "quiet 22-7", "links hf"):
        await chat.say(f"/settings {line}")
    text = await exported(chat)
    assert json.loads(text)["paperboy"] == 1
    other = chat.elsewhere("other")
    assert "Next digest" in await other.say(f"/import {text}")
    assert await exported(other) == text


async def test_an_export_is_one_text_that_can_be_copied(chat: Chat):
    await chat.say("/subscribe agents")
    block = (await chat.ask("/export")).blocks[-1]
    assert isinstance(block, Paragraph)
    assert [span.kind for span in block.spans] == ["code"]
    assert "\n" not in block.text


async def test_a_long_export_comes_in_parts_that_each_fit_into_a_message_and_are_imported_in_turn(
    chat: Chat,
):
    await chat.read()
    topics = [f'title:"{"vision and language " * 10}{number}"' for number in range(50)]
    await chat.say(f"/subscribe {topics[0]}")
    await chat.say(f"/topics add {', '.join(topics[1:])}")
    await chat.say("/settings hour 7:45")
    parts = [text_of((block,)) for block in (await chat.ask("/export")).blocks[1:]]
    assert len(parts) > 1
    assert max(map(len, parts)) <= 1_500
    other = chat.elsewhere("other")
    for part in parts:
        await other.say(f"/import {part}")
    assert await other.followed() == topics
    assert [text_of((block,)) for block in (await other.ask("/export")).blocks[1:]] == parts


async def test_an_import_begins_with_a_trial_as_every_set_up_does(chat: Chat, monkeypatch):
    chat.board.limits = replace(chat.board.limits, verbs=frozenset({"probe"}))
    outcome = Outcome(Verdict.CHAT_GONE, missing=("Send Messages",))

    async def probe(address):
        return outcome

    monkeypatch.setattr(chat.board, "probe", probe)
    text = '{"paperboy": 1, "topics": ["agents"]}'
    assert "Send Messages" in await chat.refused(f"/import {text}")
    assert await chat.channel() is None
    outcome = Outcome(Verdict.ACCEPTED, missing=("Embed Links",))
    assert "Embed Links" in await chat.say(f"/import {text}")
    outcome = Outcome(Verdict.CHAT_GONE)
    await chat.say(f"/import {text}")  # it is subscribed, and nothing new is set up


async def test_an_import_into_a_subscribed_chat_adds_topics_and_takes_over_settings(chat: Chat):
    await chat.say("/subscribe agents")
    await chat.say(
        '/import {"paperboy": 1, "topics": ["robots", "agent"], "settings": {"hour": "8"}}'
    )
    assert await chat.followed() == ["agents", "robots"]
    channel = await chat.channel()
    assert channel is not None
    assert channel.hour.hour == 8


async def test_quotes_and_fences_that_a_telephone_adds_do_no_harm(chat: Chat):
    await chat.say("/import ```json\n{“paperboy”: 1, “topics”: [“robots”]}\n```")
    assert await chat.followed() == ["robots"]


async def test_signs_that_nobody_sees_are_not_taken_over(chat: Chat):
    await chat.say('/import {"paperboy": 1, "topics": ["@\u2060everyone"]}')
    assert await chat.followed() == ["@everyone"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "{}",
        '{"paperboy": 2}',
        '{"paperboy": 1, "topics": "robots"}',
        '{"paperboy": 1, "topics": [1]}',
        '{"paperboy": 1, "topics": ["video AND"]}',
        '{"paperboy": 1, "topics": ["agents"], "settings": {"hour": "25"}}',
        '{"paperboy": 1, "topics": ["agents"], "settings": {"colour": "red"}}',
        '{"paperboy": 1, "topics": ["agents"], "settings": {"hour": ["9"]}}',
        '{"paperboy": 1, "topics": ["agents"], "settings": []}',
        '{"paperboy": 1, "topics": ["agents"], "settings": {"hour": "23", "quiet": "22-7"}}',
        "[" * 5_000,
    ],
)
async def test_a_damaged_import_is_refused_in_a_sentence_and_changes_nothing(chat: Chat, text: str):
    said = await chat.refused(f"/import {text}")
    assert "Something went wrong" not in said
    assert await chat.channel() is None


async def test_more_cards_than_the_platform_carries_are_lowered_and_said(chat: Chat):
    said = await chat.say('/import {"paperboy": 1, "settings": {"limit": "1000"}}')
    assert "at most 50 cards" in said
    channel = await chat.channel()
    assert channel is not None
    assert channel.limit == 50


async def test_the_console_may_ask_for_a_thousand_cards(chat: Chat):
    chat.board.limits = Limits(most_cards=1000, list_lines=None)
    await chat.say('/import {"paperboy": 1, "settings": {"limit": "1000"}}')
    channel = await chat.channel()
    assert channel is not None
    assert channel.limit == 1000


async def test_forgetting_asks_first(chat: Chat):
    await chat.say("/subscribe agents")
    assert "/forget yes" in await chat.say("/forget")
    assert await chat.channel() is not None


async def test_forgetting_leaves_nothing_of_this_chat_and_everything_of_others(chat: Chat):
    await chat.read()
    other = chat.elsewhere("other", person=Person("8", "Bob"))
    for one in (chat, other):
        await one.say("/subscribe agents")
        await one.say("/save 2601.00001")
    await chat.say("/unsubscribe yes")
    await chat.say("/forget yes")
    assert await chat.channel() is None
    await chat.refused("/saved")
    assert await other.followed() == ["agents"]
    assert "2601.00001" in await other.say("/saved")
    async with chat.desk.store.snapshot() as tx:
        assert len(await tx.topics.all()) == 1
        assert not await tx.notes.starting("unsubscribed:")
        assert await tx.saved.of(Address("board", "@7"), "7") == []


async def test_forgetting_works_where_nobody_subscribed(chat: Chat):
    await chat.read()
    await chat.say("/save 2601.00001")
    await chat.say("/forget yes")
    await chat.refused("/saved")
