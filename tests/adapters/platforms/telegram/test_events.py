"""Places that change: the core is told, and its words go where somebody reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.cards import Paragraph
from bot.channels import Address, PlaceKind
from bot.ports import Event, EventKind, Reply
from tests.wires.telegram import Served, served


def _none_waiting(at: Served) -> Callable[[], bool]:
    return lambda: not at.wire.updates


WELCOME = Reply((Paragraph.of("Good day"),), "en")


async def test_who_adds_the_bot_is_greeted_there():
    async with served() as at:
        at.talk.welcome = WELCOME
        ann = at.wire.person("Ann", language="ko")
        chat = at.wire.group("Lab", ann)
        at.wire.set_bot(chat, ann, "member")
        assert (await at.wire.hear(chat)).text == "Good day"
        (event,) = at.talk.events
        assert (event.kind, event.place, event.language) == (
            EventKind.ADDED,
            PlaceKind.GROUP,
            "ko",
        )


async def test_who_makes_the_bot_a_channels_administrator_is_told_in_private():
    async with served() as at:
        at.talk.welcome = WELCOME
        ann = at.wire.person("Ann")
        at.wire.private(ann).members[at.wire.bot.id] = "member"
        channel = at.wire.channel("News", ann)
        at.wire.set_bot(channel, ann, "administrator")
        assert (await at.wire.hear(at.wire.private(ann))).text == "Good day"
        assert channel.spoken == []
        assert at.talk.events[0].place is PlaceKind.BROADCAST


async def test_who_never_talked_to_the_bot_is_not_told_and_nothing_breaks():
    async with served() as at:
        at.talk.welcome = WELCOME
        ann = at.wire.person("Ann")
        channel = at.wire.channel("News", ann)
        at.wire.set_bot(channel, ann, "administrator")
        await at.wire.until(lambda: bool(at.wire.made("sendMessage")))
        at.talk.welcome = Reply((), "en")
        at.wire.type(at.wire.private(ann), ann, "/help")
        assert (await at.wire.hear(at.wire.private(ann))).text == "help:"
        assert len(at.wire.made("sendMessage")) == 2
        assert at.talk.events[0].kind is EventKind.ADDED


async def test_who_removes_the_bot_hears_nothing():
    async with served() as at:
        ann = at.wire.person("Ann")
        chat = at.wire.group("Lab", ann)
        at.wire.set_bot(chat, ann, "member")
        await at.wire.until(lambda: not at.wire.updates)
        at.talk.welcome = WELCOME
        at.wire.set_bot(chat, ann, "kicked")
        await at.wire.until(lambda: not at.wire.updates)
        at.wire.type(at.wire.private(ann), ann, "/help")
        await at.wire.hear(at.wire.private(ann))
        assert [event.kind for event in at.talk.events][-1] is EventKind.REMOVED
        assert len(at.wire.made("sendMessage")) == 1


async def test_a_migration_is_told_by_either_message_in_either_order():
    for order in (("to", "from"), ("from", "to")):
        async with served() as at:
            ann = at.wire.person("Ann")
            group = at.wire.group("Lab", ann)
            group.members[at.wire.bot.id] = "member"
            new = at.wire.migrate(group, ann, order)
            await at.wire.until(_none_waiting(at))
            at.wire.type(new, ann, "/help")
            await at.wire.hear(new)
            assert [(event.kind, event.address, event.moved_to) for event in at.talk.events] == [
                (
                    EventKind.MOVED,
                    Address("telegram", str(group.id)),
                    Address("telegram", str(new.id)),
                )
            ] * 2


async def test_what_is_said_in_the_new_chat_waits_for_the_move(monkeypatch):
    async with served() as at:
        begun, over, heard = asyncio.Event(), asyncio.Event(), at.talk.happened

        async def slow(event: Event) -> Reply:
            begun.set()
            await over.wait()
            return await heard(event)

        monkeypatch.setattr(at.talk, "happened", slow)
        ann = at.wire.person("Ann")
        group = at.wire.group("Lab", ann)
        group.members[at.wire.bot.id] = "member"
        new = at.wire.migrate(group, ann)
        at.wire.type(new, ann, "/help")
        await begun.wait()
        await asyncio.sleep(0.05)  # nothing else tells that nothing happens
        assert at.asked == []
        over.set()
        assert (await at.wire.hear(new)).text == "help:"
        assert len(at.talk.events) == 2
