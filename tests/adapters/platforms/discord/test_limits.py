"""Rate limits: told at once and waited for by nobody inside a call, against a Discord that
enforces them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.platforms.discord import Discord
from adapters.platforms.discord.frozen import freeze
from bot.channels import Address, Body, Kind, Verdict
from tests.wires.discordian import pace
from tests.wires.discordian.people import FakeDiscord
from tests.wires.discordian.server import Fault


def message(text: str = "papers") -> Body:
    return freeze(Kind.POST, {"content": text, "allowed_mentions": {"parse": []}})


def post(name: str = "A day") -> Body:
    inner = {"content": "papers", "allowed_mentions": {"parse": []}}
    return freeze(Kind.FORUM_POST, {"name": name, "message": inner})


def at(channel: int) -> Address:
    return Address("discord", str(channel))


@pytest.fixture
async def strict(world: FakeDiscord) -> AsyncIterator[FakeDiscord]:
    """A Discord that enforces its limits, and that nobody went too fast for."""
    world.enforce = True
    yield world
    assert world.violations == []


async def test_an_emptied_bucket_is_told_with_the_last_message_and_nothing_more_leaves(
    strict: FakeDiscord, platform: Discord
) -> None:
    guild = strict.add_guild()
    channel, other = strict.add_channel(guild), strict.add_channel(guild)
    rests = []
    for number in range(5):
        told = await platform.send(at(channel), message(f"{number}"), f"pb{number}", silent=True)
        assert told.verdict is Verdict.ACCEPTED
        rests.append(told.rest)
    assert rests[:4] == [None] * 4
    assert 0 < (rests[4] or 0) <= 5
    told = await platform.send(at(channel), message("6"), "pb6", silent=True)
    assert (told.verdict, told.everywhere) == (Verdict.TOO_FAST, False)
    assert 0 < (told.retry_after or 0) <= 5.1
    assert len(strict.called("POST", "/channels/*/messages")) == 5
    # another chat has a bucket of its own
    told = await platform.send(at(other), message(), "pb7", silent=True)
    assert told.verdict is Verdict.ACCEPTED


async def carry(platform: Discord, channel: int, key: str) -> None:
    """Send as the courier does: what is too fast is sent again when it may be."""
    while True:
        told = await platform.send(at(channel), message(key), key, silent=True)
        if told.verdict is Verdict.ACCEPTED:
            return
        assert told.verdict is Verdict.TOO_FAST
        await asyncio.sleep(told.retry_after or 0)


@pytest.mark.parametrize("count", [1, 4])
async def test_many_at_once_are_told_to_wait_and_arrive_when_they_have(
    strict: FakeDiscord, platform: Discord, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(pace, "WRITES", (5, 0.4))
    guild = strict.add_guild()
    channels = [strict.add_channel(guild, f"c{n}") for n in range(count)]
    await platform.probe(at(channels[0]))

    async def two(channel: int, number: int) -> None:
        for part in range(6):
            await carry(platform, channel, f"pb{number}.{part}")

    await asyncio.gather(*(two(channel, number) for channel in channels for number in range(2)))
    assert [len(strict.messages(channel)) for channel in channels] == [12] * count


async def test_a_burst_to_many_channels_stays_below_fifty_a_second(
    strict: FakeDiscord, platform: Discord
) -> None:
    guild = strict.add_guild()
    forums = [strict.add_channel(guild, f"f{n}", "forum") for n in range(30)]
    # Each post asks for the tags of its forum first: 60 calls, whatever the pace of messages.
    told = await asyncio.gather(
        *(platform.send(at(forum), post(), "pb1", silent=True) for forum in forums)
    )
    assert {one.verdict for one in told} == {Verdict.ACCEPTED}
    assert len(strict.calls) > 60


async def test_questions_wait_for_their_bucket(
    strict: FakeDiscord, platform: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "READS", (2, 0.2))
    channel = strict.add_channel(strict.add_guild())
    for _ in range(4):
        assert (await platform.probe(at(channel))).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST", "/channels/*", status=429, retry_after=30, everywhere=True),
        Fault("POST", "/channels/*", status=429, retry_after=30, banned=True),
    ],
    ids=["global", "cloudflare"],
)
async def test_a_pause_of_the_token_holds_everywhere_at_once(
    world: FakeDiscord, platform: Discord, fault: Fault
) -> None:
    guild = world.add_guild()
    channel, other = world.add_channel(guild), world.add_channel(guild)
    await platform.probe(at(channel))
    world.faults.append(Fault(**vars(fault)))
    first = await platform.send(at(channel), message(), "pb1", silent=False)
    assert (first.verdict, first.retry_after, first.everywhere) == (Verdict.TOO_FAST, 30.0, True)
    before = len(world.calls)
    second = await platform.send(at(other), message(), "pb2", silent=False)
    assert (second.verdict, second.everywhere) == (Verdict.TOO_FAST, True)
    assert 25 < (second.retry_after or 0) <= 30
    assert (await platform.probe(at(other))).verdict is Verdict.TOO_FAST
    assert len(world.calls) == before


async def test_a_short_pause_of_the_token_is_waited_for_by_questions(
    world: FakeDiscord, platform: Discord
) -> None:
    channel = world.add_channel(world.add_guild())
    await platform.probe(at(channel))
    world.faults.append(Fault("POST", "*", status=429, retry_after=0.05, everywhere=True))
    told = await platform.send(at(channel), message(), "pb1", silent=False)
    assert told.verdict is Verdict.TOO_FAST
    assert (await platform.probe(at(channel))).verdict is Verdict.ACCEPTED


async def test_slow_mode_is_a_limit_of_the_channel_with_its_time(
    world: FakeDiscord, platform: Discord
) -> None:
    channel = world.add_channel(world.add_guild())
    world.faults.append(
        Fault("POST", "/channels/*", status=429, code=20016, retry_after=41.5, shared=True)
    )
    told = await platform.send(at(channel), message(), "pb1", silent=False)
    assert (told.verdict, told.retry_after) == (Verdict.TOO_FAST, 41.5)
    assert not told.everywhere


async def test_a_reset_connection_is_not_tried_again_inside_the_call(
    world: FakeDiscord, caplog: pytest.LogCaptureFixture
) -> None:
    # Where a reset has the number 54 (macOS) or 10054 (Windows), discord.py calls once more.
    caplog.set_level(logging.ERROR)
    forum = world.add_channel(world.add_guild(), kind="forum")

    async def reset(session: Any, context: Any, params: Any) -> None:
        if params.method == "POST":
            raise ConnectionResetError(54, "Connection reset by peer")

    async with Discord(world.token or "", api_url=world.api_url) as platform:
        trace = platform._wire.client.http.http_trace
        assert trace is not None
        trace.on_request_end.append(reset)
        told = await platform.send(at(forum), post(), "pb1", silent=False)
    assert told.verdict is Verdict.UNKNOWN
    assert len(world.called("POST", "/channels/*/threads")) == 1
    assert len(world.threads(forum)) == 1


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        (Fault("*", "*", status=502), Verdict.NOT_SENT),
        (Fault("*", "*", lose=True, times=None), Verdict.NOT_SENT),
        (Fault("*", "*", status=429, retry_after=9.0), Verdict.TOO_FAST),
        (Fault("*", "*", status=403, code=50007), Verdict.CHAT_GONE),
        (Fault("*", "*", status=404, code=10013), Verdict.CHAT_GONE),
    ],
    ids=["502", "lost", "429", "closed", "nobody"],
)
@pytest.mark.parametrize("kind", ["private", "forum"])
async def test_what_fails_before_the_message_leaves_is_not_sent(
    world: FakeDiscord, platform: Discord, fault: Fault, verdict: Verdict, kind: str
) -> None:
    guild = world.add_guild()
    forum, ada = world.add_channel(guild, kind="forum"), world.add_member(guild)
    where = at(forum) if kind == "forum" else Address("discord", f"@{ada.id}")
    body = post() if kind == "forum" else message()
    await platform.probe(at(forum))
    world.faults.append(Fault(**vars(fault)))
    told = await platform.send(where, body, "pb1", silent=False)
    assert told.verdict is verdict
    assert told.retry_after == (9.0 if verdict is Verdict.TOO_FAST else None)
    assert world.called("POST", "/channels/*") == []
    world.faults.clear()
    assert (await platform.send(where, body, "pb1", silent=False)).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("code", [160002, 10008])
async def test_a_reply_that_cannot_name_its_message_is_sent_as_no_reply(
    world: FakeDiscord, platform: Discord, code: int
) -> None:
    channel = world.add_channel(world.add_guild())
    first = (await platform.send(at(channel), message(), "pb1", silent=False)).platform_ids[0]
    world.faults.append(Fault("POST", "/channels/*", status=403, code=code))
    told = await platform.send(at(channel), message("2"), "pb2", silent=False, reply_to=first)
    assert told.verdict is Verdict.ACCEPTED
    _, refused, taken = world.called("POST", "/channels/*/messages")
    assert "message_reference" in refused.body
    assert "message_reference" not in taken.body
    assert refused.body["nonce"] == taken.body["nonce"]


async def test_the_pace_that_the_courier_keeps_is_below_discords(platform: Discord) -> None:
    told = platform.limits.pace
    assert told.per_second is not None
    assert told.per_second < 50 == told.any_second
    assert told.of_chat(at(1)) == ()  # the answers tell it: Outcome.rest
    assert {"find", "edit"} <= platform.limits.verbs
