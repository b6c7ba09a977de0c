"""Discord on loopback, and the platform that talks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.platforms.discord import Discord
from tests.wires.discordian.people import FakeDiscord
from tests.wires.judging import discord_errors


@pytest.fixture
async def world() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(judge=discord_errors()) as fake:
        yield fake
    assert fake.errors == []


@pytest.fixture
async def platform(world: FakeDiscord) -> AsyncIterator[Discord]:
    async with Discord(world.token or "", api_url=world.api_url) as platform:
        yield platform
