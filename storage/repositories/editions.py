"""What each source listed for each day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import date, datetime

from sqlalchemy import select

from bot.papers import Edition, Listing
from storage.tables import editions, listings
from storage.work import Work

_EDITION = [editions.c[field.name] for field in fields(Edition)]
_LISTING = [listings.c[field.name] for field in fields(Listing)]


class SqlEditions:
    """bot.ports.memory.Editions."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def get(self, source: str, day: date) -> Edition | None:
        await self._work.alone(f"edition {source} {day}")
        query = select(*_EDITION).where(editions.c.source == source, editions.c.day == day)
        return Edition(*row) if (row := await self._work.row(query)) else None

    async def put(self, edition: Edition) -> None:
        await self._work.change(self._work.replacing(editions), [asdict(edition)])

    async def between(self, first: date, last: date) -> list[Edition]:
        query = select(*_EDITION).where(editions.c.day.between(first, last))
        found = [Edition(*row) for row in await self._work.rows(query)]
        # Sorted here: engines differ in how they order text.
        return sorted(found, key=lambda edition: (edition.day, edition.source))

    async def latest(self, source: str, *, holding: bool) -> Edition | None:
        query = (
            select(*_EDITION)
            .where(editions.c.source == source)
            .order_by(editions.c.day.desc())
            .limit(1)
        )
        if holding:
            query = query.where(editions.c.count > 0)
        return Edition(*row) if (row := await self._work.row(query)) else None

    async def add_listings(self, listings_: Iterable[Listing]) -> int:
        insert = self._work.insert(listings).on_conflict_do_nothing(
            index_elements=["paper_id", "source", "day"]
        )
        return await self._work.change(insert, [asdict(listing) for listing in listings_])

    async def listings_on(self, source: str, day: date) -> list[Listing]:
        query = (
            select(*_LISTING)
            .where(listings.c.source == source, listings.c.day == day)
            .order_by(listings.c.id)
        )
        return [Listing(*row) for row in await self._work.rows(query)]

    async def listings_between(self, after: datetime, until: datetime) -> list[Listing]:
        query = (
            select(*_LISTING)
            .where(listings.c.instant > after, listings.c.instant <= until)
            .order_by(listings.c.instant, listings.c.id)
        )
        return [Listing(*row) for row in await self._work.rows(query)]
