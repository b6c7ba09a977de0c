"""The schedule at work: calls wait for their turn in asyncio's time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from math import inf
from time import monotonic

from bot.channels import Address, Pace
from bot.pacing.schedule import Schedule


class Pacer:
    """The pace of one token, shared by the courier and the answers of a process.

    bot.ports.Pacer for those who answer. Seconds everywhere; `now` is a clock that never goes
    back, and moves as asyncio's.
    """

    def __init__(self, pace: Pace | None = None, now: Callable[[], float] = monotonic) -> None:
        self._schedule = Schedule(pace or Pace(), now)
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def answer(self, address: Address) -> AsyncIterator[None]:
        """One call that somebody waits for, while the body runs: before digests."""
        async with self._begun(address, digest=False):
            yield

    @asynccontextmanager
    async def turn(self, address: Address) -> AsyncIterator[None]:
        """One call of a digest, while the body runs; its chat was taken before."""
        async with self._begun(address, digest=True):
            yield

    @property
    def slots(self) -> int:
        """How many digest messages are to be claimed, on their way or unsettled at once."""
        return self._schedule.slots

    @property
    def paused(self) -> float:
        """Seconds until the token may go on; 0: now."""
        return self._schedule.paused

    @property
    def per_second(self) -> float | None:
        """How many digest messages begin in a second now; None: no bound."""
        return self._schedule.per_second

    def free_in(self, address: Address) -> float:
        """Seconds until the chat may get its next digest message; 0: now."""
        return self._schedule.free_in(address)

    def take(self, address: Address) -> None:
        """A digest message for the chat is claimed: count it. `turn` follows, or `leave`."""
        self._schedule.take(address)

    def leave(self, address: Address) -> None:
        """What was taken is not going to be sent."""
        self._schedule.leave(address)

    def too_fast(self, address: Address, seconds: float, everywhere: bool = False) -> None:
        """The platform refused a call for so long: to the chat, or everywhere."""
        self._schedule.too_fast(address, seconds, everywhere=everywhere)
        self._go()

    def rest(self, address: Address, seconds: float) -> None:
        """The chat is to be left alone for so long, though all went well."""
        self._schedule.rest(address, seconds)

    def accepted(self, address: Address) -> None:
        """The platform accepted a call."""
        self._schedule.accepted()

    def settled(self, seconds: float) -> None:
        """So long after the end of its call a digest message was settled: slots allow for it."""
        self._schedule.settled(seconds)

    def share(self, courier: bool, chat: bool) -> None:
        """Which of the two this process does for the token: alone both, else a fixed part."""
        self._schedule.share(courier=courier, chat=chat)
        self._go()

    @asynccontextmanager
    async def _begun(self, address: Address, *, digest: bool) -> AsyncIterator[None]:
        waiting: asyncio.Future[None] | None = None

        def allow() -> None:
            if waiting is not None and not waiting.done():
                waiting.set_result(None)

        ticket = self._schedule.ask(address, digest=digest, allow=allow)
        try:
            self._go()
            if ticket.begun is None:
                waiting = asyncio.get_running_loop().create_future()
                await waiting
            yield
        finally:
            if ticket.begun is None:
                self._schedule.cancel(ticket)
            else:
                self._schedule.ended(ticket)
            self._go()

    def _go(self) -> None:
        """Let begin who may, and come again when the next one may."""
        while self._schedule.next() is not None:
            pass
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        wait = self._schedule.due()
        if wait < inf:
            self._timer = asyncio.get_running_loop().call_later(wait, self._go)
