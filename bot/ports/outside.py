"""Ports to the outside: sources, full texts, readers, platforms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.cards import Block
from bot.channels import Address, Body, Drawn, Layout, Limits, Outcome
from bot.papers import Paper, Reading


@dataclass(frozen=True, slots=True)
class Broken:
    """A record of a source that could not be understood."""

    where: str  # "2512.21218" when its id can be told, else "record 7"
    why: str  # one sentence


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one successful read of the list of a day gave."""

    papers: tuple[Paper, ...] = ()  # in the source's order, each id once
    broken: tuple[Broken, ...] = ()
    unchanged: bool = False  # the source says: as at the last read (then `papers` is empty)
    validator: str | None = None  # to be given to the next read of this day


class Source(Protocol):
    """A service that lists papers by day."""

    name: str  # "huggingface", "arxiv"

    def closes(self, day: date) -> datetime:
        """The instant (UTC, margin included) after which a read of `day` is final."""
        ...

    def expects(self, day: date) -> bool:
        """Whether the source usually has a list on that day: false at weekends."""
        ...

    async def edition(self, day: date, validator: str | None, *, now: datetime) -> Fetched:
        """Read the list of `day`, conditionally when a validator of an earlier read is given.

        An empty list is no error. Raises SourceFailed when it could not be read whole (no
        answer, an answer cut short, a fault of theirs), with what came whole as its `partial`
        where that can be told; GiveUp when they refuse the question.
        """
        ...

    async def paper(self, paper_id: str) -> Paper:
        """One paper by its version-less id. Raises NotFound, SourceFailed, GiveUp."""
        ...

    async def search(self, words: str, limit: int) -> list[Paper]:
        """Papers for free words, best first; empty when none. Raises SourceFailed, GiveUp."""
        ...


class FullText(Protocol):
    """Where the full text of a paper can be read."""

    async def read(self, paper_id: str) -> str:
        """The text of the paper. Raises NotFound, SourceFailed."""
        ...


class Reader(Protocol):
    """Something that understands a text."""

    async def read(self, paper: Paper, text: str | None, language: str) -> Reading | None:
        """A reading of the paper in the language; None when it can make none."""
        ...

    async def answer(self, text: str, question: str) -> str:
        """An answer out of the text alone."""
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may do in a place, checked at the moment of asking."""

    manage: bool  # may change the settings of the channel
    operate: bool = False  # may use operator commands
    missing: str | None = None  # the platform's name of the right that is missing


@dataclass(frozen=True, slots=True)
class Request:
    """One command of one person, whatever the platform."""

    command: str  # name in the table of bot.commands, without "/"
    text: str  # what stands behind it, stripped
    address: Address
    person: Person
    now: datetime  # UTC
    rights: Rights
    language: str | None = None  # the person's, when the platform tells; else the channel's
    private: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request: blocks, in order."""

    blocks: tuple[Block, ...]
    language: str
    failed: bool = False  # an error was said (exit code of one-shot commands)


Handle = Callable[[Request], Awaitable[Reply]]


class Platform(Protocol):
    """Where people talk. It sends; everything else it does is its own business.

    A platform may refuse a verb: `limits.verbs` names those it has.
    """

    name: str  # "console", "telegram", "discord"
    limits: Limits

    def draw(self, blocks: Sequence[Block], layout: Layout, language: str) -> tuple[Drawn, ...]:
        """Messages for the blocks, in order. Pure, offline, never raises on any text."""
        ...

    async def send(self, address: Address, body: Body, key: str, *, silent: bool) -> Outcome:
        """Carry one body; `key` is the same for every attempt. Never raises a foreign error."""
        ...

    async def find(self, address: Address, key: str, since: datetime) -> Outcome | None:
        """What became of an earlier call with this key; None when it cannot be found."""
        ...

    async def probe(self, address: Address) -> Outcome:
        """Whether the place can be posted to, without a sound or a trace."""
        ...

    async def rights(self, address: Address, person: Person) -> Rights:
        """What the person may do there now."""
        ...

    async def serve(self, handle: Handle) -> None:
        """Listen until cancelled; each command goes to `handle`, its reply back to the place."""
        ...
