"""A private chat with the bot on each platform, over its own wire: type a line, read the answer."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, Self

from bot.cards import CardBlock
from bot.channels import Address
from bot.ports import Conversation, Event, Platform, Reply, Request, Suggestion


@dataclass
class Overheard:
    """bot.ports.Conversation around another one; remembers what was asked and answered."""

    inner: Conversation
    told: list[tuple[Request, Reply]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def reply(self, request: Request) -> Reply:
        """What the other one answers."""
        answer = await self.inner.reply(request)
        self.told.append((request, answer))
        self.news.set()
        return answer

    async def suggest(self, request: Request, option: str, typed: str) -> list[Suggestion]:
        """What the other one suggests."""
        return await self.inner.suggest(request, option, typed)

    async def cards(self, request: Request) -> list[CardBlock]:
        """What the other one finds."""
        return await self.inner.cards(request)

    async def happened(self, event: Event) -> Reply:
        """What the other one says to it."""
        said = await self.inner.happened(event)
        self.events.append(event)
        self.news.set()
        return said

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something that comes of a reply or of an event."""
        while not true():
            self.news.clear()
            await self.news.wait()

    async def nth(self, count: int) -> tuple[Request, Reply]:
        """The request and reply of that number, from 1, once it is there."""
        while len(self.told) < count:
            self.news.clear()
            await self.news.wait()
        return self.told[count - 1]


class Wired(Protocol):
    """A chat of one person with the bot. `async with` opens its wire."""

    platform: Platform
    can_type_anything: bool  # else only the commands of a menu
    address: Address
    person: str

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *problem: object) -> None: ...

    async def ready(self) -> None:
        """Wait until the bot listens."""
        ...

    def type(self, line: str) -> None:
        """Say a line; what is read afterwards begins anew."""
        ...

    def read(self) -> str:
        """What the bot has said since the last line, without markup."""
        ...

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something on the wire."""
        ...

    def press(self, action: str) -> None:
        """Press the newest button that does this; what is read afterwards begins anew."""
        ...

    def answer(self, line: str) -> None:
        """Say something in answer to what the bot said last; likewise."""
        ...

    def problems(self) -> list[str]:
        """What the platform's specification has against any call so far."""
        ...


class Terminal:
    """The console; buttons are typed there."""

    can_type_anything = True

    def __init__(self, now: Callable[[], datetime], language: str = "en") -> None:
        from adapters.platforms.console import Console

        self._output = io.StringIO()
        self._typed: asyncio.Queue[str] = asyncio.Queue()
        self._asks = asyncio.Event()
        self._begin = 0
        self.platform: Platform = Console(
            self._output,
            as_json=False,
            width=100,
            color=False,
            lines=self._lines(),
            now=now,
            language=language,
        )
        self.address = Address("console", "chat")
        self.person = "me"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *problem: object) -> None:
        pass

    async def ready(self) -> None:
        """It asks for a line."""
        await self._asks.wait()

    async def _lines(self) -> AsyncIterator[str]:
        while True:
            self._asks.set()
            line = await self._typed.get()
            self._asks.clear()
            yield line

    def type(self, line: str) -> None:
        """On the keyboard."""
        self._begin = self._output.tell()
        self._asks.clear()
        self._typed.put_nowait(line)

    def read(self) -> str:
        """On the screen."""
        return self._output.getvalue()[self._begin :]

    async def until(self, true: Callable[[], bool]) -> None:
        """The next line is asked for when everything is shown."""
        while not true():
            self._asks.clear()
            await self._asks.wait()

    def press(self, action: str) -> None:
        """A terminal has no buttons."""
        raise NotImplementedError

    def answer(self, line: str) -> None:
        """Nor replies."""
        raise NotImplementedError

    def problems(self) -> list[str]:
        """A terminal has no specification."""
        return []


