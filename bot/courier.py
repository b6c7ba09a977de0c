"""The courier: carries frozen messages and decides what each outcome leads to."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.alerts import REFUSED, raise_alert
from bot.channels import (
    Address,
    Body,
    Delivery,
    DeliveryState,
    Kind,
    LedgerState,
    Outcome,
    Verdict,
)
from bot.desk import Desk
from bot.moving import move
from bot.outbox import give_back, let_go
from bot.ports import Transaction
from bot.schedule.quiet import quiet_end
from bot.suspension import called, suspend, thread_gone

LEASE = timedelta(minutes=5)  # longer than any call; real clock
_CLAIM = 50  # deliveries taken in one transaction
_FIRST_PAUSE = 2.0  # seconds before a message that was not sent is tried again
_LONGEST_PAUSE = 600.0  # seconds
_UNKNOWN_TRIES = 2  # an unknown outcome is tried once more
_MOST_MOVES = 5  # attempts after which a chat that moves and moves is tried with pauses
_MAKES_A_THREAD = frozenset({Kind.OPEN_THREAD, Kind.FORUM_POST})
_ENDS_THE_PLATFORM = frozenset({Verdict.TOKEN_REFUSED, Verdict.SECOND_INSTANCE})

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Carried:
    """What one run of the courier did."""

    sent: int = 0
    refused: int = 0
    stale: int = 0
    waiting: int = 0  # unsettled when it ended
    ended: dict[str, str] = field(default_factory=dict)  # platforms that cannot go on, and why
    resting: set[str] = field(default_factory=set)  # platforms that asked for a pause


async def carry(desk: Desk, now: datetime, *, platforms: Collection[str] | None = None) -> Carried:
    """Send everything that is ready at `now`, in order, until nothing is.

    An attempt is committed before its call and the outcome after it; no transaction is open
    during the call. A platform that refuses the token, or pauses it, is left out of the rest.
    """
    carried = Carried()
    while True:
        names = [
            name
            for name in desk.platforms
            if (platforms is None or name in platforms) and not _is_out(name, carried)
        ]
        async with desk.store.transaction() as tx:
            claimed = await tx.deliveries.claim(
                names, now, limit=_CLAIM, lease_until=datetime.now(UTC) + LEASE
            )
        if not claimed:
            break
        for delivery in claimed:
            if _is_out(delivery.address.platform, carried):
                async with desk.store.transaction() as tx:
                    await tx.deliveries.settle(_untried(delivery))
            else:
                await _send(desk, delivery, now, carried)
    async with desk.store.snapshot() as tx:
        carried.waiting = await tx.deliveries.waiting()
    return carried


def _is_out(platform: str, carried: Carried) -> bool:
    return platform in carried.ended or platform in carried.resting


def _untried(delivery: Delivery) -> Delivery:
    """The delivery as it was before it was claimed."""
    attempts = max(0, delivery.attempts - 1)
    return replace(delivery, state=DeliveryState.READY, leased_until=None, attempts=attempts)


@dataclass(frozen=True, slots=True)
class _Call:
    """What of a call is known only when it is made."""

    address: Address
    body: Body
    reply_to: str | None


async def _send(desk: Desk, claimed: Delivery, now: datetime, carried: Carried) -> None:
    async with desk.store.snapshot() as tx:
        # An earlier call of the batch may have moved the chat, or merged the channel away.
        delivery = await tx.deliveries.get(claimed.id)
        if delivery is None or delivery.state is not DeliveryState.IN_FLIGHT:
            return
        body, fallback = await tx.deliveries.body(delivery.id)
        before = await tx.deliveries.get(delivery.waits_for) if delivery.waits_for else None
        # What was opened in this round was held back then, if need be.
        late = delivery.created != now
        channel = await tx.channels.get(delivery.channel_id) if late else None
    if channel is not None and (held := quiet_end(channel, now)) is not None:
        async with desk.store.transaction() as tx:
            await tx.deliveries.settle(replace(_untried(delivery), not_before=held))
        return
    chosen = fallback if delivery.plain and fallback is not None else body
    call = _call(delivery, before, chosen)
    # A call that left must be settled, whatever happens to the one who waits for it.
    await asyncio.shield(_call_and_settle(desk, delivery, call, now, carried))


def _call(delivery: Delivery, before: Delivery | None, body: Body) -> _Call:
    """The call with what the delivery that it waited for gave: a thread, or a message's id."""
    given = before.platform_ids[0] if before is not None and before.platform_ids else None
    if before is None or given is None:
        return _Call(delivery.address, body, None)
    if before.kind in _MAKES_A_THREAD:
        return _Call(replace(delivery.address, thread=given), body, None)
    return _Call(delivery.address, body, given)


