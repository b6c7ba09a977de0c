"""Answers on their way to people: drawn, paced, in the place of a pressed message or new."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING

from adapters.platforms.telegram import sending
from adapters.platforms.telegram.outcomes import SHORTEST_PAUSE
from bot.channels import Address, Body, Layout, Outcome, Place, PlaceKind, Verdict
from bot.ports import Pacer, Reply

if TYPE_CHECKING:
    from adapters.platforms.telegram.connection import Connection
    from adapters.platforms.telegram.drawing import Pen

LONGEST_WAIT = 5.0  # seconds of a 429 that a person may be let wait
_ENOUGH = (Verdict.ACCEPTED, Verdict.CONTENT_REFUSED)  # the next message may still be sent

log = logging.getLogger(__name__)


class Answers:
    """Sends answers. What could not be sent is logged; nothing is sent twice.

    Without a pacer nothing waits.
    """

    def __init__(self, connection: Connection, pen: Pen, pacer: Pacer | None = None) -> None:
        self._connection = connection
        self._pen = pen
        self._pacer = pacer

    async def say(
        self,
        address: Address,
        reply: Reply,
        kind: PlaceKind,
        *,
        reply_to: int | None = None,
        replace: int | None = None,
    ) -> Outcome | None:
        """Send the blocks of `reply`, the first one in the place of message `replace`.

        Gives the last outcome; None when there was nothing to say.
        """
        outcome = None
        sent: dict[int, str] = {}
        for number, drawn in enumerate(
            self._pen.draw(reply.blocks, Layout.PACKED, reply.language, Place(kind))
        ):
            answered = None if number or reply_to is None else str(reply_to)
            if drawn.waits_for is not None:
                answered = sent.get(drawn.waits_for)
            put = self._putter(drawn.silent, answered, None if number else replace)
            outcome = await self._carry(put, address, drawn.body, drawn.fallback)
            if outcome.platform_ids:
                sent[number] = outcome.platform_ids[0]
            if outcome.verdict is not Verdict.ACCEPTED:
                gone = outcome.verdict is Verdict.CHAT_GONE  # somebody blocked the bot: no news
                level = logging.INFO if gone else logging.WARNING
                log.log(level, "an answer was not sent: %s: %s", outcome.verdict, outcome.error)
            if outcome.verdict not in _ENOUGH:
                break
        return outcome

    def _putter(
        self, silent: bool, reply_to: str | None, replace: int | None
    ) -> Callable[[Address, Body], Awaitable[Outcome]]:
        async def put(address: Address, body: Body) -> Outcome:
            if replace is not None:
                async with self._turn(address):
                    edited = await sending.edit(self._connection, address, replace, body)
                if edited is not None:
                    return self._told(address, edited)
            async with self._turn(address):
                sent = await sending.send(
                    self._connection, address, body, silent=silent, reply_to=reply_to
                )
            return self._told(address, sent)

        return put

    def _turn(self, address: Address) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self._pacer is None else self._pacer.answer(address)

    def _told(self, address: Address, outcome: Outcome) -> Outcome:
        """The pacer hears what came of a call; the outcome as it is."""
        if self._pacer is None:
            return outcome
        if outcome.verdict is Verdict.ACCEPTED:
            self._pacer.accepted(address)
        elif outcome.verdict is Verdict.TOO_FAST:
            pause = outcome.retry_after or SHORTEST_PAUSE
            self._pacer.too_fast(address, pause, outcome.everywhere)
        return outcome

    async def _carry(
        self,
        put: Callable[[Address, Body], Awaitable[Outcome]],
        address: Address,
        body: Body,
        fallback: Body | None,
    ) -> Outcome:
        """Once more after a short 429, to a new id, or as plain text; each of them only once."""
        followed: set[Verdict] = set()
        while True:
            outcome = await put(address, body)
            verdict = outcome.verdict
            if verdict in followed:
                return outcome
            followed.add(verdict)
            if verdict is Verdict.TOO_FAST and (outcome.retry_after or 0) <= LONGEST_WAIT:
                await asyncio.sleep(outcome.retry_after or 0)
            elif verdict is Verdict.MOVED and outcome.moved_to is not None:
                address = outcome.moved_to
            elif verdict is Verdict.CONTENT_REFUSED and fallback is not None:
                body = fallback
            else:
                return outcome
