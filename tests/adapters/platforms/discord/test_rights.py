"""What the bot and people may do where, asked over real sockets."""

from __future__ import annotations

import discord
import pytest

from adapters.platforms.discord import Discord, places
from adapters.platforms.discord.frozen import freeze
from bot.channels import Address, Body, Kind, PlaceKind, Verdict
from bot.ports import Person
from tests.wires.discordian.people import FakeDiscord
from tests.wires.discordian.server import Fault


def at(channel: int) -> Address:
    return Address("discord", str(channel))


async def test_a_place_that_can_be_posted_to_is_found_without_a_trace(
    world: FakeDiscord, platform: Discord
) -> None:
    guild = world.add_guild()
    for kind in ("text", "news", "forum"):
        told = await platform.probe(at(world.add_channel(guild, kind=kind)))
        assert (told.verdict, told.missing) == (Verdict.ACCEPTED, ())
    assert {call.method for call in world.calls} == {"GET"}


@pytest.mark.parametrize(
    ("kind", "lacks", "names", "verdict"),
    [
        ("text", ("view_channel",), ("View Channel",), Verdict.CHAT_GONE),
        ("text", ("send_messages",), ("Send Messages",), Verdict.CHAT_GONE),
        ("text", ("embed_links",), ("Embed Links",), Verdict.CHAT_GONE),
        ("text", ("attach_files",), ("Attach Files",), Verdict.ACCEPTED),
        ("text", ("create_public_threads",), ("Create Public Threads",), Verdict.ACCEPTED),
        ("news", ("send_messages",), ("Send Messages",), Verdict.CHAT_GONE),
        ("forum", ("send_messages_in_threads",), ("Send Messages in Threads",), Verdict.CHAT_GONE),
    ],
)
async def test_what_the_bot_lacks_is_named(
    world: FakeDiscord,
    platform: Discord,
    kind: str,
    lacks: tuple[str, ...],
    names: tuple[str, ...],
    verdict: Verdict,
) -> None:
    channel = world.add_channel(world.add_guild(), kind=kind, lacks=lacks)
    told = await platform.probe(at(channel))
    assert told.verdict is verdict
    assert set(names) <= set(told.missing)


async def test_a_thread_has_rights_of_its_own(world: FakeDiscord, platform: Discord) -> None:
    channel = world.add_channel(world.add_guild(), lacks=("send_messages_in_threads",))
    index = await platform.send(at(channel), message(), "pb1", silent=True)
    name = freeze(Kind.OPEN_THREAD, {"name": "A day"})
    opened = await platform.send(
        at(channel), name, "pb2", silent=True, reply_to=index.platform_ids[0]
    )
    assert opened.thread is not None
    inside = Address("discord", str(channel), opened.thread)
    told = await platform.probe(inside)
    assert (told.verdict, told.missing) == (Verdict.CHAT_GONE, ("Send Messages in Threads",))
    sent = await platform.send(inside, message(), "pb3", silent=True)
    assert (sent.verdict, sent.missing) == (Verdict.CHAT_GONE, ("Send Messages in Threads",))


def message() -> Body:
    return freeze(Kind.POST, {"content": "x", "allowed_mentions": {"parse": []}})


async def test_a_forum_that_asks_for_a_tag_says_so_at_set_up(
    world: FakeDiscord, platform: Discord
) -> None:
    forum = world.add_channel(world.add_guild(), kind="forum")
    world.add_tag(forum, "daily", required=True)
    told = await platform.probe(at(forum))
    assert told.verdict is Verdict.ACCEPTED
    assert len(told.missing) == 1


async def test_a_private_chat_and_a_place_that_is_gone(
    world: FakeDiscord, platform: Discord
) -> None:
    ada = world.add_member(world.add_guild())
    there = await platform.probe(Address("discord", f"@{ada.id}"))
    gone = await platform.probe(at(123456789012))
    assert (there.verdict, gone.verdict) == (Verdict.ACCEPTED, Verdict.CHAT_GONE)


async def test_a_probe_that_is_not_answered_says_nothing_about_the_place(
    world: FakeDiscord, platform: Discord
) -> None:
    channel = world.add_channel(world.add_guild())
    world.faults.append(Fault("GET", "/channels/*", drop=True, times=None))
    assert (await platform.probe(at(channel))).verdict is Verdict.NOT_SENT


