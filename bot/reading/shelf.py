"""The reading room: each paper read once per language, whatever the number of those who ask."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic

from bot.cards.blocks import Rung
from bot.errors import StoreBusy
from bot.papers import Paper, Reading
from bot.ports import Claimed, FullText, Meter, Reader, Store, Unwatched
from bot.reading.abstracts import lower_rungs
from bot.reading.making import Again, Made, Maker
from bot.reading.money import Budget, Purse, tomorrow
from bot.reading.waiting import Waiting

BETTER_WITHIN = timedelta(hours=48)  # after the first try a better reading is looked for
MOST = 12  # tries of one paper in one language
SPENT = "reading-spent"  # note: the day (UTC) whose tokens did not reach for a reading
_LONGEST = 420.0  # seconds for one reading, whatever its model and its source are up to
_LEASE = timedelta(seconds=480)
_FIRST_LOOK = timedelta(hours=2)  # until a full text that was not there is asked for again
_FIRST_TRY = timedelta(minutes=1)  # until a reading that failed is tried again; then twice as long
_SLOWEST = timedelta(hours=6)

_FAILURES = 3  # readings in a row that failed, after which the endpoint is left alone
_REST, _LONGEST_REST = 30.0, 300.0  # seconds
_ASKED = 4  # readings at once for people who wait, besides those of the day
_CHEAPEST = 3_000  # tokens of a reading of an abstract

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Room:
    """Where readings are made: a model, full texts, and what they may cost."""

    store: Store
    reader: Reader
    fulltext: FullText | None = None
    budget: Budget = field(default_factory=Budget)
    languages: frozenset[str] = frozenset()  # that readings are made in; empty: all
    concurrency: int = 8
    meter: Meter = field(default_factory=Unwatched)
    questions: Waiting = field(init=False, default_factory=Waiting)
    purse: Purse = field(init=False)
    maker: Maker = field(init=False)
    _gate: asyncio.Semaphore = field(init=False)
    _side_gate: asyncio.Semaphore = field(init=False)
    _under_way: dict[tuple[str, str], asyncio.Task[Reading]] = field(
        init=False, default_factory=dict
    )
    _failures: int = field(init=False, default=0)  # of the endpoint, in a row
    _rests_until: float = field(init=False, default=0.0)  # of time.monotonic

    def __post_init__(self) -> None:
        self.purse = Purse(self.store, self.budget)
        self.maker = Maker(
            self.reader, self.fulltext, self.purse, at_once=self.concurrency, meter=self.meter
        )
        # As many again as there are calls: their texts are fetched and fitted meanwhile.
        self._gate = asyncio.Semaphore(2 * self.concurrency)
        self._side_gate = asyncio.Semaphore(_ASKED)

    def reads(self, language: str) -> bool:
        """Whether readings are made in this language."""
        return not self.languages or language in self.languages

    async def read(
        self, paper: Paper, language: str, now: datetime, *, person: str | None = None
    ) -> Reading:
        """The best reading there is, made now when nobody made one; at worst the lower rungs.

        Two who ask at once in this process wait for the same one; where another process reads
        it just now, what is there so far is given. Raises StoreBusy, and nothing else.
        """
        key = (paper.id, language)
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(
                self._read(paper, language, now, person), name=f"reading {paper.id} {language}"
            )
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        # Who waits may go away; the reading is paid for and is made for the others too.
        return await asyncio.shield(task)

    def _ended(self, key: tuple[str, str], task: asyncio.Task[Reading]) -> None:
        self._under_way.pop(key, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("not read: paper=%s: %s", key[0], error)  # nobody may wait for it any more

    async def read_all(
        self,
        wanted: Sequence[tuple[Paper, str]],
        now: Callable[[], datetime],
        step: Callable[[], None] = lambda: None,
    ) -> list[Reading]:
        """The readings of all of these, in order; `concurrency` are made at a time.

        `step` is called after each. Raises StoreBusy when the database is locked, after the others.
        """

        async def one(paper: Paper, language: str) -> Reading:
            try:
                return await self.read(paper, language, now())
            finally:
                step()

        try:
            done = await asyncio.gather(*(one(*each) for each in wanted), return_exceptions=True)
        except asyncio.CancelledError:
            await self.close({(paper.id, language) for paper, language in wanted})
            raise
        readings = []
        for each in done:
            if isinstance(each, BaseException):
                raise each
            readings.append(each)
        return readings

    async def close(self, keys: Collection[tuple[str, str]] | None = None) -> None:
        """Break off what is under way, or those of it; others may read them at once."""
        tasks = [one for key, one in self._under_way.items() if keys is None or key in keys]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(
        self, paper: Paper, language: str, now: datetime, person: str | None
    ) -> Reading:
        async with self._gate if person is None else self._side_gate:
            known, attempt, since = await self._claimed(paper, language, now, person)
            if attempt is None:
                return known or lower_rungs(paper, language)
            made = Made(known or lower_rungs(paper, language), Again.FAILED)
            began = monotonic()
            try:
                async with asyncio.timeout(_LONGEST):
                    made = await self.maker.make(paper, language, now, person=person, known=known)
            except TimeoutError:
                log.warning("not read in %d s: paper=%s", _LONGEST, paper.id)
            except asyncio.CancelledError:
                await self._end(paper, language, attempt, now)
                raise
            self._note(made)
            self.meter.made(str(made.reading.rung), language, monotonic() - began)
            again = next_try(made, attempt, since, now)
            await self._keep(paper, language, attempt, made, again, now)
            return made.reading

    @property
    def resting(self) -> bool:
        """Whether the endpoint is left alone for a while, for it answered nobody."""
        return monotonic() < self._rests_until

    def _note(self, made: Made) -> None:
        """Nobody waits for an endpoint that is away, paper after paper."""
        self._failures = self._failures + 1 if made.again is Again.FAILED else 0
        if made.retry_after or self._failures >= _FAILURES:
            pause = min(made.retry_after or _REST, _LONGEST_REST)
            self._rests_until = monotonic() + pause

    async def is_poor(self, person: str | None, now: datetime) -> bool:
        """Whether the person's tokens of the day cannot reach for a reading."""
        most = self.budget.person
        if person is None or most is None:
            return False
        return (await self.purse.spent(now, person)).tokens + _CHEAPEST > most

    async def _claimed(
        self, paper: Paper, language: str, now: datetime, person: str | None
    ) -> tuple[Reading | None, int | None, datetime]:
        """What stands already; the number of our try, if there is to be one; of the first."""
        if not self.reads(language) or self.resting or await self.is_poor(person, now):
            async with self.store.snapshot() as tx:
                return (await tx.readings.get([paper.id], language)).get(paper.id), None, now
        async with self.store.transaction() as tx:
            known = (await tx.readings.get([paper.id], language)).get(paper.id)
            real = datetime.now(UTC)
            attempt = await tx.readings.claim(
                paper.id, language, now, at=real, until=real + _LEASE, most=MOST
            )
            work = (await tx.readings.work([paper.id], language)).get(paper.id)
        return known, attempt, work.since if work else now

    async def _keep(
        self,
        paper: Paper,
        language: str,
        attempt: int,
        made: Made,
        again: datetime | None,
        now: datetime,
    ) -> None:
        async with self.store.transaction() as tx:
            if not await tx.readings.done(paper.id, language, attempt, again=again):
                return  # it took so long that another has the claim now
            if made.new:
                await tx.readings.put(made.reading)
            if made.again is Again.SPENT:
                await tx.notes.put(SPENT, now.astimezone(UTC).date().isoformat())

    async def _end(self, paper: Paper, language: str, attempt: int, now: datetime) -> None:
        """Give the claim back: the process ends, and another may go on at once."""
        try:
            async with self.store.transaction() as tx:
                await tx.readings.done(paper.id, language, attempt, again=now)
        except StoreBusy as error:
            log.warning("the claim of a reading ends by itself: %s", error)


