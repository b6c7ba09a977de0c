"""Messages that are not sent: given back, so that their papers come later, or let go alone."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime

from bot.channels import Delivery, DeliveryState, Kind, LedgerState
from bot.ports import Transaction

_EARLIEST = datetime.min.replace(tzinfo=UTC)

log = logging.getLogger(__name__)


async def standing(tx: Transaction, delivery: Delivery) -> Delivery | None:
    """The delivery as it stands; no other process claims or settles it until `tx` ends.

    What was read before may be told otherwise by now. Give them in the order of their channels.
    """
    await tx.channels.get(delivery.channel_id)  # who settles holds its channel
    if delivery.state is DeliveryState.READY:  # nobody claims what is put aside, nor waits for it
        aside = delivery.not_before or delivery.created or _EARLIEST
        await tx.deliveries.park({delivery.id: aside})
    found = await tx.deliveries.get(delivery.id)
    return None if found is None else replace(found, not_before=delivery.not_before)


async def give_back(tx: Transaction, delivery: Delivery) -> Delivery:
    """Settle a delivery as stale: its papers are candidates again.

    The channel's horizon goes back to that of the digest, so that they are found however long
    ago they were listed. What waits for it goes on alone.
    """
    after = replace(delivery, state=DeliveryState.STALE, leased_until=None)
    await tx.deliveries.settle(after)
    await tx.ledger.release(delivery.channel_id, delivery.id)
    await let_go(tx, after)
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
    facts = {"channel": str(delivery.address), "papers": len(delivery.papers)}
    log.warning("went stale; its papers come with a later digest", extra=facts)
    return after


async def give_all_back(tx: Transaction, channel_id: int) -> None:
    """Give back every message of the channel that has not left."""
    for delivery in await tx.deliveries.unsettled([channel_id]):
        now = await standing(tx, delivery)  # one may have ended with another
        if now is not None and now.state in (DeliveryState.READY, DeliveryState.UNKNOWN):
            await give_back(tx, now)


async def let_go(tx: Transaction, over: Delivery) -> None:
    """Free what waits for a message that will never be sent.

    The cards of a thread that cannot be opened go to the channel itself, an answer goes without
    what it answers; the cards of a forum post that is not there are given back.
    """
    for waiting in await tx.deliveries.unsettled([over.channel_id]):
        if waiting.waits_for != over.id:
            continue
        if over.kind is Kind.FORUM_POST:
            await give_back(tx, waiting)
        elif waiting.kind is Kind.OPEN_THREAD:
            said = "The message that its thread was to stand on was not sent."
            after = replace(waiting, state=DeliveryState.REFUSED, error=said)
            await tx.deliveries.settle(after)
            await tx.ledger.settle(after.channel_id, after.id, LedgerState.REFUSED)
            await let_go(tx, after)
        else:
            await tx.deliveries.settle(replace(waiting, waits_for=None))
