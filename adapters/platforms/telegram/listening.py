"""Each update in a task of its own: the core is asked, its answer goes back.

One person's error never reaches another: it is caught here once, said in a sentence with a short
number, and logged with that number.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from adapters.platforms.telegram.addresses import deep_link, is_private, thread_id
from adapters.platforms.telegram.answering import Answers
from adapters.platforms.telegram.inline import results
from adapters.platforms.telegram.updates import (
    Asked,
    Happened,
    Listener,
    Meaning,
    Pressed,
    Sought,
    needed,
)
from bot.cards import Paragraph
from bot.channels import Address, PlaceKind
from bot.commands import BY_NAME
from bot.ports import Conversation, Person, Reply, Request, Rights
from bot.texts import Texts, texts

if TYPE_CHECKING:
    from telegram import Update

    from adapters.platforms.telegram.connection import Connection

AT_ONCE = 64  # updates
REMEMBERED = 4096  # ids of updates that were taken
TOAST = 200  # characters (core.telegram.org/bots/api#answercallbackquery)
SLOW = 0.4  # seconds after which a person is shown that work began
_AGAIN = 4.0  # seconds; "typing" fades after 5
_QUERY_WAITS = 2  # signs of work after which a press is answered, lest its query expires
_CACHED = 30  # seconds that Telegram may show the same inline results to the same person

RightsOf = Callable[[Address, Person], Awaitable[Rights]]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Company:
    """All that an answer needs."""

    connection: Connection
    conversation: Conversation
    listener: Listener
    answers: Answers
    rights: RightsOf
    operators: frozenset[str]
    now: Callable[[], datetime]
    slow: float = SLOW


class Listening:
    """Takes updates, some at once; `finish` lets those under way end."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._room = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._taken: OrderedDict[int, None] = OrderedDict()

    async def take(self, raw: dict[str, Any]) -> None:
        """Begin with one update, as soon as there is room; one that was taken is dropped.

        What cannot be read as an update is logged and dropped, for it would come for ever.
        """
        from telegram import Update

        number = raw.get("update_id")
        wanted = needed(raw)
        if wanted is None or not isinstance(number, int) or number in self._taken:
            return
        self._taken[number] = None  # before the wait for room, in which it may come again
        await self._room.acquire()
        if len(self._taken) > REMEMBERED:
            self._taken.popitem(last=False)
        try:
            update = Update.de_json(wanted, self._company.connection.bot)
        except Exception as error:  # no error of Telegram's: the library's own, of any kind
            self._room.release()
            log.warning("an update could not be read: update=%s: %s", number, error)
            return
        task = asyncio.create_task(
            Answering(self._company).handle(update), name=f"telegram: update {number}"
        )
        self._tasks.add(task)
        task.add_done_callback(self._done)
        if update.message is not None and (
            update.message.migrate_to_chat_id or update.message.migrate_from_chat_id
        ):
            await asyncio.wait((task,))  # what is said next, in the new chat, finds its channel

    async def finish(self, seconds: float) -> None:
        """Wait for what is under way, then end it."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            if late:
                log.warning("answers were broken off: %d", len(late))
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._room.release()


class Answering:
    """One update and its answer."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._query: str | None = None  # of a press or an inline search that waits for its answer

    async def handle(self, update: Update) -> None:
        """Answer it, whatever happens."""
        meaning: Meaning | None = None
        try:
            meaning = self._company.listener.meaning(update, self._company.now())
            match meaning:
                case Asked():
                    await self._asked(meaning)
                case Pressed():
                    await self._pressed(meaning)
                case Sought():
                    await self._sought(meaning)
                case Happened():
                    await self._happened(meaning)
        except Exception as error:
            number = secrets.token_hex(3)
            said = self._company.connection.clean(f"{type(error).__name__}: {error}")
            facts = {"id": number, "update": update.update_id, "error": said}
            log.exception("an update failed", extra=facts)
            with suppress(Exception):
                await self._apologise(meaning, number)

    async def _asked(self, asked: Asked) -> None:
        request = replace(asked.request, rights=await self._rights(asked.request))
        reply = await self._reply(request)
        reply_to = None if request.private else asked.message
        await self._company.answers.say(request.address, reply, request.kind, reply_to=reply_to)

    async def _pressed(self, press: Pressed) -> None:
        self._query = press.query
        request = press.request
        if request is None:
            t = texts(press.language or "en")
            await self._toast(t("This button is out of date. The command opens a new one."))
            return
        if BY_NAME[request.command].personal and not request.private:
            await self._to_private(f"{request.command} {request.text}".strip())
            return
        request = replace(request, rights=await self._rights(request))
        reply = await self._reply(request)
        in_time = self._query is not None  # it was not answered yet while the core was at work
        if in_time and reply.failed and (alert := _short(reply)):
            await self._toast(alert, alert=True)
            return
        await self._toast((reply.toast or "")[:TOAST])
        if not in_time and reply.toast and not reply.blocks:
            reply = replace(reply, blocks=(Paragraph.of(reply.toast),), replaces=False)
        await self._answer_press(request, press, reply)

    async def _answer_press(self, request: Request, press: Pressed, reply: Reply) -> None:
        say = self._company.answers.say
        if reply.replaces and press.reachable:
            await say(
                request.address,
                reply,
                request.kind,
                reply_to=None if request.private else press.message,
                replace=press.message,
            )
        elif request.kind is PlaceKind.BROADCAST and not reply.shared:
            # A reader's press must not make the bot post to all readers.
            await say(_alone(request), reply, PlaceKind.PRIVATE)
        else:
            reply_to = None if request.private else press.message
            await say(request.address, reply, request.kind, reply_to=reply_to)

    async def _sought(self, sought: Sought) -> None:
        found = await self._company.conversation.cards(sought.request)
        await self._company.connection.bot.answer_inline_query(
            sought.query,
            results(found, sought.request.language),
            cache_time=_CACHED,
            is_personal=True,
        )

    async def _happened(self, happened: Happened) -> None:
        event = happened.event
        reply = await self._company.conversation.happened(event)
        if happened.tell is not None and reply.blocks:
            kind = PlaceKind.PRIVATE if is_private(happened.tell) else event.place
            await self._company.answers.say(happened.tell, reply, kind)

    async def _rights(self, request: Request) -> Rights:
        """Asked of Telegram only where the answer depends on them."""
        operate = request.person.id in self._company.operators
        if request.private:
            return Rights(True, operate)
        command = BY_NAME.get(request.command)
        if command is None or command.alike:
            return Rights(False, operate)
        return await self._company.rights(request.address, request.person)

    async def _reply(self, request: Request) -> Reply:
        """What the core answers; meanwhile people see that it is at work."""
        signs: list[asyncio.Task[None]] = []

        def begin() -> None:
            signs.append(asyncio.create_task(self._show_work(request), name="telegram: typing"))

        timer = asyncio.get_running_loop().call_later(self._company.slow, begin)
        try:
            return await self._company.conversation.reply(request)
        finally:
            timer.cancel()
            for task in signs:
                task.cancel()
            await asyncio.gather(*signs, return_exceptions=True)

    async def _show_work(self, request: Request) -> None:
        bot = self._company.connection.bot
        for sign in count():
            with suppress(Exception):
                if sign == _QUERY_WAITS:
                    await self._toast("")
                if request.kind is not PlaceKind.BROADCAST:
                    await bot.send_chat_action(
                        request.address.chat,
                        "typing",
                        message_thread_id=thread_id(request.address),
                    )
            await asyncio.sleep(_AGAIN)

    async def _toast(self, text: str, *, alert: bool = False) -> None:
        """Answer the press, once; one that is too old for an answer needs none."""
        from telegram.error import TelegramError

        query, self._query = self._query, None
        if query is None:
            return
        with suppress(TelegramError):
            await self._company.connection.bot.answer_callback_query(
                query, text=text or None, show_alert=alert or None
            )

    async def _to_private(self, action: str) -> None:
        """Open the private chat of the one who pressed, with what was asked for."""
        from telegram.error import TelegramError

        query, self._query = self._query, None
        link = deep_link(self._company.listener.bot_name, action)
        with suppress(TelegramError):
            await self._company.connection.bot.answer_callback_query(query or "", url=link)

    async def _apologise(self, meaning: Meaning | None, number: str) -> None:
        if isinstance(meaning, Asked):
            request = meaning.request
            paragraph = Paragraph.of(_trouble(texts(request.language or "en"), number))
            reply = Reply((paragraph,), request.language or "en", failed=True)
            reply_to = None if request.private else meaning.message
            await self._company.answers.say(request.address, reply, request.kind, reply_to=reply_to)
        elif isinstance(meaning, Pressed):
            t = texts(meaning.language or "en")
            await self._toast(_trouble(t, number)[:TOAST], alert=True)


def _alone(request: Request) -> Address:
    return Address(request.address.platform, f"@{request.person.id}")


def _short(reply: Reply) -> str:
    """What a refused press says, if it fits into an alert."""
    text = reply.toast or ""
    if not text and all(isinstance(block, Paragraph) for block in reply.blocks):
        text = "\n".join(block.text for block in reply.blocks if isinstance(block, Paragraph))
    return text if len(text) <= TOAST else ""


def _trouble(t: Texts, number: str) -> str:
    return t(
        "Something went wrong here, and nothing was changed. Please try again; if it stays, "
        "give the operator this number: {id}.",
        id=number,
    )
