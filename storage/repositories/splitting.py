"""A message that goes in parts, and what the ledger says of its papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import text, update

from bot.channels import Delivery, DeliveryState, Drawn, LedgerState
from storage.bulk import Bulk
from storage.repositories.ledger import SqlLedger
from storage.tables import RESERVED, UNSETTLED, deliveries, ledger
from storage.work import Work


def part(whole: Delivery, new: int, channel_id: int, drawn: Drawn) -> Delivery:
    """One part as a delivery of its own, not yet tried."""
    return replace(
        whole,
        id=new,
        channel_id=channel_id,
        kind=drawn.kind,
        papers=drawn.papers,
        state=DeliveryState.READY,
        attempts=0,
        unknowns=0,
        tried_at=None,
        not_before=None,
        leased_until=None,
        platform_ids=(),
        sent_at=None,
        error=None,
        plain=False,
    )


async def hand_over(work: Work, channel_id: int, whole: int, parts: Mapping[int, Drawn]) -> None:
    """What `whole` reserved becomes its parts' by paper; nothing waits for it any more."""
    rows = [
        (new, whole, channel_id, paper) for new, drawn in parts.items() for paper in drawn.papers
    ]
    await _HAND_OVER.run(work, rows)
    await SqlLedger(work).release(channel_id, whole)
    await work.change(
        update(deliveries)
        .where(
            text(UNSETTLED), deliveries.c.channel_id == channel_id, deliveries.c.waits_for == whole
        )
        .values(waits_for=None)
    )


async def remember(work: Work, accepted: Delivery) -> None:
    """The channel has these papers, though they were given back before that was known."""
    if not accepted.papers or accepted.sent_at is None:
        return
    row = {
        "channel_id": accepted.channel_id,
        "state": LedgerState.SHOWN,
        "at": accepted.sent_at,
        "delivery_id": accepted.id,
    }
    statement = work.insert(ledger).on_conflict_do_nothing()
    await work.change(statement, [{**row, "paper_id": paper} for paper in accepted.papers])


_HAND_OVER = Bulk(
    lambda work: text(
        f"UPDATE ledger SET delivery_id = :part WHERE {RESERVED} AND delivery_id = :whole "
        f"AND channel_id = :channel_id AND paper_id = :paper_id"
    ),
    *("part", "whole", "channel_id", "paper_id"),
)
