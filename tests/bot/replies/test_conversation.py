"""One whole conversation, from the first word to the last, in every language."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.cards import CardBlock, Table
from bot.texts import languages, texts
from tests.bot.replies.conftest import Chat, text_of

TOPICS = {
    "en": "video generation, agents",
    "zh": "视频生成，agents",
    "ko": "비디오 생성, agents",
}


@pytest.mark.parametrize("language", ["en", "zh", "ko"])
async def test_a_whole_conversation(chat: Chat, language: str):
    chat.language = language
    await chat.read()

    await chat.say("/start")
    await chat.say("/subscribe")
    assert await chat.channel() is None  # asking is not subscribing
    said = await chat.say(f"/subscribe {TOPICS[language]}")
    assert "Long Video Generation with a Spatial Memory" in said
    channel = await chat.channel()
    assert channel is not None
    assert channel.language == language

    await chat.say("/topics add title:robots")
    assert (await chat.followed())[1:] == ["agents", "title:robots"]
    rows = [
        row for b in (await chat.ask("/topics")).blocks if isinstance(b, Table) for row in b.rows
    ]
    assert [row[2] for row in rows] == ["2", "2", "1"]
    await chat.say("/topics remove 3")

    await chat.say("/settings zone seoul")
    await chat.say("/settings hour 21h30")
    await chat.say("/settings days mon-fri")
    said = await chat.say("/status")
    assert "21:30" in said
    await chat.say("/pause 3")
    await chat.say("/resume")

    card = await chat.ask("/paper 2601.00003")
    assert isinstance(card.blocks[0], CardBlock)
    await chat.say("/save 2601.00003")
    assert "2601.00003" in await chat.say("/saved")

    exported = (await chat.ask("/export")).blocks[-1]
    text = text_of((exported,))
    assert json.loads(text)["settings"]["zone"] == "Asia/Seoul"
    other = chat.elsewhere("other", language="en")
    await other.say(f"/import {text}")
    taken, original = await other.channel(), await chat.channel()
    assert taken is not None
    assert original is not None
    assert (taken.zone, taken.hour, taken.days, taken.language) == (
        original.zone,
        original.hour,
        original.days,
        language,
    )
    assert await other.followed() == await chat.followed()

    await chat.say("/forget yes")
    assert await chat.channel() is None
    assert await other.channel() is not None
    assert "2601.00003" not in await chat.refused("/saved")
    if language in languages():
        assert {answer.language for answer in chat.heard} == {language}


@pytest.mark.parametrize("language", ["zh", "ko"])
async def test_answers_come_in_the_language_of_the_person(chat: Chat, language: str):
    if language not in languages():
        pytest.skip(f"the {language} catalogue is not compiled")
    chat.language = f"{language}-XX"
    english = texts("en")(
        "The day's research papers, filtered by your topics, brought to this chat."
    )
    assert english not in await chat.say("/start")


async def test_the_language_of_the_chat_counts_for_everybody_once_it_is_chosen(chat: Chat):
    await chat.say("/subscribe agents")
    await chat.say("/settings language english")
    chat.language = "ko"
    assert "Next digest" in await chat.say("/settings")


async def test_what_was_subscribed_is_what_the_digest_brings(chat: Chat):
    await chat.read()
    await chat.say("/subscribe agents")
    chat.now += timedelta(days=1)
    await chat.round()
    assert chat.board.shown("lab") == ["2601.00005"]
