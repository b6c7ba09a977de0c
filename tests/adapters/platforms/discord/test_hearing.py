"""Replies to the bot's messages, within simcord's Discord, which tells what Discord would tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
import simcord
from simcord import Env
from simcord.backend.models.message import AllowedMentions

from adapters.platforms.discord import Discord
from adapters.platforms.discord import hearing as module
from bot.cards import Paragraph
from bot.channels import Address, PlaceKind
from bot.ports import Reply, Request
from tests.adapters.platforms.discord.conftest import NOW
from tests.wires.judging import discord_errors
from tests.wires.talks import Answering

EMBED = {
    "title": "7. A World Model",
    "url": "https://arxiv.org/abs/2512.15716",
    "description": "Said [in the paper](https://arxiv.org/abs/2512.15717).",
}


@pytest.fixture
async def hearer(talk: Answering) -> AsyncIterator[Env]:
    """simcord's Discord around a platform that hears; every message that it sends is judged."""
    async with Discord("no.real.token", now=lambda: NOW, hears=True) as platform:
        platform.listen(talk)
        env = simcord.Env(platform._wire.client, shard_count=1)
        await env.start()
        try:
            yield env
        finally:
            await env.shutdown()
    env.raise_errors()
    judge = discord_errors()
    for call in env.http_requests:
        if judge is not None:
            assert judge(call.method, call.path, call.json) == [], call


def ours(env: Env, channel: int) -> Any:
    """A message of the bot in the channel."""
    me = env.backend.bot_user.id
    return env.backend.create_message(channel, me, "A digest", embeds=[EMBED])


def reply(env: Env, channel: int, who: int, words: str, card: Any, *, quietly: bool = False) -> Any:
    """Somebody answers a message; `quietly`: with its mention switched off."""
    return env.backend.create_message(
        channel,
        who,
        words,
        reference={"channel_id": str(channel), "message_id": str(card.id)},
        allowed_mentions=AllowedMentions(replied_user=not quietly),
    )


def sent(env: Env, channel: int) -> list[dict[str, Any]]:
    return [
        dict(call.json or {})
        for call in env.http_requests
        if call.path == f"/channels/{channel}/messages"
    ]


async def test_a_reply_with_its_mention_is_asked_and_answered_below_it(
    hearer: Env, talk: Answering
) -> None:
    guild = hearer.create_guild("Lab")
    channel = guild.create_text_channel("papers")
    ada = guild.add_member(hearer.create_user("Ada"))
    await hearer.settle()
    card = ours(hearer, channel.id)
    me = hearer.backend.bot_user.id
    question = reply(hearer, channel.id, ada.id, f"<@{me}> Which data?", card)
    await hearer.settle()
    (request,) = talk.asked
    assert (request.command, request.text) == ("replied", "Which data?")
    assert request.address == Address("discord", str(channel.id))
    assert (request.person.id, request.community) == (str(ada.id), str(guild.id))
    assert (request.private, request.kind) == (False, PlaceKind.GROUP)
    assert not request.rights.manage
    quoted = request.quoted
    assert quoted is not None
    assert quoted.message == str(card.id)
    assert quoted.text.startswith("A digest\n7. A World Model")
    assert quoted.links == (
        "https://arxiv.org/abs/2512.15716",
        "https://arxiv.org/abs/2512.15717",
    )
    (answer,) = sent(hearer, channel.id)
    assert answer["content"] == "replied Which data?"
    assert answer["message_reference"]["message_id"] == str(question.id)
    assert answer["allowed_mentions"]["parse"] == []
    assert not answer["allowed_mentions"].get("replied_user")
    assert answer["enforce_nonce"]
    assert len(answer["nonce"]) <= 25


async def test_the_mention_that_a_reply_makes_by_itself_is_enough(
    hearer: Env, talk: Answering
) -> None:
    guild = hearer.create_guild("Lab")
    channel = guild.create_text_channel("papers")
    ada = guild.add_member(hearer.create_user("Ada"))
    await hearer.settle()
    reply(hearer, channel.id, ada.id, "Which data?", ours(hearer, channel.id))
    await hearer.settle()
    assert [one.text for one in talk.asked] == ["Which data?"]


async def test_a_private_reply_needs_no_mention(hearer: Env, talk: Answering) -> None:
    user = hearer.create_user("Ada")
    channel = hearer.backend.get_dm_channel(user.id).id
    card = ours(hearer, channel)
    reply(hearer, channel, user.id, "Which data?", card)
    await hearer.settle()
    (request,) = talk.asked
    assert (request.private, request.kind) == (True, PlaceKind.PRIVATE)
    assert request.address == Address("discord", str(channel))
    assert request.rights.manage
    assert len(sent(hearer, channel)) == 1


