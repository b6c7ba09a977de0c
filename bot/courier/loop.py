"""The courier of one platform: claims what is next, calls, settles, in groups and at its pace."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from bot.channels import DeliveryState, Verdict
from bot.courier.calls import LONG_WAIT, Call, make
from bot.courier.metering import tell_call, tell_settled
from bot.courier.pausing import Pausing
from bot.courier.picking import Picking, Times
from bot.courier.settling import Landed, accepted, settle
from bot.courier.sweeping import drop_stale, look_for_unknown, recover
from bot.errors import FenceLost, Refused, StoreBusy

if TYPE_CHECKING:
    from bot.channels import Delivery
    from bot.desk import Desk
    from bot.ports import Fence, Transaction

_SWEEP = 5.0  # seconds between two looks for what nobody settled
_POLL = 1.0  # seconds until messages that another process opened are seen
_IDLE = 5.0  # seconds between two looks of the only process
_SOON = 3.0  # seconds that a drain waits for the pace of a chat
_LAST = 25.0  # seconds for what is in flight when a courier fails
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0  # seconds, while the database does not answer
_ENDS_THE_PLATFORM = frozenset({Verdict.TOKEN_REFUSED, Verdict.SECOND_INSTANCE})

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Carried:
    """What a courier did."""

    sent: int = 0
    refused: int = 0
    stale: int = 0
    waiting: int = 0  # unsettled when it ended
    ended: dict[str, str] = field(default_factory=dict)  # platforms that cannot go on, and why
    resting: set[str] = field(default_factory=set)  # platforms that asked for a pause


class Courier:
    """Carries what waits for one platform, which is one token.

    An attempt is committed before its call and the outcome after it; no transaction is open
    during a call. The place of a call is free again when its outcome is committed, so a process
    that dies leaves no more messages in doubt than it has places.
    """

    def __init__(
        self,
        desk: Desk,
        name: str,
        clock: Callable[[], datetime],
        *,
        fence: Fence | None = None,
    ) -> None:
        """`clock`: the instants of the rows. `fence`: the right to send, where other processes
        might."""
        self._desk = desk
        self._name = name
        self._platform = desk.platforms[name]
        self._pacer = desk.pacer(name)
        self._meter = desk.meter
        self._clock = clock
        self._fence = fence
        self._flying: dict[int, asyncio.Task[None]] = {}  # by delivery; until it is settled
        self._landed: list[Landed] = []
        self._waiting: set[asyncio.Timeout] = set()  # of calls whose turn has not come
        self._stir = asyncio.Event()
        self._times = Times()
        self._picking = Picking(self._platform, self._pacer, self._times)
        self._swept = 0.0  # monotonic
        self._looking: asyncio.Task[None] | None = None  # for what nobody knows of
        self._slept = timedelta(0)  # what a drain waited: its clock stands otherwise
        self._idle = False  # nothing was there at the last look
        self._pausing = Pausing(name, self._pacer)
        self._fenced_off = False
        self.carried = Carried()

    def wake(self) -> None:
        """There is something new to be carried."""
        self._stir.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Carry until `stop` is set; then what is in flight is waited for.

        Raises Refused when the platform refuses the token, FenceLost when another process has
        the right to send; what is in flight is settled first.
        """
        await self._patiently(self._read_pause)
        stopping = asyncio.ensure_future(stop.wait())
        stopping.add_done_callback(lambda _: self._stir.set())
        try:
            while not stop.is_set() and not self._is_over():
                if monotonic() - self._swept >= _SWEEP:
                    await self._patiently(self._sweep)
                if not await self._patiently(self._turn_over):
                    await self._rest(self._patience())
            await self._land()
        except Exception:
            await self._end()
            raise
        finally:
            stopping.cancel()
            for task in self._flying.values():
                task.cancel()
            if self._looking is not None:
                self._looking.cancel()
                await asyncio.wait({self._looking})
        if self._name in self.carried.ended:
            raise Refused(self.carried.ended[self._name])
        if self._fenced_off:
            raise FenceLost(f"Another process sends for {self._name}.")

    async def drain(self) -> Carried:
        """Carry until nothing is ready, nor soon will be; gives what was done."""
        try:
            return await self._drain()
        except Exception:
            await self._end()
            raise

    async def _drain(self) -> Carried:
        began = monotonic()
        await self._read_pause()
        while True:
            self._stir.clear()
            if await self._turn_over() or self._stir.is_set():
                continue
            if self._flying:
                await self._rest(_SWEEP)
                continue
            pause = self._times.paced()
            if self._is_over() or pause is None or pause > _SOON:
                break
            await asyncio.sleep(pause)
            self._slept = timedelta(seconds=monotonic() - began)
            self._times.wake_now()
        if self._pacer.paused > _SOON:
            self.carried.resting.add(self._name)
        return self.carried

    def _is_over(self) -> bool:
        return self._name in self.carried.ended or self._fenced_off

    def _patience(self) -> float:
        """Seconds until the next look, if nothing stirs."""
        longest = _IDLE if self._fence is None else _POLL
        now = monotonic()
        waits = [longest, self._swept + _SWEEP - now]
        if self._times.look_at > now:
            waits.append(self._times.look_at - now)
        return max(0.0, min(waits))

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stir.wait()
        except TimeoutError:
            pass
        self._stir.clear()

    async def _patiently(self, step: Callable[[], object]) -> object:
        """The step, tried until the database answers."""
        pause = _FIRST_PAUSE
        while True:
            try:
                return await step()  # type: ignore[misc]  # every step is a coroutine function
            except StoreBusy as error:
                log.warning("%s: the database does not answer, trying on: %s", self._name, error)
                await asyncio.sleep(pause)
                pause = min(_LONGEST_PAUSE, pause * 2)

    async def _land(self) -> None:
        """Wait for what is in flight, and settle it; nothing new is claimed."""
        while self._flying:
            if not self._landed:
                self._stir.clear()
                await self._stir.wait()
            await self._patiently(partial(self._turn_over, claiming=False))

    async def _end(self) -> None:
        """After a failure: what is in flight is not lost with it, if the database answers yet."""
        try:
            async with asyncio.timeout(_LAST):
                await self._land()
        except Exception:
            log.exception("%s: what is in flight is not settled", self._name)

    async def _sweep(self) -> None:
        """What nobody settled, what is out of date, and what nobody knows of."""
        self._swept = monotonic()
        now = self._now()
        async with self._desk.store.snapshot() as tx:
            if not await tx.deliveries.any_open(self._name):
                return
        await recover(self._desk, now, alone=False, platforms=(self._name,), but=self._flying)
        self.carried.stale += await drop_stale(self._desk, now, (self._name,))
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(now), name=f"look {self._name}")

    async def _look(self, now: datetime) -> None:
        """Beside what is sent, for a platform may let it wait."""
        try:
            await look_for_unknown(self._desk, self._name, now)
        except StoreBusy as error:
            log.warning("%s: the look is put off: %s", self._name, error)
        except Exception:
            log.exception("%s: the look failed", self._name)
        self._stir.set()

    async def _turn_over(self, *, claiming: bool = True) -> bool:
        """Settle what landed and claim what may go, together; gives whether there was any."""
        landed, self._landed = self._landed, []
        calls: list[Call] = []
        try:
            now = self._now()
            good = [one for one in landed if one.outcome.verdict is Verdict.ACCEPTED]
            rest = [one for one in landed if one.outcome.verdict is not Verdict.ACCEPTED]
            if rest and good:  # what was accepted is known to what the others lead to
                await self._together(good, 0, now)
                good = []
            await self._one_by_one(rest, now)
            free = self._free(len(landed)) if claiming and not self._is_over() else 0
            if good or (free > 0 and not (self._idle and await self._is_empty(now))):
                calls = await self._together(good, free, now)
            self._idle = len(calls) < free
        except BaseException:
            self._landed = [*landed, *self._landed]  # settling twice changes nothing
            raise
        for one in landed:
            self._flying.pop(one.delivery.id, None)
            self._pacer.settled(monotonic() - one.at)
        for call in calls:
            number = call.delivery.id
            self._flying[number] = asyncio.create_task(self._fly(call), name=f"call {number}")
        return bool(landed or calls)

    def _now(self) -> datetime:
        return self._clock() + self._slept

    def _free(self, landed: int) -> int:
        """How many calls may begin, `landed` being about to be settled: none while the token
        rests."""
        if (pause := self._pacer.paused) > 0:
            self._times.look_again(pause)
            return 0
        return self._pacer.slots - len(self._flying) + landed

    async def _is_empty(self, now: datetime) -> bool:
        """Whether nothing can go, seen without holding up those who write."""
        async with self._desk.store.snapshot() as tx:
            if await tx.deliveries.next(self._name, limit=1):
                return False
            waking = await tx.deliveries.next_waking(self._name)
        if waking is None:
            return True
        self._times.look_again((waking - now).total_seconds())
        return waking > now

    async def _together(self, good: list[Landed], free: int, now: datetime) -> list[Call]:
        """One transaction for what was accepted and for what goes next."""
        self._picking.begin()
        try:
            async with self._desk.store.transaction() as tx:
                sent = await self._settle_accepted(tx, good, now)
                calls = await self._claim(tx, free, now)
        except BaseException as error:
            self._picking.undo()
            if not good or isinstance(error, StoreBusy) or not isinstance(error, Exception):
                raise
            log.exception("%s: not settled together; now one by one", self._name)
            await self._one_by_one(good, now)
            return []
        self.carried.sent += len(sent)
        tell_settled(self._meter, [*sent, *self._picking.dropped])
        return calls

    async def _claim(self, tx: Transaction, free: int, now: datetime) -> list[Call]:
        if free <= 0:
            return []
        if self._fence is not None:
            try:
                await self._fence.check(tx)
            except FenceLost:  # what landed is settled all the same
                self._fenced_off = True
                return []
        calls, stale, more = await self._picking.pick(tx, free, now)
        self.carried.stale += stale
        if more:
            self._stir.set()
        return calls

    async def _settle_accepted(
        self, tx: Transaction, good: list[Landed], now: datetime
    ) -> list[Delivery]:
        if not good:
            return []
        done = [accepted(one.delivery, one.outcome, now) for one in good]
        written = await tx.deliveries.sent(done)
        await tx.ledger.shown([(one.channel_id, one.id) for one in written])
        return written

    async def _one_by_one(self, landed: list[Landed], now: datetime) -> None:
        for one in landed:
            try:
                await self._settle_alone(one, now)
            except StoreBusy:
                raise
            except Exception:  # its lease ends, and the sweeper has it
                log.exception("not settled", extra={"channel": str(one.delivery.address)})

    async def _settle_alone(self, landed: Landed, now: datetime) -> None:
        outcome = landed.outcome
        async with self._desk.store.transaction() as tx:
            after = await settle(tx, self._platform, landed, now, datetime.now(UTC))
            if outcome.verdict is Verdict.TOO_FAST:
                await self._pausing.note(tx, now)
        if after is not None:
            self._count(after.state)
            tell_settled(self._meter, [after])
            if after.not_before is not None:
                self._times.look_again((after.not_before - now).total_seconds())
        if outcome.verdict in _ENDS_THE_PLATFORM:
            self.carried.ended[self._name] = outcome.error or outcome.verdict.value
            facts = {"platform": self._name, "error": self.carried.ended[self._name]}
            log.error("the platform ends", extra=facts)

    def _count(self, state: DeliveryState) -> None:
        if state is DeliveryState.SENT:
            self.carried.sent += 1
        elif state is DeliveryState.REFUSED:
            self.carried.refused += 1
        elif state is DeliveryState.STALE:
            self.carried.stale += 1

    async def _fly(self, call: Call) -> None:
        landed = await make(call, self._platform, self._pacer, self._waiting)
        tell_call(self._meter, self._name, landed)
        self._landed.append(landed)
        if self._pacer.paused > LONG_WAIT:  # back they go
            for limit in self._waiting:
                if not limit.expired():  # else another has sent it back
                    limit.reschedule(0.0)
        self._stir.set()

    async def _read_pause(self) -> None:
        async with self._desk.store.snapshot() as tx:
            await self._pausing.keep(tx, self._clock())