async def _call_and_settle(
    desk: Desk, delivery: Delivery, call: _Call, now: datetime, carried: Carried
) -> None:
    name = delivery.address.platform
    try:
        outcome = await desk.platforms[name].send(
            call.address,
            call.body,
            delivery.key,
            silent=delivery.silent,
            reply_to=call.reply_to,
        )
    except Exception as error:  # a mistake of ours with one message must not hold up the others
        log.exception("the call failed: channel=%s", delivery.address)
        outcome = Outcome(Verdict.UNKNOWN, error=f"The call failed ({type(error).__name__}).")
    async with desk.store.transaction() as tx:
        settled = await settle(tx, delivery, outcome, now)
    if settled.state is DeliveryState.SENT:
        carried.sent += 1
    elif settled.state is DeliveryState.REFUSED:
        carried.refused += 1
    elif settled.state is DeliveryState.STALE:
        carried.stale += 1
    if outcome.verdict in _ENDS_THE_PLATFORM:
        carried.ended[name] = outcome.error or outcome.verdict.value
        log.error("%s is left out from now on: %s", name, carried.ended[name])
    elif outcome.verdict is Verdict.TOO_FAST and outcome.everywhere:
        carried.resting.add(name)


async def settle(tx: Transaction, delivery: Delivery, outcome: Outcome, now: datetime) -> Delivery:
    """Write what the outcome leads to; gives the delivery as it stands afterwards."""
    free = replace(delivery, leased_until=None, error=outcome.error)
    match outcome.verdict:
        case Verdict.ACCEPTED:
            after = replace(
                free, state=DeliveryState.SENT, platform_ids=_ids(delivery, outcome), error=None
            )
            await tx.ledger.settle(delivery.channel_id, delivery.id, None)
        case Verdict.CONTENT_REFUSED if not delivery.plain:
            after = replace(free, state=DeliveryState.READY, plain=True)
        case Verdict.CONTENT_REFUSED:
            return await _refuse(tx, free, now)
        case Verdict.UNKNOWN if delivery.attempts >= _UNKNOWN_TRIES:
            return await give_back(tx, free)
        case Verdict.MOVED if outcome.moved_to and delivery.attempts < _MOST_MOVES:
            return await _moved(tx, free, outcome.moved_to, now)
        case Verdict.CHAT_GONE | Verdict.THREAD_GONE:
            return await _gone(tx, free, outcome, now)
        case Verdict.TOKEN_REFUSED | Verdict.SECOND_INSTANCE:
            after = replace(_untried(delivery), error=outcome.error)
        case _:
            pause = outcome.retry_after or _pause(delivery.attempts)
            again = now + timedelta(seconds=pause)
            channel = await tx.channels.get(delivery.channel_id)
            if channel is not None:
                again = quiet_end(channel, again) or again
            after = replace(free, state=DeliveryState.READY, not_before=again)
            if outcome.verdict is Verdict.TOO_FAST:  # a pause that was asked for is no failure
                after = replace(after, attempts=_untried(delivery).attempts)
            log.warning(
                "not delivered: channel=%s attempt=%d again in %.0f s: %s",
                delivery.address,
                delivery.attempts,
                pause,
                outcome.error,
            )
    await tx.deliveries.settle(after)
    return after


