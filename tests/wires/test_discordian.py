"""The fake Discord itself, by a bare discord.py client that knows nothing of it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest
from discord.http import Route

from tests.wires.discordian import pace
from tests.wires.discordian.people import FakeDiscord
from tests.wires.discordian.server import Fault

ROOT = Path(__file__).resolve().parents[2]


class Bot(discord.AutoShardedClient):
    """Answers /echo with a button, and the button with the number of presses."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0.05)
        self.tree = discord.app_commands.CommandTree(self)
        self.is_there = asyncio.Event()
        self.left = asyncio.Event()

        @self.tree.command(name="echo", description="Say it again")
        async def echo(
            interaction: discord.Interaction[discord.Client], words: str, slow: bool = False
        ) -> None:
            button: discord.ui.Button[discord.ui.View] = discord.ui.Button(
                label="More", custom_id="p:more"
            )
            view = discord.ui.View(timeout=None).add_item(button)
            if slow:
                await interaction.response.defer(ephemeral=True)
                await interaction.followup.send(words, view=view, ephemeral=True)
            else:
                await interaction.response.send_message(f"**{words}**", view=view)

        @echo.autocomplete("words")
        async def offered(
            interaction: discord.Interaction[discord.Client], typed: str
        ) -> list[discord.app_commands.Choice[str]]:
            return [discord.app_commands.Choice(name=f"{typed}!", value=typed)]

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_ready(self) -> None:
        self.is_there.set()

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.left.set()

    async def on_interaction(self, interaction: discord.Interaction[discord.Client]) -> None:
        if interaction.type is discord.InteractionType.component:
            await interaction.response.edit_message(content="pressed")


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        monkeypatch.setattr(Route, "BASE", fake.api_url)
        yield fake


@pytest.fixture
async def bot(world: FakeDiscord) -> AsyncIterator[Bot]:
    bot = Bot()
    world.add_guild("First")
    async with bot:
        running = asyncio.create_task(bot.start(world.token or ""))
        await asyncio.wait_for(bot.is_there.wait(), 20)
        yield bot
        await bot.close()
        await running


async def test_a_command_a_button_and_an_offer_reach_a_bot_and_come_back(
    world: FakeDiscord, bot: Bot
) -> None:
    guild = world.add_guild("Lab")
    channel = world.add_channel(guild)
    ada = world.add_member(guild, locale="ko")
    offered = await world.complete(ada, channel, "echo", "words", "hal")
    assert offered.choices == ({"name": "hal!", "value": "hal"},)
    answer = await world.slash(ada, channel, "echo", words="hello")
    assert (answer.text, answer.ephemeral) == ("hello", False)
    assert answer.buttons == {"More": "p:more"}
    pressed = await world.press(ada, channel, answer.message, "More")
    assert pressed.text == "pressed"
    assert world.read(channel) == "pressed"
    slow = await world.slash(ada, channel, "echo", words="later", slow=True)
    assert (slow.text, slow.ephemeral) == ("later", True)
    assert world.read(channel) == "pressed"
    assert world.errors == []
    world.remove_bot(guild)
    await asyncio.wait_for(bot.left.wait(), 20)


async def test_the_same_nonce_makes_one_message_also_when_its_answer_was_lost(
    world: FakeDiscord, bot: Bot
) -> None:
    guild = world.add_guild()
    channel = world.add_channel(guild)
    body = {"content": "once", "nonce": "pb7", "enforce_nonce": True}
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel)
    world.faults.append(Fault("POST", "/channels/*/messages", lose=True))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await bot.http.request(route, json=body)
    said = await bot.http.request(route, json=body)
    again = await bot.http.request(route, json=body)
    assert said["id"] == again["id"] == world.messages(channel)[0]["id"]
    assert len(world.messages(channel)) == 1
    history = await bot.http.request(Route("GET", f"/channels/{channel}/messages"))
    assert history[0]["nonce"] == "pb7"


