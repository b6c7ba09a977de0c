"""One row for each channel and local day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date, datetime

from sqlalchemy import bindparam, func, insert, select

from bot.channels import Digest, Kind
from storage.bulk import Bulk
from storage.tables import deliveries, digests
from storage.work import Work, chunks

_FIELDS = [field.name for field in fields(Digest)]
_COLUMNS = [digests.c[name] for name in _FIELDS]
_INSERT = Bulk(lambda work: insert(digests), *_FIELDS)


class SqlDigests:
    """bot.ports.memory.Digests."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, digests_: Sequence[Digest]) -> list[int]:
        if not digests_:
            return []
        ids = await self._work.numbers(digests, len(digests_))
        rows = [
            (
                digest.channel_id,
                digest.local_date,
                digest.due,
                digest.opened,
                digest.horizon,
                new,
                digest.papers,
                digest.matched,
                digest.shown,
                digest.passed,
                digest.notice,
                digest.spoke,
                digest.missing,
            )
            for new, digest in zip(ids, digests_, strict=True)
        ]
        async with self._work.together("a channel has a digest of that local date already"):
            await _INSERT.run(self._work, rows)
        return ids

    async def get(self, channel_id: int, local_date: date) -> Digest | None:
        query = select(*_COLUMNS).where(
            digests.c.channel_id == channel_id, digests.c.local_date == local_date
        )
        return Digest(*row) if (row := await self._work.row(query)) else None

    async def last(self, channel_ids: Collection[int]) -> dict[int, Digest]:
        found = {}
        for some in chunks(channel_ids):
            latest = (
                select(digests.c.channel_id, func.max(digests.c.local_date).label("local_date"))
                .where(digests.c.channel_id.in_(some))
                .group_by(digests.c.channel_id)
                .subquery()
            )
            query = select(*_COLUMNS).join(
                latest,
                (digests.c.channel_id == latest.c.channel_id)
                & (digests.c.local_date == latest.c.local_date),
            )
            for row in await self._work.rows(query):
                found[row.channel_id] = Digest(*row)
        return found

    async def recent(self, channel_id: int, *, limit: int) -> list[Digest]:
        query = (
            select(*_COLUMNS)
            .where(digests.c.channel_id == channel_id)
            .order_by(digests.c.local_date.desc())
            .limit(limit)
        )
        return [Digest(*row) for row in await self._work.rows(query)]

    async def arrivals(self, channel_id: int, *, limit: int) -> list[tuple[datetime, datetime]]:
        """Edits of what was posted do not count; looks at twice `limit` digests, no more."""
        rows = await self._work.rows(_ARRIVALS, channel_id=channel_id, most=2 * limit)
        return [(due, last) for due, last in rows][:limit]


_newest = (
    select(digests.c.id, digests.c.due, digests.c.local_date)
    .where(digests.c.channel_id == bindparam("channel_id"), digests.c.spoke)
    .order_by(digests.c.local_date.desc())
    .limit(bindparam("most"))
    .subquery()
)
_ARRIVALS = (
    select(_newest.c.due, func.max(deliveries.c.sent_at))
    .join(
        deliveries,
        (deliveries.c.channel_id == bindparam("channel_id"))
        & (deliveries.c.digest_id == _newest.c.id)
        & (deliveries.c.kind != Kind.EDIT),
    )
    .group_by(_newest.c.id, _newest.c.due, _newest.c.local_date)
    .having(func.count() == func.count(deliveries.c.sent_at))
    .order_by(_newest.c.local_date.desc())
)
