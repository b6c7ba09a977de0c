"""Where many people are: who may what, and what only the asker sees, on each platform's wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.platforms.discord import Discord
from adapters.platforms.telegram import Telegram
from adapters.platforms.telegram.sandbox import Sandbox
from bot.channels import Address, Channel, PlaceKind
from bot.desk import Desk
from bot.ports import EventKind, Platform
from bot.replies import Talk
from bot.rounds import make_round
from tests.contracts.test_conversations import Clock, a_desk
from tests.contracts.test_conversations import empty_store as empty_store
from tests.wires.chats import Overheard
from tests.wires.discordian.people import FakeDiscord
from tests.wires.discordian.server import Fault
from tests.wires.judging import discord_errors, telegram_errors

TOPICS = "video generation, agents"


@asynccontextmanager
async def serving(
    platform: Platform, tmp_path: Path, empty: Path
) -> AsyncIterator[tuple[Desk, Overheard]]:
    """The platform listens, and the core answers."""
    async with a_desk(tmp_path / "db", empty, "en", **{platform.name: platform}) as desk:
        talk = Overheard(Talk(desk))
        task = asyncio.create_task(platform.serve(talk), name="serve")
        try:
            yield desk, talk
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def stored(desk: Desk, chat: object, thread: object = None) -> Channel | None:
    """The channel of a chat."""
    (name,) = desk.platforms
    place = None if thread is None else str(thread)
    async with desk.store.snapshot() as tx:
        return await tx.channels.find(Address(name, str(chat), place))


class Telegrams:
    """A supergroup with topics; Ada is its creator, Bob a member."""

    def __init__(self, desk: Desk, world: Sandbox, clock: Clock) -> None:
        self.desk, self.world, self.clock = desk, world, clock
        self.ada, self.bob = world.person("Ada"), world.person("Bob")
        self.chat = world.supergroup("Lab", self.ada, self.bob, topics=("Papers",))
        (self.topic,) = self.chat.topics

    async def ask(self, who: Any, line: str, thread: int | None = None, chat: Any = None) -> Any:
        """Type a line; the message that answers it."""
        place = chat or self.chat
        self.clock.lines += 1
        count = len(place.spoken)
        self.world.type(place, who, line, thread=thread)
        await self.world.until(lambda: len(place.spoken) > count)
        return place.spoken[count]


@pytest.fixture
async def telegrams(tmp_path: Path, empty_store: Path) -> AsyncIterator[Telegrams]:
    clock = Clock()
    async with (
        Sandbox() as world,
        Telegram(world.token, api_url=world.url, now=clock) as platform,
        serving(platform, tmp_path, empty_store) as (desk, _),
    ):
        yield Telegrams(desk, world, clock)
        found = [error for call in world.calls for error in telegram_errors(call)]
        assert "\n".join(found) == ""


async def test_telegram_only_admins_change_a_group_and_the_refusal_names_the_right(
    telegrams: Telegrams,
) -> None:
    world, chat = telegrams.world, telegrams.chat
    world.set_bot(chat, telegrams.ada, "member")
    refused = await _after_greeting(telegrams, telegrams.bob, f"/subscribe {TOPICS}")
    assert "Administrator" in refused.text
    assert await stored(telegrams.desk, chat.id) is None
    await telegrams.ask(telegrams.ada, f"/subscribe {TOPICS}")
    menu = await telegrams.ask(telegrams.ada, "/settings hour")
    before = menu.text
    tap = world.press(telegrams.bob, menu, "settings hour 10:00")
    assert "Administrator" in (await world.answered(tap)).said
    assert menu.text == before
    channel = await stored(telegrams.desk, chat.id)
    assert channel is not None
    assert channel.hour.hour == 9


async def _after_greeting(telegrams: Telegrams, who: Any, line: str) -> Any:
    await telegrams.world.until(lambda: bool(telegrams.chat.spoken))
    return await telegrams.ask(who, line)


async def test_telegram_a_command_in_a_topic_subscribes_that_topic(telegrams: Telegrams) -> None:
    telegrams.world.set_bot(telegrams.chat, telegrams.ada, "administrator")
    await _after_greeting(telegrams, telegrams.ada, "/help")
    said = await telegrams.ask(telegrams.ada, f"/subscribe {TOPICS}", telegrams.topic)
    assert said.thread == telegrams.topic
    assert await stored(telegrams.desk, telegrams.chat.id) is None
    channel = await stored(telegrams.desk, telegrams.chat.id, telegrams.topic)
    assert channel is not None
    assert channel.kind is PlaceKind.TOPIC


async def test_telegram_what_is_personal_leads_to_the_private_chat(telegrams: Telegrams) -> None:
    world, bob = telegrams.world, telegrams.bob
    world.set_bot(telegrams.chat, telegrams.ada, "administrator")
    await _after_greeting(telegrams, telegrams.ada, f"/subscribe {TOPICS}")
    card = await telegrams.ask(bob, "/paper 2601.00003")
    link = next(one["url"] for row in card.buttons for one in row if one["text"] == "Abstract")
    _, _, word = link.partition("?start=")
    private = world.private(bob)
    said = await telegrams.ask(bob, f"/start {word}", chat=private)
    assert "We study subject 3" in said.text
    assert "Robots" in said.text


async def test_telegram_an_unknown_command_in_a_group_is_somebody_elses(
    telegrams: Telegrams,
) -> None:
    telegrams.world.set_bot(telegrams.chat, telegrams.ada, "member")
    await telegrams.world.until(lambda: bool(telegrams.chat.spoken))
    count = len(telegrams.chat.spoken)
    telegrams.world.type(telegrams.chat, telegrams.bob, "/roll 2d6")
    telegrams.world.type(telegrams.chat, telegrams.bob, "/help@another_bot")
    said = await telegrams.ask(telegrams.bob, "/help@paperboy_sandbox_bot")
    assert "/topics" in said.text
    assert len(telegrams.chat.spoken) == count + 1


async def test_telegram_a_group_that_moves_keeps_everything(telegrams: Telegrams) -> None:
    world, ada = telegrams.world, telegrams.ada
    group = world.group("Small", ada)
    world.set_bot(group, ada, "member")
    await world.until(lambda: bool(group.spoken))
    await telegrams.ask(ada, f"/subscribe {TOPICS}", chat=group)
    moved = world.migrate(group, ada)
    while await stored(telegrams.desk, moved.id) is None:  # updates are taken side by side
        await telegrams.ask(ada, "/help", chat=moved)
    said = await telegrams.ask(ada, "/topics", chat=moved)
    assert "video generation" in said.text


class Discords:
    """A server with a channel; Ada may manage it, Bob may not."""

    def __init__(self, desk: Desk, world: FakeDiscord, clock: Clock, heard: Overheard) -> None:
        self.desk, self.world, self.clock, self.heard = desk, world, clock, heard
        self.guild = world.add_guild("Lab")
        self.channel = world.add_channel(self.guild)
        self.ada = world.add_member(self.guild, "Ada", manages=True)
        self.bob = world.add_member(self.guild, "Bob")

    async def ask(self, who: Any, line: str, channel: int | None = None) -> Any:
        """Run a command; its answer."""
        self.clock.lines += 1
        return await self.world._whole(self.world.typed(who, channel or self.channel, line))


@pytest.fixture
async def discords(tmp_path: Path, empty_store: Path) -> AsyncIterator[Discords]:
    clock = Clock()
    async with (
        FakeDiscord(judge=discord_errors()) as world,
        Discord(world.token or "", api_url=world.api_url, now=clock) as platform,
        serving(platform, tmp_path, empty_store) as (desk, heard),
    ):
        await world.until(lambda: world.gateway.sessions and world.backend.commands.get(None))
        yield Discords(desk, world, clock, heard)
        assert "\n".join(world.errors) == ""


async def test_discord_only_managers_change_a_channel_and_the_refusal_names_the_right(
    discords: Discords,
) -> None:
    with pytest.raises(AssertionError, match="default-member-permissions"):
        await discords.ask(discords.bob, f"/subscribe {TOPICS}")
    await discords.ask(discords.ada, f"/subscribe {TOPICS}")
    refused = await discords.ask(discords.bob, "/settings hour 10")
    assert "Manage Server" in refused.text
    assert refused.ephemeral
    channel = await stored(discords.desk, discords.channel)
    assert channel is not None
    assert channel.hour.hour == 9


async def test_discord_answers_are_for_the_asker_until_they_are_shared(
    discords: Discords,
) -> None:
    await discords.ask(discords.ada, f"/subscribe {TOPICS}")
    before = discords.world.read(discords.channel)
    card = await discords.ask(discords.bob, "/paper 2601.00003")
    assert card.ephemeral
    assert "@everyone" not in card.text
    assert "<b>Robots</b> & *You*" in card.text
    assert discords.world.read(discords.channel) == before
    share = next(label for label, does in card.buttons.items() if "share" in does)
    await discords.world.press(discords.bob, discords.channel, card.message, share)
    await discords.world.until(
        lambda: "<b>Robots</b> & *You*" in discords.world.read(discords.channel)[len(before) :]
    )


async def test_discord_options_are_completed_while_they_are_typed(discords: Discords) -> None:
    world, here = discords.world, discords.channel
    await discords.ask(discords.ada, f"/subscribe {TOPICS}")
    papers = await world.complete(discords.bob, here, "paper", "paper", "world mod")
    assert any("A World Model" in one["name"] for one in papers.choices), papers.choices
    zones = await world.complete(discords.ada, here, "settings", "value", "seo", name="zone")
    assert any("Asia/Seoul" in one["value"] for one in zones.choices)
    names = await world.complete(discords.ada, here, "settings", "name", "la")
    assert {"language", "layout"} <= {one["value"] for one in names.choices}


async def test_discord_a_server_that_throws_it_out_is_suspended_with_all_its_channels(
    discords: Discords,
) -> None:
    second = discords.world.add_channel(discords.guild, "more")
    for channel in (discords.channel, second):
        await discords.ask(discords.ada, f"/subscribe {TOPICS}", channel)
    discords.world.remove_bot(discords.guild)

    def left() -> bool:
        gone = {e.address.chat for e in discords.heard.events if e.kind is EventKind.REMOVED}
        return {str(discords.channel), str(second)} <= gone

    async with asyncio.timeout(10):
        await discords.heard.until(left)
    for channel in (discords.channel, second):
        found = await stored(discords.desk, channel)
        assert found is not None
        assert found.suspended_at is not None


async def test_discord_a_command_in_a_thread_subscribes_the_thread(discords: Discords) -> None:
    thread = discords.world.backend.create_thread(discords.channel, "Reading", discords.bob.id)
    await discords.ask(discords.ada, f"/subscribe {TOPICS}", thread.id)
    assert await stored(discords.desk, discords.channel) is None
    channel = await stored(discords.desk, thread.id)
    assert channel is not None
    assert channel.kind is PlaceKind.TOPIC


async def test_discord_a_forum_gets_a_post_a_day_once_its_tag_is_named(discords: Discords) -> None:
    world = discords.world
    forum = world.add_channel(discords.guild, "days", "forum")
    tag = world.add_tag(forum, "daily", required=True)
    discords.clock.lines += 1
    told = await world.slash(
        discords.ada, discords.channel, "subscribe", topics=TOPICS, channel=forum
    )
    assert "Tag" in told.text
    discords.clock.lines += 1
    offered = await world.complete(
        discords.ada, discords.channel, "settings", "value", "da", name="tag", channel=str(forum)
    )
    chosen = next(one["value"] for one in offered.choices if one["name"] == "daily")
    await world.slash(
        discords.ada, discords.channel, "settings", name="tag", value=chosen, channel=forum
    )
    channel = await stored(discords.desk, forum)
    assert channel is not None
    assert (channel.kind, channel.tag) == (PlaceKind.FORUM, str(tag))
    assert channel.next_due is not None
    await make_round(discords.desk, channel.next_due)
    (post,) = await world.until(lambda: world.threads(forum))
    assert world.backend.channels[post].applied_tags == [tag]
    assert "Agents that Read @everyone's Papers" in world.read(post)
    assert await stored(discords.desk, discords.channel) is None


async def test_discord_a_lost_answer_posts_no_digest_twice(discords: Discords) -> None:
    world = discords.world
    await discords.ask(discords.ada, f"/subscribe {TOPICS}")
    channel = await stored(discords.desk, discords.channel)
    assert channel is not None
    assert channel.next_due is not None
    said = len(world.messages(discords.channel))
    world.faults.append(Fault("POST", "/channels/*/messages", lose=True))
    await make_round(discords.desk, channel.next_due)
    assert len(world.called("POST", "/channels/*/messages")) == 1
    for minutes in (1, 2, 5):
        await make_round(discords.desk, channel.next_due + timedelta(minutes=minutes))
    calls = world.called("POST", "/channels/*/messages")
    assert len(calls) == 2
    assert calls[0].body["nonce"] == calls[1].body["nonce"]
    assert len(world.messages(discords.channel)) == said + 1
    async with discords.desk.store.snapshot() as tx:
        assert await tx.deliveries.unsettled() == []
