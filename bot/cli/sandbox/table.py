"""The person at the sandbox: what is typed becomes messages and presses, answers are shown."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, TextIO

from bot.cli.sandbox.clock import Movable
from bot.cli.sandbox.screen import Screen

if TYPE_CHECKING:
    from adapters.platforms.telegram.sandbox import Chat, Member, Message, Sandbox
    from bot.desk import Desk

_HELP = (
    "/command or words   say it            #2, :press 2   press button 2\n"
    ":group              go to the group   :private       back to the chat with the bot\n"
    ":next               put the clock forward to the next digest\n"
    ":quit               leave"
)
_WELCOME = (
    "A Telegram of its own: no token, no network, nothing left behind.\n"
    "You are Ada, alone with the bot. /start begins; :help tells how to press.\n"
)
_PATIENCE = 30.0  # seconds for the bot to answer
_LOOK = 0.5  # seconds until the next look when nothing is heard
_WORKING = "telegram: update"  # names of the adapter's tasks that answer somebody
_PRESS = re.compile(r"(?:#|:press\s+)(\d{1,3})", re.ASCII)


class Table:
    """One person, two chats, one bot."""

    def __init__(
        self, telegram: Sandbox, me: Member, desk: Desk, clock: Movable, screen: Screen
    ) -> None:
        self._telegram = telegram
        self._me = me
        self._desk = desk
        self._clock = clock
        self._screen = screen
        self._chat: Chat = telegram.private(me)
        self._group: Chat | None = None
        self._buttons: list[tuple[Message, dict[str, Any]]] = []  # those that were shown last

    async def sit(self, lines: AsyncIterator[str], asked: TextIO | None) -> None:
        """Until :quit or the end of the input."""
        self._screen.note(_WELCOME)
        self._prompt(asked)
        async for line in lines:
            if typed := line.strip():
                self._screen.typed(self._where, typed)
                if typed.lower() in (":quit", ":q"):
                    return
                await self._do(typed)
            self._prompt(asked)

    @property
    def _where(self) -> str:
        return "private" if self._chat.type == "private" else "group"

    def _prompt(self, asked: TextIO | None) -> None:
        if asked is not None:
            asked.write(f"{self._where} > ")
            asked.flush()

    async def _do(self, typed: str) -> None:
        if found := _PRESS.fullmatch(typed.lower()):
            await self._press(int(found[1]))
        elif typed.startswith(":"):
            verbs: dict[str, Callable[[], Any]] = {
                ":help": self._help, ":group": self._to_group, ":private": self._to_private,
                ":next": self._next,
            }  # fmt: skip
            await verbs.get(typed.lower(), self._unknown)()
        else:
            self._telegram.type(self._chat, self._me, typed)
            await self._answers()

    async def _help(self) -> None:
        self._screen.note(_HELP)

    async def _unknown(self) -> None:
        self._screen.note(f"(There is no such thing to do.)\n{_HELP}")

    async def _to_group(self) -> None:
        if self._group is None:
            self._group = self._telegram.supergroup("Lab", self._me)
            self._telegram.set_bot(self._group, self._me, "member")
            self._screen.note("(You make a group, Lab, and add the bot.)")
        self._chat = self._group
        await self._answers()

    async def _to_private(self) -> None:
        self._chat = self._telegram.private(self._me)
        await self._answers()

    async def _press(self, number: int) -> None:
        if not 1 <= number <= len(self._buttons):
            self._screen.note(f"(There is no button {number} now.)")
            return
        message, button = self._buttons[number - 1]
        if (data := button.get("callback_data")) is not None:
            tap = self._telegram.tap(self._me, message, data)
            await self._answers()
            if tap.said:
                self._screen.note(f"« {tap.said} »")
            return
        url = str(button.get("url", ""))
        link, _, payload = url.partition("?start=")
        if payload and link == f"https://t.me/{self._telegram.bot.username}":
            self._chat = self._telegram.private(self._me)
            self._screen.note("(It opens the private chat with the bot.)")
            self._telegram.type(self._chat, self._me, f"/start {payload}")
            await self._answers()
        else:
            self._screen.note(f"(It leads to {url})")

    async def _next(self) -> None:
        from bot.rounds import make_round
        from bot.texts import texts

        async with self._desk.store.snapshot() as tx:
            channels = await tx.channels.all()
        dues = [channel.next_due for channel in channels if channel.next_due is not None]
        if not dues:
            self._screen.note("(No digest is due: /subscribe first.)")
            return
        self._clock.put_forward(min(dues))
        self._screen.note(f"(It is {texts('en').moment(self._clock(), 'UTC')} UTC.)")
        await make_round(self._desk, self._clock())
        await self._answers(quiet=True)

    async def _answers(self, *, quiet: bool = False) -> None:
        """Wait for the bot to have done its work, then show what it said."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._work_done()
        except TimeoutError:
            self._screen.note("(The bot does not answer.)")
        shown: list[tuple[Message, dict[str, Any]]] = []
        here, spoke = self._chat, False
        for chat in (here, *(one for one in self._telegram.chats.values() if one is not here)):
            new, chat.heard = chat.spoken[chat.heard :], len(chat.spoken)
            latest = {message.id: message for message in new}  # edited twice: shown once
            if latest and chat is not here:
                self._screen.note(f"(In {'the group' if chat.id < 0 else 'private'}:)")
            for message in latest.values():
                spoke = True
                buttons = self._screen.message(message, len(shown) + 1)
                shown += [(message, button) for button in buttons]
        if spoke:
            self._buttons = shown
        elif quiet:
            self._screen.note("(Nothing came: /status says why.)")

    async def _work_done(self) -> None:
        """Until the bot took every update and finished what it does about them."""
        while True:
            tasks = [one for one in asyncio.all_tasks() if one.get_name().startswith(_WORKING)]
            if tasks:
                await asyncio.wait(tasks)
            elif self._telegram.updates:
                await self._telegram.news(_LOOK)
            else:
                return
