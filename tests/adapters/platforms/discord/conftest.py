"""Discord on loopback and in process, and the platform that talks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import simcord

from adapters.platforms.discord import Discord
from adapters.platforms.discord.answering import EDIT, SAY
from adapters.platforms.discord.menu import register
from bot.cards import Paragraph
from bot.ports import Reply, Request
from tests.wires.discordian.people import FakeDiscord
from tests.wires.judges.discord import message_problems
from tests.wires.judging import discord_errors
from tests.wires.talks import Answering

NOW = datetime(2025, 12, 27, 9, tzinfo=UTC)


@pytest.fixture
async def world() -> AsyncIterator[FakeDiscord]:
    """A Discord over real sockets."""
    async with FakeDiscord(judge=discord_errors()) as fake:
        yield fake
    assert fake.errors == []


@pytest.fixture
async def platform(world: FakeDiscord) -> AsyncIterator[Discord]:
    """The platform that sends to it."""
    async with Discord(world.token or "", api_url=world.api_url) as platform:
        yield platform


@pytest.fixture
def talk() -> Answering:
    """A conversation that repeats what it is asked."""

    async def echo(request: Request) -> Reply:
        return Reply((Paragraph.of(f"{request.command} {request.text}".strip()),), "en")

    return Answering(echo)


@pytest.fixture
async def heard(talk: Answering) -> AsyncIterator[Discord]:
    """The platform as it listens within simcord."""
    async with Discord("no.real.token", now=lambda: NOW) as platform:
        platform.listen(talk)
        yield platform


@pytest.fixture
async def env(heard: Discord) -> AsyncIterator[simcord.Env]:
    """simcord's Discord, in which the platform's client is logged in; every call is judged."""
    wire = heard._wire
    env = simcord.Env(wire.client, shard_count=1)
    await env.start()
    try:
        await register(wire, heard.limits)
        yield env
    finally:
        await env.shutdown()
    env.raise_errors()
    judge = discord_errors()
    for call in env.http_requests:
        if judge is not None:
            assert judge(call.method, call.path, call.json) == [], call
        if (said := message_of(call.path, call.json)) is not None:
            assert [*message_problems(said)] == [], call


def message_of(path: str, body: Any) -> dict[str, Any] | None:
    """The message that an answer to an interaction carries."""
    if path.endswith("/callback") and body["type"] in (SAY, EDIT):
        return dict(body["data"])
    return dict(body) if path.startswith("/webhooks/") and body else None
