"""Arrival: how long after its hour a channel's digest is usually there, all of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from bot.channels import Channel
from bot.ports import Transaction

DAYS = 14  # that are looked back on
_FEWEST = 3  # digests that make a habit
_USUALLY = 0.8  # of the digests were there by then
ON_TIME = timedelta(minutes=15)  # an opening later than this is told as late
_MINUTE = timedelta(minutes=1)


async def usual_delay(tx: Transaction, channel: Channel, now: datetime) -> timedelta | None:
    """How long after it is due the channel's digest has usually arrived, in whole minutes.

    None where too little is known, or it arrives within the minute. Digests that were opened late
    (a down-time, a source that failed) are left out: they tell nothing of a usual day.
    """
    in_time = {
        digest.due
        for digest in await tx.digests.recent(channel.id, limit=DAYS)
        if digest.opened - digest.due <= ON_TIME and now - digest.due <= timedelta(days=DAYS)
    }
    arrivals = await tx.digests.arrivals(channel.id, limit=DAYS)
    return usual([arrived - due for due, arrived in arrivals if due in in_time])


def usual(delays: Sequence[timedelta]) -> timedelta | None:
    """The delay within which four of five arrived, rounded up to the minute.

    None for fewer than three, or when it is no minute.
    """
    if len(delays) < _FEWEST:
        return None
    most = sorted(delays)[ceil(_USUALLY * len(delays)) - 1]
    return -(-most // _MINUTE) * _MINUTE if most >= _MINUTE else None
