"""Removing what has had its time, in steps that are short for everybody else.

Nothing here has an index of its own: ids follow the clock, so the oldest rows come first, and
every step reads a few rows from where the last one ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    text,
)

from bot.channels import DeliveryState, LedgerState
from bot.ports.keeping import Numbers, Step
from storage.fragments import alone, numbers
from storage.repositories.notes import SqlNotes
from storage.tables import (
    UNSETTLED,
    channels,
    deliveries,
    digests,
    editions,
    fragments,
    ledger,
    listings,
    papers,
    reading_work,
    readings,
    saved,
)
from storage.work import Work, chunks

_NEWEST_DIGESTS = 31  # of a channel that stay: what looks back looks back so far

_waiting = deliveries.alias("waiting")
_AGE = func.coalesce(
    deliveries.c.sent_at,
    deliveries.c.tried_at,
    deliveries.c.created,
    type_=deliveries.c.created.type,
)
_BEFORE = bindparam("before", type_=deliveries.c.created.type)
_OVER = and_(
    deliveries.c.state.in_([DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.STALE]),
    _AGE < _BEFORE,
    ~exists().where(
        _waiting.c.channel_id == deliveries.c.channel_id,
        text(f"waiting.{UNSETTLED}"),  # as its index has it
        _waiting.c.waits_for == deliveries.c.id,
    ),
)
_later = digests.alias("later")
_OLDEST_KEPT = (
    select(_later.c.local_date)
    .where(_later.c.channel_id == digests.c.channel_id)
    .order_by(_later.c.local_date.desc())
    .limit(1)
    .offset(_NEWEST_DIGESTS - 1)
    .scalar_subquery()
)
_OLD_DIGEST = and_(
    digests.c.opened < bindparam("before", type_=digests.c.opened.type),
    digests.c.local_date < _OLDEST_KEPT,
    ~exists().where(
        deliveries.c.channel_id == digests.c.channel_id, deliveries.c.digest_id == digests.c.id
    ),
)
_OLD_ROW = and_(
    ledger.c.at < bindparam("before", type_=ledger.c.at.type),
    ledger.c.state != LedgerState.RESERVED,
    ~exists().where(
        listings.c.paper_id == ledger.c.paper_id,
        listings.c.instant >= bindparam("listed", type_=listings.c.instant.type),
    ),
)
_listing = exists().where(listings.c.paper_id == papers.c.id)
_OLD_PAPER = and_(
    _listing,
    ~_listing.where(listings.c.instant >= bindparam("before", type_=listings.c.instant.type)),
    papers.c.id.not_in(select(saved.c.paper_id)),
)
_OF_PAPERS = tuple(  # what goes with them
    delete(table).where(table.c.paper_id.in_(bindparam("ids", expanding=True)))
    for table in (listings, readings, reading_work)
)
_SEARCHED = text("DELETE FROM papers_search WHERE rowid = :number")  # on a server they cascade


class SqlPruning:
    """bot.ports.keeping.Pruning."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def messages(self, before: datetime, *, after: int, limit: int, dry: bool) -> Step:
        """Ends at the first step whose deliveries are all younger than the instant."""
        window = await self._window(deliveries.c.id, after, limit, before <= _AGE)
        return await self._step(deliveries.c.id, _OVER, window, dry=dry, before=before)

    async def digests(self, before: datetime, *, after: int, limit: int, dry: bool) -> Step:
        """Ends at the first step whose digests are all younger than the instant."""
        window = await self._window(digests.c.id, after, limit, digests.c.opened >= before)
        return await self._step(digests.c.id, _OLD_DIGEST, window, dry=dry, before=before)

    async def _window(
        self, number: ColumnElement[int], after: int, limit: int, young: ColumnElement[bool]
    ) -> tuple[int, int, bool]:
        """(after, up to, whether it is the last): the next rows."""
        query = select(number, young).where(number > after).order_by(number).limit(limit)
        rows = await self._work.rows(query)
        last = rows[-1][0] if rows else after
        return after, last, len(rows) < limit or all(row[1] for row in rows)

    async def _step(
        self,
        number: Any,
        condition: ColumnElement[bool],
        window: tuple[int, int, bool],
        *,
        dry: bool,
        **words: Any,
    ) -> Step:
        after, until, ended = window
        query = select(number).where(number > after, number <= until, condition)
        found = [row[0] for row in await self._work.rows(query, **words)]
        if not dry:
            for some in chunks(found):
                await self._work.change(delete(number.table).where(number.in_(some)))
        return Step(len(found), None if ended else until)

    async def ledger(
        self, before: datetime, listed: datetime, *, after: int, limit: int, dry: bool
    ) -> Step:
        """The limit is of channels: a row is found by its channel's number only."""
        query = (
            select(channels.c.id).where(channels.c.id > after).order_by(channels.c.id).limit(limit)
        )
        owners = [row.id for row in await self._work.rows(query)]
        gone = 0
        words = {"before": before, "listed": listed}
        for owner in owners:
            old = and_(ledger.c.channel_id == owner, _OLD_ROW)
            if dry:
                gone += int(
                    await self._work.value(
                        select(func.count()).select_from(ledger).where(old), **words
                    )
                )
            else:
                gone += await self._work.change(delete(ledger).where(old), words)
        return Step(gone, owners[-1] if len(owners) == limit else None)

    async def papers(self, before: datetime, *, after: int, limit: int, dry: bool) -> Step:
        await self._work.alone("papers")  # who lists one again waits, and stores it anew
        query = (
            select(papers.c.number).where(papers.c.number > after).order_by(papers.c.number)
        ).limit(limit)
        window = [row.number for row in await self._work.rows(query)]
        if not window:
            return Step(0, None)
        old = select(papers.c.number, papers.c.id).where(
            papers.c.number > after, papers.c.number <= window[-1], _OLD_PAPER
        )
        found = await self._work.rows(old, before=before)
        if not dry:
            for some in chunks([row.id for row in found]):
                for statement in _OF_PAPERS:
                    await self._work.change(statement, {"ids": some})
            if self._work.sqlite:
                await self._work.change(_SEARCHED, [{"number": row.number} for row in found])
            for some in chunks([row.number for row in found]):
                await self._work.change(delete(papers).where(papers.c.number.in_(some)))
        return Step(len(found), window[-1] if len(window) == limit else None)

    async def editions(self, before: datetime, *, dry: bool) -> int:
        if dry:
            query = select(func.count()).select_from(editions).where(editions.c.closes < before)
            return int(await self._work.value(query))
        return await self._work.change(delete(editions).where(editions.c.closes < before))

    async def newest_message(self) -> int:
        await alone(self._work)
        return int(await self._work.value(select(func.max(deliveries.c.id))) or 0)

    async def used(
        self, *, after: int, until: int, before: datetime | None, limit: int
    ) -> tuple[list[int], int | None]:
        query = (
            select(deliveries.c.id, deliveries.c.body, deliveries.c.fallback)
            .where(deliveries.c.id > after, deliveries.c.id <= until)
            .order_by(deliveries.c.id)
            .limit(limit)
        )
        rows = (
            await self._work.rows(query)
            if before is None
            else await self._work.rows(query.where(or_(_AGE.is_(None), ~_OVER)), before=before)
        )
        found = {
            number
            for row in rows
            for written in (row.body, row.fallback)
            for number in numbers(written or b"")
        }
        return sorted(found), rows[-1].id if len(rows) == limit else None

    async def fragments(
        self, used: Numbers, seen: int, *, after: int, limit: int, dry: bool
    ) -> tuple[Step, int]:
        """Nobody else adds meanwhile: on SQLite the writer is alone, a server has a lock."""
        newest = seen
        if not dry:
            newest = await self.newest_message()
            begin: int | None = seen
            while begin is not None:
                added, begin = await self.used(after=begin, until=newest, before=None, limit=5000)
                used.update(added)
        query = (
            select(fragments.c.id)
            .where(fragments.c.id > after)
            .order_by(fragments.c.id)
            .limit(limit)
        )
        if self._work.locks_rows:  # what goes with its channel just now is left to that
            query = query.with_for_update(skip_locked=True)
        window = [row.id for row in await self._work.rows(query)]
        unused = [number for number in window if number not in used]
        if not dry:
            for some in chunks(unused):
                await self._work.change(delete(fragments).where(fragments.c.id.in_(some)))
        return Step(len(unused), window[-1] if len(window) == limit else None), newest

    async def notes_of_gone_channels(self, prefixes: Iterable[str], *, dry: bool) -> int:
        notes = SqlNotes(self._work)
        gone = 0
        for prefix in prefixes:
            owners = {
                int(number): name
                for name in await notes.starting(prefix)
                if (number := name.removeprefix(prefix)).isdecimal()
            }
            there: set[int] = set()
            for some in chunks(owners.keys()):
                query = select(channels.c.id).where(channels.c.id.in_(some))
                there |= {row.id for row in await self._work.rows(query)}
            for owner in owners.keys() - there:
                gone += 1
                if not dry:
                    await notes.put(owners[owner], None)
        return gone
