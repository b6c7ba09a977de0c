"""`paperboy run` as a real process between both fakes: what a group lives through with it."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from typing import Any

import aiohttp
import pytest

from storage import open_store
from tests.processes.conftest import (
    GTR,
    HOUR,
    MORNING,
    NINE,
    SPATIA,
    TOPICS,
    Group,
    Running,
    Stage,
    stage_of,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


async def test_a_group_and_a_server_live_with_it_from_the_first_day_to_the_last(
    stage: Stage,
) -> None:
    discord = stage.discord
    guild = discord.add_guild("Lab")
    channel = discord.add_channel(guild)
    eva = discord.add_member(guild, "Eva", manages=True)

    async with stage.bot(MORNING) as bot:
        group = Group(stage, bot)
        await stage.listening(bot)

        stage.telegram.set_bot(group.chat, group.ada, "member")
        await group.says("/")  # it says how to begin
        await group.ask(f"/subscribe@paperboy_sandbox_bot {TOPICS}", "video generation", "VLM")
        card = await group.ask("/paper 2512.15716", SPATIA)
        assert card.buttons
        await _settings_by_buttons(group)

        subscribed = await stage_of(
            stage, bot, discord.slash(eva, channel, "subscribe", topics=TOPICS)
        )
        assert "video generation" in subscribed.text
        shown = await stage_of(stage, bot, discord.slash(eva, channel, "paper", paper="2512.15716"))
        assert SPATIA in shown.text
        assert shown.ephemeral
        assert SPATIA not in discord.read(channel).replace(subscribed.text, "")
        await _discord_settings(stage, bot, eva, channel)
        assert await bot.stopped() == 0
        assert "stopped" in bot.log
        _nothing_secret(stage, bot)

    before = len(group.chat.spoken)
    posted = len(discord.messages(channel))
    seen = {"PAPERBOY_MONITOR": f"127.0.0.1:{_free_port()}"}
    async with stage.bot(HOUR, seen) as bot:
        group.bot = bot
        first = await group.says(SPATIA, since=before)
        both = "".join(one.text for one in group.chat.spoken[before:])
        assert GTR in both
        assert both.count(SPATIA) == 1
        assert not first.params.get("disable_notification")
        await stage.of(bot, discord.until(lambda: len(discord.messages(channel)) > posted))
        await stage.of(bot, discord.until(lambda: discord.read(channel).count(GTR)))
        await stage.listening(bot)
        await stage.of(bot, _is_watched(f"http://{seen['PAPERBOY_MONITOR']}", stage, group))

        stage.telegram.set_bot(group.chat, group.ada, "left")
        discord.remove_bot(guild)
        await stage.of(bot, _suspended(stage, 2))
        assert await bot.stopped(signal.SIGINT) == 0
        assert "Traceback" not in bot.log
        _nothing_secret(stage, bot)
    assert "\n".join(stage.problems()) == ""
    assert len(discord.called("PUT", "/applications/*/commands")) == 1  # nothing had changed


async def _settings_by_buttons(group: Group) -> None:
    menu = await group.ask("/settings", "09:00")
    count = len(group.chat.messages)
    await group.press(menu, "settings hour")
    refused = await group.press(menu, "settings hour 10:00", who=group.bob)
    assert "Administrator" in refused
    assert "09:00" in menu.text
    await group.press(menu, "settings hour 10:00")
    await group.stage.of(group.bot, group.world.until(lambda: "10:00" in menu.text))
    assert len(group.chat.messages) == count  # edited in place


async def _discord_settings(stage: Stage, bot: Running, eva: Any, channel: int) -> None:
    discord = stage.discord
    menu = await stage_of(stage, bot, discord.slash(eva, channel, "settings"))
    hour = next(one for one in menu.buttons.values() if one.endswith("settings hour"))
    await stage_of(stage, bot, discord.press(eva, channel, menu.message, hour))

    def ten_o_clock() -> str | None:
        shown = discord.buttons_of(channel, menu.message).values()
        return next((one for one in shown if one.endswith("settings hour 10:00")), None)

    ten = await stage_of(stage, bot, discord.until(ten_o_clock))
    await stage_of(stage, bot, discord.press(eva, channel, menu.message, ten))
    await stage.of(bot, discord.until(lambda: "10:00" in discord.words_of(channel, menu.message)))


async def _is_watched(url: str, stage: Stage, group: Group) -> None:
    """It lives, it is ready, and what it counted is what happened."""
    told = [
        ('paperboy_digests_opened_total{platform="telegram"}', 1.0),
        ('paperboy_digests_opened_total{platform="discord"}', 1.0),
        ('paperboy_lateness_seconds_count{platform="telegram"}', 1.0),
        ('paperboy_calls_total{platform="discord",verdict="accepted"}', 1.0),
        ('paperboy_channels{platform="telegram",state="active"}', 1.0),
        ('paperboy_task_at_work{task="bell"}', 1.0),
        ("paperboy_memory_answers", 1.0),
    ]
    async with aiohttp.ClientSession(url) as watcher:

        async def ready() -> dict[str, Any]:
            while True:
                async with watcher.get("/readyz") as answer:
                    checks: dict[str, Any] = await answer.json()
                if answer.status == 200:
                    return checks
                await asyncio.sleep(0.1)  # the gateway may be on its way yet

        checks = await asyncio.wait_for(ready(), 20)
        names = [one["name"] for one in checks["checks"] if one["ok"]]
        assert names == ["running", "database", "telegram", "discord", "tick"]
        async with watcher.get("/healthz") as answer:
            assert answer.status == 200
        async with asyncio.timeout(20):
            while True:
                async with watcher.get("/metrics") as answer:
                    text = await answer.text()
                found = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
                if [float(found.get(name, -1)) for name, _ in told] == [n for _, n in told]:
                    break
                await asyncio.sleep(0.5)  # a message is settled behind its arrival
    for secret in (stage.telegram.token, stage.discord.token or "?", "Lab", str(group.chat.id)):
        assert secret not in text + str(checks)


async def _suspended(stage: Stage, count: int) -> None:
    """Until so many channels are known to be gone."""
    file = f"sqlite:///{stage.surroundings['PAPERBOY_HOME']}/paperboy.sqlite3"
    async with asyncio.timeout(15), open_store(file) as store:
        while True:
            async with store.snapshot() as tx:
                channels = await tx.channels.all()
            if len([one for one in channels if one.suspended_at is not None]) == count:
                return
            await asyncio.sleep(0.1)  # another process writes: there is no event to wait for


def _nothing_secret(stage: Stage, bot: Running) -> None:
    assert stage.telegram.token not in bot.log
    assert stage.telegram.token.partition(":")[2] not in bot.log
    assert (stage.discord.token or "?") not in bot.log


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


async def test_by_webhook_it_lives_as_well_and_a_stranger_is_turned_away(stage: Stage) -> None:
    port = _free_port()
    webhook = {
        "PAPERBOY_TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}/updates",
        "PAPERBOY_TELEGRAM_WEBHOOK_SECRET": "a-word-of-ours",
        "PAPERBOY_LISTEN": f"127.0.0.1:{port}",
        "PAPERBOY_DISCORD_TOKEN": None,
    }
    async with stage.bot(MORNING, webhook) as bot:
        group = Group(stage, bot)
        await stage.of(bot, stage.telegram.until(lambda: bool(stage.telegram.made("setWebhook"))))
        stage.telegram.set_bot(group.chat, group.ada, "member")
        await group.ask(f"/subscribe {TOPICS}", "video generation")
        said = len(group.chat.spoken)
        asked = next(one for one in group.chat.messages.values() if one.sender is group.ada)
        update = {"update_id": 1, "message": asked.json()}
        async with aiohttp.ClientSession() as stranger:
            for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "another-word"}):
                async with stranger.post(
                    webhook["PAPERBOY_TELEGRAM_WEBHOOK_URL"] or "", json=update, headers=headers
                ) as answer:
                    assert answer.status in (401, 403)
        assert len(group.chat.spoken) == said
        assert not stage.telegram.made("getUpdates")
        assert await bot.stopped() == 0
        assert "a-word-of-ours" not in bot.log
    assert "\n".join(stage.problems()) == ""


@pytest.mark.kill
async def test_once_sends_to_both_and_listens_to_neither(stage: Stage) -> None:
    discord = stage.discord
    guild = discord.add_guild()
    channel = discord.add_channel(guild)
    eva = discord.add_member(guild, manages=True)
    async with stage.bot(MORNING) as bot:
        group = Group(stage, bot)
        await stage.listening(bot)
        stage.telegram.set_bot(group.chat, group.ada, "member")
        await group.ask(f"/subscribe {TOPICS}", "video generation")
        await stage_of(stage, bot, discord.slash(eva, channel, "subscribe", topics=TOPICS))
        assert await bot.stopped() == 0
    polls = len(stage.telegram.made("getUpdates"))
    said = len(group.chat.spoken)
    before = discord.read(channel)
    for _ in range(2):  # the second time there is nothing left to send
        async with stage.bot(NINE, command="once") as once:
            assert await once.ended(30) == 0
        posted = "".join(one.text for one in group.chat.spoken[said:])
        assert (posted.count(SPATIA), posted.count(GTR)) == (1, 1)
        posted = discord.read(channel)[len(before) :]
        assert (posted.count(SPATIA), posted.count(GTR)) == (1, 1)
    assert len(stage.telegram.made("getUpdates")) == polls
    assert discord.gateway.identified == 1
    assert "\n".join(stage.problems()) == ""


async def test_an_operator_lets_a_server_in_with_one_tap_on_the_other_platform(
    stage: Stage,
) -> None:
    discord, telegram = stage.discord, stage.telegram
    channel = discord.add_channel(guild := discord.add_guild("Reading club"))
    eva = discord.add_member(guild, "Eva", manages=True)
    olga = telegram.person("Olga")
    private = telegram.private(olga)
    rules = {"PAPERBOY_ACCESS": "invite", "PAPERBOY_ADMINS": f"telegram:{olga.id}"}
    async with stage.bot(MORNING, rules) as bot:
        await stage.listening(bot)
        telegram.type(private, olga, "/start")
        await stage.of(bot, telegram.until(lambda: bool(private.spoken)))
        said = len(private.spoken)
        line = discord.slash(eva, channel, "subscribe", topics=TOPICS)
        refused = await stage_of(stage, bot, line)
        assert "Subscribed" not in refused.text

        def asked() -> list[Any]:
            buttons = [b for one in private.spoken[said:] for row in one.buttons for b in row]
            return [one for one in buttons if "grant" in one.get("callback_data", "")]

        await stage.of(bot, telegram.until(lambda: bool(asked())))
        tap = telegram.press(olga, private.spoken[-1], asked()[0]["callback_data"])
        await stage.of(bot, telegram.answered(tap))
        line = discord.slash(eva, channel, "subscribe", topics=TOPICS)
        allowed = await stage_of(stage, bot, line)
        assert "video generation" in allowed.text
        assert await bot.stopped() == 0
    assert "\n".join(stage.problems()) == ""
