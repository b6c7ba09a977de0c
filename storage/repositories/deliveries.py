"""The outbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, text, tuple_

from bot.channels import Address, Body, Delivery, DeliveryState, Drawn, Kind
from bot.errors import NotFound
from bot.ports.outbox import Next
from storage.fragments import Fragments, write
from storage.repositories import heads, splitting
from storage.repositories import outgoing as say
from storage.tables import (
    CAN_GO_STALE,
    IN_FLIGHT,
    UNKNOWN,
    UNSETTLED,
    channels,
    deliveries,
    digests,
)
from storage.work import Work, chunks

_OPEN = frozenset({DeliveryState.READY, DeliveryState.IN_FLIGHT, DeliveryState.UNKNOWN})


def _delivery(row: Any) -> Delivery:
    platform, chat, thread, channel_id, *rest = row
    return Delivery(channel_id, Address(platform, chat, thread or None), *rest)


_age = attrgetter("id")


class SqlDeliveries:
    """bot.ports.outbox.Deliveries."""

    def __init__(self, work: Work, fragments: Fragments) -> None:
        self._work = work
        self._fragments = fragments

    async def add(self, deliveries_: Sequence[tuple[Delivery, Drawn]]) -> list[int]:
        """What a Delivery leaves at its default (kind, papers, silent) is taken from the Drawn.

        Raises ValueError when one waits for what does not go before it.
        """
        if not deliveries_:
            return []
        bodies = [
            (delivery.channel_id, body)
            for delivery, drawn in deliveries_
            for body in (drawn.body, drawn.fallback)
        ]
        channel_ids = {delivery.channel_id for delivery, _ in deliveries_}
        async with self._work.together("this delivery is there already"):
            await heads.hold(self._work, channel_ids)
            written = await self._fragments.keep(bodies)
            ids = await self._work.numbers(deliveries, len(deliveries_))
            rounds = await self._waiting(channel_ids)
            added = _numbered(ids, deliveries_)
            await self._check_waits(added)
            first = await self._heads_of(added)
            rows = []
            for delivery, drawn in zip(added, (drawn for _, drawn in deliveries_), strict=True):
                chat = (delivery.address.platform, delivery.address.chat)
                head = delivery.id in first
                rows.append(_values(delivery, drawn, head, rounds[chat], written))
                rounds[chat] += 1
            await say.INSERT.run(self._work, rows)
        return ids

    async def _check_waits(self, added: Sequence[Delivery]) -> None:
        """Of one channel and earlier, or nothing would ever end the waiting."""
        known = {one.id: one for one in added}
        outside = {one.waits_for for one in added if one.waits_for} - known.keys()
        for some in chunks([number for number in outside if number]):
            for row in await self._work.rows(say.READ.where(deliveries.c.id.in_(some))):
                known[row.id] = _delivery(row)
        for one in added:
            if one.waits_for is None:
                continue
            before = known.get(one.waits_for)
            if (
                before is None
                or before.channel_id != one.channel_id
                or (before.state in _OPEN and _place(before) >= _place(one))
            ):
                raise ValueError("a delivery can only wait for one that goes before it")

    async def _heads_of(self, added: Sequence[Delivery]) -> set[int]:
        """The ids of those that go next in their channels."""
        first: dict[int, Delivery] = {}
        for one in added:
            if one.state in _OPEN:
                other = first.setdefault(one.channel_id, one)
                if _place(one) < _place(other):
                    first[one.channel_id] = one
        for some in chunks(first.keys()):
            for (taken,) in await self._work.rows(say.HAVE_OPEN, ids=some):
                del first[taken]
        return {one.id for one in first.values()}

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

    async def next(self, platform: str, *, limit: int) -> list[Next]:
        """Also those whose `stale_at` has passed: whether they go is not the outbox's to say."""
        return [
            Next(number, Address(platform, chat, thread or None), *rest)
            for number, chat, thread, *rest in await self._work.rows(
                say.NEXT, name=platform, most=limit
            )
        ]

    async def claim(
        self, ids: Sequence[int], *, at: datetime, lease_until: datetime
    ) -> list[tuple[Delivery, Body, Body | None]]:
        """What was parked meanwhile is not taken either."""
        self._work.must_write()
        found: dict[int, Any] = {}
        query = say.CLAIM_ON_SERVER if self._work.locks_rows else say.CLAIM
        for some in chunks(ids):
            for row in await self._work.rows(query, ids=some):
                found[row.id] = row
        if not found:
            return []
        for some in chunks(found.keys()):
            await self._work.change(say.TAKE, {"ids": some, "at": at, "lease_until": lease_until})
        bodies = await self._fragments.read(
            *(written for row in found.values() for written in row[-2:])
        )
        taken = {}
        for number, (own, row) in enumerate(found.items()):
            one = _delivery(row[:-2])
            body = bodies[2 * number]
            assert body is not None
            one = replace(
                one,
                state=DeliveryState.IN_FLIGHT,
                attempts=one.attempts + 1,
                tried_at=one.tried_at or at,
                leased_until=lease_until,
            )
            taken[own] = (one, body, bodies[2 * number + 1])
        return [taken[own] for own in dict.fromkeys(ids) if own in taken]

    async def park(self, until: Mapping[int, datetime]) -> None:
        await say.PARK.run(self._work, sorted(until.items()))

    async def wake(self, platform: str, now: datetime) -> int:
        """At most 2,000 at once, the earliest first; those behind wake when they are the next."""
        words = {"name": platform, "now": now, "most": say.WOKEN}
        return await self._work.change(say.WAKE, words)

    async def next_waking(self, platform: str) -> datetime | None:
        found: datetime | None = await self._work.value(say.WAKING, name=platform)
        return found

    async def get(self, delivery_id: int) -> Delivery | None:
        row = await self._work.row(say.ONE, own_id=delivery_id)
        return _delivery(row) if row else None

    async def body(self, delivery_id: int) -> tuple[Body, Body | None]:
        """Raises NotFound when there is no such delivery."""
        if (row := await self._work.row(say.BODY, own_id=delivery_id)) is None:
            raise NotFound(f"There is no delivery {delivery_id}.")
        body, fallback = await self._fragments.read(row.body, row.fallback)
        assert body is not None
        return body, fallback

    async def settle(self, delivery: Delivery) -> None:
        await heads.hold_of(self._work, [delivery.id])
        words = {name: getattr(delivery, name) for name in say.SETTLED}
        words |= {"own_id": delivery.id, "open": delivery.state in _OPEN}
        await self._work.change(say.SETTLE, [words])
        await heads.advance(self._work, [delivery.id])

    async def sent(self, deliveries_: Sequence[Delivery]) -> list[Delivery]:
        """One that is in flight again, under a newer attempt, stays too: that one will tell.

        Whatever else it became meanwhile (ready again, unknown, given back), it was accepted.
        The papers of one that was given back are in the ledger again, unless they are already.
        """
        self._work.must_write()
        given = {one.id: one for one in deliveries_}
        await heads.hold_of(self._work, given.keys())
        standing = {}
        query = say.STANDING_ON_SERVER if self._work.locks_rows else say.STANDING
        for some in chunks(given.keys()):
            for number, channel_id, state, attempts in await self._work.rows(query, ids=some):
                newer = state is DeliveryState.IN_FLIGHT and attempts > given[number].attempts
                if state is not DeliveryState.SENT and not newer:
                    standing[number] = (channel_id, state)
        if not standing:
            return []
        after = [
            replace(
                one,
                channel_id=standing[one.id][0],
                state=DeliveryState.SENT,
                leased_until=None,
                not_before=None,
                error=None,
            )
            for one in given.values()
            if one.id in standing
        ]
        await say.SENT.run(self._work, [(one.platform_ids, one.sent_at, one.id) for one in after])
        await heads.advance(self._work, standing.keys())
        for one in after:
            if standing[one.id][1] is DeliveryState.STALE:
                await splitting.remember(self._work, one)
        return after

    async def split(self, delivery: Delivery, parts: Sequence[Drawn]) -> list[int]:
        """The delivery itself is settled as refused; its papers that no part holds are released.

        The parts go before what followed it. Gives none where the delivery is not there any more.
        """
        await heads.hold_of(self._work, [delivery.id])
        row = await self._work.row(say.ROUND, own_id=delivery.id)
        if row is None:
            return []
        channel_id, round_ = row
        await self.settle(
            replace(delivery, state=DeliveryState.REFUSED, leased_until=None, not_before=None)
        )
        written = await self._fragments.keep(
            (channel_id, body) for drawn in parts for body in (drawn.body, drawn.fallback)
        )
        ids = await self._work.numbers(deliveries, len(parts)) if parts else []
        rows = []
        for new, drawn in zip(ids, parts, strict=True):
            part = splitting.part(delivery, new, channel_id, drawn)
            rows.append(_values(part, drawn, False, round_, written))
        await say.INSERT.run(self._work, rows)
        await splitting.hand_over(
            self._work, channel_id, delivery.id, dict(zip(ids, parts, strict=True))
        )
        await heads.choose_again(self._work, delivery.id)
        return ids

    async def expired(
        self, now: datetime, *, limit: int, platform: str | None = None
    ) -> list[Delivery]:
        """Those whose lease ended first, sorted by id."""
        conditions = [text(IN_FLIGHT), deliveries.c.leased_until <= now]
        return await self._first(deliveries.c.leased_until, conditions, limit, platform)

    async def in_flight(self, *, limit: int, platform: str | None = None) -> list[Delivery]:
        return await self._first(say.BY_ID, [text(IN_FLIGHT)], limit, platform)

    async def unknown(self, platform: str, now: datetime, *, limit: int) -> list[Delivery]:
        conditions = [
            text(UNKNOWN),
            or_(deliveries.c.not_before.is_(None), deliveries.c.not_before <= now),
        ]
        return await self._first(say.BY_ID, conditions, limit, platform)

    async def overdue(
        self, now: datetime, *, limit: int, platform: str | None = None
    ) -> list[Delivery]:
        """Those that went stale first, sorted by id; without a platform, one after the other."""
        conditions = [text(CAN_GO_STALE), deliveries.c.stale_at <= now]
        found: list[Delivery] = []
        for name in [platform] if platform is not None else await self._platforms():
            if limit > len(found):
                some = limit - len(found)
                found += await self._first(deliveries.c.stale_at, conditions, some, name)
        return sorted(found, key=_age)

    async def _platforms(self) -> list[str]:
        """Those that have something that can go stale, by one look-up each."""
        names: list[str] = []
        while name := await self._work.value(say.PLATFORM_AFTER, last=names[-1] if names else ""):
            names.append(str(name))
        return names

    async def any_open(self, platform: str | None = None) -> bool:
        if platform is None:
            return bool(await self._work.value(say.ANY))
        return bool(await self._work.value(say.ANY_OF, name=platform))

    async def unsettled(self, channel_ids: Collection[int] | None = None) -> list[Delivery]:
        if channel_ids is None:
            return await self._where(text(UNSETTLED))
        found = []
        for some in chunks(channel_ids):
            found += await self._where(text(UNSETTLED), deliveries.c.channel_id.in_(some))
        return sorted(found, key=_age)

    async def of_digest(self, digest_id: int) -> list[Delivery]:
        owner = select(digests.c.channel_id).where(digests.c.id == digest_id).scalar_subquery()
        query = say.READ.where(
            deliveries.c.channel_id == owner, deliveries.c.digest_id == digest_id
        ).order_by(deliveries.c.order, deliveries.c.id)
        return [_delivery(row) for row in await self._work.rows(query)]

    async def waiting(self) -> int:
        query = select(func.count()).select_from(deliveries).where(text(UNSETTLED))
        return int(await self._work.value(query))

    async def _first(
        self,
        order: ColumnElement[Any],
        conditions: Sequence[ColumnElement[bool] | Any],
        limit: int,
        platform: str | None,
    ) -> list[Delivery]:
        query = say.READ.where(*conditions).order_by(order).limit(limit)
        if platform is not None:
            query = query.where(deliveries.c.platform == platform)
        return sorted(map(_delivery, await self._work.rows(query)), key=_age)

    async def _where(self, *conditions: ColumnElement[bool] | Any) -> list[Delivery]:
        # Sorted here: asked for the order of ids, SQLite reads the whole table instead of the
        # few rows of a partial index.
        rows = await self._work.rows(say.READ.where(*conditions))
        return sorted(map(_delivery, rows), key=_age)


