"""A source whose lists a test writes: papers appear at instants, and reads fail when told to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import NotFound, SourceFailed
from bot.papers import Paper
from bot.ports import Fetched

NEW_YORK = ZoneInfo("America/New_York")


class ScriptedSource:
    """Source port over a script; closes at 21:45 in New York, no lists at weekends."""

    def __init__(self, name: str = "huggingface") -> None:
        self.name = name
        self.lists: dict[date, list[tuple[datetime, Paper]]] = {}
        self.votes: dict[str, list[tuple[datetime, int]]] = {}
        self.outages: list[tuple[datetime, datetime]] = []
        self.breaks_off_after: int | None = None  # records of a list that come before it is cut
        self.asked: list[tuple[datetime, date]] = []

    def show(self, day: date, paper: Paper, *, at: datetime | None = None) -> Paper:
        """Put the paper on the list of `day` from `at` (the day's noon, UTC) on."""
        instant = at or datetime.combine(day, time(12), UTC)
        self.lists.setdefault(day, []).append((instant, paper))
        return paper

    def closes(self, day: date) -> datetime:
        """21:45 in New York."""
        return datetime.combine(day, time(21, 45), NEW_YORK).astimezone(UTC)

    def expects(self, day: date) -> bool:
        """Monday to Friday."""
        return day.weekday() < 5

    async def edition(self, day: date, validator: str | None, *, now: datetime) -> Fetched:
        """What stands on the list at `now`."""
        self.asked.append((now, day))
        if any(start <= now < end for start, end in self.outages):
            raise SourceFailed(f"{self.name} did not answer (HTTP 503).")
        papers = [self._voted(p, now) for at, p in self.lists.get(day, []) if at <= now]
        if self.breaks_off_after is not None and len(papers) > self.breaks_off_after:
            begun = Fetched(tuple(papers[: self.breaks_off_after]))
            raise SourceFailed(f"{self.name} broke off.", partial=begun)
        return Fetched(tuple(papers))

    def _voted(self, paper: Paper, now: datetime) -> Paper:
        votes = [count for at, count in self.votes.get(paper.id, []) if at <= now]
        return replace(paper, upvotes=votes[-1]) if votes else paper

    async def paper(self, paper_id: str) -> Paper:
        """A paper of any list."""
        for listed in self.lists.values():
            for _, paper in listed:
                if paper.id == paper_id:
                    return paper
        raise NotFound(f"There is no paper {paper_id}.")

    async def search(self, words: str, limit: int) -> list[Paper]:
        """Papers whose title holds the words."""
        found = [p for day in self.lists.values() for _, p in day if words in p.title]
        return found[:limit]


def a_paper(number: int, title: str | None = None, *, upvotes: int = 0, **more: object) -> Paper:
    """A small paper; its id comes from the number."""
    return Paper(
        id=f"2601.{number:05d}",
        title=title or f"A Study of Subject {number}",
        abstract=f"We study subject {number} and find that it works.",
        authors=("Ada Lovelace", "Alan Turing"),
        upvotes=upvotes,
        published=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
        sources=("huggingface",),
        **more,  # type: ignore[arg-type]
    )


def ids(papers: Iterable[Paper]) -> list[str]:
    """Their ids, in order."""
    return [paper.id for paper in papers]
