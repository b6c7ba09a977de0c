"""`paperboy run` as a real process when things go wrong: tokens, breaks, deaths."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from adapters.platforms.telegram.sandbox import Refusal
from tests.processes.conftest import (
    MORNING,
    NINE,
    TOPICS,
    Group,
    Stage,
    stage_of,
)
from tests.wires.discordian.server import Fault

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.mark.parametrize("platform", ["telegram", "discord"])
async def test_a_refused_token_ends_it_with_3_and_names_the_platform(
    stage: Stage, platform: str
) -> None:
    other = "DISCORD" if platform == "telegram" else "TELEGRAM"
    if platform == "telegram":
        stage.telegram.token = "4242:" + "B" * 35  # taken back
    else:
        stage.discord.token = "another.token.entirely"
    async with stage.bot(MORNING, {f"PAPERBOY_{other}_TOKEN": None}) as bot:
        assert await bot.ended(20) == 3
        assert platform in bot.log.lower()
        assert "token" in bot.log
        assert "Traceback" not in bot.log
        for secret in ("PAPERBOY_TELEGRAM_TOKEN", "PAPERBOY_DISCORD_TOKEN"):
            assert stage.surroundings[secret] not in bot.log


async def test_a_token_that_is_taken_back_while_it_runs_ends_it_with_3_too(stage: Stage) -> None:
    async with stage.bot(MORNING, {"PAPERBOY_TELEGRAM_TOKEN": None}) as bot:
        await stage.of(bot, stage.discord.until(lambda: stage.discord.gateway.identified))
        stage.discord.token = None
        await stage.discord.gateway.drop(4004)
        assert await bot.ended(20) == 3


@pytest.mark.parametrize("down", ["telegram", "discord"])
async def test_one_platform_that_is_down_does_not_hurt_the_other(stage: Stage, down: str) -> None:
    nowhere = {f"PAPERBOY_{down.upper()}_API_URL": "http://127.0.0.1:9"}
    guild = stage.discord.add_guild()
    channel = stage.discord.add_channel(guild)
    eva = stage.discord.add_member(guild, manages=True)
    async with stage.bot(MORNING, nowhere) as bot:
        if down == "discord":
            group = Group(stage, bot)
            stage.telegram.set_bot(group.chat, group.ada, "member")
            await group.ask(f"/subscribe {TOPICS}", "video generation")
        else:
            commands = stage.discord.backend.commands
            await stage.of(bot, stage.discord.until(lambda: commands.get(None)))
            answer = await stage_of(
                stage, bot, stage.discord.slash(eva, channel, "subscribe", topics=TOPICS)
            )
            assert "video generation" in answer.text
        assert await bot.stopped() == 0


async def test_a_discord_that_stumbles_is_taken_up_again(stage: Stage) -> None:
    guild = stage.discord.add_guild()
    channel = stage.discord.add_channel(guild)
    eva = stage.discord.add_member(guild, manages=True)
    stage.discord.faults.append(Fault("GET", "/gateway/bot", times=1, drop=True))
    async with stage.bot(MORNING, {"PAPERBOY_TELEGRAM_TOKEN": None}) as bot:
        discord = stage.discord
        await stage.of(bot, discord.until(lambda: discord.backend.commands.get(None), 30))
        await stage.of(bot, discord.until(lambda: discord.gateway.identified, 30))
        await discord.gateway.drop()
        answer = await stage_of(stage, bot, discord.slash(eva, channel, "help"))
        assert "/subscribe" in answer.text
        assert await bot.stopped() == 0


async def test_it_stops_at_once_also_when_nothing_answers(stage: Stage) -> None:
    stage.discord.faults.append(Fault(times=None, hang=True))
    async with stage.bot(MORNING, {"PAPERBOY_TELEGRAM_TOKEN": None}) as bot:
        await stage.of(bot, stage.discord.until(lambda: stage.discord.calls))
        assert await bot.stopped() == 0


@pytest.mark.kill
async def test_killed_between_the_post_and_its_answer_it_posts_nothing_twice(
    stage: Stage,
) -> None:
    discord, alone = stage.discord, {"PAPERBOY_TELEGRAM_TOKEN": None}
    channel = discord.add_channel(guild := discord.add_guild())
    eva = discord.add_member(guild, manages=True)
    async with stage.bot(MORNING, alone) as bot:
        await stage.of(bot, discord.until(lambda: discord.backend.commands.get(None)))
        await stage_of(stage, bot, discord.slash(eva, channel, "subscribe", topics=TOPICS))
        assert await bot.stopped() == 0
    before = len(discord.messages(channel))
    discord.faults.append(Fault("POST", "/channels/*/messages", mute=True))
    async with stage.bot(NINE, alone) as bot:
        await stage.of(bot, discord.until(lambda: len(discord.messages(channel)) > before))
        bot.process.kill()
        await bot.process.wait()
    async with stage.bot(NINE, alone) as bot:
        calls = await stage_of(
            stage,
            bot,
            discord.until(
                lambda: len(found := discord.called("POST", "/channels/*/messages")) > 1 and found
            ),
        )
        assert calls[0].body == calls[1].body
        assert await bot.stopped() == 0
    assert len(discord.messages(channel)) == before + 1
    assert "\n".join(stage.problems()) == ""


@pytest.mark.nightly
async def test_a_second_instance_waits_a_minute_and_ends_with_3(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one of them goes on polling all the time."""

    async def taken(call: Any, writer: Any) -> bool:
        if call.method.lower() == "getupdates":
            raise Refusal(409, "Conflict: terminated by other getUpdates request")
        return False

    monkeypatch.setattr(stage.telegram, "meddle", taken)
    async with stage.bot(MORNING, {"PAPERBOY_DISCORD_TOKEN": None}) as bot:
        assert await bot.ended(100) == 3
        assert "second" in bot.log.lower() or "another" in bot.log.lower()
