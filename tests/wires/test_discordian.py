"""The fake Discord itself, by a bare discord.py client that knows nothing of it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import discord
import pytest
from discord.http import Route

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
