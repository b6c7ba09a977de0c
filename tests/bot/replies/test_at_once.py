"""Two presses at the same moment: both are answered, and nothing is done that nobody asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bot.ports import Reply
    from tests.bot.replies.conftest import Chat

pytestmark = pytest.mark.usefixtures("_meeting")


@pytest.fixture
def _meeting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody has looked at the chat before anybody changes it."""
    from bot.replies import asked, dispatch

    look, before = asked.load, asyncio.Barrier(2)

    async def load(*given: object) -> object:
        seen = await look(*given)  # type: ignore[arg-type]
        if asyncio.current_task() in TOGETHER:
            await before.wait()
        return seen

    monkeypatch.setattr(dispatch, "load", load)


TOGETHER: set[asyncio.Task[Reply]] = set()


async def pressed(chat: Chat, actions: Sequence[str]) -> list[Reply]:
    tasks = [asyncio.create_task(chat.press(action)) for action in actions]
    TOGETHER.update(tasks)
    try:
        return await asyncio.gather(*tasks)
    finally:
        TOGETHER.clear()


async def test_two_topics_taken_off_at_once_are_those_two(chat: Chat) -> None:
    chat.with_buttons()
    await chat.say("/subscribe agents, robots, video")
    channel = await chat.channel()
    assert channel is not None
    async with chat.desk.store.snapshot() as tx:
        first, second, _ = (await tx.topics.of([channel.id]))[channel.id]
    await pressed(chat, [f"topics drop {first.id}", f"topics drop {second.id}"])
    assert await chat.followed() == ["video"]


async def test_a_button_pressed_twice_takes_off_one_topic(chat: Chat) -> None:
    chat.with_buttons()
    await chat.say("/subscribe agents, robots, video")
    channel = await chat.channel()
    assert channel is not None
    async with chat.desk.store.snapshot() as tx:
        first, *_ = (await tx.topics.of([channel.id]))[channel.id]
    one, other = await pressed(chat, [f"topics drop {first.id}"] * 2)
    assert await chat.followed() == ["robots", "video"]
    assert sorted([one.failed, other.failed]) == [False, True]


async def test_a_topic_offered_and_pressed_twice_is_followed_once(chat: Chat) -> None:
    chat.with_buttons()
    await chat.say("/subscribe robots")
    await pressed(chat, ["subscribe agents"] * 2)
    assert await chat.followed() == ["robots", "agents"]


async def test_a_chat_that_subscribes_twice_at_once_has_one_channel(chat: Chat) -> None:
    chat.with_buttons()
    replies = await pressed(chat, ["subscribe agents", "subscribe robots"])
    assert sum(one.failed for one in replies) == 1
    assert len(await chat.followed()) == 1


async def test_an_undo_pressed_twice_loses_no_news(chat: Chat) -> None:
    chat.with_buttons()
    await chat.read()
    await chat.say("/subscribe agents")
    before = await chat.channel()
    await chat.say("/unsubscribe yes")
    chat.now += timedelta(hours=2)
    assert not any(one.failed for one in await pressed(chat, ["subscribe"] * 2))
    assert await chat.channel() == before
