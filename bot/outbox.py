"""Messages that are not sent: given back, so that their papers come later, or let go alone."""

from __future__ import annotations

import logging
from dataclasses import replace

from bot.channels import Delivery, DeliveryState, Kind, LedgerState
from bot.ports import Transaction

log = logging.getLogger(__name__)


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
    log.warning(
        "went stale: channel=%s papers=%d; they come with a later digest",
        delivery.address,
        len(delivery.papers),
    )
    return after


async def give_all_back(tx: Transaction, channel_id: int) -> None:
    """Give back every message of the channel that has not left."""
    for delivery in await tx.deliveries.unsettled([channel_id]):
        now = await tx.deliveries.get(delivery.id)  # one may have ended with another
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
