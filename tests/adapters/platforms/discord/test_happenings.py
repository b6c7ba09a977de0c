"""What happens to servers and channels, within simcord's Discord."""

from __future__ import annotations

from typing import Any

import discord
from simcord import Env

from adapters.platforms.discord import Discord
from bot.cards import Paragraph
from bot.channels import Address, PlaceKind
from bot.ports import Event, EventKind, Reply
from tests.wires.talks import Answering


async def joined(env: Env, *, lacks: bool = False, system: bool = True) -> tuple[int, int]:
    """The bot is added to a server whose news go to a channel of it."""
    guild = env.create_guild("Lab")
    channel = guild.create_text_channel("general")
    stored = env.backend.get_guild(guild.id)
    if system:
        stored.system_channel_id = channel.id
    from simcord.backend import serializers

    payload: dict[str, Any] = {**serializers.guild_create_payload(env.backend, stored)}
    payload["system_channel_id"] = str(channel.id) if system else None
    if lacks:
        for role in payload["roles"]:
            role["permissions"] = "0"
    env.bot._connection._guilds.pop(guild.id)
    env._gateway_feed("GUILD_CREATE", {**payload, "unavailable": None})
    await env.settle()
    return guild.id, channel.id


async def test_a_new_server_is_greeted_where_its_news_go(
    env: Env, talk: Answering, heard: Discord
) -> None:
    talk.welcome = Reply((Paragraph.of("hello"),), "en")
    talk.events.clear()
    guild, channel = await joined(env)
    event = talk.events[-1]
    assert (event.kind, event.address) == (EventKind.ADDED, Address("discord", str(channel)))
    assert (event.community, event.name) == (str(guild), "#general")
    sent = [call for call in env.http_requests if call.path == f"/channels/{channel}/messages"]
    assert [call.json["content"] for call in sent if call.json] == ["hello"]
    assert sent[0].json
    assert sent[0].json["enforce_nonce"] is True


async def test_a_new_server_without_a_place_for_news_is_left_in_peace(
    env: Env, talk: Answering
) -> None:
    talk.welcome = Reply((Paragraph.of("hello"),), "en")
    await joined(env, system=False)
    await joined(env, lacks=True)
    assert not [call for call in env.http_requests if call.path.endswith("/messages")]


def told(talk: Answering, kind: EventKind) -> list[Event]:
    return [event for event in talk.events if event.kind is kind]


async def test_leaving_a_server_is_told_with_its_id(env: Env, talk: Answering) -> None:
    guild = env.create_guild("Lab")
    env.backend.remove_guild(guild.id)
    await env.settle()
    event = told(talk, EventKind.REMOVED)[-1]
    assert (event.address.chat, event.community) == ("", str(guild.id))


async def test_deleted_and_renamed_channels_and_threads_are_told(env: Env, talk: Answering) -> None:
    guild = env.create_guild("Lab")
    channel = guild.create_text_channel("papers")
    forum = guild.create_forum_channel("reading")
    await env.settle()
    found = env.bot.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    await found.edit(name="essays")
    thread = await found.create_thread(name="VLM", type=discord.ChannelType.public_thread)
    await env.settle()
    await thread.edit(name="VLMs")
    await env.settle()
    names = [(one.address.chat, one.name) for one in told(talk, EventKind.RENAMED)]
    assert names == [(str(channel.id), "#essays"), (str(thread.id), "#VLMs")]
    await thread.delete()
    await found.delete()
    forum_channel = env.bot.get_channel(forum.id)
    assert isinstance(forum_channel, discord.ForumChannel)
    await forum_channel.delete()
    await env.settle()
    gone = [(one.address.chat, one.place) for one in told(talk, EventKind.REMOVED)]
    assert gone == [
        (str(thread.id), PlaceKind.TOPIC),
        (str(channel.id), PlaceKind.GROUP),
        (str(forum.id), PlaceKind.FORUM),
    ]
