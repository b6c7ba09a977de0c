"""The port to what removes what has had its time: small steps, each a transaction of its own.

A step looks at some rows behind a number and tells where the next one begins. With `dry` it only
counts, and may be made in a snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Step:
    """What one step removed, and after which number the next one begins."""

    gone: int
    last: int | None  # None: there is no next one


class Numbers:
    """A set of many small numbers, a bit each."""

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self._bits = bytearray()
        self.update(numbers)

    def update(self, numbers: Iterable[int]) -> None:
        """Put them in."""
        for number in numbers:
            place = number >> 3
            if place >= len(self._bits):
                self._bits.extend(bytes(place + 1 - len(self._bits) + 1024))
            self._bits[place] |= 1 << (number & 7)

    def __contains__(self, number: int) -> bool:
        place = number >> 3
        return place < len(self._bits) and bool(self._bits[place] >> (number & 7) & 1)


class Pruning(Protocol):
    """The repository that removes."""

    async def messages(self, before: datetime, *, after: int, limit: int, dry: bool) -> Step:
        """Deliveries that are settled, and were before the instant, by id. One that an unsettled
        one waits for stays."""
        ...

    async def digests(self, before: datetime, *, after: int, limit: int, dry: bool) -> Step:
        """Digests opened before the instant, by id; never one that has a delivery, nor one of
        the newest 31 of its channel."""
        ...

    async def ledger(
        self, before: datetime, listed: datetime, *, after: int, limit: int, dry: bool
    ) -> Step:
        """Ledger rows of before the instant, by channel, `limit` channels in a step; never one
        that is reserved, nor of a paper with a listing of `listed` or later, for it could be
        shown anew."""
        ...

    async def papers(self, before: datetime, *, after: int, limit: int, dry: bool) -> Step:
        """Papers whose listings are all of before the instant, that have one, and that nobody
        saved, with their listings and readings, by number."""
        ...

    async def editions(self, before: datetime, *, dry: bool) -> int:
        """Lists that closed before the instant; a list that is asked for again is read anew."""
        ...

    async def newest_message(self) -> int:
        """The id of the newest delivery, exact even while others add: what has this id or a
        smaller one and is not there yet never will be."""
        ...

    async def used(
        self, *, after: int, until: int, before: datetime | None, limit: int
    ) -> tuple[list[int], int | None]:
        """The ids of fragments that deliveries name, of those after one id and up to another,
        and where to go on; with `before` as if `messages` had been done."""
        ...

    async def fragments(
        self, used: Numbers, seen: int, *, after: int, limit: int, dry: bool
    ) -> tuple[Step, int]:
        """Fragments that no delivery uses: neither those of `used`, nor those that deliveries
        added after `seen` use (they are put into `used`); with the newest delivery's id now.
        """
        ...

    async def notes_of_gone_channels(self, prefixes: Iterable[str], *, dry: bool) -> int:
        """Notes named by one of the prefixes and the id of a channel that is not there."""
        ...
