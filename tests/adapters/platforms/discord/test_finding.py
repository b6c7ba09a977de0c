"""What became of a call whose answer was lost, asked of a fake Discord over real sockets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.platforms.discord import Discord, finding
from adapters.platforms.discord.drawing import Pen
from adapters.platforms.discord.frozen import freeze
from bot.channels import Address, Body, Kind, Layout, Outcome, Verdict
from tests.adapters.platforms.discord.drawing.samples import digest, many
from tests.wires.discordian.people import FakeDiscord
from tests.wires.discordian.server import Fault


def now() -> datetime:
    return datetime.now(UTC)


def message(text: str = "papers", **more: Any) -> Body:
    return freeze(Kind.POST, {"content": text, "allowed_mentions": {"parse": []}}, **more)


def post(name: str = "A day", text: str = "papers") -> Body:
    inner = {"content": text, "allowed_mentions": {"parse": []}}
    return freeze(Kind.FORUM_POST, {"name": name, "message": inner})


THREAD = freeze(Kind.OPEN_THREAD, {"name": "A day", "auto_archive_duration": 1440})


def at(channel: int, inside: str | None = None) -> Address:
    return Address("discord", str(channel), inside)


async def lost(
    world: FakeDiscord, platform: Discord, where: Address, body: Body, key: str = "pb1"
) -> None:
    """A call that arrives and whose answer does not."""
    world.faults.append(Fault("POST", "/channels/*", lose=True))
    outcome = await platform.send(where, body, key, silent=False)
    assert outcome.verdict is Verdict.UNKNOWN


def is_there(outcome: Outcome | None) -> bool:
    assert outcome is not None
    assert outcome.verdict in (Verdict.ACCEPTED, Verdict.NOT_SENT)
    return outcome.verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("remembered", [True, False])
async def test_a_message_is_found_by_its_nonce_and_later_by_its_words(
    world: FakeDiscord, platform: Discord, remembered: bool
) -> None:
    channel = world.add_channel(world.add_guild())
    since = now()
    assert not is_there(await platform.find(at(channel), message(), "pb1", since))
    await lost(world, platform, at(channel), message())
    if not remembered:
        world.nonces.window = 0.0
    found = await platform.find(at(channel), message(), "pb1", since)
    assert is_there(found)
    assert found is not None
    assert found.platform_ids == (str(world.messages(channel)[0]["id"]),)
    assert world.called("POST", "/channels/*/messages") == world.called("POST", "*")[:1]


async def test_a_digest_with_cards_is_found_by_what_its_embeds_say(
    world: FakeDiscord, platform: Discord
) -> None:
    channel = world.add_channel(world.add_guild())
    since = now()
    drawn = Pen().draw(digest(many(12)), Layout.PACKED, "en")
    for number, one in enumerate(drawn):
        await lost(world, platform, at(channel), one.body, f"pb{number}")
    world.forget_nonces()
    for one, there in zip(drawn, world.messages(channel), strict=True):
        found = await platform.find(at(channel), one.body, "pb9", since)
        assert found is not None
        assert found.platform_ids == (str(there["id"]),)
    other = Pen().draw(digest(many(11)), Layout.PACKED, "en")
    assert not is_there(await platform.find(at(channel), other[-1].body, "pb9", since))


async def test_equal_words_of_an_earlier_day_of_another_message_or_of_somebody_are_not_it(
    world: FakeDiscord, platform: Discord
) -> None:
    guild = world.add_guild()
    channel, other = world.add_channel(guild), world.add_channel(guild)
    ada = world.add_member(guild)
    await lost(world, platform, at(channel), message(), "pb1")
    # told by its nonce to be another message
    assert not is_there(await platform.find(at(channel), message(), "pb2", now()))
    world.forget_nonces()
    assert not is_there(
        await platform.find(at(channel), message(), "pb2", now() + timedelta(minutes=5))
    )
    assert is_there(await platform.find(at(channel), message(), "pb2", now()))
    world.say(ada, other, "papers")
    assert not is_there(await platform.find(at(other), message(), "pb2", now()))


async def test_a_wrong_clock_of_this_machine_does_not_hide_the_message(
    world: FakeDiscord, platform: Discord
) -> None:
    channel = world.add_channel(world.add_guild())
    world.backend.clock.advance(-600)  # ours is ten minutes ahead of Discord's
    since = now()
    await lost(world, platform, at(channel), message())
    world.forget_nonces()
    await platform.probe(at(channel))
    assert is_there(await platform.find(at(channel), message(), "pb1", since))


async def test_without_the_right_to_read_the_history_nobody_can_tell(
    world: FakeDiscord, platform: Discord
) -> None:
    guild = world.add_guild()
    channel = world.add_channel(guild, lacks=("read_message_history",))
    since = now()
    await lost(world, platform, at(channel), message())
    assert await platform.find(at(channel), message(), "pb1", since) is None


async def test_a_busy_channel_is_looked_through_page_by_page_up_to_a_bound(
    world: FakeDiscord, platform: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "_PAGE", 3)
    monkeypatch.setattr(finding, "_PAGES", 3)
    guild = world.add_guild()
    channel, ada = world.add_channel(guild), world.add_member(guild)
    since = now()
    for number in range(7):
        world.say(ada, channel, f"chatter {number}")
    await lost(world, platform, at(channel), message())
    assert is_there(await platform.find(at(channel), message(), "pb1", since))
    assert not is_there(await platform.find(at(channel), message("else"), "pb2", since))
    world.say(ada, channel, "more")
    assert await platform.find(at(channel), message("else"), "pb2", since) is None
    pages = world.called("GET", "/channels/*/messages")
    assert len(pages) == 9


async def test_a_thread_and_a_private_chat_are_looked_through_too(
    world: FakeDiscord, platform: Discord
) -> None:
    guild = world.add_guild()
    channel, ada = world.add_channel(guild), world.add_member(guild)
    since = now()
    index = await platform.send(at(channel), message("index"), "pb1", silent=False)
    await platform.send(at(channel), THREAD, "pb2", silent=True, reply_to=index.platform_ids[0])
    for where in (at(channel, index.platform_ids[0]), Address("discord", f"@{ada.id}")):
        assert not is_there(await platform.find(where, message(), "pb3", since))
        await platform.send(where, message(), "pb3", silent=False)
        world.forget_nonces()
        assert is_there(await platform.find(where, message(), "pb3", since))


async def test_a_thread_on_a_message_is_there_or_it_is_not(
    world: FakeDiscord, platform: Discord
) -> None:
    channel = world.add_channel(world.add_guild())
    since = now()
    index = (await platform.send(at(channel), message(), "pb1", silent=False)).platform_ids[0]
    assert not is_there(await platform.find(at(channel), THREAD, "pb2", since, reply_to=index))
    world.faults.append(Fault("POST", "/channels/*/threads", lose=True))
    await platform.send(at(channel), THREAD, "pb2", silent=True, reply_to=index)
    found = await platform.find(at(channel), THREAD, "pb2", since, reply_to=index)
    assert is_there(found)
    assert found is not None
    assert found.thread == index


async def test_a_forum_post_is_found_by_its_name_and_its_first_message(
    world: FakeDiscord, platform: Discord
) -> None:
    guild = world.add_guild()
    forum, other = (world.add_channel(guild, kind="forum") for _ in range(2))
    since = now()
    await lost(world, platform, at(forum), post())
    found = await platform.find(at(forum), post(), "pb1", since)
    assert is_there(found)
    assert found is not None
    made = str(world.threads(forum)[0])
    assert (found.thread, found.platform_ids) == (made, (made,))
    for where, body, began in (
        (forum, post("Another day"), since),
        (forum, post(text="other papers"), since),
        (forum, post(), since + timedelta(minutes=5)),
        (other, post(), since),
    ):
        assert not is_there(await platform.find(at(where), body, "pb1", began))


async def test_a_post_of_somebody_else_is_not_ours(world: FakeDiscord, platform: Discord) -> None:
    guild = world.add_guild()
    forum, ada = world.add_channel(guild, kind="forum"), world.add_member(guild)
    since = now()
    await platform.send(at(forum), post(), "pb1", silent=False)
    world.backend.get_channel(world.threads(forum)[0]).owner_id = ada.id
    assert not is_there(await platform.find(at(forum), post(), "pb1", since))


async def test_a_forum_post_that_was_folded_away_since_is_found(
    world: FakeDiscord, platform: Discord
) -> None:
    forum = world.add_channel(world.add_guild(), kind="forum")
    since = now() - timedelta(hours=2)
    await platform.send(at(forum), post(), "pb1", silent=False)
    about = world.backend.get_channel(world.threads(forum)[0]).thread_metadata
    assert about is not None
    about.archived = True
    assert is_there(await platform.find(at(forum), post(), "pb1", since))
    assert not is_there(await platform.find(at(forum), post("Another"), "pb1", since))


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        (Fault("GET", "/channels/*", status=429, retry_after=7.0), Verdict.TOO_FAST),
        (Fault("GET", "/channels/*", status=500), Verdict.UNKNOWN),
        (Fault("GET", "/channels/*", drop=True, times=None), Verdict.UNKNOWN),
        (Fault("GET", "/channels/*", hang=True), Verdict.UNKNOWN),
        (Fault("GET", "/channels/*", status=404), Verdict.UNKNOWN),
        (Fault("GET", "/channels/*", status=404, code=10003), Verdict.CHAT_GONE),
        (Fault("GET", "/channels/*", status=403, code=50001), Verdict.CHAT_GONE),
        (Fault("GET", "/channels/*", status=401), Verdict.TOKEN_REFUSED),
    ],
    ids=["429", "500", "drop", "hang", "404", "unknown-channel", "no-access", "401"],
)
@pytest.mark.parametrize("kind", ["text", "forum"])
async def test_a_question_that_fails_says_nothing_of_the_message(
    world: FakeDiscord,
    platform: Discord,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    verdict: Verdict,
    kind: str,
) -> None:
    channel = world.add_channel(world.add_guild(), kind=kind)
    await platform.probe(at(channel))  # logged in
    monkeypatch.setattr(finding, "_TIMEOUT", 0.6)
    world.faults.append(Fault(**vars(fault)))
    body = post() if kind == "forum" else message()
    found = await platform.find(at(channel), body, "pb1", now())
    assert found is not None
    assert found.verdict is verdict
    if verdict is Verdict.TOO_FAST:
        assert found.retry_after == 7.0
    world.faults.clear()


async def test_without_a_connection_nothing_is_proved(unused_tcp_port: int) -> None:
    async with Discord("token", api_url=f"http://127.0.0.1:{unused_tcp_port}") as platform:
        found = await platform.find(at(1), message(), "pb1", now())
    assert found is not None
    assert found.verdict is Verdict.UNKNOWN


async def test_a_body_that_cannot_be_read_cannot_be_looked_for(platform: Discord) -> None:
    assert await platform.find(at(1), Body((b"?",)), "pb1", now()) is None
