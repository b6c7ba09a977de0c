"""What the bot sees of places and people: its own rights, theirs, and what names mean."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.platforms.telegram import Telegram
from bot.channels import Address, PlaceKind, Verdict
from bot.ports import Person
from tests.wires.telegram import FakeTelegram, Trouble


@pytest.fixture
async def wire():
    async with FakeTelegram() as wire:
        yield wire
        assert wire.problems() == []


@pytest.fixture
async def platform(wire):
    async with Telegram(wire.token, api_url=wire.url, operators=frozenset({"77"})) as platform:
        yield platform


@pytest.fixture
def ann(wire):
    return wire.person("Ann")


def at(chat: Any, thread: str | None = None) -> Address:
    return Address("telegram", str(chat.id), thread)


def who(person: Any) -> Person:
    return Person(str(person.id))


async def test_a_probe_sends_nothing_that_can_be_read(wire, platform, ann):
    chat = wire.supergroup("Lab", ann)
    chat.members[wire.bot.id] = "member"
    found = await platform.probe(at(chat))
    assert (found.verdict, found.missing) == (Verdict.ACCEPTED, ())
    assert chat.spoken == []


async def test_a_probe_names_the_rights_that_are_missing(wire, platform, ann):
    chat = wire.supergroup("Lab", ann)
    chat.members[wire.bot.id] = "restricted"
    chat.lacks[wire.bot.id] = {"can_send_messages", "can_send_documents"}
    found = await platform.probe(at(chat))
    assert found.verdict is Verdict.CHAT_GONE
    assert found.missing == ("Send Messages", "Send Files")


async def test_a_right_that_only_some_messages_need_does_not_spoil_a_place(wire, platform, ann):
    chat = wire.supergroup("Lab", ann)
    chat.members[wire.bot.id] = "restricted"
    chat.lacks[wire.bot.id] = {"can_send_documents"}
    found = await platform.probe(at(chat))
    assert (found.verdict, found.missing) == (Verdict.ACCEPTED, ("Send Files",))


async def test_a_channel_needs_the_right_to_post(wire, platform, ann):
    channel = wire.channel("News", ann)
    channel.members[wire.bot.id] = "administrator"
    assert (await platform.probe(at(channel))).verdict is Verdict.ACCEPTED
    channel.lacks[wire.bot.id] = {"can_post_messages"}
    assert (await platform.probe(at(channel))).missing == ("Post Messages",)


async def test_a_probe_finds_a_topic_that_is_gone(wire, platform, ann):
    forum = wire.supergroup("Lab", ann, topics=("Papers",))
    forum.members[wire.bot.id] = "member"
    (topic,) = forum.topics
    assert (await platform.probe(at(forum, str(topic)))).verdict is Verdict.ACCEPTED
    assert (await platform.probe(at(forum, "1"))).verdict is Verdict.ACCEPTED
    assert (await platform.probe(at(forum, "999"))).verdict is Verdict.THREAD_GONE


async def test_a_probe_finds_who_blocks_and_who_removed_the_bot(wire, platform, ann):
    wire.private(ann).members[wire.bot.id] = "kicked"
    assert (await platform.probe(at(ann))).verdict is Verdict.CHAT_GONE
    chat = wire.group("Lab", ann)
    assert (await platform.probe(at(chat))).verdict is Verdict.CHAT_GONE


async def test_a_probe_finds_a_group_that_moved(wire, platform, ann):
    chat = wire.group("Lab", ann)
    chat.members[wire.bot.id] = "member"
    new = wire.migrate(chat, ann, ())
    found = await platform.probe(at(chat))
    assert (found.verdict, found.moved_to) == (Verdict.MOVED, at(new))


@pytest.mark.parametrize(
    ("status", "manages"),
    [("creator", True), ("administrator", True), ("member", False), ("left", False)],
)
async def test_in_groups_administrators_manage(wire, platform, ann, status, manages):
    chat = wire.supergroup("Lab", wire.person("Owner"))
    chat.members |= {wire.bot.id: "member", ann.id: status}
    rights = await platform.rights(at(chat), who(ann))
    assert rights.manage is manages
    assert rights.missing == (None if manages else "Administrator")


async def test_an_anonymous_administrator_speaks_as_the_group(wire, platform, ann):
    chat = wire.supergroup("Lab", ann)
    assert (await platform.rights(at(chat), who(chat))).manage
    assert not (await platform.rights(at(chat), Person("-100999"))).manage
    assert wire.calls == []


async def test_alone_everybody_manages(wire, platform, ann):
    assert (await platform.rights(at(ann), who(ann))).manage


async def test_operators_are_known_by_their_ids(platform):
    assert (await platform.rights(Address("telegram", "77"), Person("77"))).operate
    assert not (await platform.rights(Address("telegram", "78"), Person("78"))).operate


async def test_where_members_are_hidden_the_list_of_administrators_decides(wire, platform, ann):
    chat = wire.supergroup("Lab", ann)
    chat.members[wire.bot.id] = "member"
    wire.fail("getChatMember", Trouble(400, "Bad Request: member list is inaccessible"))
    assert (await platform.rights(at(chat), who(ann))).manage


async def test_who_cannot_be_looked_up_may_not_manage(wire, platform, ann):
    chat = wire.supergroup("Lab", ann)
    wire.always["getChatMember"] = Trouble(502, "Bad Gateway")
    assert not (await platform.rights(at(chat), who(ann))).manage


async def test_a_name_a_link_and_an_id_mean_the_same_channel(wire, platform, ann):
    channel = wire.channel("News", ann, "lab_news")
    bare = str(channel.id).removeprefix("-100")
    for text in (
        "@lab_news",
        "https://t.me/lab_news",
        "t.me/lab_news/12",
        "https://t.me/s/lab_news",
        f"https://t.me/c/{bare}/3",
        str(channel.id),
    ):
        found = await platform.look_up(text)
        assert found is not None, text
        assert found.address == at(channel)
        assert (found.name, found.kind) == ("News", PlaceKind.BROADCAST)


@pytest.mark.parametrize("text", ["", "News", "@nobody_here", "https://evil.org/lab_news", "@x"])
async def test_what_names_no_place_gives_none(platform, text):
    assert await platform.look_up(text) is None


async def test_nobody_looks_up_another_person(platform, ann):
    assert await platform.look_up(str(ann.id)) is None
