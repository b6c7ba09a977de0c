"""What goes next: claimed with its body, or put aside until its chat may have it."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from bot.channels import Address, Delivery, DeliveryState, Kind
from bot.courier.calls import LEASE, Call, call_in
from bot.courier.settling import is_remembered, untried
from bot.outbox import give_back
from bot.schedule.quiet import quiet_end

if TYPE_CHECKING:
    from bot.pacing import Pacer
    from bot.ports import Next, Platform, Transaction

_ASIDE_AT_ONCE = 200  # messages put aside, or given back, in one transaction
_BROKEN = timedelta(minutes=10)
_WAKE = 1.0  # seconds between two looks at what other processes put aside

log = logging.getLogger(__name__)


class Times:
    """When there is something to be looked at again; all of the monotonic clock."""

    def __init__(self) -> None:
        self.look_at = 0.0  # when a message that was put aside may go
        self._paced_until: float | None = None  # the same, of those that only their chat holds
        self._wake_at = 0.0

    def look_again(self, seconds: float) -> None:
        """Look at the outbox again in so many seconds, if not before."""
        now = monotonic()
        at = now + max(0.0, seconds)
        if self.look_at <= now or at < self.look_at:
            self.look_at = at
        self._wake_at = min(self._wake_at, at)

    def held_by_pace(self, seconds: float) -> None:
        """A message waits so many seconds for the pace of its chat."""
        self.look_again(seconds)
        at = monotonic() + seconds
        if self._paced_until is None or at < self._paced_until:
            self._paced_until = at

    def paced(self) -> float | None:
        """Seconds until the first message may go that only the pace of its chat holds."""
        return None if self._paced_until is None else max(0.0, self._paced_until - monotonic())

    def wake_now(self) -> None:
        """What was put aside is looked through at the next turn."""
        self._wake_at = 0.0
        self._paced_until = None

    def is_waking(self) -> bool:
        """Whether it is time for that; if so, the next time is some way off."""
        now = monotonic()
        if now < self._wake_at:
            return False
        self._wake_at = now + _WAKE
        return True


class Picking:
    """Picks what a platform may be sent now."""

    def __init__(self, platform: Platform, pacer: Pacer, times: Times) -> None:
        self._platform = platform
        self._pacer = pacer
        self._times = times
        self._taken: list[Address] = []  # chats that were counted at the pacer
        self.dropped: list[Delivery] = []  # since `begin`: what was out of date

    def begin(self) -> None:
        """What was picked before is committed."""
        self._taken = []
        self.dropped = []

    def undo(self) -> None:
        """What was picked since `begin` was not committed: its chats get nothing."""
        for address in self._taken:
            self._pacer.leave(address)
        self._taken = []
        self.dropped = []

    async def pick(self, tx: Transaction, free: int, now: datetime) -> tuple[list[Call], int, bool]:
        """Claim up to `free` messages whose chats may have them; others are put aside.

        Gives the calls, how many messages were out of date, and whether there may be more.
        """
        if self._times.is_waking():
            await tx.deliveries.wake(self._platform.name, now)
        calls: list[Call] = []
        stale = put_aside = 0
        while len(calls) < free and stale + put_aside < _ASIDE_AT_ONCE:
            found = await tx.deliveries.next(self._platform.name, limit=free - len(calls))
            aside: dict[int, datetime] = {}
            taken: dict[int, Next] = {}
            for one in found:
                if one.stale_at is not None and one.stale_at <= now:
                    dropped = await _out_of_date(tx, one)
                    stale += len(dropped)
                    self.dropped += dropped
                elif (until := self._held(one, now)) is not None:
                    aside[one.id] = until
                else:
                    self._pacer.take(one.address)
                    self._taken.append(one.address)
                    taken[one.id] = one
            if aside:
                await tx.deliveries.park(aside)
                put_aside += len(aside)
            calls += await self._take(tx, taken)
            if len(taken) == len(found):
                break  # all that was found goes, or nothing more is there
        return calls, stale, stale + put_aside >= _ASIDE_AT_ONCE

    def _held(self, one: Next, now: datetime) -> datetime | None:
        """Until when the message has to wait for its chat's pace or the quiet hours."""
        try:
            if (end := quiet_end(one, now)) is not None:
                return end
            wait = self._pacer.free_in(one.address)
        except Exception:  # a zone that is not known any more, say: it holds up no other chat
            log.exception("put aside", extra={"channel": str(one.address)})
            return now + _BROKEN
        if wait <= 0:
            return None
        self._times.held_by_pace(wait)
        return now + timedelta(seconds=wait)

    async def _take(self, tx: Transaction, taken: dict[int, Next]) -> list[Call]:
        if not taken:
            return []
        real = datetime.now(UTC)
        calls: list[Call] = []
        claimed = await tx.deliveries.claim(list(taken), at=real, lease_until=real + LEASE)
        for delivery, body, plain in claimed:
            if await self._is_forgotten(tx, delivery, real):
                back = replace(untried(delivery), state=DeliveryState.UNKNOWN)
                await tx.deliveries.settle(back)
                continue
            calls.append(await call_in(tx, delivery, body, plain))
        going = {call.delivery.id for call in calls}
        for number, one in taken.items():
            if number not in going:
                self._pacer.leave(one.address)
                self._taken.remove(one.address)
        return calls

    async def _is_forgotten(self, tx: Transaction, one: Delivery, real: datetime) -> bool:
        """Whether the platform may have taken the message and does not know its key any more:
        then it is looked for before it is sent again."""
        if not one.unknowns or one.kind not in (Kind.POST, Kind.NOTICE):
            return False
        if "find" not in self._platform.limits.verbs:
            return False
        if one.tried_at is None or one.tried_at >= real:
            return False  # this claim begins anew: it was looked for already
        return not await is_remembered(tx, self._platform, one, real)


async def _out_of_date(tx: Transaction, one: Next) -> list[Delivery]:
    delivery = await tx.deliveries.get(one.id)
    if delivery is None or delivery.state is not DeliveryState.READY:
        return []
    return [await give_back(tx, delivery)]
