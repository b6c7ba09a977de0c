"""Making one channel of two: what a channel owns, table by table."""

from __future__ import annotations

from sqlalchemy import delete, or_, select, text, update

from bot.channels import DeliveryState, LedgerState
from storage.tables import (
    RESERVED,
    UNSETTLED,
    aliases,
    channels,
    deliveries,
    digests,
    fragments,
    ledger,
)
from storage.work import Work


async def merge(work: Work, kept: int, gone: int) -> None:
    """Give `kept` what `gone` has and `kept` has not, then remove `gone`.

    The topics of `gone` go with it, and so do the messages of a digest that `kept` has its own of.
    """
    place = select(channels.c.platform, channels.c.chat, channels.c.thread)
    address = await work.row(place.where(channels.c.id == gone))
    if address is None or kept == gone:
        return
    await _withdraw(work, gone)
    await _unite_ledgers(work, kept, gone)
    await _unite_digests(work, kept, gone)
    for table in (fragments, aliases):
        own = table.c.channel_id == gone
        await work.change(update(table).where(own).values(channel_id=kept))
    await work.change(delete(channels).where(channels.c.id == gone))
    await work.change(
        work.replacing(aliases),
        [{**address._mapping, "channel_id": kept}],  # its former address
    )


async def _withdraw(work: Work, gone: int) -> None:
    """What has not left does not leave any more; its papers are candidates again."""
    unsettled = (deliveries.c.channel_id == gone) & text(UNSETTLED)
    stale = {"state": DeliveryState.STALE, "leased_until": None, "head": False}
    await work.change(update(deliveries).where(unsettled).values(stale))
    reserved = (ledger.c.channel_id == gone) & text(RESERVED)
    listed = {"state": LedgerState.LISTED, "becomes": LedgerState.LISTED, "delivery_id": None}
    rose = ledger.c.becomes == LedgerState.SHOWN
    await work.change(update(ledger).where(reserved, rose).values(listed))
    await work.change(delete(ledger).where(reserved))


async def _unite_ledgers(work: Work, kept: int, gone: int) -> None:
    known = select(ledger.c.paper_id).where(ledger.c.channel_id == kept)
    doubled = (ledger.c.channel_id == gone) & ledger.c.paper_id.in_(known)
    await work.change(delete(ledger).where(doubled))
    await work.change(update(ledger).where(ledger.c.channel_id == gone).values(channel_id=kept))


async def _unite_digests(work: Work, kept: int, gone: int) -> None:
    taken = select(digests.c.local_date).where(digests.c.channel_id == kept)
    coming = (digests.c.channel_id == gone) & digests.c.local_date.not_in(taken)
    ids = select(digests.c.id).where(coming)
    theirs = (deliveries.c.channel_id == gone) & or_(
        deliveries.c.digest_id.is_(None), deliveries.c.digest_id.in_(ids)
    )
    await work.change(update(deliveries).where(theirs).values(channel_id=kept))
    await work.change(update(digests).where(coming).values(channel_id=kept))
