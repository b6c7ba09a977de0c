"""Which message of a channel goes next: its head, the first that is not settled.

A channel with anything unsettled has one head. It stays the head until it is settled, whatever
is added meanwhile; then the first by digest, order and id follows (those of no digest last). So
nothing overtakes within a chat, and what is waited for has always gone before. One thing gives way:
a notice to all that did not leave yet, or came back, goes behind a digest that is opened meanwhile.

On PostgreSQL everybody who adds to a channel or settles in it holds its row: else of two who do
so at once neither would see what the other did, and the channel would be left without a head.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select, text

from storage.bulk import Bulk
from storage.tables import UNSETTLED, channels, deliveries
from storage.work import Work, chunks

_HOLD = (
    select(channels.c.id)
    .where(channels.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(channels.c.id)  # one order everywhere: no deadlock
    .with_for_update(key_share=True)
)
_HOLD_OF = (
    select(channels.c.id)
    .where(
        channels.c.id.in_(
            select(deliveries.c.channel_id).where(
                deliveries.c.id.in_(bindparam("ids", expanding=True))
            )
        )
    )
    .order_by(channels.c.id)
    .with_for_update(key_share=True)
)
_OWNER = "(SELECT channel_id FROM deliveries WHERE id = :own_id)"
_ADVANCE = Bulk(
    lambda work: text(
        f"UPDATE deliveries SET head = TRUE WHERE id = (SELECT id FROM deliveries "
        f"WHERE channel_id = {_OWNER} AND {UNSETTLED} "
        f'ORDER BY digest_id IS NULL, digest_id, "order", id LIMIT 1) '
        f"AND NOT EXISTS (SELECT 1 FROM deliveries "
        f"WHERE channel_id = {_OWNER} AND {UNSETTLED} AND head)"
    ),
    "own_id",
)
_RESET = Bulk(
    lambda work: text(
        f"UPDATE deliveries SET head = FALSE "
        f"WHERE channel_id = {_OWNER} AND {UNSETTLED} AND state = 'ready' AND head"
    ),
    "own_id",
)


async def hold(work: Work, channel_ids: Collection[int]) -> None:
    """Nobody else adds to these channels or settles in them until the end."""
    if work.locks_rows:
        for some in chunks(sorted(channel_ids)):
            await work.rows(_HOLD, ids=some)


async def hold_of(work: Work, delivery_ids: Collection[int]) -> None:
    """The same for the channels of these deliveries."""
    if work.locks_rows:
        for some in chunks(delivery_ids):
            await work.rows(_HOLD_OF, ids=some)


async def advance(work: Work, delivery_ids: Collection[int]) -> None:
    """The channels of these deliveries get a head, where they have none and something waits."""
    await _ADVANCE.run(work, [(one,) for one in delivery_ids])


async def choose_again(work: Work, delivery_id: int) -> None:
    """In the channel of this delivery the first goes next, unless another is under way."""
    await _RESET.run(work, [(delivery_id,)])
    await advance(work, [delivery_id])
