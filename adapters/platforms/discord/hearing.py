"""Words in answer to a message of the bot, and what is said to them.

Without the privileged intent for message contents Discord tells what people write only where the
bot is mentioned, which a reply with its mention on does, and in private chats; of everything else
it tells an empty text. What the bot itself wrote always comes whole.
https://docs.discord.com/developers/events/gateway#message-content-intent
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from adapters.platforms.discord.asking import PLATFORM, spot_of
from adapters.platforms.discord.frozen import thaw
from adapters.platforms.discord.outcomes import outcome_of
from bot.channels import Address, Layout, Place, PlaceKind
from bot.ports import Person, Quoted, Request, Rights

if TYPE_CHECKING:
    import discord

    from adapters.platforms.discord.drawing import Pen
    from adapters.platforms.discord.wire import Wire
    from bot.channels import Drawn
    from bot.ports import Conversation, Reply

PATIENCE = 1.5  # seconds until people see that the bot is at work
_TYPING = 8.0  # seconds; the sign goes away after 10
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]]{1,2000}")
log = logging.getLogger(__name__)


class Hearing:
    """Gives replies to the bot's messages to a conversation, and answers them where they stand."""

    def __init__(
        self,
        wire: Wire,
        conversation: Conversation,
        pen: Pen,
        operators: frozenset[str],
        now: Callable[[], datetime],
    ) -> None:
        self._wire = wire
        self._conversation = conversation
        self._pen = pen
        self._operators = operators
        self._now = now

    async def heard(self, message: discord.Message) -> None:
        """Answer one message, where it is a reply to the bot. Raises what Discord's calls raise."""
        request = self.request(message, self._wire.client.user)
        if request is not None:
            reply = await self._working(message, self._conversation.reply(request))
            if reply.blocks:
                await self._say(message, request, reply)

    def request(self, message: discord.Message, me: discord.ClientUser | None) -> Request | None:
        """What the message asks; None for what is not said to the bot, or not told to it."""
        import discord

        reference = message.reference
        if me is None or message.author.bot or message.webhook_id is not None:
            return None
        if reference is None or message.type is not discord.MessageType.reply:
            return None
        card = reference.resolved
        if isinstance(card, discord.Message):
            to_me = card.author.id == me.id
        else:  # it was not fetched, or is gone
            to_me = any(one.id == me.id for one in message.mentions)
        words = re.sub(rf"<@!?{me.id}>", " ", message.content).strip()
        if not (to_me and words):
            return None
        private = message.guild is None
        spot = spot_of(message.channel, me)
        person = Person(str(message.author.id), message.author.display_name)
        text, links = _contents(card) if isinstance(card, discord.Message) else ("", ())
        return Request(
            command="replied",
            text=words,
            address=Address(PLATFORM, spot.chat),
            person=person,
            now=self._now(),
            rights=Rights(private, person.id in self._operators),
            private=private,
            kind=PlaceKind.PRIVATE if private else spot.kind,
            name=person.name if private else spot.name,
            community=None if message.guild is None else str(message.guild.id),
            key=str(message.id),
            quoted=Quoted(str(reference.message_id), text, links),
        )

    async def _working(self, message: discord.Message, answering: Any) -> Reply:
        """The reply; where it takes long, people see that the bot writes."""
        work: asyncio.Task[Reply] = asyncio.create_task(answering, name="discord: reply")
        try:
            await asyncio.wait((work,), timeout=PATIENCE)
            while not work.done():
                with suppress(Exception):
                    await self._wire.call(
                        "POST", "/channels/{channel_id}/typing", channel_id=message.channel.id
                    )
                await asyncio.wait((work,), timeout=_TYPING)
            return work.result()
        finally:
            work.cancel()

    async def _say(self, message: discord.Message, request: Request, reply: Reply) -> None:
        drawn = self._pen.draw(reply.blocks, Layout.PACKED, reply.language, Place(request.kind))
        for number, one in enumerate(drawn):
            await self._one(message, one, number)

    async def _one(self, message: discord.Message, one: Drawn, number: int) -> None:
        """One message, the first in answer to the other; its nonce keeps it one when it is sent
        again."""
        import discord

        for body in (one.body, one.fallback):
            if body is None:
                continue
            call = thaw(body)
            payload = {
                **call.payload,
                "nonce": f"re{number}.{message.id}{'' if body is one.body else 'f'}"[:25],
                "enforce_nonce": True,
            }
            if number == 0:
                payload["message_reference"] = {
                    "message_id": str(message.id),
                    "fail_if_not_exists": False,
                }
            try:
                await self._wire.call(
                    "POST",
                    "/channels/{channel_id}/messages",
                    payload,
                    file=call.file,
                    channel_id=message.channel.id,
                )
                return
            except discord.HTTPException as error:
                if error.status != 400 or body is one.fallback or one.fallback is None:
                    raise
                log.warning("an answer was refused: %s", outcome_of(error).error)


def _contents(card: discord.Message) -> tuple[str, tuple[str, ...]]:
    """The text of a message, and the addresses in it."""
    lines = [*_lines(card)]
    found = [address for line in lines for address in _ADDRESS.findall(line)]
    return "\n".join(lines), tuple(dict.fromkeys(found))


def _lines(card: discord.Message) -> Iterator[str]:
    yield card.content
    for embed in card.embeds:
        for text in (embed.title, embed.url, embed.description):
            if text:
                yield text
        for field in embed.fields:
            yield field.value or ""
