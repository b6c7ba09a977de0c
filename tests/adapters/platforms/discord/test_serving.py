"""Listening at a gateway over real sockets: from the log-in to the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
import pytest
from discord.gateway import DiscordWebSocket

from adapters.platforms.discord import Discord, serving
from adapters.platforms.discord.frozen import freeze
from bot.cards import Paragraph
from bot.channels import Address, Kind, Verdict
from bot.errors import Refused
from bot.ports import Reply, Request
from tests.wires.discordian.people import FakeDiscord
from tests.wires.discordian.server import Fault
from tests.wires.talks import Answering


@asynccontextmanager
async def served(
    world: FakeDiscord, platform: Discord, talk: Answering
) -> AsyncIterator[asyncio.Task[None]]:
    """The platform listens and has registered its commands."""
    serving = asyncio.create_task(platform.serve(talk))
    try:
        await world.until(lambda: world.gateway.identified and world.backend.commands.get(None))
        yield serving
    finally:
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving


async def test_it_registers_answers_and_sends_until_it_is_told_to_end(
    world: FakeDiscord, platform: Discord, talk: Answering
) -> None:
    guild = world.add_guild()
    channel = world.add_channel(guild)
    ada = world.add_member(guild, manages=True, locale="ko")
    async with served(world, platform, talk):
        answer = await world.slash(ada, channel, "settings", name="hour", value="9")
        assert (answer.text, answer.ephemeral) == ("settings hour 9", True)
        assert talk.asked[-1].language == "ko"
        body = freeze(Kind.POST, {"content": "x", "allowed_mentions": {"parse": []}})
        address = Address("discord", str(channel))
        assert (await platform.send(address, body, "pb1", silent=True)).verdict is Verdict.ACCEPTED
    after = await platform.send(address, body, "pb2", silent=True)
    assert after.verdict is Verdict.ACCEPTED  # what is left to send still goes out


async def test_it_tells_whether_it_hears(
    world: FakeDiscord, platform: Discord, talk: Answering
) -> None:
    assert "gateway" in (platform.deaf() or "")
    async with served(world, platform, talk):
        async with asyncio.timeout(10):
            while platform.deaf() is not None:  # noqa: ASYNC110 - its log-in is on its way
                await asyncio.sleep(0.01)
    assert platform.deaf() is not None


async def test_a_second_start_registers_nothing(world: FakeDiscord, talk: Answering) -> None:
    guild = world.add_guild()
    channel = world.add_channel(guild)
    ada = world.add_member(guild)
    asked = "/applications/*/commands"
    for _ in range(2):
        async with Discord(world.token or "", api_url=world.api_url) as platform:
            async with served(world, platform, talk):
                await world.until(lambda: world.called("GET", asked))
                await world.slash(ada, channel, "help")
            world.gateway.identified = 0
            assert len(world.called("GET", asked)) == 1
            world.calls[:] = [call for call in world.calls if call.method == "PUT"]
    assert len(world.called("PUT", "/applications/*/commands")) == 1


async def test_a_refused_token_ends_it_with_what_to_do(world: FakeDiscord, talk: Answering) -> None:
    async with Discord("a-wrong-token", api_url=world.api_url) as platform:
        with pytest.raises(Refused) as refused:
            await platform.serve(talk)
    assert "PAPERBOY_DISCORD_TOKEN" in str(refused.value)
    assert "a-wrong-token" not in str(refused.value)


async def test_a_token_that_is_revoked_meanwhile_ends_it_too(
    world: FakeDiscord, platform: Discord, talk: Answering
) -> None:
    task = asyncio.create_task(platform.serve(talk))
    await world.until(lambda: world.gateway.identified)
    await world.gateway.drop(4004)
    with pytest.raises(Refused):
        await asyncio.wait_for(task, 20)


async def test_while_discord_is_away_it_tries_again(
    world: FakeDiscord, platform: Discord, talk: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "_PAUSES", (0.01,))
    world.faults.append(Fault("GET", "/users/@me", drop=True))
    world.faults.append(Fault("GET", "/gateway/bot", status=503, times=2))
    async with served(world, platform, talk):
        assert len(world.called("GET", "/gateway/bot")) >= 2


async def test_an_own_api_has_its_own_gateway_also_when_a_session_begins_anew(
    world: FakeDiscord, talk: Answering
) -> None:
    before = DiscordWebSocket.DEFAULT_GATEWAY
    async with (
        Discord(world.token or "", api_url=world.api_url) as platform,
        served(world, platform, talk),
    ):
        assert str(DiscordWebSocket.DEFAULT_GATEWAY) == world.gateway.url
    assert before == DiscordWebSocket.DEFAULT_GATEWAY


async def test_answers_that_are_being_given_are_finished_first(
    world: FakeDiscord, platform: Discord, talk: Answering
) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow(request: Request) -> Reply:
        begun.set()
        await go.wait()
        return Reply((Paragraph.of("in time"),), "en")

    talk.answer = slow
    guild = world.add_guild()
    channel = world.add_channel(guild)
    ada = world.add_member(guild)
    task = asyncio.create_task(platform.serve(talk))
    await world.until(lambda: world.gateway.identified and world.backend.commands.get(None))
    record = world.type(ada, channel, "help")
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert world.answer(record).text == "in time"


def test_reasons_that_only_the_operator_can_mend() -> None:
    assert serving.refusal(discord.LoginFailure("x"))
    assert serving.refusal(discord.PrivilegedIntentsRequired(0))
    assert serving.refusal(OSError("away")) is None
