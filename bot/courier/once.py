"""Everything that is ready at one instant, carried on all platforms, then the end."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from bot.courier.loop import Carried, Courier
from bot.courier.sweeping import drop_stale, look_for_unknown, recover

if TYPE_CHECKING:
    from bot.desk import Desk


async def carry(desk: Desk, now: datetime, *, platforms: Collection[str] | None = None) -> Carried:
    """Send everything that is ready at `now`, in order, until nothing is.

    What nobody settled and what is out of date is dealt with first. A chat whose pace asks for a
    few seconds is waited for; one that asks for more waits for another call of this. A platform
    that refuses its token is left out of the rest.
    """
    names = [name for name in desk.platforms if platforms is None or name in platforms]
    whole = Carried()
    served = names
    async with desk.store.snapshot() as tx:
        names = [name for name in names if await tx.deliveries.any_open(name)]
    if names:
        await recover(desk, now, alone=False, platforms=names)
        whole.stale = await drop_stale(desk, now, names)
    drained = await asyncio.gather(
        *(_drain(desk, name, now) for name in names), return_exceptions=True
    )
    for one in drained:
        if isinstance(one, BaseException):
            raise one
        whole.sent += one.sent
        whole.refused += one.refused
        whole.stale += one.stale
        whole.ended |= one.ended
        whole.resting |= one.resting
    async with desk.store.snapshot() as tx:
        # What waits for a platform without a token is not this process's to end.
        if any([await tx.deliveries.any_open(name) for name in served]):
            whole.waiting = await tx.deliveries.waiting()
    return whole


async def _drain(desk: Desk, name: str, now: datetime) -> Carried:
    await look_for_unknown(desk, name, now)
    return await Courier(desk, name, lambda: now).drain()
