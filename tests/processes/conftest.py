"""The real command as a process, between a fake Telegram, a fake Discord and a bundled source."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from adapters.platforms.telegram.sandbox import Message, Sandbox
from adapters.sources.bundled import BundledServer
from tests.wires.discordian.people import FakeDiscord
from tests.wires.judging import discord_errors, telegram_errors
from tests.wires.replay import Replay

ROOT = Path(__file__).resolve().parents[2]
MORNING = "2025-12-27T08:00:00Z"  # the list of the 26th is closed
NINE = "2025-12-27T09:00:01Z"  # the hour of those who chose none
HOUR = "2025-12-27T10:00:01Z"  # what was chosen by the buttons, a second ago
SPATIA = "Spatia: Video Generation with Updatable Spatial Memory"
GTR = "GTR-Turbo: Merged Checkpoint is Secretly a Free Teacher for Agentic VLM Training"
TOPICS = "video generation, VLM"


@dataclass
class Running:
    """A bot at work."""

    process: asyncio.subprocess.Process
    logged: Path
    polls: int  # of Telegram before it began
    sessions: int  # of Discord before it began

    @property
    def log(self) -> str:
        """What it has written so far."""
        return self.logged.read_text()

    async def said(self, *parts: str, seconds: float = 40.0) -> None:
        """Until its log holds all of it."""
        try:
            async with asyncio.timeout(seconds):
                while not all(part in self.log for part in parts):  # noqa: ASYNC110 - a file
                    await asyncio.sleep(0.1)
        except TimeoutError:
            pytest.fail(f"it did not say {parts}:\n{self.log}")

    async def ended(self, seconds: float) -> int:
        """Its exit code, once it has ended by itself."""
        async with asyncio.timeout(seconds):
            return await self.process.wait()

    async def stopped(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code, after it was asked to stop; it has ten seconds."""
        self.process.send_signal(sign)
        return await self.ended(10)


@dataclass
class Stage:
    """Both fakes, the source, and the surroundings of the process."""

    telegram: Sandbox
    discord: FakeDiscord
    folder: Path
    surroundings: dict[str, str] = field(repr=False)

    @asynccontextmanager
    async def bot(
        self,
        now: str,
        settings: Mapping[str, str | None] = MappingProxyType({}),
        *,
        command: str = "run",
        role: str | None = None,
    ) -> AsyncIterator[Running]:
        """`paperboy run` (or `once`) at that instant; settings that are None are left out."""
        options = ["--role", role] if role else []
        given = {**self.surroundings, **settings}
        logged = self.folder / f"log-{len([*self.folder.glob('log-*')])}"
        polls = len(self.telegram.made("getUpdates"))
        sessions = self.discord.gateway.identified
        with logged.open("w") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", command, "--now", now, *options,
                env={name: value for name, value in given.items() if value is not None},
                cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip
            try:
                yield Running(process, logged, polls, sessions)
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()

    async def listening(self, bot: Running, seconds: float = 20.0) -> None:
        """Until it listens on both platforms."""
        telegram, discord = self.telegram, self.discord
        await self.of(
            bot,
            telegram.until(lambda: len(telegram.made("getUpdates")) > bot.polls, seconds),
            discord.until(
                lambda: (
                    discord.gateway.identified > bot.sessions and discord.backend.commands.get(None)
                ),
                seconds,
            ),
        )

    async def of(self, bot: Running, *waits: Any) -> None:
        """Wait for all of it; a bot that dies meanwhile fails the test with its log."""
        ended: asyncio.Future[Any] = asyncio.ensure_future(bot.process.wait())
        awaited: asyncio.Future[Any] = asyncio.gather(*waits)
        try:
            await asyncio.wait({ended, awaited}, return_when=asyncio.FIRST_COMPLETED)
            if not awaited.done():
                awaited.cancel()
                pytest.fail(f"the bot ended with {bot.process.returncode}:\n{bot.log}")
            try:
                awaited.result()
            except TimeoutError:
                pytest.fail(f"it did not happen in time:\n{bot.log}")
        finally:
            ended.cancel()

    def problems(self) -> list[str]:
        """What the specifications and Telegram's parser have against any call so far."""
        found = [error for call in self.telegram.calls for error in telegram_errors(call)]
        return found + self.discord.errors


class Group:
    """A group of Telegram whose admin is Ada."""

    def __init__(self, stage: Stage, bot: Running, patience: float = 15.0) -> None:
        self.stage, self.bot, self.world = stage, bot, stage.telegram
        self.patience = patience  # seconds to wait for a message
        self.ada = self.world.person("Ada")
        self.bob = self.world.person("Bob")
        self.chat = self.world.supergroup("Lab", self.ada, self.bob)

    async def says(self, *parts: str, since: int = 0) -> Message:
        """The first message since then that holds all of it."""
        found: list[Message] = []

        def said() -> bool:
            found[:] = [
                one for one in self.chat.spoken[since:] if all(part in one.text for part in parts)
            ]
            return bool(found)

        await self.stage.of(self.bot, self.world.until(said, self.patience))
        return found[0]

    async def ask(self, line: str, *parts: str, who: Any = None) -> Message:
        """Type a line; the answer that holds all of it."""
        since = len(self.chat.spoken)
        self.world.type(self.chat, who or self.ada, line)
        return await self.says(*parts, since=since)

    async def press(self, message: Message, action: str, who: Any = None) -> str:
        """Press the button with that action, once it is there; the toast."""

        def shown() -> list[str]:
            data = [one.get("callback_data", "") for row in message.buttons for one in row]
            return [one for one in data if one.endswith(action)]

        await self.stage.of(self.bot, self.world.until(lambda: bool(shown())))
        tap = self.world.press(who or self.ada, message, shown()[0])
        await self.stage.of(self.bot, self.world.answered(tap))
        return tap.said


async def stage_of(stage: Stage, bot: Running, wait: Any) -> Any:
    """What the wait gives, while the bot lives."""
    got = asyncio.ensure_future(wait)
    await stage.of(bot, got)
    return got.result()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the processes of these tests share what Python compiled."""
    return str(tmp_path_factory.mktemp("compiled"))


@pytest.fixture
async def stage(tmp_path: Path, compiled: str) -> AsyncIterator[Stage]:
    """An empty world; every place of the process is in the test's folder."""
    for name in ("user", "temporary", "here", "nothing"):
        (tmp_path / name).mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    async with (
        Sandbox() as telegram,
        FakeDiscord(judge=discord_errors()) as discord,
        BundledServer() as source,
        Replay(tmp_path / "nothing") as arxiv,
    ):
        yield Stage(
            telegram,
            discord,
            tmp_path / "here",
            {
                **kept,
                "HOME": str(tmp_path / "user"),
                "TMPDIR": str(tmp_path / "temporary"),
                "PYTHONPATH": str(ROOT),
                "PYTHONPYCACHEPREFIX": compiled,
                "PAPERBOY_HOME": str(tmp_path / "home"),
                "PAPERBOY_MONITOR": "off",
                "HF_ENDPOINT": source.url,
                "PAPERBOY_ARXIV_URL": arxiv.url,
                "PAPERBOY_TELEGRAM_TOKEN": telegram.token,
                "PAPERBOY_TELEGRAM_API_URL": telegram.url,
                "PAPERBOY_DISCORD_TOKEN": discord.token or "",
                "PAPERBOY_DISCORD_API_URL": discord.api_url,
            },
        )