def next_try(made: Made, attempt: int, since: datetime, now: datetime) -> datetime | None:
    """When the paper is tried again; None: never."""
    match made.again:
        case Again.NEVER:
            return None
        case Again.SPENT:
            when = tomorrow(now)
        case Again.PERSON_SPENT:
            when = now  # others may, with their own tokens
        case Again.NO_TEXT_YET:
            when = now + max(_FIRST_LOOK, now - since)
        case Again.FAILED:
            pause = min(_FIRST_TRY * 2 ** (attempt - 1), _SLOWEST)
            when = now + max(pause, timedelta(seconds=made.retry_after or 0))
    return when if when - since <= BETTER_WITHIN else None


def is_awaited(reading: Reading | None, work: Claimed | None, until: datetime) -> bool:
    """Whether a reading that is not there may still come until then."""
    if reading is not None:
        return False
    if work is None or work.claimed_until is not None:
        return True
    return work.not_before is not None and work.not_before < until and work.attempts < MOST


def may_get_better(reading: Reading | None, work: Claimed | None) -> bool:
    """Whether a card made now may be worth an edit later."""
    if reading is not None and reading.rung == Rung.FULL_TEXT:
        return False
    return work is None or work.claimed_until is not None or work.not_before is not None


__all__ = ["BETTER_WITHIN", "MOST", "SPENT", "Room", "is_awaited", "may_get_better"]
