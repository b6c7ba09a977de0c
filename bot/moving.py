"""A chat that got a new id: its channels move with all they own, and meet those that are there."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime

from bot import access
from bot.channels import Address, Channel, DeliveryState, LedgerState
from bot.outbox import give_all_back, give_back, standing
from bot.ports import Transaction
from bot.suspension import resume_reachable

_EARLIEST = datetime.min.replace(tzinfo=UTC)

log = logging.getLogger(__name__)


async def move(
    tx: Transaction, old: Address, new: Address, now: datetime | None = None
) -> list[Channel]:
    """All channels of the chat of `old`, its threads included, take the chat of `new`.

    Where the new place has a channel, the older of the two keeps settings and topics; it gets
    the other's ledger, and of two digests of one local date its own stays. The old addresses
    lead to the channels; what was saved and the access move too. With `now` those that were
    suspended go on. Doing it twice, or hearing of it in another order, changes nothing more.
    Gives the channels of the new chat.
    """
    if (old.platform, old.chat) != (new.platform, new.chat):
        if now is not None:  # while the operators know the chat by its old id
            await _reachable(tx, old, now)
        for channel in await tx.channels.of_chat(old.platform, old.chat):
            await _move(tx, channel, Address(new.platform, new.chat, channel.address.thread))
        await tx.saved.move(old, new)
        await access.moved(tx, old, new)
    if now is not None:
        await _reachable(tx, new, now)
    return await tx.channels.of_chat(new.platform, new.chat)


async def _reachable(tx: Transaction, chat: Address, now: datetime) -> None:
    for channel in await tx.channels.of_chat(chat.platform, chat.chat):
        if channel.suspended_at is not None:
            await resume_reachable(tx, channel, now)
            return  # and all others of the chat with it


async def _move(tx: Transaction, channel: Channel, here: Address) -> None:
    there = await tx.channels.find(here)
    kept = channel
    if there is not None and there.address == here and there.id != channel.id:
        kept = await _made_one(tx, channel, there)
    for waiting in await tx.deliveries.unsettled([kept.id]):
        # A message of the old chat cannot be answered in the new one.
        before = await tx.deliveries.get(waiting.waits_for) if waiting.waits_for else None
        if before is None or before.state is not DeliveryState.SENT:
            continue
        now = await standing(tx, waiting)
        if now is not None and now.state in (DeliveryState.READY, DeliveryState.UNKNOWN):
            await tx.deliveries.settle(replace(now, waits_for=None))
    await tx.channels.put(replace(kept, address=here))
    await tx.channels.add_alias(kept.id, channel.address)
    log.info("moved", extra={"channel": str(here), "before": str(channel.address)})


async def _made_one(tx: Transaction, moving: Channel, there: Channel) -> Channel:
    """One channel of the two; gives the one that is left."""
    kept, gone = sorted([moving, there], key=_age)
    if await _left(tx, kept) and not await _left(tx, gone):
        kept, gone = gone, kept  # somebody began anew after unsubscribing
    await _not_again(tx, kept, gone)
    await give_all_back(tx, gone.id)
    after = await tx.channels.get(gone.id)
    await tx.channels.merge(kept.id, gone.id)
    back = kept.previous_due
    if after is not None and after.previous_due != gone.previous_due and after.previous_due:
        back = min(back or kept.since, after.previous_due)  # what it was about to get comes later
    facts = {"channel": str(kept.address), "gone": str(gone.address)}
    log.info("made one of two channels", extra=facts)
    return replace(kept, previous_due=back, kind=there.kind)


async def _not_again(tx: Transaction, kept: Channel, gone: Channel) -> None:
    """What has not left does not leave any more, where the other one showed all its papers."""
    for waiting in await tx.deliveries.unsettled([kept.id]):
        if waiting.state is not DeliveryState.READY or not waiting.papers:
            continue
        rows = (await tx.ledger.known([gone.id], waiting.papers)).get(gone.id, {})
        if all(one in rows and rows[one].state is LedgerState.SHOWN for one in set(waiting.papers)):
            await give_back(tx, waiting)


def _age(channel: Channel) -> tuple[datetime, int]:
    return (channel.created or _EARLIEST, channel.id)


async def _left(tx: Transaction, channel: Channel) -> bool:
    from bot.replies.asked import left_at  # not above: the replies need what is here

    return await left_at(tx, channel) is not None
