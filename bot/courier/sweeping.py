"""The sweeper: attempts that nobody settles, messages out of date, outcomes nobody knows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from bot.channels import Delivery, DeliveryState
from bot.courier.calls import Call, call_in, look
from bot.courier.metering import tell_settled
from bot.courier.settling import found, unknown
from bot.errors import StoreBusy
from bot.outbox import give_back, standing
from bot.ports import Platform

if TYPE_CHECKING:
    from bot.desk import Desk

_channel = attrgetter("channel_id", "id")
_AT_ONCE = 100  # rows of one transaction
_LOOKS = 8  # messages that are looked for at once

log = logging.getLogger(__name__)


async def recover(
    desk: Desk,
    now: datetime,
    *,
    alone: bool,
    platforms: Collection[str] | None = None,
    but: Collection[int] = (),
) -> int:
    """Turn attempts that nobody will settle into unknown ones, which follow the table.

    Those are attempts whose lease ended; with `alone` (no other process works on this store)
    every attempt in flight. `but`: ids of those that the caller is about to settle, whatever the
    clock says. Gives their number.
    """
    count = 0
    for name, platform in desk.platforms.items():
        if platforms is not None and name not in platforms:
            continue
        before = count
        while True:
            after: list[Delivery] = []
            async with desk.store.transaction() as tx:
                if alone:
                    lost = await tx.deliveries.in_flight(limit=_AT_ONCE, platform=name)
                else:
                    real = datetime.now(UTC)
                    lost = await tx.deliveries.expired(real, limit=_AT_ONCE, platform=name)
                for delivery in sorted(lost, key=_channel):
                    if delivery.id in but:
                        continue
                    current = await standing(tx, delivery)
                    if current is None or current.leased_until != delivery.leased_until:
                        continue  # who held it has settled it
                    said = "The process ended during the call."
                    real = datetime.now(UTC)
                    after.append(
                        await unknown(tx, platform, current, said, now, real, at_once=True)
                    )
                    count += 1
            tell_settled(desk.meter, after)
            if len(lost) < _AT_ONCE:
                break
        if own := count - before:
            desk.meter.doubted(name, own)
            facts = {"platform": name, "messages": own}
            log.warning("nobody knows whether these messages arrived", extra=facts)
    return count


async def drop_stale(desk: Desk, now: datetime, platforms: Collection[str]) -> int:
    """Give up what was not sent before its channel's next digest is due; gives their number."""
    count = 0
    for name in platforms:
        while True:
            dropped: list[Delivery] = []
            async with desk.store.transaction() as tx:
                overdue = await tx.deliveries.overdue(now, limit=_AT_ONCE, platform=name)
                for delivery in sorted(overdue, key=_channel):
                    current = await standing(tx, delivery)  # it may have gone with another
                    if current is not None and current.state in _CAN_GO_STALE:
                        dropped.append(await give_back(tx, current))
            tell_settled(desk.meter, dropped)
            count += len(overdue)
            if len(overdue) < _AT_ONCE:
                break
    return count


_CAN_GO_STALE = (DeliveryState.READY, DeliveryState.UNKNOWN)


async def look_for_unknown(desk: Desk, name: str, now: datetime) -> int:
    """Ask the platform for messages of which nobody knows whether they arrived; gives how many
    were looked for. One whose answer cannot be written holds up no other."""
    platform = desk.platforms[name]
    if "find" not in platform.limits.verbs:
        return 0
    count = 0
    while (done := await _look_for_some(desk, platform, now)) > 0:
        count += done
        if done < _LOOKS:
            break
    return count


async def _look_for_some(desk: Desk, platform: Platform, now: datetime) -> int:
    async with desk.store.snapshot() as tx:
        lost = await tx.deliveries.unknown(platform.name, now, limit=_LOOKS)
        calls: list[Call] = []
        for delivery in lost:
            body, plain = await tx.deliveries.body(delivery.id)
            calls.append(await call_in(tx, delivery, body, plain))
    outcomes = await asyncio.gather(*(look(call, platform) for call in calls))
    done = 0
    for delivery, outcome in zip(lost, outcomes, strict=True):
        try:
            async with desk.store.transaction() as tx:
                current = await standing(tx, delivery)
                if current is None or current.state is not DeliveryState.UNKNOWN:
                    continue
                after = await found(tx, current, outcome, now)
        except StoreBusy:
            raise
        except Exception:
            log.exception("not settled", extra={"channel": str(delivery.address)})
            continue
        done += 1
        tell_settled(desk.meter, [after])
        _tell(after)
    return done


def _tell(after: Delivery) -> None:
    facts = {"channel": str(after.address), "state": after.state.value}
    log.info("looked for an unknown message", extra=facts)