def _ids(delivery: Delivery, outcome: Outcome) -> tuple[str, ...]:
    """The platform's ids; of a call that made a thread, the thread's first."""
    if delivery.kind not in _MAKES_A_THREAD or outcome.thread is None:
        return outcome.platform_ids
    rest = (one for one in outcome.platform_ids if one != outcome.thread)
    return (outcome.thread, *rest)


async def _refuse(tx: Transaction, delivery: Delivery, now: datetime) -> Delivery:
    """Give the message up: its papers are not sent again, the operators are told."""
    after = replace(delivery, state=DeliveryState.REFUSED)
    await tx.deliveries.settle(after)
    await tx.ledger.settle(delivery.channel_id, delivery.id, LedgerState.REFUSED)
    await let_go(tx, after)
    papers = ", ".join(delivery.papers)
    log.error("refused: channel=%s papers=%s: %s", delivery.address, papers, delivery.error)
    channel = await tx.channels.get(delivery.channel_id)
    values = {
        "chat": called(channel) if channel else str(delivery.address),
        "papers": papers or "–",
        "reason": delivery.error or "?",
    }
    await raise_alert(tx, f"refused:{delivery.id}", REFUSED, values, lasts=False, now=now)
    return after


async def _moved(tx: Transaction, delivery: Delivery, new: Address, now: datetime) -> Delivery:
    """Re-address everything of the chat; the message is sent again at once.

    It is not, when the new place has a channel that has the day's digest already.
    """
    gone = replace(delivery, state=DeliveryState.STALE)
    standing = await tx.deliveries.get(delivery.id)
    if standing is None or standing.state is not DeliveryState.IN_FLIGHT:
        return gone  # the move was heard of meanwhile, and took it along
    again = replace(delivery, state=DeliveryState.READY, not_before=None)
    await tx.deliveries.settle(again)
    await move(tx, delivery.address, new, now)
    return await tx.deliveries.get(delivery.id) or gone


async def _gone(tx: Transaction, delivery: Delivery, outcome: Outcome, now: datetime) -> Delivery:
    """The chat is suspended or its thread's channel paused; what was to be sent is given back."""
    if delivery.kind is Kind.OPEN_THREAD and (
        outcome.missing or outcome.verdict is Verdict.THREAD_GONE
    ):
        return await _refuse(tx, delivery, now)  # no thread, but the channel itself is there
    if outcome.verdict is Verdict.THREAD_GONE and delivery.waits_for is not None:
        alone = replace(delivery, state=DeliveryState.READY, waits_for=None)
        await tx.deliveries.settle(alone)  # the thread that was opened for it was deleted
        return alone
    after = await give_back(tx, delivery)
    channel = await tx.channels.get(delivery.channel_id)
    if channel is not None and outcome.verdict is Verdict.THREAD_GONE:
        await thread_gone(tx, channel, now)
    elif channel is not None:
        await suspend(tx, channel, now, outcome.error)
    return after


def _pause(attempts: int) -> float:
    """Seconds until the next attempt: doubling, with jitter, bounded."""
    longest: float = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(attempts, 12))
    return longest * random.uniform(0.5, 1.0)


async def drop_stale(desk: Desk, overdue: Iterable[Delivery]) -> None:
    """Give up what was not sent before its channel's next digest is due."""
    for delivery in overdue:
        async with desk.store.transaction() as tx:
            await give_back(tx, delivery)


async def recover(desk: Desk, *, alone: bool) -> int:
    """Turn attempts that nobody will settle into unknown ones, to be tried once more.

    Those are attempts whose lease ended; with `alone` (no other process works on this store)
    every attempt in flight. Gives their number.
    """
    async with desk.store.transaction() as tx:
        if alone:
            lost = [
                one
                for one in await tx.deliveries.unsettled()
                if one.state is DeliveryState.IN_FLIGHT
            ]
        else:
            lost = await tx.deliveries.expired(datetime.now(UTC))
        for delivery in lost:
            if delivery.attempts >= _UNKNOWN_TRIES:
                await give_back(tx, delivery)
                continue
            await tx.deliveries.settle(
                replace(
                    delivery,
                    state=DeliveryState.READY,
                    leased_until=None,
                    error="The process ended during the call.",
                )
            )
    return len(lost)
