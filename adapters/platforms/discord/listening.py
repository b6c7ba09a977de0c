"""What the gateway tells: commands, buttons, typing, replies, and what happens to places."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from adapters.platforms.discord.answering import Answer, number_of
from adapters.platforms.discord.asking import Asker, typed
from adapters.platforms.discord.happenings import Happenings
from adapters.platforms.discord.hearing import Hearing
from adapters.platforms.discord.suggesting import known_here, offered
from bot.commands import BY_NAME
from bot.texts import texts

if TYPE_CHECKING:
    import discord

    from adapters.platforms.discord.drawing import Pen
    from adapters.platforms.discord.wire import Wire
    from bot.ports import Conversation, Request

PATIENCE = 1.5  # seconds; Discord gives up on an interaction after 3
_SUGGESTING = 2.5  # seconds for what is offered while somebody types
_COMMAND, _BUTTON, _TYPING = 2, 3, 4  # types of an interaction
_TOO_LATE = frozenset({10015, 10062, 50027})  # it is over: nothing can be said to it any more
log = logging.getLogger(__name__)


class Listener:
    """Gives what a client hears to a conversation, and the answers back."""

    def __init__(
        self, conversation: Conversation, pen: Pen, asker: Asker, hearing: Hearing
    ) -> None:
        self._hearing = hearing
        self._conversation = conversation
        self._pen = pen
        self._asker = asker
        self._busy: set[asyncio.Task[Any]] = set()

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer one interaction; nothing that goes wrong with it reaches another."""
        task = asyncio.current_task()
        assert task is not None
        self._busy.add(task)
        answer = Answer(interaction, self._pen)
        try:
            match interaction.type.value:
                case kind if kind == _COMMAND:
                    await self._commanded(interaction, answer)
                case kind if kind == _BUTTON:
                    await self._pressed(interaction, answer)
                case kind if kind == _TYPING:
                    await self._typing(interaction, answer)
        except Exception as error:
            await self._sorry(interaction, answer, error)
        finally:
            self._busy.discard(task)

    async def on_message(self, message: discord.Message) -> None:
        """Answer a reply to the bot; everything else is passed over."""
        task = asyncio.current_task()
        assert task is not None
        self._busy.add(task)
        try:
            await self._hearing.heard(message)
        except Exception as error:
            number_of(error, "a reply")
        finally:
            self._busy.discard(task)

    async def finish(self, seconds: float) -> None:
        """Wait for the answers that are being given, at most so long; then give up the others."""
        if self._busy:
            _, late = await asyncio.wait(self._busy, timeout=seconds)
            for task in late:
                task.cancel()

    async def _commanded(self, interaction: discord.Interaction[Any], answer: Answer) -> None:
        request = self._asker.command(interaction)
        if request is None:
            t = texts(interaction.locale.value)
            await answer.tell(t("You cannot see that channel."))
            return
        await self._answer(request, answer)

    async def _pressed(self, interaction: discord.Interaction[Any], answer: Answer) -> None:
        request = self._asker.pressed(interaction)
        if request is None:
            t = texts(interaction.locale.value)
            await answer.tell(t("This button is out of date. The command opens a new one."))
            return
        await self._answer(request, answer)

    async def _answer(self, request: Request, answer: Answer) -> None:
        work = asyncio.create_task(self._conversation.reply(request), name="discord: reply")
        try:
            await asyncio.wait((work,), timeout=PATIENCE)
            if not work.done():
                await answer.wait(pressed=request.pressed)
            reply = await work
        finally:
            if not work.done():
                work.cancel()
        await answer.give(request, reply)

    async def _typing(self, interaction: discord.Interaction[Any], answer: Answer) -> None:
        data: Any = interaction.data or {}
        options = data.get("options", ())
        found: list[dict[str, str]] = []
        try:
            focused = typed(options)
            if focused is not None and data.get("name") in BY_NAME:
                request = self._asker.command(interaction, until=focused[0])
                async with asyncio.timeout(_SUGGESTING):
                    found = await self._offered(interaction, request, *focused)
        except Exception as error:
            if not isinstance(error, TimeoutError):
                number_of(error, f"typing of /{data.get('name')}")
        try:
            await answer.choices(found)
        except Exception as error:  # it was typed on meanwhile, mostly
            log.debug("typing was not answered: %s", type(error).__name__)

    async def _offered(
        self,
        interaction: discord.Interaction[Any],
        request: Request | None,
        option: str,
        so_far: str,
    ) -> list[dict[str, str]]:
        if request is None:
            return []
        return known_here(interaction, request, option, so_far) or offered(
            await self._conversation.suggest(request, option, so_far)
        )

    async def _sorry(
        self, interaction: discord.Interaction[Any], answer: Answer, error: Exception
    ) -> None:
        number = number_of(error, f"interaction {interaction.type.name}")
        if getattr(error, "code", None) in _TOO_LATE:
            return
        t = texts(interaction.locale.value)
        try:
            await answer.tell(
                t(
                    "Something went wrong here. Please try again; if it stays, give the operator "
                    "this number: {id}.",
                    id=number,
                )
            )
        except Exception as again:
            facts = {"id": number, "error": type(again).__name__}
            log.warning("the asker was not told", extra=facts)


def listen(
    wire: Wire,
    conversation: Conversation,
    pen: Pen,
    operators: frozenset[str],
    now: Callable[[], datetime],
) -> Listener:
    """Let the wire's client give what it hears to the conversation."""
    hearing = Hearing(wire, conversation, pen, operators, now)
    listener = Listener(conversation, pen, Asker(operators, now), hearing)
    happenings = Happenings(wire, conversation, pen, now)
    heard = (
        happenings.on_guild_join,
        happenings.on_guild_remove,
        happenings.on_guild_channel_delete,
        happenings.on_guild_channel_update,
        happenings.on_raw_thread_delete,
        happenings.on_thread_update,
    )

    def prepare(client: discord.AutoShardedClient) -> None:
        client.event(listener.on_interaction)
        if wire.hears:
            client.event(listener.on_message)
        for one in heard:
            client.event(_guarded(one))

    wire.prepare(prepare)
    return listener


def _guarded(heard: Callable[..., Awaitable[None]]) -> Callable[..., Any]:
    async def guarded(*told: Any) -> None:
        try:
            await heard(*told)
        except Exception as error:
            number_of(error, heard.__name__)

    guarded.__name__ = heard.__name__
    return guarded