async def test_a_connection_that_breaks_is_resumed_with_what_was_missed(
    world: FakeDiscord, bot: Bot
) -> None:
    guild = world.add_guild()
    channel = world.add_channel(guild)
    ada = world.add_member(guild)
    await world.gateway.drop()
    answer = await world.slash(ada, channel, "echo", words="still here")
    assert answer.text == "still here"
    assert (world.gateway.identified, world.gateway.resumed) == (1, 1)


async def test_too_many_requests_are_waited_out_and_a_missing_right_is_a_403(
    world: FakeDiscord, bot: Bot
) -> None:
    guild = world.add_guild()
    channel = world.add_channel(guild, lacks=("send_messages",))
    world.faults.append(Fault("POST", "/channels/*/messages", status=429, retry_after=0.01))
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel)
    with pytest.raises(discord.Forbidden) as refused:
        await bot.http.request(route, json={"content": "x"})
    assert refused.value.code == 50013
    assert len(world.called("POST", "/channels/*/messages")) == 2


async def test_a_wrong_token_is_refused_and_a_privileged_intent_too(world: FakeDiscord) -> None:
    async with Bot() as wrong:
        with pytest.raises(discord.LoginFailure):
            await wrong.start("no such token")
    curious = discord.AutoShardedClient(intents=discord.Intents.all())
    async with curious:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await curious.start(world.token or "")


async def test_a_forum_that_asks_for_a_tag_refuses_a_post_without(
    world: FakeDiscord, bot: Bot
) -> None:
    forum = world.add_channel(world.add_guild(), kind="forum")
    tag = world.add_tag(forum, "daily", required=True)
    route = Route("POST", "/channels/{channel_id}/threads", channel_id=forum)
    body: dict[str, object] = {"name": "A day", "message": {"content": "papers"}}
    with pytest.raises(discord.HTTPException) as refused:
        await bot.http.request(route, json=body)
    assert refused.value.code == 40067
    made = await bot.http.request(route, json={**body, "applied_tags": [str(tag)]})
    assert world.threads(forum) == [int(made["id"])]
    assert world.read(int(made["id"])) == "papers"


async def test_a_forum_post_and_its_first_message_have_one_id(world: FakeDiscord, bot: Bot) -> None:
    forum = world.add_channel(world.add_guild(), kind="forum")
    route = Route("POST", "/channels/{channel_id}/threads", channel_id=forum)
    body = {"name": "A day", "message": {"content": "papers"}}
    made = await bot.http.request(route, json=body)
    assert made["id"] == made["message"]["id"]
    first = await bot.http.request(Route("GET", f"/channels/{made['id']}/messages/{made['id']}"))
    assert first["content"] == "papers"


async def test_a_history_is_paged_from_a_message_on_and_forgets_nonces(
    world: FakeDiscord, bot: Bot
) -> None:
    channel = world.add_channel(world.add_guild())
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel)
    ids = []
    for number in range(5):
        body = {"content": "x", "nonce": f"pb{number}", "enforce_nonce": True}
        ids.append((await bot.http.request(route, json=body))["id"])

    async def page(**params: str | int) -> list[dict[str, str]]:
        history = Route("GET", f"/channels/{channel}/messages")
        told: list[dict[str, str]] = await bot.http.request(history, params=params)
        return told

    assert [one["id"] for one in await page(after=ids[0], limit=2)] == [ids[2], ids[1]]
    assert [one["id"] for one in await page(limit=2)] == [ids[4], ids[3]]
    assert [one["nonce"] for one in await page(after="0", limit=1)] == ["pb0"]
    world.nonces.window = 0.0
    assert "nonce" not in (await page(limit=1))[0]
    body = {"content": "x", "nonce": "pb0", "enforce_nonce": True}
    assert (await bot.http.request(route, json=body))["id"] not in ids


