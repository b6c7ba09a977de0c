"""The port to the memory: a store gives transactions, a transaction gives repositories.

All instants are aware and UTC, going in and coming out. Everything inside one transaction is
committed together or not at all; no transaction is held across a network call.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from bot.channels import Address, Channel, Topic
from bot.papers import Edition, Listing, Paper, Reading
from bot.ports.keeping import Pruning
from bot.ports.outbox import Deliveries, Digests, Ledger
from bot.ports.watching import Figures

T = TypeVar("T")


class Papers(Protocol):
    """Papers by id, and the archive's full-text search."""

    async def get(self, ids: Collection[str]) -> dict[str, Paper]:
        """Those of `ids` that are stored, by id."""
        ...

    async def put(self, papers: Iterable[Paper]) -> None:
        """Store each as it is, in place of what was there (merging is bot.papers.merge)."""
        ...

    async def search(self, words: str, *, limit: int, offset: int = 0) -> list[Paper]:
        """Papers holding all words (title, abstract, keywords, authors), best first.

        Case, accents and width are folded, CJK is found without spaces; the same answers on
        every engine. No word at all gives none.
        """
        ...

    async def count(self) -> int:
        """How many papers are stored."""
        ...


class Editions(Protocol):
    """What each source listed for each day."""

    async def get(self, source: str, day: date) -> Edition | None: ...

    async def put(self, edition: Edition) -> None: ...

    async def between(self, first: date, last: date) -> list[Edition]:
        """All editions of these days, both included, by day then source."""
        ...

    async def latest(self, source: str, *, holding: bool) -> Edition | None:
        """The newest edition of the source; with `holding` the newest that holds papers."""
        ...

    async def add_listings(self, listings: Iterable[Listing]) -> int:
        """Remember listings; one known by (paper, source, day) keeps its first instant.

        Gives the number of those that were new.
        """
        ...

    async def listings_on(self, source: str, day: date) -> list[Listing]:
        """The listings of one list, in the order they were added."""
        ...

    async def listings_between(self, after: datetime, until: datetime) -> list[Listing]:
        """Listings with after < instant <= until, by instant."""
        ...


class Channels(Protocol):
    """Subscribed places."""

    async def add(self, channel: Channel) -> Channel:
        """Store a new channel; gives it with its id. Raises Usage when the address has one."""
        ...

    async def get(self, channel_id: int) -> Channel | None: ...

    async def find(self, address: Address) -> Channel | None:
        """The channel at the address, also by an alias."""
        ...

    async def put(self, channel: Channel) -> None:
        """Replace all its settings and times."""
        ...

    async def remove(self, channel_id: int) -> None:
        """Delete the channel and everything that is its own (topics to ledger)."""
        ...

    async def all(self, *, platform: str | None = None) -> list[Channel]:
        """Every channel, by id."""
        ...

    async def due(
        self, now: datetime, *, limit: int, platforms: Collection[str] | None = None
    ) -> list[Channel]:
        """Channels with next_due <= now that are neither paused nor suspended, earliest first."""
        ...

    async def next_due(self) -> datetime | None:
        """The earliest next_due of all that can become due."""
        ...

    async def horizon_floor(self) -> datetime | None:
        """The earliest `previous_due` (or `since`, where none) of the unsuspended channels."""
        ...

    async def reschedule(self, times: Iterable[tuple[int, datetime, datetime | None]]) -> None:
        """Set (channel id, previous_due, next_due) for many; put_off_from is cleared."""
        ...

    async def of_chat(self, platform: str, chat: str) -> list[Channel]:
        """The channels of a chat, its threads included, by id."""
        ...

    async def of_community(self, platform: str, community: str) -> list[Channel]:
        """The channels of a server, by id."""
        ...

    async def merge(self, kept: int, gone: int) -> None:
        """Make one channel of two: ledgers are united (a row of `kept` stands), of two digests
        of one local date that of `kept` stays; unsettled messages of `gone` go stale; then
        `gone` is removed and its address becomes an alias of `kept`. Nothing happens when one
        of them is not there."""
        ...

    async def add_alias(self, channel_id: int, address: Address) -> None:
        """The channel is also found by this (its former) address; twice changes nothing."""
        ...


class Topics(Protocol):
    """The topics of channels, in the order they were added."""

    async def of(self, channel_ids: Collection[int]) -> dict[int, tuple[Topic, ...]]:
        """For each id its topics; an id without topics is absent."""
        ...

    async def add(self, topic: Topic) -> Topic: ...

    async def remove(self, topic_id: int) -> None: ...

    async def all(self) -> list[Topic]: ...


@dataclass(frozen=True, slots=True)
class Claimed:
    """How it stands with the reading of one paper in one language."""

    since: datetime  # UTC; when it was first claimed
    attempts: int
    claimed_until: datetime | None  # UTC, real clock; somebody reads it until then
    not_before: datetime | None  # UTC; when it may be read again; None: never, or it is claimed


