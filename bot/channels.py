"""Where digests go and what became of them: Channel, Digest, Delivery, Outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from zlib import crc32


class Layout(StrEnum):
    """How the cards of a digest are laid out; a platform may draw one as another."""

    PACKED = "packed"  # as few messages as the platform's limits allow
    CARDS = "cards"  # a message for each paper
    COMPACT = "compact"  # one list
    THREAD = "thread"  # an index message, the cards in its thread


class When(StrEnum):
    """Which lists a digest may draw from."""

    CLOSED = "closed"  # only lists that are closed
    FRESH = "fresh"  # what is there at the hour


class Empty(StrEnum):
    """Whether a digest that holds nothing speaks."""

    NEVER = "never"
    ONCE = "once"  # one short silent message, not repeated while the reason stays the same
    ALWAYS = "always"


class Follow(StrEnum):
    """Which papers reach a channel without topics."""

    DEFAULT = "default"  # Hugging Face's whole list; arXiv's only through a matching topic
    ALL = "all"  # every source's whole list


@dataclass(frozen=True, slots=True)
class Address:
    """A place to post. Ids are text, so that none is too big for a column."""

    platform: str  # "console", "telegram", "discord"
    chat: str
    thread: str | None = None

    def __str__(self) -> str:
        return ":".join(part for part in (self.platform, self.chat, self.thread) if part)


EVERY_DAY = frozenset(range(7))


class PlaceKind(StrEnum):
    """What kind of place a chat is, as far as drawing and answering must know."""

    PRIVATE = "private"  # one person and the bot
    GROUP = "group"  # people who talk: a group, a supergroup, a server's text channel
    TOPIC = "topic"  # a thread or forum topic within a group: no threads inside it
    BROADCAST = "broadcast"  # many read, few write: a Telegram channel, an announcement channel
    FORUM = "forum"  # holds posts only, each a thread of its own


@dataclass(frozen=True, slots=True)
class Place:
    """What drawing must know of a place besides layout and language."""

    kind: PlaceKind = PlaceKind.GROUP
    ping: str | None = None  # id of the one role that the first message of a digest mentions
    tag: str | None = None  # id of the forum tag that a day's post bears
    crosspost: bool = False  # an announcement is also published to the channels that follow it


@dataclass(frozen=True, slots=True)
class Channel:
    """A subscribed place with its settings. Weekdays count from Monday = 0."""

    address: Address
    zone: str  # IANA name
    language: str  # "en", "zh", "ko"
    since: datetime  # UTC; nothing listed at or before it is news here
    id: int = 0  # 0 until stored
    hour: time = time(9)  # local wall time of the digest
    days: frozenset[int] = EVERY_DAY
    layout: Layout = Layout.PACKED
    limit: int = 10  # cards of a digest
    when: When = When.CLOSED
    empty: Empty = Empty.NEVER
    follow: Follow = Follow.DEFAULT
    links: str = "arxiv"  # "arxiv" or "hf": where titles lead
    sound: str = "first"  # "first", "all" or "none": which messages of a digest ring
    quiet_from: time | None = None  # local; nothing leaves unasked from here …
    quiet_to: time | None = None  # … to here
    paused: bool = False  # until /resume
    paused_until: datetime | None = None  # UTC; a pause that ends by itself: `since` and
    # `next_due` already lie behind it
    suspended_at: datetime | None = None  # UTC; the platform says that the chat is gone
    previous_due: datetime | None = None  # UTC; the due time of the last opened digest
    next_due: datetime | None = None  # UTC; None when paused or suspended
    put_off_from: datetime | None = None  # UTC; the due time that a failing source puts off
    created: datetime | None = None  # UTC
    name: str | None = None  # what people call the chat
    kind: PlaceKind = PlaceKind.GROUP
    ping: str | None = None  # id of a role to be mentioned once a day; set by an admin alone
    tag: str | None = None  # id of the forum tag of the day's posts
    crosspost: bool = False
    link_cards: bool = False  # whether a posted link to a paper is answered with its card
    community: str | None = None  # id of the server that the chat belongs to

    @property
    def place(self) -> Place:
        """What drawing must know of it."""
        return Place(self.kind, self.ping, self.tag, self.crosspost)


@dataclass(frozen=True, slots=True)
class Topic:
    """A named query that a channel follows."""

    text: str  # the query as typed, without the separators
    id: int = 0
    channel_id: int = 0
    created: datetime | None = None  # UTC


class Notice(StrEnum):
    """Why a digest holds nothing."""

    NONE_LISTED = "none-listed"  # the sources listed nothing, or have no list that day
    NOT_YET = "not-yet"  # the list is not closed yet
    NO_MATCH = "no-match"  # papers came, none for these topics
    SOURCE_FAILED = "source-failed"  # a source could not be read


@dataclass(frozen=True, slots=True)
class Digest:
    """What one channel gets on one local day; one row per (channel, local date)."""

    channel_id: int
    local_date: date
    due: datetime  # UTC; the instant it was due
    opened: datetime  # UTC
    horizon: datetime | None = None  # UTC; only listings later than this could be in it
    id: int = 0
    papers: int = 0  # candidates: new papers of the lists that the channel follows
    matched: int = 0  # of them for the channel's topics
    shown: int = 0  # cards and lines of the compact list
    passed: int = 0  # matched, but beyond the list
    notice: Notice | None = None  # why it holds nothing, or what is missing from it
    spoke: bool = False  # whether anything was sent
    missing: tuple[str, ...] = ()  # sources that could not be read

    @property
    def hidden(self) -> int:
        """Candidates that no topic of the channel matches."""
        return self.papers - self.matched


class Kind(StrEnum):
    """What one call to a platform does."""

    POST = "post"
    OPEN_THREAD = "open-thread"
    FORUM_POST = "forum-post"
    EDIT = "edit"
    NOTICE = "notice"


class DeliveryState(StrEnum):
    """Where a delivery stands; the last three are final."""

    READY = "ready"
    IN_FLIGHT = "in-flight"
    UNKNOWN = "unknown"  # sent or not, nobody can say yet
    SENT = "sent"
    REFUSED = "refused"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Body:
    """A frozen call without address, thread, nonce and reply-to.

    It is an ordered sequence of fragments so that the store keeps a card that thousands of
    channels share once; what they mean is the platform's own business.
    """

    fragments: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One message that a platform drew."""

    body: Body
    papers: tuple[str, ...] = ()  # ids in their order: those it shows as cards or lines
    fallback: Body | None = None  # plain text, for a platform that may refuse the body
    kind: Kind = Kind.POST
    silent: bool = False
    waits_for: int | None = None  # position, among those drawn together, of the one it needs


