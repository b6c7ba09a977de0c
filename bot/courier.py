"""The courier: carries frozen messages and decides what each outcome leads to."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.channels import Body, Delivery, DeliveryState, LedgerState, Outcome, Verdict
from bot.desk import Desk
from bot.ports import Transaction
from bot.schedule.quiet import quiet_end

LEASE = timedelta(minutes=5)  # longer than any call; real clock
_CLAIM = 50  # deliveries taken in one transaction
_FIRST_PAUSE = 2.0  # seconds before a message that was not sent is tried again
_LONGEST_PAUSE = 600.0  # seconds
_UNKNOWN_TRIES = 2  # an unknown outcome is tried once more

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Carried:
    """What one run of the courier did."""

    sent: int = 0
    refused: int = 0
    stale: int = 0
    waiting: int = 0  # unsettled when it ended


async def carry(desk: Desk, now: datetime, *, platforms: Collection[str] | None = None) -> Carried:
    """Send everything that is ready at `now`, in order, until nothing is.

    An attempt is committed before its call and the outcome after it; no transaction is open
    during the call.
    """
    names = [name for name in desk.platforms if platforms is None or name in platforms]
    carried = Carried()
    while True:
        async with desk.store.transaction() as tx:
            claimed = await tx.deliveries.claim(
                names, now, limit=_CLAIM, lease_until=datetime.now(UTC) + LEASE
            )
        if not claimed:
            break
        for delivery in claimed:
            await _send(desk, delivery, now, carried)
    async with desk.store.snapshot() as tx:
        carried.waiting = await tx.deliveries.waiting()
    return carried


async def _send(desk: Desk, delivery: Delivery, now: datetime, carried: Carried) -> None:
    async with desk.store.snapshot() as tx:
        body, fallback = await tx.deliveries.body(delivery.id)
    chosen = fallback if delivery.plain and fallback is not None else body
    # A call that left must be settled, whatever happens to the one who waits for it.
    await asyncio.shield(_call_and_settle(desk, delivery, chosen, now, carried))


async def _call_and_settle(
    desk: Desk, delivery: Delivery, body: Body, now: datetime, carried: Carried
) -> None:
    platform = desk.platforms[delivery.address.platform]
    try:
        outcome = await platform.send(delivery.address, body, delivery.key, silent=delivery.silent)
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


async def settle(tx: Transaction, delivery: Delivery, outcome: Outcome, now: datetime) -> Delivery:
    """Write what the outcome leads to; gives the delivery as it stands afterwards."""
    free = replace(delivery, leased_until=None, error=outcome.error)
    match outcome.verdict:
        case Verdict.ACCEPTED:
            after = replace(
                free, state=DeliveryState.SENT, platform_ids=outcome.platform_ids, error=None
            )
            await tx.ledger.settle(delivery.channel_id, delivery.id, None)
        case Verdict.CONTENT_REFUSED if not delivery.plain:
            after = replace(free, state=DeliveryState.READY, plain=True)
        case Verdict.CONTENT_REFUSED:
            after = replace(free, state=DeliveryState.REFUSED)
            await tx.ledger.settle(delivery.channel_id, delivery.id, LedgerState.REFUSED)
            log.error(
                "refused: channel=%s papers=%s: %s",
                delivery.address,
                ",".join(delivery.papers),
                outcome.error,
            )
        case Verdict.UNKNOWN if delivery.attempts >= _UNKNOWN_TRIES:
            return await give_back(tx, free)
        case _:
            pause = outcome.retry_after or _pause(delivery.attempts)
            again = now + timedelta(seconds=pause)
            channel = await tx.channels.get(delivery.channel_id)
            if channel is not None:
                again = quiet_end(channel, again) or again
            after = replace(free, state=DeliveryState.READY, not_before=again)
            log.warning(
                "not delivered: channel=%s attempt=%d again in %.0f s: %s",
                delivery.address,
                delivery.attempts,
                pause,
                outcome.error,
            )
    await tx.deliveries.settle(after)
    return after


def _pause(attempts: int) -> float:
    """Seconds until the next attempt: doubling, with jitter, bounded."""
    longest: float = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(attempts, 12))
    return longest * random.uniform(0.5, 1.0)


async def give_back(tx: Transaction, delivery: Delivery) -> Delivery:
    """Settle a delivery as stale: its papers are candidates again.

    The channel's horizon goes back to that of the digest, so that they are found however long
    ago they were listed.
    """
    after = replace(delivery, state=DeliveryState.STALE, leased_until=None)
    await tx.deliveries.settle(after)
    await tx.ledger.release(delivery.channel_id, delivery.id)
    channel = await tx.channels.get(delivery.channel_id)
    if channel is None or delivery.digest_id is None or not delivery.papers:
        return after
    horizons = [
        digest.horizon
        for digest in await tx.digests.recent(channel.id, limit=31)
        if digest.id == delivery.digest_id and digest.horizon is not None
    ]
    back = min([*horizons, channel.previous_due or channel.since])
    if back != channel.previous_due:
        await tx.channels.put(replace(channel, previous_due=back))
    log.warning(
        "went stale: channel=%s papers=%d; they come with a later digest",
        delivery.address,
        len(delivery.papers),
    )
    return after


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