class Readings(Protocol):
    """What was read of papers, once per (paper, language)."""

    async def get(self, paper_ids: Collection[str], language: str) -> dict[str, Reading]: ...

    async def put(self, reading: Reading) -> None: ...

    async def claim(
        self,
        paper_id: str,
        language: str,
        now: datetime,
        *,
        at: datetime,
        until: datetime,
        most: int,
    ) -> int | None:
        """The right to read this paper in this language, of one process at a time.

        Given as the number of the attempt, from 1; None while another reads it, when it is read
        for good, when it is not to be tried before some later `now`, and after `most` attempts.
        A claim ends by `done`, or when `until` has passed: `at` and `until` are of the real clock.
        """
        ...

    async def done(
        self, paper_id: str, language: str, attempt: int, *, again: datetime | None
    ) -> bool:
        """End a claim; the paper may be claimed anew from `again` on, with None never.

        False, changing nothing, when the claim is no longer this attempt's.
        """
        ...

    async def work(self, paper_ids: Collection[str], language: str) -> dict[str, Claimed]:
        """How it stands with the reading of these; what nobody ever claimed is absent."""
        ...

    async def to_try(self, now: datetime, *, most: int, limit: int) -> list[tuple[str, str]]:
        """Papers with their languages that may be claimed again by now, after fewer than `most`
        attempts; those that wait longest first."""
        ...


@dataclass(frozen=True, slots=True)
class Spent:
    """What a day cost."""

    tokens: int = 0  # of questions and answers, what is reserved included
    calls: int = 0


class Spending(Protocol):
    """Tokens by day (UTC), of everybody together (`who` is "") and of each person."""

    async def reserve(self, day: date, who: str, tokens: int, most: int | None) -> bool:
        """Count `tokens` and a call; False, counting nothing, where that makes more than `most`.

        What was reserved by a process that died stays counted: it may well have been paid for.
        """
        ...

    async def settle(self, day: date, who: str, difference: int) -> None:
        """What it cost beyond what was reserved; negative for less."""
        ...

    async def of(self, day: date, who: str) -> Spent: ...

    async def forget(self, before: date) -> None:
        """Delete the rows of persons of earlier days."""
        ...


class Saved(Protocol):
    """Papers that a person in a place put aside."""

    async def add(self, channel: Address, person: str, paper_id: str, at: datetime) -> bool:
        """Remember it; False when it was saved already."""
        ...

    async def remove(self, channel: Address, person: str, paper_id: str) -> bool: ...

    async def of(self, channel: Address, person: str) -> list[str]:
        """Paper ids, newest first."""
        ...

    async def forget(self, channel: Address) -> None:
        """Delete all that was saved at this address."""
        ...

    async def move(self, old: Address, new: Address) -> None:
        """What was saved in the chat of `old`, its threads included, stands in that of `new`."""
        ...


class Notes(Protocol):
    """Small facts of the program itself, by name (told once, last read, …)."""

    async def get(self, name: str) -> str | None: ...

    async def put(self, name: str, value: str | None) -> None:
        """Store; None deletes."""
        ...

    async def starting(self, prefix: str) -> Mapping[str, str]: ...


class Transaction(Protocol):
    """One unit of work."""

    papers: Papers
    editions: Editions
    channels: Channels
    topics: Topics
    digests: Digests
    deliveries: Deliveries
    ledger: Ledger
    readings: Readings
    saved: Saved
    spending: Spending
    notes: Notes
    figures: Figures
    pruning: Pruning


class Fence(Protocol):
    """The right to do something alone, among all processes on one database."""

    async def check(self, tx: Transaction) -> None:
        """Raises FenceLost when another has the right: then nothing of `tx` may be committed."""
        ...

    async def lost(self) -> None:
        """Returns when the right is lost."""
        ...


class Store(Protocol):
    """The memory. It is an async context manager: entering opens and migrates, leaving closes."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Read and write; committed on leaving, rolled back on an exception.

        Raises StoreBusy (locked too long) or SetUpWrong (read-only, full, broken).
        """
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        """Read only, one consistent state; writers are not held up."""
        ...

    def fence(self, name: str, *, wait: bool = True) -> AbstractAsyncContextManager[Fence | None]:
        """The right called `name`, while the body runs; it goes with the process.

        Waits until nobody else has it, or gives None at once. Where one process alone can work on
        the database it is always had.
        """
        ...

    async def glance(self, read: Callable[[Transaction], Coroutine[Any, Any, T]]) -> T:
        """What `read` gives of one consistent state: for a few rows found by their keys.

        Quicker than a snapshot where the database is near. `read` waits for nothing but the
        transaction, changes nothing, and may be begun twice.
        """
        ...