async def test_managers_and_owners_manage_and_others_are_told_what_they_lack(
    world: FakeDiscord, platform: Discord
) -> None:
    guild = world.add_guild()
    channel = world.add_channel(guild)
    ada = world.add_member(guild, manages=True)
    bob = world.add_member(guild, "bob")
    owner = world.backend.get_guild(guild).owner_id
    assert (await platform.rights(at(channel), Person(str(ada.id)))).manage
    assert (await platform.rights(at(channel), Person(str(owner)))).manage
    lacking = await platform.rights(at(channel), Person(str(bob.id)))
    assert (lacking.manage, lacking.missing) == (False, "Manage Server")
    stranger = await platform.rights(at(channel), Person("123456789012"))
    assert not stranger.manage
    private = Address("discord", str(world.private_chat(bob)))
    assert (await platform.rights(private, Person(str(bob.id)))).manage
    assert (await platform.rights(Address("discord", f"@{bob.id}"), Person(str(bob.id)))).manage


async def test_an_operator_operates_everywhere(world: FakeDiscord) -> None:
    async with Discord(
        world.token or "", api_url=world.api_url, operators=frozenset({"77"})
    ) as platform:
        channel = world.add_channel(world.add_guild())
        assert (await platform.rights(at(channel), Person("77"))).operate
        assert not (await platform.rights(at(channel), Person("78"))).operate


SERVER = {
    "id": "1",
    "owner_id": "9",
    "roles": [
        {"id": "1", "permissions": str(places.VIEW | places.SEND)},
        {"id": "2", "permissions": str(places.ADMINISTRATOR)},
        {"id": "3", "permissions": str(places.EMBED)},
        {"id": "4", "permissions": "0"},
    ],
}


def over(one: str, allow: int = 0, deny: int = 0) -> dict[str, str]:
    return {"id": one, "allow": str(allow), "deny": str(deny)}


def test_overwrites_count_in_discords_order() -> None:
    may = places.permissions
    everyone, role, person = "1", "4", "5"
    assert may(person, [], SERVER) == places.VIEW | places.SEND
    assert may("9", [], SERVER) & places.MANAGE_SERVER
    assert may(person, ["2"], SERVER, [over(person, deny=places.SEND)]) & places.SEND
    assert not may(person, [], SERVER, [over(everyone, deny=places.SEND)]) & places.SEND
    denied = [over(everyone, deny=places.SEND), over(role, allow=places.SEND)]
    assert may(person, [role], SERVER, denied) & places.SEND
    assert not may(person, [role], SERVER, [*denied, over(person, deny=places.SEND)]) & places.SEND
    both = [over(role, deny=places.SEND), over("3", allow=places.SEND)]
    assert may(person, [role, "3"], SERVER, both) & places.SEND
    assert not may(person, [], SERVER, [over(everyone, deny=places.VIEW)]) & places.SEND


def test_bits_and_types_are_discord_pys() -> None:
    bits = discord.Permissions
    assert bits.manage_guild.flag == places.MANAGE_SERVER
    assert bits.administrator.flag == places.ADMINISTRATOR
    assert bits.view_channel.flag == places.VIEW
    assert bits.send_messages.flag == places.SEND
    assert bits.embed_links.flag == places.EMBED
    assert bits.attach_files.flag == places.ATTACH
    assert bits.create_public_threads.flag == places.CREATE_THREADS
    assert bits.send_messages_in_threads.flag == places.SEND_IN_THREADS
    kinds = {
        discord.ChannelType.text: PlaceKind.GROUP,
        discord.ChannelType.voice: PlaceKind.GROUP,
        discord.ChannelType.news: PlaceKind.BROADCAST,
        discord.ChannelType.forum: PlaceKind.FORUM,
        discord.ChannelType.media: PlaceKind.FORUM,
        discord.ChannelType.public_thread: PlaceKind.TOPIC,
        discord.ChannelType.private_thread: PlaceKind.TOPIC,
        discord.ChannelType.news_thread: PlaceKind.TOPIC,
        discord.ChannelType.private: PlaceKind.PRIVATE,
    }
    for kind, place in kinds.items():
        assert places.kind_of(kind.value) is place