class DiscordChat:
    """Direct messages with the bot in the fake Discord."""

    can_type_anything = False

    def __init__(self, now: Callable[[], datetime], language: str = "en") -> None:
        from tests.wires.discordian.people import FakeDiscord
        from tests.wires.judging import discord_errors

        self.world = FakeDiscord(judge=discord_errors())
        self._now, self._locale = now, {"en": "en-US", "zh": "zh-CN"}.get(language, language)
        self._stack = AsyncExitStack()
        self._asked: Any = None
        self._seen: list[int] = []  # the messages of answers
        self._said: int | None = None  # words that are no command: what follows answers them

    async def __aenter__(self) -> Self:
        from adapters.platforms.discord import Discord

        await self._stack.enter_async_context(self.world)
        guild = self.world.add_guild()
        self._who = self.world.add_member(None, "Ada", locale=self._locale)
        self.world.backend.add_member(guild, self._who.id)
        self._chat = self.world.private_chat(self._who)
        discord = Discord(
            self.world.token or "", api_url=self.world.api_url, now=self._now, hears=True
        )
        self.platform: Platform = await self._stack.enter_async_context(discord)
        self.address = Address("discord", str(self._chat))
        self.person = str(self._who.id)
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self._stack.aclose()

    async def ready(self) -> None:
        """Connected, with its commands registered."""
        await self.world.until(
            lambda: self.world.gateway.sessions and self.world.backend.commands.get(None)
        )

    def type(self, line: str) -> None:
        """As a slash command."""
        self._said = None
        self._asked = self.world.typed(self._who, self._chat, line)

    def read(self) -> str:
        """The answer and what follows it."""
        if self._said is not None:
            every = self.world.backend.messages[self._chat]
            numbers = sorted(one for one in every if one > self._said)
            self._seen += [one for one in numbers if one not in self._seen]
            return "\n".join(self.world.words_of(self._chat, one) for one in numbers)
        answer = self.world.answer(self._asked)
        self._seen += [
            number for one in answer.messages if (number := int(one["id"])) not in self._seen
        ]
        return "\n".join([answer.text, *answer.files])

    async def until(self, true: Callable[[], bool]) -> None:
        """Until a call brings it."""
        await self.world.until(true)

    def press(self, action: str) -> None:
        """On the newest message that has it."""
        for message in reversed(self._seen):
            found = self.world.buttons_of(self._chat, message).values()
            if f"p:{action}" in found:
                self._said = None
                self._asked = self.world.pressed(self._who, self._chat, message, f"p:{action}")
                return
        raise AssertionError(f"no button {action!r}")

    def answer(self, line: str) -> None:
        """As a reply."""
        self._said = self.world.say(self._who, self._chat, line, answers=self._seen[-1])

    def problems(self) -> list[str]:
        """By Discord's OpenAPI document and simcord."""
        return self.world.errors


class TelegramChat:
    """A private chat in the sandbox."""

    can_type_anything = True

    def __init__(self, now: Callable[[], datetime], language: str = "en") -> None:
        from adapters.platforms.telegram.sandbox import Sandbox

        self.world = Sandbox()
        self._now, self._language = now, {"zh": "zh-hans"}.get(language, language)
        self._stack = AsyncExitStack()
        self._begin = 0

    async def __aenter__(self) -> Self:
        from adapters.platforms.telegram import Telegram

        await self._stack.enter_async_context(self.world)
        self._who = self.world.person("Ada", language=self._language)
        self._chat = self.world.private(self._who)
        telegram = Telegram(self.world.token, api_url=self.world.url, now=self._now)
        self.platform: Platform = await self._stack.enter_async_context(telegram)
        self.address = Address("telegram", str(self._chat.id))
        self.person = str(self._who.id)
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self._stack.aclose()

    async def ready(self) -> None:
        """Updates wait for it."""

    def type(self, line: str) -> None:
        """As a message."""
        self._begin = len(self._chat.spoken)
        self.world.type(self._chat, self._who, line)

    def read(self) -> str:
        """Messages and edits since then."""
        said = self._chat.spoken[self._begin :]
        files = [one.file[1].decode() for one in said if one.file is not None]
        return "\n".join([*(one.text for one in said), *files])

    async def until(self, true: Callable[[], bool]) -> None:
        """Until the bot says it."""
        await self.world.until(true)

    def press(self, action: str) -> None:
        """On the newest message that has it."""
        for message in reversed(self._chat.spoken):
            if any(action == one.get("callback_data") for row in message.buttons for one in row):
                self._begin = len(self._chat.spoken)
                self.world.press(self._who, message, action)
                return
        raise AssertionError(f"no button {action!r}")

    def answer(self, line: str) -> None:
        """As a reply."""
        last = self._chat.spoken[-1]
        self._begin = len(self._chat.spoken)
        self.world.type(self._chat, self._who, line, reply_to=last.id)

    def problems(self) -> list[str]:
        """By Telegram's own parser and the Bot API's document."""
        from tests.wires.judging import telegram_errors

        return [error for call in self.world.calls for error in telegram_errors(call)]


CHATS: dict[str, Callable[[Callable[[], datetime], str], Wired]] = {
    "console": Terminal,
    "telegram": TelegramChat,
    "discord": DiscordChat,
}
