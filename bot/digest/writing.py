"""Writing a batch of opened digests: rows, frozen messages, ledger and next times together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.cards import Block
from bot.channels import Channel, Delivery, Digest, Drawn, Kind, LedgerRow, LedgerState
from bot.digest.choose import Choice
from bot.digest.turns import turn
from bot.editions import note_listed
from bot.ports import Transaction
from bot.schedule.quiet import quiet_end


@dataclass(slots=True)
class Batch:
    """Rows to be written for one batch of channels; digests and messages go side by side."""

    digests: list[Digest] = field(default_factory=list)
    messages: list[tuple[Channel, tuple[Drawn, ...], Choice, datetime | None]] = field(
        default_factory=list
    )
    times: list[tuple[int, datetime, datetime | None]] = field(default_factory=list)
    # (position among the digests, its blocks, papers whose text may get better)
    improvable: list[tuple[int, Channel, tuple[Block, ...], tuple[str, ...]]] = field(
        default_factory=list
    )


def _with_sound(channel: Channel, drawn: tuple[Drawn, ...]) -> tuple[Drawn, ...]:
    """The messages, silent as the channel chose: as drawn, none but notices, or all of them."""
    if channel.sound == "first":
        return drawn
    return tuple(
        replace(one, silent=channel.sound == "none" or one.kind is Kind.NOTICE) for one in drawn
    )


async def write(tx: Transaction, rows: Batch, now: datetime) -> list[int]:
    """Store the digests of a batch with their messages, ledger rows and next times.

    Gives the ids of the digests, in order.
    """
    digest_ids = await tx.digests.add(rows.digests)
    deliveries: list[tuple[Delivery, Drawn]] = []
    for digest_id, (channel, drawn, _, following) in zip(digest_ids, rows.messages, strict=True):
        held = quiet_end(channel, now)
        for order, one in enumerate(_with_sound(channel, drawn)):
            deliveries.append(
                (
                    Delivery(
                        channel_id=channel.id,
                        address=channel.address,
                        kind=one.kind,
                        digest_id=digest_id,
                        order=order,
                        papers=one.papers,
                        silent=one.silent,
                        turn=turn(channel.id, now),
                        created=now,
                        not_before=held,
                        stale_at=following,
                    ),
                    one,
                )
            )
    delivery_ids = iter(await tx.deliveries.add(deliveries))
    ledger: list[LedgerRow] = []
    listed = False
    for channel, drawn, choice, _ in rows.messages:
        becomes = {pick.paper.id: LedgerState.SHOWN for pick in choice.cards}
        becomes.update((pick.paper.id, LedgerState.LISTED) for pick in choice.lines)
        votes = {pick.paper.id: pick.paper.upvotes for pick in (*choice.cards, *choice.lines)}
        listed = listed or bool(choice.lines)
        for one in drawn:
            delivery_id = next(delivery_ids)
            for paper_id in one.papers:
                ledger.append(
                    LedgerRow(
                        channel.id,
                        paper_id,
                        LedgerState.RESERVED,
                        now,
                        delivery_id,
                        votes[paper_id],
                        becomes[paper_id],
                    )
                )
        for pick in choice.passed:
            ledger.append(
                LedgerRow(
                    channel.id,
                    pick.paper.id,
                    LedgerState.PASSED,
                    now,
                    None,
                    pick.paper.upvotes,
                    LedgerState.PASSED,
                )
            )
    await tx.ledger.reserve(ledger)
    await tx.channels.reschedule(rows.times)
    if listed:
        await note_listed(tx, now)
    return digest_ids
