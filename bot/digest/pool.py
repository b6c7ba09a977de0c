"""The pool: all papers that may be news for some channel now, ranked, with their listings."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from bot.cards import ListCovered
from bot.channels import Channel, Digest, Follow, When
from bot.desk import Desk
from bot.editions import FURTHEST
from bot.errors import TopicError
from bot.papers import Edition, EditionState, Listing, Paper
from bot.ports import Transaction
from bot.topics import Matcher

WHOLE_LIST = "huggingface"  # the source whose whole list a channel without topics follows
LOOK_BACK = timedelta(days=3)  # every digest looks back at least this far, for late additions
RISING_WITHIN = timedelta(days=7)
_LIST_LASTS = timedelta(days=2)  # from a paper's first sight to the closing of its list, at most


log = logging.getLogger(__name__)


def horizon(channel: Channel, now: datetime) -> datetime:
    """Nothing listed at or before this instant is news for the channel.

    The earlier of 3 days ago and the previous due time, at most 31 days back, never before
    `since`. A channel that had no digest yet looks back to `since`.
    """
    back = channel.previous_due or channel.since
    return max(channel.since, now - FURTHEST, min(now - LOOK_BACK, back))


@dataclass(frozen=True, slots=True)
class View:
    """What a channel may draw from the pool, as bit masks over `Pool.papers`."""

    candidates: int
    late: int  # of them, those only on lists that an earlier digest drew from
    new: int  # of them, those that no earlier digest of the channel could have counted
    lists: tuple[ListCovered, ...]  # lists of the candidates that are not late; else of all


class Pool:
    """Papers in rank order (votes, then newest), their listings and the lists' states.

    Bit i of every mask stands for `papers[i]`; a lower bit ranks higher.
    """

    def __init__(
        self,
        desk: Desk,
        papers: Mapping[str, Paper],
        listings: Sequence[Listing],
        editions: Sequence[Edition],
    ) -> None:
        self.papers = sorted(papers.values(), key=_rank)
        self.index = {paper.id: i for i, paper in enumerate(self.papers)}
        self._listings = [one for one in listings if one.paper_id in self.index]
        self._states = {(e.source, e.day): e.state for e in editions}
        self._lists = {(one.source, one.day) for one in self._listings}
        self._desk = desk
        self.picked: dict[tuple[int, tuple[str, ...], int], Any] = {}  # bot.digest.choose's
        self._masks: dict[str, int] = {}
        self._places: dict[tuple[str, int], tuple[str, ...]] = {}
        self._views: dict[tuple[object, ...], View] = {}

    @cached_property
    def matcher(self) -> Matcher:
        """The matching index over the papers."""
        return Matcher(self.papers)

    def mask(self, topic: str) -> int:
        """The papers that match the topic; none for a stored one that can no longer be read."""
        found = self._masks.get(topic)
        if found is None:
            try:
                found = self.matcher.mask(topic)
            except TopicError as error:
                log.error("topic %r cannot be read and matches nothing: %s", topic, error)
                found = 0
            self._masks[topic] = found
        return found

    def places(self, topic: str, i: int) -> tuple[str, ...]:
        """Where `papers[i]` matches the topic, best first; looked up once for all channels."""
        key = (topic, i)
        found = self._places.get(key)
        if found is None:
            found = self._places[key] = self.matcher.places(topic, i)
        return found

    def closed(self, source: str, day: date) -> bool:
        """Whether the list was read after its closing."""
        return self._states.get((source, day), EditionState.OPEN) is not EditionState.OPEN

    def holds(self, source: str, day: date) -> bool:
        """Whether any paper of the pool is on that list."""
        return (source, day) in self._lists

    def view(self, channel: Channel, last: Digest | None, now: datetime, *, topics: bool) -> View:
        """What the channel, whose newest digest is `last`, may draw from; shared where equal."""
        whole = not topics and channel.follow is Follow.DEFAULT
        after = horizon(channel, now)
        key = (after, channel.when, whole, last and (last.opened, last.missing))
        view = self._views.get(key)
        if view is None:
            view = self._views[key] = self._view(after, channel.when, whole, last)
        return view

    def _view(self, after: datetime, when: When, whole: bool, last: Digest | None) -> View:
        candidates = fresh = new = 0
        lists: dict[bool, dict[tuple[str, date], None]] = {True: {}, False: {}}
        for one in self._listings:
            if whole and one.source != WHOLE_LIST:
                continue
            if when is When.CLOSED and not self.closed(one.source, one.day):
                continue
            if self._comes_out(one, when) <= after:
                continue
            bit = 1 << self.index[one.paper_id]
            candidates |= bit
            covered = last is not None and self._covers(last, when, one)
            if not covered:
                fresh |= bit
            if not covered or (last is not None and one.instant > last.opened):
                new |= bit
            lists[covered][one.source, one.day] = None
        shown = lists[False] or lists[True]
        return View(
            candidates,
            candidates & ~fresh,
            new,
            tuple(
                ListCovered(source, day, self.closed(source, day))
                for source, day in sorted(shown, key=lambda pair: (pair[1], pair[0]))
            ),
        )

    def _comes_out(self, one: Listing, when: When) -> datetime:
        """When a listing is news: when seen, or, for a channel of closed lists, at the closing.

        A list that was still open at a weekly channel's previous digest would else lie before
        its horizon ever after.
        """
        port = self._desk.sources.get(one.source)
        return one.instant if port is None or when is When.FRESH else port.closes(one.day)

    def _covers(self, last: Digest, when: When, one: Listing) -> bool:
        """Whether the channel's newest digest could already draw from this list."""
        if one.source in last.missing:
            return False  # it could not be read then
        port = self._desk.sources.get(one.source)
        if port is None:
            return last.local_date >= one.day
        begins = one.day if when is When.CLOSED else one.day - timedelta(days=1)
        return port.closes(begins) <= last.opened

    def expected(self, channel: Channel, after: datetime, now: datetime) -> list[ListCovered]:
        """Lists that sources usually have and that came within (after, now] for the channel."""
        found = []
        day = (after - timedelta(days=2)).date()
        while day <= now.date():
            for name, port in self._desk.sources.items():
                begins = day if channel.when is When.CLOSED else day - timedelta(days=1)
                if port.expects(day) and after < port.closes(begins) <= now:
                    found.append(ListCovered(name, day, self.closed(name, day)))
            day += timedelta(days=1)
        return found

    def ids(self, mask: int) -> Iterator[str]:
        """The ids of a mask, in rank order."""
        return (self.papers[i].id for i in bits(mask))

    def mask_of(self, ids: Collection[str]) -> int:
        """The mask of those of `ids` that are in the pool."""
        found = 0
        for paper_id in ids:
            i = self.index.get(paper_id)
            if i is not None:
                found |= 1 << i
        return found


def bits(mask: int) -> Iterator[int]:
    """The positions of the set bits, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _rank(paper: Paper) -> tuple[float, float, str]:
    votes = -1 if paper.upvotes is None else paper.upvotes
    published = paper.published.timestamp() if paper.published else 0.0
    return -votes, -published, paper.id


async def gather(tx: Transaction, desk: Desk, after: datetime, now: datetime) -> Pool:
    """The pool of everything listed later than `after`, and of what may still rise."""
    after = max(min(after, now - RISING_WITHIN - LOOK_BACK), now - FURTHEST)
    listings = await tx.editions.listings_between(after - _LIST_LASTS, now)
    listings = [one for one in listings if one.source in desk.sources]
    papers = await tx.papers.get({one.paper_id for one in listings})
    editions = await tx.editions.between((after - LOOK_BACK).date(), now.date())
    return Pool(desk, papers, listings, editions)
