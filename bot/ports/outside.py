"""Ports to the outside: sources, platforms, what they share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from bot.cards import Block, CardBlock
from bot.channels import Address, Body, Drawn, Layout, Limits, Outcome, Place, PlaceKind
from bot.papers import Paper


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
class Quoted:
    """A message of the bot that somebody answers, as far as the platform tells of it."""

    message: str  # its id in the chat
    text: str = ""  # what stands in it, numbers of papers at the beginnings of lines
    links: tuple[str, ...] = ()  # addresses in it, in order

    @property
    def seen(self) -> bool:
        """Whether the platform tells what stands in it."""
        return bool(self.text or self.links)


@dataclass(frozen=True, slots=True)
class Request:
    """One command of one person, whatever the platform; typed, or asked for by a button."""

    command: str  # name in the table of bot.commands, without "/"
    text: str  # what stands behind it, stripped
    address: Address
    person: Person
    now: datetime  # UTC
    rights: Rights
    language: str | None = None  # the person's, when the platform tells; else the channel's
    private: bool = True
    kind: PlaceKind = PlaceKind.PRIVATE
    name: str | None = None  # what people call the chat
    community: str | None = None  # the server that the chat belongs to; access is given to it
    pressed: bool = False  # a button asked: the answer may take the place of its message
    key: str | None = None  # the platform's id of the update, the same when it is told twice
    quoted: Quoted | None = None  # the message of the bot that it answers


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request: blocks, in order. No block and no toast: silence."""

    blocks: tuple[Block, ...]
    language: str
    failed: bool = False  # an error was said (exit code of one-shot commands)
    toast: str | None = None  # one short sentence for the person who pressed the button
    replaces: bool = False  # it takes the place of the message whose button was pressed
    shared: bool = False  # meant for everybody there, where others are for the asker alone


class EventKind(StrEnum):
    """What happens to a place besides what people say."""

    ADDED = "added"  # the bot may post there now (and could not before)
    REMOVED = "removed"  # it was removed, blocked, or the place is gone
    MOVED = "moved"  # the chat has a new id
    RENAMED = "renamed"
    REOPENED = "reopened"  # a thread that was closed can be written to again


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a place."""

    kind: EventKind
    address: Address
    now: datetime  # UTC
    place: PlaceKind = PlaceKind.GROUP
    person: Person | None = None  # who did it, when the platform tells
    name: str | None = None  # what people call the chat
    community: str | None = None
    language: str | None = None  # the person's
    moved_to: Address | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One value offered while an option is typed."""

    label: str  # what is shown
    value: str  # what is taken


class Conversation(Protocol):
    """What the core answers. None of its verbs raises but on cancellation."""

    async def reply(self, request: Request) -> Reply:
        """Answer one command; what it changes is committed before this returns."""
        ...

    async def suggest(self, request: Request, option: str, typed: str) -> list[Suggestion]:
        """Values for an option of `request.command` while it is typed: at most 25, best first.

        `request.text` is what stands in the options before it.
        """
        ...

    async def cards(self, request: Request) -> list[CardBlock]:
        """Papers for the words in `request.text`, at most 10: from the store alone, quickly."""
        ...

    async def happened(self, event: Event) -> Reply:
        """Take notice of an event; the reply goes to the place, for a broadcast place to the
        person."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """A place that somebody named."""

    address: Address
    name: str
    kind: PlaceKind


class Platform(Protocol):
    """Where people talk. It sends; everything else it does is its own business.

    A platform is an async context manager: entering makes it ready to send (without listening),
    leaving closes it. It may refuse a verb: `limits.verbs` names those it has.
    """

    @property
    def name(self) -> str:
        """ "console", "telegram", "discord"."""
        ...

    @property
    def limits(self) -> Limits:
        """What it carries; some of it may be known only once it is entered."""
        ...

    def draw(
        self, blocks: Sequence[Block], layout: Layout, language: str, place: Place = ...
    ) -> tuple[Drawn, ...]:
        """Messages for the blocks, in order. Pure, offline, never raises on any text."""
        ...

    async def send(
        self,
        address: Address,
        body: Body,
        key: str,
        *,
        silent: bool,
        reply_to: str | None = None,
    ) -> Outcome:
        """Carry one body; `key` is the same for every attempt. Never raises a foreign error.

        `reply_to` is the platform's id of the message that it answers, or that its thread is
        opened on. Of a call that makes a thread or a forum post, the outcome's `thread` is its
        id; what waits for it is sent with that as `address.thread`.
        """
        ...

    async def edit(self, address: Address, message: str, body: Body) -> Outcome:
        """Put `body` in the place of a message that was sent; `message` is the platform's id.

        Doing it twice is doing it once. A message that is no more: CONTENT_REFUSED.
        """
        ...

    async def find(
        self,
        address: Address,
        body: Body,
        key: str,
        since: datetime,
        *,
        reply_to: str | None = None,
    ) -> Outcome | None:
        """What became of an earlier call of `send` with these words, made at `since` or later.

        ACCEPTED with its ids when it is there; NOT_SENT when it provably is not; None when
        nobody can tell; any other outcome when the question itself failed.
        """
        ...

    def split(self, body: Body) -> tuple[Drawn, ...]:
        """A plain fallback in pieces, one for each paper it shows, in order, each with its
        `papers`; what stands around them goes. Empty when it has fewer than two. Pure, offline.
        """
        ...

    async def probe(self, address: Address) -> Outcome:
        """Whether the place can be posted to, without a sound or a trace.

        Rights that lack are named in `missing`, whatever the verdict.
        """
        ...

    async def rights(self, address: Address, person: Person) -> Rights:
        """What the person may do there now."""
        ...

    async def look_up(self, text: str) -> Found | None:
        """The place that `text` names (`@name`, a link, an id); None when there is none."""
        ...

    async def serve(self, conversation: Conversation) -> None:
        """Listen until cancelled; each command goes to `conversation`, its reply back.

        Raises Refused when the token is refused or a second instance listens.
        """
        ...


class Pacer(Protocol):
    """The pace of one token, for everything that is sent with it."""

    def answer(self, address: Address) -> AbstractAsyncContextManager[None]:
        """One call that somebody waits for, while the body runs: it goes before digests."""
        ...

    def too_fast(self, address: Address, seconds: float, everywhere: bool = False) -> None:
        """The platform refused a call for so long: to the chat, or everywhere."""
        ...

    def accepted(self, address: Address) -> None:
        """The platform accepted a call."""
        ...


class Jobs(Protocol):
    """Work that any of many processes may do, told to one of them at a time."""

    async def defer(self, task: str, now: datetime, *, copies: int = 1) -> None:
        """Ask for `task`, with the instant for which it is done. What is asked for already and
        was not begun is not asked for again: afterwards `copies` wait. Raises StoreBusy."""
        ...

    async def work(self, tasks: Mapping[str, Callable[[datetime], Awaitable[None]]]) -> None:
        """Do what is asked for, of each task one at a time, until cancelled; no task holds up
        another. One that fails is logged. Breaks of the connection are mended."""
        ...
