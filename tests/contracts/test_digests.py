"""A day's digest on each platform's wire: set up by people, opened by a round, seen in the chat."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.channels import Address, Channel, Outcome, PlaceKind, Verdict
from bot.rounds import make_round
from tests.contracts.test_conversations import empty_store as empty_store
from tests.contracts.test_groups import TOPICS, Discords, Telegrams, stored
from tests.contracts.test_groups import discords as discords
from tests.contracts.test_groups import telegrams as telegrams

FIRST = "Faster Sampling for Image Diffusion"  # of Thursday's two papers
SECOND = "Agents that Read @everyone's Papers"
LAYOUTS = ("packed", "cards", "compact", "thread")


async def opened(chats: Telegrams | Discords, chat: object, thread: object = None) -> Channel:
    """The channel of a chat, once its next digest is opened and carried."""
    channel = await stored(chats.desk, chat, thread)
    assert channel is not None
    assert channel.next_due is not None
    await make_round(chats.desk, channel.next_due)
    return channel


def seen(message: Any) -> str:
    """The text of a message on Telegram, without the signs nobody sees."""
    return str(message.text).replace("\u2060", "")


@pytest.mark.parametrize("layout", LAYOUTS)
async def test_telegram_each_layout_brings_the_day(telegrams: Telegrams, layout: str) -> None:
    telegrams.world.set_bot(telegrams.chat, telegrams.ada, "administrator")
    await telegrams.world.until(lambda: bool(telegrams.chat.spoken))
    await telegrams.ask(telegrams.ada, "/subscribe everything", telegrams.topic)
    await telegrams.ask(telegrams.ada, f"/settings layout {layout}", telegrams.topic)
    before = len(telegrams.chat.spoken)
    await opened(telegrams, telegrams.chat.id, telegrams.topic)
    said = telegrams.chat.spoken[before:]
    assert {one.thread for one in said} == {telegrams.topic}
    assert [bool(one.params.get("disable_notification")) for one in said] == [
        number > 0 for number in range(len(said))
    ]
    if layout == "thread":
        index, *cards = said
        assert FIRST in seen(index)
        assert SECOND in seen(index)
        assert [one.reply_to for one in cards] == [index.id, index.id]
        said = cards
    parts = len(said)
    assert parts == (2 if layout in ("cards", "thread") else 1)
    assert FIRST in seen(said[0])
    assert SECOND in seen(said[-1])
    assert ("We study subject 6" in seen(said[0])) is (layout != "compact")


@pytest.mark.parametrize("layout", LAYOUTS)
async def test_discord_each_layout_brings_the_day(discords: Discords, layout: str) -> None:
    world, here = discords.world, discords.channel
    await discords.ask(discords.ada, "/subscribe everything")
    await discords.ask(discords.ada, f"/settings layout {layout}")
    before = len(world.messages(here))
    await opened(discords, here)
    said = world.messages(here)[before:]
    assert [bool(one["flags"] & 4096) for one in said] == [n > 0 for n in range(len(said))]
    assert len(said) == (2 if layout == "cards" else 1)
    assert FIRST in world.read(here)
    assert SECOND in world.read(here)
    threads = world.threads(here)
    assert len(threads) == (layout == "thread")
    for thread in threads:
        assert FIRST in world.read(thread)
        assert "We study subject 5" in world.read(thread)
        status = await discords.ask(discords.bob, "/status", thread)  # of the channel
        assert "2 papers, on time" in status.text


async def test_telegram_a_channel_is_managed_from_its_admins_private_chat(
    telegrams: Telegrams,
) -> None:
    world, ada = telegrams.world, telegrams.ada
    private = world.private(ada)
    await telegrams.ask(ada, "/start", chat=private)
    channel = world.channel("My Lab", ada)
    world.set_bot(channel, ada, "administrator")
    await world.until(lambda: len(private.spoken) == 2)
    invitation = private.spoken[1]
    assert "My Lab" in invitation.text
    await world.answered(world.press(ada, invitation, "Set it up"))
    await world.until(lambda: invitation.edits == 1)
    said = await telegrams.ask(ada, f"/subscribe {TOPICS}", chat=private)
    assert said.text.startswith("For My Lab:")
    assert await stored(telegrams.desk, private.id) is None
    menu = await telegrams.ask(ada, "/settings layout", chat=private)
    await world.answered(world.press(ada, menu, "a message per paper"))
    assert not channel.spoken  # nothing but papers is posted to its readers
    kept = await opened(telegrams, channel.id)
    assert kept.kind is PlaceKind.BROADCAST
    assert kept.layout == "cards"
    (post,) = channel.spoken
    assert SECOND in seen(post)
    assert all("url" in button for row in post.buttons for button in row)  # deep links


@pytest.mark.parametrize("order", [("to", "from"), ("from", "to"), ()])
async def test_telegram_a_digest_follows_a_group_that_moves_before_it_left(
    telegrams: Telegrams, monkeypatch: pytest.MonkeyPatch, order: tuple[str, ...]
) -> None:
    world, ada, desk = telegrams.world, telegrams.ada, telegrams.desk
    group = world.group("Small", ada)
    world.set_bot(group, ada, "member")
    await world.until(lambda: bool(group.spoken))
    await telegrams.ask(ada, f"/subscribe {TOPICS}", chat=group)

    async def unreachable(*call: object, **more: object) -> Outcome:
        return Outcome(Verdict.NOT_SENT, error="No connection.")

    with monkeypatch.context() as down:
        down.setattr(desk.platforms["telegram"], "send", unreachable)
        channel = await opened(telegrams, group.id)
    moved = world.migrate(group, ada, order)
    if order:
        await telegrams.ask(ada, "/status", chat=moved)
    told = len(moved.spoken)
    assert channel.next_due is not None
    for minutes in (5, 6):
        await make_round(desk, channel.next_due + timedelta(minutes=minutes))
    (post,) = moved.spoken[told:]
    assert SECOND in seen(post)
    again = await stored(desk, moved.id)
    assert again is not None
    assert (again.id, again.address) == (channel.id, Address("telegram", str(moved.id)))


async def test_discord_a_forum_that_begins_to_demand_tags_still_gets_its_day(
    discords: Discords,
) -> None:
    world = discords.world
    forum = world.add_channel(discords.guild, "days", "forum")
    await world.slash(
        discords.ada, discords.channel, "subscribe", topics="everything", channel=forum
    )
    tag = world.add_tag(forum, "news", required=True)
    await opened(discords, forum)
    (post,) = world.threads(forum)
    assert world.backend.channels[post].applied_tags == [tag]
    assert FIRST in world.read(post)
    shown = await discords.ask(discords.bob, "/why 2601.00006", post)  # of the forum
    assert "It was shown here" in shown.text


async def test_discord_the_settings_of_a_forum_are_at_hand_in_its_posts(discords: Discords) -> None:
    world = discords.world
    forum = world.add_channel(discords.guild, "days", "forum")
    await world.slash(
        discords.ada, discords.channel, "subscribe", topics="everything", channel=forum
    )
    await opened(discords, forum)
    (post,) = world.threads(forum)
    menu = await discords.ask(discords.ada, "/settings", post)
    pressed = next(one for one in menu.buttons.values() if one.endswith("settings layout"))
    await world.press(discords.ada, post, menu.message, pressed)
    cards = next(
        one
        for one in world.buttons_of(post, menu.message).values()
        if one.endswith("settings layout cards")
    )
    await world.press(discords.ada, post, menu.message, cards)
    channel = await stored(discords.desk, forum)
    assert channel is not None
    assert channel.layout == "cards"
    assert await stored(discords.desk, post) is None