@dataclass(frozen=True, slots=True)
class Delivery:
    """One call to a platform and what became of it."""

    channel_id: int
    address: Address  # read with the row: the channel's address now
    kind: Kind = Kind.POST
    id: int = 0
    digest_id: int | None = None
    order: int = 0  # position within the digest, from 0
    papers: tuple[str, ...] = ()
    waits_for: int | None = None  # id of the delivery whose address or thread it needs
    state: DeliveryState = DeliveryState.READY
    silent: bool = False
    turn: int = 0  # among those of one rank; smaller goes first (bot.digest.turns)
    attempts: int = 0
    unknowns: int = 0  # how many of them ended without anybody knowing how
    tried_at: datetime | None = None  # UTC, real clock; the earliest of these
    created: datetime | None = None  # UTC
    not_before: datetime | None = None  # UTC; parked or backed off until then
    stale_at: datetime | None = None  # UTC; the channel's next due time: not sent after it
    leased_until: datetime | None = None  # UTC, real clock; set while in flight
    platform_ids: tuple[str, ...] = ()  # the platform's message ids, once sent
    sent_at: datetime | None = None  # UTC; when it was accepted
    error: str | None = None  # one sentence about the last attempt, when it failed
    plain: bool = False  # whether the fallback is to be sent
    due: datetime | None = None  # UTC; when its digest was due: read with the row

    @property
    def key(self) -> str:
        """At most 25 characters, the same for every attempt: the platform's nonce.

        The instant tells the rows of a restored or new database from those, with the same ids,
        that the platform may still remember.
        """
        if self.created is None:
            return f"pb{self.id}"
        return f"pb{self.id}.{crc32(str(self.created.timestamp()).encode()):08x}"


class LedgerState(StrEnum):
    """What became of one paper in one channel."""

    RESERVED = "reserved"
    SHOWN = "shown"
    LISTED = "listed"
    PASSED = "passed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """That one channel has, or is about to get, one paper."""

    channel_id: int
    paper_id: str
    state: LedgerState
    at: datetime  # UTC; when the digest that decided it was opened
    delivery_id: int | None = None
    upvotes: int | None = None  # votes at that time, for `rising`
    becomes: LedgerState = LedgerState.SHOWN  # what a reserved row turns to when accepted


class Verdict(StrEnum):
    """What a platform made of one call; what it leads to is the courier's."""

    ACCEPTED = "accepted"
    NOT_SENT = "not-sent"  # provably not sent
    TOO_FAST = "too-fast"
    UNKNOWN = "unknown"
    CONTENT_REFUSED = "content-refused"
    MOVED = "moved"
    THREAD_GONE = "thread-gone"
    CHAT_GONE = "chat-gone"
    TOKEN_REFUSED = "token-refused"
    SECOND_INSTANCE = "second-instance"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of a platform to one call, in our words."""

    verdict: Verdict
    platform_ids: tuple[str, ...] = ()
    retry_after: float | None = None  # seconds
    rest: float | None = None  # seconds that the chat is to be left alone, though all went well
    everywhere: bool = False  # a 429 that pauses the token, not the chat
    moved_to: Address | None = None
    thread: str | None = None  # the thread or forum post that the call made
    error: str | None = None  # one sentence, without secrets
    missing: tuple[str, ...] = ()  # the platform's names of the rights that the bot lacks there


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most `calls` in any `seconds`."""

    calls: int
    seconds: float


def _unbounded(_: Address) -> tuple[Allowance, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a platform lets one token send; what is None or empty has no bound."""

    per_second: float | None = None  # on the average, evenly
    any_second: int | None = None  # never more than this in any second, as the platform counts
    of_chat: Callable[[Address], tuple[Allowance, ...]] = _unbounded  # threads share their chat's


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform can carry."""

    most_cards: int  # cards of a digest that a channel may ask for
    list_lines: int | None  # lines of the compact list; None: no bound
    verbs: frozenset[str] = field(default_factory=frozenset)  # of find, edit, probe, rights,
    # serve, look_up
    pace: Pace = field(default_factory=Pace)
    remembers: float = 0.0  # seconds for which a message sent again with its key stays one
    private_answers: bool = True  # an answer in a group can be shown to the asker alone
    buttons: bool = False  # buttons can be pressed; else their actions are to be typed
    links_heard: bool = False  # ordinary messages reach the bot, so that it can answer links
    links_need: str = ""  # msgid: what somebody must do for that
    layouts: frozenset[Layout] = frozenset(Layout)  # those that are drawn in their own way
    settings: frozenset[str] = frozenset()  # of those that not every place has: ping, tag,
    # crosspost, previews
