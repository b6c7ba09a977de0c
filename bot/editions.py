"""Reading the lists: what a source shows for a day becomes papers, listings and an edition."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from bot.desk import Desk
from bot.errors import GiveUp, NotFound, SourceFailed
from bot.papers import Edition, EditionState, Listing, Paper, merge
from bot.ports import Fetched, Source, Transaction

FURTHEST = timedelta(days=31)  # no list older than this is read or sent unasked
OPEN_AGE = timedelta(minutes=15)  # an open list is read again after this
DUE_AGE = timedelta(minutes=5)  # the same, when a digest is about to open
REFRESH_AGE = timedelta(hours=20)  # a closed list is read again for its votes after this
REFRESH_DAYS = timedelta(days=7)  # as long as a paper may rise
FAILING_AFTER = timedelta(hours=2)  # a source not read for so long holds digests up
_DOWN = 2  # failed reads in a row after which a source is taken to be down
_LISTED = "listed-at"  # note: when a digest last put a paper on its compact list only

log = logging.getLogger(__name__)


async def read_day(desk: Desk, source: str, day: date, now: datetime) -> Edition:
    """Read the list of one day once and store what it shows; gives the edition afterwards.

    A failure never raises and never hides what was read before: it is in `Edition.failure`.
    """
    async with desk.store.snapshot() as tx:
        known = await tx.editions.get(source, day)
    before = known or Edition(source, day, desk.sources[source].closes(day))
    edition, _ = await _read(desk, before, now)
    return edition


async def _read(desk: Desk, before: Edition, now: datetime) -> tuple[Edition, bool]:
    """Read one list; gives its edition, and whether the source seems to be down."""
    edition, down = await _read_or_fail(desk, before, now)
    desk.meter.listed(edition.source, "failed" if edition.failure else edition.state.value)
    return edition, down


async def _read_or_fail(desk: Desk, before: Edition, now: datetime) -> tuple[Edition, bool]:
    source, day = before.source, before.day
    port = desk.sources[source]
    try:
        fetched = await port.edition(day, before.validator, now=now)
    except (SourceFailed, GiveUp, NotFound) as error:
        partial = error.partial if isinstance(error, SourceFailed) else None
        down = isinstance(error, SourceFailed) and partial is None
        return await _store_failure(desk, before, str(error), partial, now), down
    except Exception as error:  # a mistake of ours in one source must not silence the others
        log.exception("list not understood", extra={"source": source, "day": day.isoformat()})
        failure = f"{source} could not be understood ({type(error).__name__})."
        return await _store_failure(desk, before, failure, None, now), False
    for record in fetched.broken:
        facts = {"source": source, "day": day.isoformat(), "record": record.where}
        log.warning("record left out", extra={**facts, "error": record.why})
    async with desk.store.transaction() as tx:
        after, added = await _store_read(tx, before, fetched, now)
    # Most reads find nothing new: they are told to those who look closely.
    level = logging.INFO if added or after.state != before.state else logging.DEBUG
    if log.isEnabledFor(level):
        log.log(
            level,
            "list read",
            extra={
                "source": source,
                "day": day.isoformat(),
                "state": after.state.value,
                "papers": after.count,
                "new": added,
                "broken": after.broken,
            },
        )
    return after, False


async def _store_failure(
    desk: Desk, before: Edition, failure: str, partial: Fetched | None, now: datetime
) -> Edition:
    """Store that a read failed, and what of the list came whole all the same."""
    log.log(
        logging.INFO if failure != before.failure else logging.DEBUG,
        "list not read",
        extra={"source": before.source, "day": before.day.isoformat(), "error": failure},
    )
    async with desk.store.transaction() as tx:
        before = await tx.editions.get(before.source, before.day) or before
        added = await _store_listings(tx, before, partial.papers, now) if partial else 0
        after = replace(
            before,
            count=before.count + added,
            tried_at=now,
            failure=failure,
            failing_since=before.failing_since or now,
        )
        await tx.editions.put(after)
    return after


async def _store_read(
    tx: Transaction, before: Edition, fetched: Fetched, now: datetime
) -> tuple[Edition, int]:
    """The edition afterwards, and how many of its papers were not known of it."""
    before = await tx.editions.get(before.source, before.day) or before
    added = await _store_listings(tx, before, fetched.papers, now)
    count = before.count + added
    state = before.state
    if now >= before.closes:
        state = EditionState.CLOSED if count else EditionState.EMPTY
    after = replace(
        before,
        state=state,
        count=count,
        broken=before.broken if fetched.unchanged else len(fetched.broken),
        read_at=now,
        tried_at=now,
        failure=None,
        failing_since=None,
        validator=fetched.validator or (before.validator if fetched.unchanged else None),
    )
    await tx.editions.put(after)
    return after, added


async def _store_listings(
    tx: Transaction, edition: Edition, papers: tuple[Paper, ...], now: datetime
) -> int:
    """Store papers and that they are on the list; gives how many were not known of it."""
    if not papers:
        return 0
    await put_merged(tx, papers)
    instant = min(now, edition.closes)
    return await tx.editions.add_listings(
        Listing(paper.id, edition.source, edition.day, instant) for paper in papers
    )


async def put_merged(tx: Transaction, papers: tuple[Paper, ...]) -> None:
    """Store papers that a source told of, merged with what is known of them."""
    known = await tx.papers.get([paper.id for paper in papers])
    merged = [merge(known.get(paper.id), paper) for paper in papers]
    await tx.papers.put(paper for paper in merged if paper != known.get(paper.id))


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of the lists from `first` to today, before and after reading them."""

    first: date
    editions: Mapping[tuple[str, date], Edition]
    refreshes: bool  # papers wait on compact lists: the votes of closed lists are of interest
    read: tuple[Edition, ...] = ()  # those read since

    def wants(self, port: Source, day: date, now: datetime, max_age: timedelta) -> bool:
        """Whether the list of a day is to be read now."""
        edition = self.editions.get((port.name, day))
        if edition is None or edition.tried_at is None or edition.tried_at > now:
            return day >= self.first
        age = now - edition.tried_at
        if edition.state is EditionState.OPEN:
            closed_meanwhile = edition.tried_at < edition.closes <= now
            return day >= self.first and (closed_meanwhile or age >= max_age)
        if edition.state is EditionState.EMPTY or not self.refreshes:
            return False
        return now - edition.closes < REFRESH_DAYS and age >= REFRESH_AGE

    def troubled(self, sources: Iterable[str], now: datetime) -> dict[str, Edition]:
        """The sources that could not be read within the last 2 hours, with a failed edition each.

        A source is in trouble when a read failed and none succeeded since, nor since 2 hours
        ago. A closed list that was read again for its votes, in vain, says nothing for ever.
        """
        found: dict[str, Edition] = {}
        for name in sources:
            own = [
                edition
                for edition in self.editions.values()
                if edition.source == name and edition.day >= self.first
            ]
            last = max((e.read_at for e in own if e.read_at and e.read_at <= now), default=None)
            failed = [e for e in own if e.failure and (last is None or (e.tried_at or now) >= last)]
            if failed and (last is None or now - last > FAILING_AFTER):
                found[name] = max(failed, key=lambda edition: edition.tried_at or now)
        return found

    def unread(self, sources: Iterable[Source], now: datetime) -> dict[str, datetime]:
        """For each source the closing of its earliest list that was never read after it.

        A single list may fail for days while the others are read.
        """
        found: dict[str, datetime] = {}
        for port in sources:
            day = self.first
            while day <= now.date():
                closes = port.closes(day)
                edition = self.editions.get((port.name, day))
                if closes <= now and (edition is None or edition.state is EditionState.OPEN):
                    found[port.name] = closes
                    break
                day += timedelta(days=1)
        return found