async def test_what_is_not_said_to_the_bot_is_passed_over(hearer: Env, talk: Answering) -> None:
    guild = hearer.create_guild("Lab")
    channel = guild.create_text_channel("papers")
    ada, bob = (
        guild.add_member(hearer.create_user("Ada")),
        guild.add_member(hearer.create_user("Bob")),
    )
    await hearer.settle()
    me = hearer.backend.bot_user.id
    theirs = await bob.send(channel, "I like it")
    reply(hearer, channel.id, ada.id, f"<@{me}> Why did you say that?", theirs)
    reply(hearer, channel.id, ada.id, "Why?", theirs)
    await ada.send(channel, f"<@{me}> Why?")
    reply(hearer, channel.id, ada.id, f"<@{me}>", ours(hearer, channel.id))
    await hearer.settle()
    assert not talk.asked
    assert not sent(hearer, channel.id)


async def test_neither_bots_nor_webhooks_are_answered(hearer: Env, talk: Answering) -> None:
    """Two bots that answer each other would never end."""
    guild = hearer.create_guild("Lab")
    channel = guild.create_text_channel("papers")
    ada = guild.add_member(hearer.create_user("Ada"))
    other = guild.add_member(hearer.create_user("Other", bot=True))
    await hearer.settle()
    me, card = hearer.backend.bot_user.id, ours(hearer, channel.id)
    reply(hearer, channel.id, other.id, f"<@{me}> Which data?", card)
    reply(hearer, channel.id, me, f"<@{me}> Which data?", card)
    hearer.backend.create_message(
        channel.id,
        ada.id,
        f"<@{me}> Which data?",
        reference={"channel_id": str(channel.id), "message_id": str(card.id)},
        webhook_id=77,
    )
    await hearer.settle()
    assert not talk.asked
    reply(hearer, channel.id, ada.id, f"<@{me}> Which data?", card)
    await hearer.settle()
    assert len(talk.asked) == 1


async def test_a_reply_whose_words_are_not_told_is_passed_over(
    hearer: Env, talk: Answering
) -> None:
    guild = hearer.create_guild("Lab")
    channel = guild.create_text_channel("papers")
    ada = guild.add_member(hearer.create_user("Ada"))
    await hearer.settle()
    card = ours(hearer, channel.id)
    reply(hearer, channel.id, ada.id, "Which data?", card, quietly=True)
    await hearer.settle()
    assert not talk.asked


async def test_in_the_thread_of_a_digest_it_is_asked_for_its_channel_and_answered_there(
    hearer: Env, talk: Answering
) -> None:
    guild = hearer.create_guild("Lab")
    channel = guild.create_text_channel("papers")
    ada = guild.add_member(hearer.create_user("Ada"))
    await hearer.settle()
    found = hearer.bot.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    thread = await found.create_thread(name="26 Dec", type=discord.ChannelType.public_thread)
    await hearer.settle()
    card = ours(hearer, thread.id)
    reply(hearer, thread.id, ada.id, "Which data?", card)
    await hearer.settle()
    (request,) = talk.asked
    assert request.address == Address("discord", str(channel.id))
    assert len(sent(hearer, thread.id)) == 1


async def test_silence_is_no_message(hearer: Env, talk: Answering) -> None:
    async def nothing(request: Request) -> Reply:
        return Reply((), "en")

    talk.answer = nothing
    guild = hearer.create_guild("Lab")
    channel = guild.create_text_channel("papers")
    ada = guild.add_member(hearer.create_user("Ada"))
    await hearer.settle()
    reply(hearer, channel.id, ada.id, "thanks", ours(hearer, channel.id))
    await hearer.settle()
    assert len(talk.asked) == 1
    assert not sent(hearer, channel.id)


async def test_while_it_takes_long_people_see_that_the_bot_is_at_work(
    hearer: Env, talk: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    guild = hearer.create_guild("Lab")
    channel = guild.create_text_channel("papers")
    ada = guild.add_member(hearer.create_user("Ada"))
    await hearer.settle()

    async def slow(request: Request) -> Reply:
        for _ in range(2_000):
            if any(one.path.endswith("/typing") for one in hearer.http_requests):
                break
            await asyncio.sleep(0.001)
        else:
            raise AssertionError("nobody saw it")
        return Reply((Paragraph.of("done"),), "en")

    talk.answer = slow
    reply(hearer, channel.id, ada.id, "Which data?", ours(hearer, channel.id))
    await hearer.settle()
    assert [one["content"] for one in sent(hearer, channel.id)] == ["done"]


async def test_without_a_model_nothing_that_people_write_is_told(
    env: Env, talk: Answering, heard: Discord
) -> None:
    intents = heard._wire.client.intents
    assert intents == discord.Intents(guilds=True)
    async with Discord("no.real.token", hears=True) as other:
        asked = other._wire.client.intents
    assert asked == discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
    assert not asked.message_content