def _place(delivery: Delivery) -> tuple[bool, int, int, int]:
    """What its channel's messages are sorted by (storage.repositories.heads)."""
    digest_id = delivery.digest_id
    return (digest_id is None, digest_id or 0, delivery.order, delivery.id)


def _numbered(ids: Sequence[int], deliveries_: Sequence[tuple[Delivery, Drawn]]) -> list[Delivery]:
    """The deliveries with their ids, and with the ids of those that they wait for."""
    siblings: dict[tuple[int, int | None], list[int]] = {}
    for new, (delivery, _) in zip(ids, deliveries_, strict=True):
        siblings.setdefault((delivery.channel_id, delivery.digest_id), []).append(new)
    added = []
    for new, (delivery, drawn) in zip(ids, deliveries_, strict=True):
        waits_for = delivery.waits_for
        if drawn.waits_for is not None:
            waits_for = siblings[delivery.channel_id, delivery.digest_id][drawn.waits_for]
        added.append(replace(delivery, id=new, waits_for=waits_for))
    return added


def _values(
    delivery: Delivery, drawn: Drawn, head: bool, waiting: int, written: Mapping[bytes, bytes]
) -> tuple[Any, ...]:
    return (
        delivery.channel_id,
        drawn.kind if delivery.kind is Kind.POST else delivery.kind,
        delivery.id,
        delivery.digest_id,
        delivery.order,
        delivery.papers or drawn.papers,
        delivery.waits_for,
        delivery.state,
        delivery.silent or drawn.silent,
        delivery.turn,
        delivery.attempts,
        delivery.unknowns,
        delivery.tried_at,
        delivery.created,
        delivery.not_before,
        delivery.stale_at,
        delivery.leased_until,
        delivery.platform_ids,
        delivery.sent_at,
        delivery.error,
        delivery.plain,
        delivery.address.platform,
        head,
        waiting,
        write(drawn.body, written),
        None if drawn.fallback is None else write(drawn.fallback, written),
    )