async def say(world: FakeDiscord, session: aiohttp.ClientSession, channel: int) -> Any:
    """One message by a client that obeys nothing; the whole answer."""
    url = f"{world.api_url}/channels/{channel}/messages"
    headers = {"Authorization": f"Bot {world.token}"}
    async with session.post(url, json={"content": "x"}, headers=headers) as said:
        return said.status, said.headers, json.loads(await said.read())


async def test_limits_are_enforced_where_asked_and_what_was_too_fast_is_named(
    world: FakeDiscord,
) -> None:
    guild = world.add_guild()
    channel, other = world.add_channel(guild), world.add_channel(guild)
    async with aiohttp.ClientSession() as session:
        for _ in range(7):
            assert (await say(world, session, channel))[0] == 200
        assert world.violations == []  # nobody asked for limits yet
        world.enforce = True
        for left in (4, 3, 2, 1, 0):
            status, headers, _ = await say(world, session, channel)
            assert (status, headers["X-RateLimit-Remaining"]) == (200, str(left))
            assert 0 < float(headers["X-RateLimit-Reset-After"]) <= 5
        status, headers, told = await say(world, session, channel)
        assert (status, told["global"], headers["X-RateLimit-Scope"]) == (429, False, "user")
        assert 0 < told["retry_after"] <= 5
        assert headers["X-RateLimit-Remaining"] == "0"
        assert len(world.violations) == 1
        assert (await say(world, session, other))[0] == 200
    assert len(world.messages(channel)) == 12


async def test_fifty_calls_a_second_are_all_that_a_token_has(world: FakeDiscord) -> None:
    guild = world.add_guild()
    channels = [world.add_channel(guild, f"c{n}") for n in range(60)]
    world.enforce = True
    async with aiohttp.ClientSession() as session:
        said = await asyncio.gather(*(say(world, session, one) for one in channels))
    refused = [(headers, told) for status, headers, told in said if status == 429]
    assert len(refused) == len(world.violations) > 0
    assert len(said) - len(refused) <= 50
    for headers, told in refused:
        assert told["global"]
        assert headers["X-RateLimit-Global"] == "true"


async def test_discord_py_by_itself_obeys_what_the_headers_say(
    world: FakeDiscord, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "WRITES", (3, 0.2))
    channel = world.add_channel(world.add_guild())
    world.enforce = True
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel)
    for number in range(7):
        await bot.http.request(route, json={"content": str(number)})
    assert world.violations == []
    assert len(world.messages(channel)) == 7


async def test_too_many_refused_calls_ban_the_address(world: FakeDiscord) -> None:
    channel = world.add_channel(world.add_guild(), lacks=("send_messages",))
    world.pace.most_invalid = 3
    world.enforce = True
    url = f"{world.api_url}/channels/{channel}/messages"
    headers = {"Authorization": f"Bot {world.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for status in (403, 403, 403, 429):
            async with session.post(url, json={"content": "x"}) as said:
                assert said.status == status
                assert ("Via" in said.headers) == (status == 403)
    assert any("banned" in one for one in world.violations)


async def test_as_a_process_it_prints_its_address_and_can_be_steered() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.wires.discordian", cwd=ROOT, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        url = (await process.stdout.readline()).decode().strip()
        base = url.removesuffix("/api/v10")
        async with aiohttp.ClientSession() as session:
            async with session.post(f"{base}/_control/add_guild", json=["Lab"]) as said:
                guild = await said.json()
            async with session.post(f"{base}/_control/add_channel", json=[guild]) as said:
                channel = await said.json()
            async with session.post(f"{base}/_control/bot") as said:
                token = (await said.json())["token"]
            async with session.post(
                f"{url}/channels/{channel}/messages",
                json={"content": "hi"},
                headers={"Authorization": f"Bot {token}"},
            ) as said:
                assert said.status == 200
            async with session.post(f"{base}/_control/read", json=[channel]) as said:
                assert await said.json() == "hi"
    finally:
        process.terminate()
        await process.wait()
