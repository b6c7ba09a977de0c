"""The outbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    tuple_,
    update,
)

from bot.channels import Address, Body, Delivery, DeliveryState, Drawn, Kind
from bot.errors import NotFound
from storage.bulk import Bulk
from storage.fragments import Fragments, write
from storage.tables import CAN_GO_STALE, IN_FLIGHT, READY, UNSETTLED, channels, deliveries, digests
from storage.work import Work, chunks

_OWN = (  # the fields of Delivery, in their order, without its address
    "channel_id",
    "kind",
    "id",
    "digest_id",
    "order",
    "papers",
    "waits_for",
    "state",
    "silent",
    "attempts",
    "created",
    "not_before",
    "stale_at",
    "leased_until",
    "platform_ids",
    "error",
    "plain",
)
_COLUMNS = [channels.c.platform, channels.c.chat, channels.c.thread]
_COLUMNS += [deliveries.c[name] for name in _OWN]
_READ = select(*_COLUMNS).join(channels, channels.c.id == deliveries.c.channel_id)


def _delivery(row: Any) -> Delivery:
    platform, chat, thread, channel_id, *rest = row
    return Delivery(channel_id, Address(platform, chat, thread or None), *rest)


_age = attrgetter("id")


class SqlDeliveries:
    """bot.ports.memory.Deliveries."""

    def __init__(self, work: Work, fragments: Fragments) -> None:
        self._work = work
        self._fragments = fragments

    async def add(self, deliveries_: Sequence[tuple[Delivery, Drawn]]) -> list[int]:
        """What a Delivery leaves at its default (kind, papers, silent) is taken from the Drawn."""
        if not deliveries_:
            return []
        bodies = [
            (delivery.channel_id, body)
            for delivery, drawn in deliveries_
            for body in (drawn.body, drawn.fallback)
        ]
        async with self._work.together("this delivery is there already"):
            written = await self._fragments.keep(bodies)
            ids = await self._work.numbers(deliveries, len(deliveries_))
            rounds = await self._waiting({delivery.channel_id for delivery, _ in deliveries_})
            siblings: dict[tuple[int, int | None], list[int]] = {}
            for new, (delivery, _) in zip(ids, deliveries_, strict=True):
                siblings.setdefault((delivery.channel_id, delivery.digest_id), []).append(new)
            rows = []
            for new, (delivery, drawn) in zip(ids, deliveries_, strict=True):
                chat = (delivery.address.platform, delivery.address.chat)
                waits_for = delivery.waits_for
                if drawn.waits_for is not None:
                    group = siblings[delivery.channel_id, delivery.digest_id]
                    waits_for = group[drawn.waits_for]
                rows.append(_values(delivery, drawn, new, waits_for, rounds[chat], written))
                rounds[chat] += 1
            await _INSERT.run(self._work, rows)
        return ids

    async def _waiting(self, channel_ids: Collection[int]) -> Counter[tuple[str, str]]:
        """How many unsettled deliveries the chats of these channels have."""
        waiting: Counter[tuple[str, str]] = Counter()
        chats: dict[tuple[str, str], int] = {}
        for some in chunks(channel_ids):
            own = select(channels.c.platform, channels.c.chat).where(channels.c.id.in_(some))
            query = (
                select(channels.c.platform, channels.c.chat, func.count())
                .join(deliveries, channels.c.id == deliveries.c.channel_id)
                .where(text(UNSETTLED), tuple_(channels.c.platform, channels.c.chat).in_(own))
                .group_by(channels.c.platform, channels.c.chat)
            )
            for platform, chat, count in await self._work.rows(query):
                chats[platform, chat] = count
        waiting.update(chats)
        return waiting

    async def claim(
        self, platforms: Collection[str], now: datetime, *, limit: int, lease_until: datetime
    ) -> list[Delivery]:
        """A delivery that waits goes only after the other was sent: refused gives no address."""
        query = (
            select(deliveries.c.id)
            .where(
                text(READY),
                or_(deliveries.c.not_before.is_(None), deliveries.c.not_before <= now),
                or_(deliveries.c.stale_at.is_(None), deliveries.c.stale_at > now),
                _PLATFORM.in_(list(platforms)),
                ~_BEFORE_IT,
                or_(deliveries.c.waits_for.is_(None), _WAITED_FOR_SENT),
            )
            .order_by(deliveries.c.round, deliveries.c.id)
            .limit(limit)
        )
        if self._work.locks_rows:
            # Two claimers never see the same row: the second one skips what the first took, and
            # a row taken and committed meanwhile is checked again once its lock is had.
            query = query.with_for_update(of=deliveries, skip_locked=True)
        ids = [found for (found,) in await self._work.rows(query)]
        if not ids:
            return []
        await self._work.change(
            update(deliveries)
            .where(deliveries.c.id.in_(ids))
            .values(
                state=DeliveryState.IN_FLIGHT,
                attempts=deliveries.c.attempts + 1,
                leased_until=lease_until,
            )
        )
        rows = await self._work.rows(_READ.where(deliveries.c.id.in_(ids)))
        claimed = {row.id: _delivery(row) for row in rows}
        return [claimed[own] for own in ids]

    async def get(self, delivery_id: int) -> Delivery | None:
        row = await self._work.row(_READ.where(deliveries.c.id == delivery_id))
        return _delivery(row) if row else None

    async def body(self, delivery_id: int) -> tuple[Body, Body | None]:
        """Raises NotFound when there is no such delivery."""
        query = select(deliveries.c.body, deliveries.c.fallback).where(
            deliveries.c.id == delivery_id
        )
        if (row := await self._work.row(query)) is None:
            raise NotFound(f"There is no delivery {delivery_id}.")
        body, fallback = await self._fragments.read(row.body, row.fallback)
        assert body is not None
        return body, fallback

    async def settle(self, delivery: Delivery) -> None:
        await self._work.change(
            _SETTLE,
            [
                {
                    "own_id": delivery.id,
                    "waits_for": delivery.waits_for,
                    "state": delivery.state,
                    "attempts": delivery.attempts,
                    "not_before": delivery.not_before,
                    "stale_at": delivery.stale_at,
                    "leased_until": delivery.leased_until,
                    "platform_ids": delivery.platform_ids,
                    "error": delivery.error,
                    "plain": delivery.plain,
                }
            ],
        )

    async def expired(self, now: datetime) -> list[Delivery]:
        return await self._where(text(IN_FLIGHT), deliveries.c.leased_until <= now)

    async def overdue(self, now: datetime) -> list[Delivery]:
        return await self._where(text(CAN_GO_STALE), deliveries.c.stale_at <= now)

    async def unsettled(self, channel_ids: Collection[int] | None = None) -> list[Delivery]:
        if channel_ids is None:
            return await self._where(text(UNSETTLED))
        found = []
        for some in chunks(channel_ids):
            found += await self._where(text(UNSETTLED), deliveries.c.channel_id.in_(some))
        return sorted(found, key=_age)

    async def of_digest(self, digest_id: int) -> list[Delivery]:
        owner = select(digests.c.channel_id).where(digests.c.id == digest_id).scalar_subquery()
        query = _READ.where(
            deliveries.c.channel_id == owner, deliveries.c.digest_id == digest_id
        ).order_by(deliveries.c.order, deliveries.c.id)
        return [_delivery(row) for row in await self._work.rows(query)]

    async def waiting(self) -> int:
        query = select(func.count()).select_from(deliveries).where(text(UNSETTLED))
        return int(await self._work.value(query))

    async def _where(self, *conditions: ColumnElement[bool] | Any) -> list[Delivery]:
        # Sorted here: asked for the order of ids, SQLite reads the whole table instead of the
        # few rows of a partial index.
        rows = await self._work.rows(_READ.where(*conditions))
        return sorted(map(_delivery, rows), key=_age)


def _values(
    delivery: Delivery,
    drawn: Drawn,
    new: int,
    waits_for: int | None,
    waiting: int,
    written: dict[bytes, bytes],
) -> tuple[Any, ...]:
    return (
        delivery.channel_id,
        drawn.kind if delivery.kind is Kind.POST else delivery.kind,
        new,
        delivery.digest_id,
        delivery.order,
        delivery.papers or drawn.papers,
        waits_for,
        delivery.state,
        delivery.silent or drawn.silent,
        delivery.attempts,
        delivery.created,
        delivery.not_before,
        delivery.stale_at,
        delivery.leased_until,
        delivery.platform_ids,
        delivery.error,
        delivery.plain,
        waiting,
        write(drawn.body, written),
        None if drawn.fallback is None else write(drawn.fallback, written),
    )


_INSERT = Bulk(lambda work: insert(deliveries), *_OWN, "round", "body", "fallback")
_earlier = deliveries.alias("earlier")
_BEFORE_IT = exists().where(
    _earlier.c.channel_id == deliveries.c.channel_id,
    _earlier.c.digest_id == deliveries.c.digest_id,
    or_(
        _earlier.c.order < deliveries.c.order,
        (_earlier.c.order == deliveries.c.order) & (_earlier.c.id < deliveries.c.id),
    ),
    text(f"earlier.{UNSETTLED}"),
)
_waited_for = deliveries.alias("waited_for")
_WAITED_FOR_SENT = exists().where(
    _waited_for.c.id == deliveries.c.waits_for, text("waited_for.state = 'sent'")
)
# A look-up instead of a join, so that no engine begins with all channels of a platform.
_PLATFORM = (
    select(channels.c.platform).where(channels.c.id == deliveries.c.channel_id).scalar_subquery()
)
_SETTLE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("own_id"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "waits_for",
                "state",
                "attempts",
                "not_before",
                "stale_at",
                "leased_until",
                "platform_ids",
                "error",
                "plain",
            )
        }
    )
)
