"""What a document is made of: the papers of one day's list with their readings, in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.desk import Desk
from bot.digest.pool import WHOLE_LIST
from bot.editions import DUE_AGE, read_day
from bot.papers import Edition, EditionState, Paper, Reading
from bot.reading import lower_rungs


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper and the best reading that is stored; at worst what its source tells of it."""

    paper: Paper
    reading: Reading


@dataclass(frozen=True, slots=True)
class ListedDay:
    """The list of one day: most votes first, among equals as the source lists them."""

    day: date
    language: str  # that readings were wanted in
    entries: tuple[Entry, ...]
    edition: Edition | None = None  # how far the list is known; None: it was never read

    @property
    def pages(self) -> str:
        """The address of the list as a page for people."""
        return f"https://huggingface.co/papers/date/{self.day.isoformat()}"


async def listed(
    desk: Desk, day: date, language: str, now: datetime, *, ask: bool = True
) -> ListedDay:
    """The day as it is stored; what is not stored, or not closed, is read from the source first.

    Nobody is asked with `ask` false, nor about a day that has no list. Readings are taken as they
    are: none is made. A source that fails raises nothing; its sentence is in the edition. Raises
    StoreBusy.
    """
    async with desk.store.snapshot() as tx:
        edition = await tx.editions.get(WHOLE_LIST, day)
    if ask and desk.sources[WHOLE_LIST].expects(day) and _unsettled(edition, now):
        edition = await read_day(desk, WHOLE_LIST, day, now)
    async with desk.store.snapshot() as tx:
        ids = [one.paper_id for one in await tx.editions.listings_on(WHOLE_LIST, day)]
        papers = await tx.papers.get(ids)
        readings = await tx.readings.get(ids, language)
    ranked = sorted((papers[one] for one in ids if one in papers), key=_votes)
    entries = tuple(Entry(paper, _best(paper, readings, language)) for paper in ranked)
    return ListedDay(day, language, entries, edition)


def _unsettled(edition: Edition | None, now: datetime) -> bool:
    if edition is None or edition.read_at is None or edition.failure is not None:
        return True
    fresh = timedelta(0) <= now - edition.read_at < DUE_AGE
    return edition.state is EditionState.OPEN and not fresh


def _votes(paper: Paper) -> int:
    return 1 if paper.upvotes is None else -paper.upvotes


def _best(paper: Paper, readings: dict[str, Reading], language: str) -> Reading:
    found = readings.get(paper.id)
    usable = found is not None and (found.lines or found.report is not None)
    return found if found is not None and usable else lower_rungs(paper, language)
