"""The budget of invalid requests: watched at the wire, whoever spends it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from adapters.platforms.discord import Discord
from adapters.platforms.discord.budget import Budget, Second
from adapters.platforms.discord.frozen import freeze
from adapters.platforms.discord.menu import register
from adapters.platforms.discord.outcomes import Held
from bot.channels import Address, Kind, Verdict
from bot.ports import Person
from tests.wires.discordian.people import FakeDiscord
from tests.wires.discordian.server import Fault

BODY = freeze(Kind.POST, {"content": "papers", "allowed_mentions": {"parse": []}})
LOGGER = "adapters.platforms.discord.budget"


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def counted(budget: Budget, times: int, status: int = 403, **headers: str) -> None:
    for _ in range(times):
        budget.count(status, {name.replace("_", "-"): value for name, value in headers.items()})


def test_nothing_leaves_from_half_on_until_the_window_has_room() -> None:
    time = Time()
    budget = Budget(10, window=600.0, clock=time)
    for status in (401, 403, 429, 403):
        assert budget.wait == 0
        budget.count(status, {})
        time.now += 10
    assert budget.wait == 0
    budget.count(429, {})
    assert budget.wait == 560.0  # until the first one is ten minutes old
    time.now += 559
    assert 0 < budget.wait <= 1
    time.now += 1
    assert budget.wait == 0
    counted(budget, 1)
    assert budget.wait == 10.0


def test_good_answers_and_shared_limits_cost_nothing() -> None:
    budget = Budget(4)
    for status in (200, 204, 400, 404, 500, 502):
        counted(budget, 5, status)
    counted(budget, 5, 429, X_RateLimit_Scope="shared")
    assert budget.wait == 0
    counted(budget, 2, 429, X_RateLimit_Scope="user")
    assert budget.wait > 0


def test_a_quarter_warns_once_and_half_once_more(caplog: pytest.LogCaptureFixture) -> None:
    time = Time()
    budget = Budget(16, clock=time)
    caplog.set_level(logging.WARNING, LOGGER)
    levels = []
    for _ in range(12):
        counted(budget, 1)
        levels.append([one.levelname for one in caplog.records])
    assert levels[2] == []
    assert levels[3] == levels[6] == ["WARNING"]
    assert levels[7] == levels[11] == ["WARNING", "ERROR"]
    time.now += 601
    counted(budget, 4)
    assert [one.levelname for one in caplog.records] == ["WARNING", "ERROR", "WARNING"]


@pytest.fixture
async def small(world: FakeDiscord) -> Any:
    """A platform that stops at the fourth refused answer."""
    async with Discord(world.token or "", api_url=world.api_url, most_invalid=8) as platform:
        yield platform


async def test_a_platform_that_is_refused_too_often_stops_before_anything_leaves(
    world: FakeDiscord, small: Discord
) -> None:
    guild = world.add_guild()
    closed = Address("discord", str(world.add_channel(guild, lacks=("send_messages",))))
    open_ = Address("discord", str(world.add_channel(guild)))
    for _ in range(4):
        assert (await small.send(closed, BODY, "pb1", silent=False)).verdict is Verdict.CHAT_GONE
    before = len(world.calls)
    told = await small.send(open_, BODY, "pb2", silent=False)
    assert (told.verdict, told.everywhere) == (Verdict.TOO_FAST, True)
    assert 590 < (told.retry_after or 0) <= 600
    for outcome in (
        await small.edit(open_, "1", BODY),
        await small.probe(open_),
    ):
        assert (outcome.verdict, outcome.everywhere) == (Verdict.TOO_FAST, True)
    assert not (await small.rights(open_, Person("1"))).manage
    with pytest.raises(Held):
        await register(small._wire, small.limits)
    assert len(world.calls) == before
    assert world.messages(int(open_.chat)) == []


async def test_what_people_ask_for_and_the_registration_are_counted_too(
    world: FakeDiscord, small: Discord
) -> None:
    channel = Address("discord", str(world.add_channel(world.add_guild())))
    await small.probe(channel)
    world.faults.append(Fault("*", "/applications/*", status=403, times=None))
    for _ in range(2):
        with pytest.raises(Exception, match="403"):
            await register(small._wire, small.limits)
    world.faults.append(Fault("GET", "/channels/*", status=403, times=None))
    for _ in range(2):
        await small.rights(channel, Person("1"))
    told = await small.send(channel, BODY, "pb1", silent=False)
    assert (told.verdict, told.everywhere) == (Verdict.TOO_FAST, True)


async def test_a_refused_token_stops_asking_too(world: FakeDiscord) -> None:
    async with Discord("wrong", api_url=world.api_url, most_invalid=8) as platform:
        channel = Address("discord", "1")
        for _ in range(4):
            told = await platform.send(channel, BODY, "pb1", silent=False)
            assert told.verdict is Verdict.TOKEN_REFUSED
        told = await platform.send(channel, BODY, "pb1", silent=False)
        assert told.verdict is Verdict.TOO_FAST
    assert len(world.calls) == 4


async def test_shared_limits_do_not_stop_a_platform(world: FakeDiscord, small: Discord) -> None:
    channel = Address("discord", str(world.add_channel(world.add_guild())))
    world.faults.append(
        Fault("POST", "/channels/*", status=429, retry_after=0.01, shared=True, times=9)
    )
    for _ in range(9):
        told = await small.send(channel, BODY, "pb1", silent=False)
        assert (told.verdict, told.everywhere) == (Verdict.TOO_FAST, False)
    assert (await small.send(channel, BODY, "pb1", silent=False)).verdict is Verdict.ACCEPTED


async def test_a_lost_call_gives_its_place_back(world: FakeDiscord) -> None:
    async with Discord(world.token or "", api_url=world.api_url, most_calls=2) as platform:
        channel = Address("discord", str(world.add_channel(world.add_guild())))
        world.faults.append(Fault("POST", "/channels/*", lose=True, times=3))
        for _ in range(3):
            told = await platform.send(channel, BODY, "pb1", silent=False)
            assert told.verdict is Verdict.UNKNOWN
        told = await platform.send(channel, BODY, "pb1", silent=False)
        assert told.verdict is Verdict.ACCEPTED


async def test_calls_under_way_hold_their_place_in_the_second() -> None:
    second = Second(2)
    first = await second.begin()
    await second.begin()
    third = asyncio.create_task(second.begin())
    await asyncio.sleep(0.05)
    assert not third.done()
    second.end(first)  # it may have arrived just now
    await asyncio.sleep(0.5)
    assert not third.done()
    async with asyncio.timeout(10):
        assert await third >= first + 1.0