async def survey(tx: Transaction, now: datetime, first: date) -> Survey:
    """What is known of the lists from `first` (at most 31 days back) to today."""
    first = max(first, (now - FURTHEST).date())
    earliest = min(first, (now - REFRESH_DAYS).date())
    editions = await tx.editions.between(earliest, now.date())
    listed_at = await tx.notes.get(_LISTED)
    return Survey(
        first,
        {(edition.source, edition.day): edition for edition in editions},
        listed_at is not None and now - datetime.fromisoformat(listed_at) < REFRESH_DAYS,
    )


async def read_surveyed(
    desk: Desk, before: Survey, now: datetime, *, max_age: timedelta = OPEN_AGE
) -> Survey:
    """Read every list that the survey wants, sources side by side; gives the survey after it.

    Newest first, so that what people wait for comes before what is made up for; a source that
    fails several times in a row is left alone until the next round.

    Those are the lists from its first day to today that are not closed and were not read (or
    tried) within `max_age`; while papers wait on compact lists, also closed lists of the last
    7 days once a day, for their votes.
    """
    earliest = min(before.first, (now - REFRESH_DAYS).date())
    days = [now.date() - timedelta(days=n) for n in range((now.date() - earliest).days + 1)]

    async def of(port: Source) -> list[Edition]:
        found = []
        down = 0
        for day in days:
            if down < _DOWN and before.wants(port, day, now, max_age):
                known = before.editions.get((port.name, day))
                edition = known or Edition(port.name, day, port.closes(day))
                edition, failed = await _read(desk, edition, now)
                down = down + 1 if failed else 0
                found.append(edition)
        return found

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(of(port)) for port in desk.sources.values()]
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
    read = tuple(edition for task in tasks for edition in task.result())
    after = {**before.editions, **{(edition.source, edition.day): edition for edition in read}}
    return replace(before, editions=after, read=read)


async def read_lists(
    desk: Desk, now: datetime, *, first: date, max_age: timedelta = OPEN_AGE
) -> list[Edition]:
    """Read every day from `first` to today whose list is wanted; gives those that were read."""
    async with desk.store.snapshot() as tx:
        before = await survey(tx, now, first)
    return list((await read_surveyed(desk, before, now, max_age=max_age)).read)


async def note_listed(tx: Transaction, now: datetime) -> None:
    """Remember that papers wait on a compact list: their votes are worth reading again."""
    await tx.notes.put(_LISTED, now.isoformat())


async def last_closed_day(tx: Transaction, desk: Desk, now: datetime) -> date:
    """The day of the newest list that is closed at `now` and is not known to be empty.

    Taken from the first source; by its calendar where it was not read yet.
    """
    port = next(iter(desk.sources.values()))
    first = (now - FURTHEST).date()
    known = {
        e.day: e for e in await tx.editions.between(first, now.date()) if e.source == port.name
    }
    day = now.astimezone(UTC).date()
    newest: date | None = None
    while day > first:
        edition = known.get(day)
        holds = edition.count > 0 if edition and edition.state != EditionState.OPEN else None
        if port.closes(day) <= now:
            if holds or (holds is None and port.expects(day)):
                return day
            if newest is None and port.expects(day):
                newest = day
        day -= timedelta(days=1)
    return newest or day


def first_day(desk: Desk, horizon: datetime) -> date:
    """The first day whose list can hold a listing later than `horizon`."""
    day = (horizon - timedelta(days=2)).date()
    while all(port.closes(day) <= horizon for port in desk.sources.values()):
        day += timedelta(days=1)
    return day
