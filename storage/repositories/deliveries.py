"""The outbox."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, cast, func, or_, select, text
from sqlalchemy import Text as SqlText

from bot.channels import Address, Body, Delivery, DeliveryState, Drawn, Kind
from bot.errors import NotFound
from bot.ports.outbox import Next
from storage.fragments import Fragments
from storage.repositories import adding, heads, splitting
from storage.repositories import outgoing as say
from storage.tables import (
    CAN_GO_STALE,
    IN_FLIGHT,
    UNKNOWN,
    UNSETTLED,
    deliveries,
    digests,
)
from storage.work import Work, chunks

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
            rounds = await adding.waiting_in(self._work, channel_ids)
            added = adding.numbered(ids, deliveries_)
            await adding.check_waits(self._work, added)
            first = await adding.heads_of(self._work, added)
            rows = []
            for delivery, drawn in zip(added, (drawn for _, drawn in deliveries_), strict=True):
                chat = (delivery.address.platform, delivery.address.chat)
                head = delivery.id in first
                if adding.is_notice_to_all(delivery):
                    rows.append(adding.values(delivery, drawn, head, say.LAST_ROUND, written))
                    continue
                rows.append(adding.values(delivery, drawn, head, rounds[chat], written))
                rounds[chat] += 1
            await say.INSERT.run(self._work, rows)
        return ids

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
            one = say.delivery(row[:-2])
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
        query = say.WAKE_ON_SERVER if self._work.locks_rows else say.WAKE
        return await self._work.change(query, words)

    async def next_waking(self, platform: str) -> datetime | None:
        found: datetime | None = await self._work.value(say.WAKING, name=platform)
        return found

    async def get(self, delivery_id: int) -> Delivery | None:
        row = await self._work.row(say.ONE, own_id=delivery_id)
        return say.delivery(row) if row else None

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
        words |= {"own_id": delivery.id, "open": delivery.state in adding.OPEN}
        await self._work.change(say.SETTLE, [words])
        if delivery.state is DeliveryState.READY and adding.is_notice_to_all(delivery):
            await heads.choose_again(self._work, delivery.id)  # a digest may have come meanwhile
        else:
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
            rows.append(adding.values(part, drawn, False, round_, written))
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
        return [say.delivery(row) for row in await self._work.rows(query)]

    async def of_message(self, channel_id: int, platform_id: str) -> Delivery | None:
        """Looks through what the channel was sent, newest first: some thousand rows at most."""
        if not platform_id.isalnum():
            return None  # no wildcard of the pattern below
        query = (
            say.READ.where(
                deliveries.c.channel_id == channel_id,
                deliveries.c.kind != Kind.EDIT,
                cast(deliveries.c.platform_ids, SqlText).like(f'%"{platform_id}"%'),
            )
            .order_by(deliveries.c.id.desc())
            .limit(1)
        )
        row = await self._work.row(query)
        return say.delivery(row) if row else None

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
        return sorted(map(say.delivery, await self._work.rows(query)), key=_age)

    async def _where(self, *conditions: ColumnElement[bool] | Any) -> list[Delivery]:
        # Sorted here: asked for the order of ids, SQLite reads the whole table instead of the
        # few rows of a partial index.
        rows = await self._work.rows(say.READ.where(*conditions))
        return sorted(map(say.delivery, rows), key=_age)
