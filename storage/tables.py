"""The tables. Every one is a SQLModel class; the queries use its Core table (`papers`, …)."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, MetaData, Table, UniqueConstraint, false, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from bot.channels import (
    DeliveryState,
    Empty,
    Follow,
    Kind,
    Layout,
    LedgerState,
    Notice,
    PlaceKind,
    When,
)
from bot.papers import EditionState
from bot.reports import Report
from storage.columns import (
    Blob,
    Choice,
    Count,
    Day,
    Flag,
    Ids,
    Instant,
    Number,
    Pairs,
    Reported,
    Share,
    Strings,
    Text,
    WallTime,
    Weekdays,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Row(SQLModel, registry=registry(metadata=metadata)):
    """What every table is; its own registry keeps other users of SQLModel out."""


def _needed(kind: Any, **words: Any) -> Any:
    return Field(sa_column=Column(kind, nullable=False, **words))


def _maybe(kind: Any) -> Any:
    return Field(default=None, sa_column=Column(kind, nullable=True))


def _number() -> Any:
    return Field(default=None, sa_column=Column(Number, primary_key=True, autoincrement=True))


def _part_of_key(kind: Any) -> Any:
    return Field(sa_column=Column(kind, primary_key=True, autoincrement=False))


def _channel(**words: Any) -> Any:
    """The channel that owns the row: the row goes with it."""
    owner = ForeignKey("channels.id", ondelete="CASCADE")
    words.setdefault("nullable", False)
    return Field(default=None, sa_column=Column(Number, owner, **words))


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


# Conditions of partial indexes; queries repeat them word for word, or no engine uses the index.
CAN_GO = "state = 'ready' AND head AND not_before IS NULL"
PARKED = "state = 'ready' AND head AND not_before IS NOT NULL"
UNKNOWN = "state = 'unknown'"
IN_FLIGHT = "state = 'in-flight'"
UNSETTLED = "state IN ('ready', 'in-flight', 'unknown')"
CAN_GO_STALE = "state IN ('ready', 'unknown')"
RESERVED = "state = 'reserved'"
RESTING = "paused OR paused_until IS NOT NULL OR suspended_at IS NOT NULL"

NEVER_REUSED = {"sqlite_autoincrement": True}  # ids name things outside: nonces, links, logs


class PaperRow(Row, table=True):
    """One work; `number` is what the search index points to."""

    __tablename__ = "papers"

    number: int | None = _number()
    id: str = _needed(Text, unique=True)
    title: str = _needed(Text)
    abstract: str = _needed(Text)
    authors: tuple[str, ...] = _needed(Strings)
    organization: str | None = _maybe(Text)
    published: datetime | None = _maybe(Instant)
    version: int | None = _maybe(Count)
    categories: tuple[str, ...] = _needed(Strings)
    keywords: tuple[str, ...] = _needed(Strings)
    summary: str | None = _maybe(Text)
    upvotes: int | None = _maybe(Count)
    comments: int | None = _maybe(Count)
    code_url: str | None = _maybe(Text)
    stars: int | None = _maybe(Count)
    project_url: str | None = _maybe(Text)
    image_url: str | None = _maybe(Text)
    sources: tuple[str, ...] = _needed(Strings)


class ListingRow(Row, table=True):
    """That one source listed one paper for one day; ids count in the order of adding."""

    __tablename__ = "listings"
    __table_args__ = (
        UniqueConstraint("paper_id", "source", "day"),
        Index(None, "source", "day"),
    )

    id: int | None = _number()
    paper_id: str = _needed(Text)
    source: str = _needed(Text)
    day: date = _needed(Day)
    instant: datetime = _needed(Instant, index=True)


class EditionRow(Row, table=True):
    """What one source lists for one day."""

    __tablename__ = "editions"

    source: str = _part_of_key(Text)
    day: date = Field(sa_column=Column(Day, primary_key=True, autoincrement=False, index=True))
    closes: datetime = _needed(Instant)
    state: EditionState = _needed(Choice(EditionState))
    count: int = _needed(Count)
    broken: int = _needed(Count)
    read_at: datetime | None = _maybe(Instant)
    tried_at: datetime | None = _maybe(Instant)
    failure: str | None = _maybe(Text)
    failing_since: datetime | None = _maybe(Instant)
    validator: str | None = _maybe(Text)


class ReadingRow(Row, table=True):
    """What was understood of one paper in one language."""

    __tablename__ = "readings"
    __table_args__ = (Index("ix_readings_rung", "rung"),)

    paper_id: str = _part_of_key(Text)
    language: str = _part_of_key(Text)
    rung: str = _needed(Text)
    lines: tuple[str, ...] = _needed(Strings)
    sections: tuple[tuple[str, str], ...] = _needed(Pairs)
    model: str | None = _maybe(Text)
    paper_version: int | None = _maybe(Count)
    read_at: datetime | None = _maybe(Instant)
    unfound: tuple[str, ...] = _needed(Strings)
    derived: tuple[str, ...] = _needed(Strings, server_default="[]")
    flags: tuple[str, ...] = _needed(Strings, server_default="[]")
    share: float | None = _maybe(Share)
    report: Report | None = _maybe(Reported)


class ReadingWorkRow(Row, table=True):
    """That somebody reads, or has read, one paper in one language: the key makes it happen once."""

    __tablename__ = "reading_work"
    __table_args__ = (
        Index("ix_reading_work_not_before", "not_before", **_where("not_before IS NOT NULL")),
    )

    paper_id: str = _part_of_key(Text)
    language: str = _part_of_key(Text)
    since: datetime = _needed(Instant)
    attempts: int = _needed(Count)
    claimed_until: datetime | None = _maybe(Instant)
    not_before: datetime | None = _maybe(Instant)


class SpendingRow(Row, table=True):
    """Tokens of a day, of everybody (`who` is '') or of one person."""

    __tablename__ = "spending"

    day: date = _part_of_key(Day)
    who: str = _part_of_key(Text)
    tokens: int = _needed(Count)
    calls: int = _needed(Count)


class ChannelRow(Row, table=True):
    """A subscribed place. `thread` is '' for none, so that the address can be unique."""

    __tablename__ = "channels"
    __table_args__ = (
        UniqueConstraint("platform", "chat", "thread"),
        Index("ix_channels_floor", "floor", **_where("suspended_at IS NULL")),
        Index("ix_channels_resting", "platform", **_where(RESTING)),
        NEVER_REUSED,
    )

    id: int | None = _number()
    platform: str = _needed(Text)
    chat: str = _needed(Text)
    thread: str = _needed(Text)
    zone: str = _needed(Text)
    language: str = _needed(Text)
    since: datetime = _needed(Instant)
    hour: time = _needed(WallTime)
    days: frozenset[int] = _needed(Weekdays)
    layout: Layout = _needed(Choice(Layout))
    limit: int = _needed(Count)
    when: When = _needed(Choice(When))
    empty: Empty = _needed(Choice(Empty))
    follow: Follow = _needed(Choice(Follow))
    links: str = _needed(Text)
    sound: str = _needed(Text)
    quiet_from: time | None = _maybe(WallTime)
    quiet_to: time | None = _maybe(WallTime)
    paused: bool = _needed(Flag)
    paused_until: datetime | None = _maybe(Instant)
    suspended_at: datetime | None = _maybe(Instant)
    previous_due: datetime | None = _maybe(Instant)
    next_due: datetime | None = Field(default=None, sa_column=Column(Instant, index=True))
    put_off_from: datetime | None = _maybe(Instant)
    created: datetime | None = _maybe(Instant)
    name: str | None = _maybe(Text)
    # What rows got that are older than the column stands as its server_default.
    kind: PlaceKind = _needed(Choice(PlaceKind), server_default="private")
    ping: str | None = _maybe(Text)
    tag: str | None = _maybe(Text)
    crosspost: bool = _needed(Flag, server_default=false())
    link_cards: bool = _needed(Flag, server_default=false())
    community: str | None = _maybe(Text)
    floor: datetime = _needed(Instant)  # previous_due, or since where there is none


class AliasRow(Row, table=True):
    """A former address of a channel."""

    __tablename__ = "channel_aliases"

    platform: str = _part_of_key(Text)
    chat: str = _part_of_key(Text)
    thread: str = _part_of_key(Text)
    channel_id: int = _channel(index=True)


class TopicRow(Row, table=True):
    """A query that a channel follows."""

    __tablename__ = "topics"
    __table_args__ = (NEVER_REUSED,)

    id: int | None = _number()
    channel_id: int = _channel(index=True)
    text: str = _needed(Text)
    created: datetime | None = _maybe(Instant)


class DigestRow(Row, table=True):
    """What one channel gets on one local day: the unique pair makes it happen once."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("channel_id", "local_date"), NEVER_REUSED)

    id: int | None = _number()
    channel_id: int = _channel()
    local_date: date = _needed(Day)
    due: datetime = _needed(Instant)
    opened: datetime = _needed(Instant)
    horizon: datetime | None = _maybe(Instant)
    papers: int = _needed(Count)
    matched: int = _needed(Count)
    shown: int = _needed(Count)
    passed: int = _needed(Count)
    notice: Notice | None = _maybe(Choice(Notice))
    spoke: bool = _needed(Flag)
    missing: tuple[str, ...] = _needed(Strings)


class DeliveryRow(Row, table=True):
    """One call to a platform.

    `round` counts what the chat had waiting when the row was added: going through the rounds in
    order gives every chat its first before any chat its second. `head`: it is the one of its
    channel that goes next (storage.repositories.heads), so that the index of what can go holds
    one row for a channel, however many wait behind it. `platform` is the channel's, which never
    changes. `body` and `fallback` name fragments (storage.fragments). `digest_id` and `waits_for`
    stay within the channel, whose removal removes them all, so they need no foreign keys and no
    indexes for them.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_digest", "channel_id", "digest_id", "order"),
        Index("ix_deliveries_next", "platform", "round", "turn", "id", **_where(CAN_GO)),
        Index("ix_deliveries_parked", "platform", "not_before", "round", "turn", **_where(PARKED)),
        Index("ix_deliveries_leased", "leased_until", **_where(IN_FLIGHT)),
        Index("ix_deliveries_unknown", "platform", "not_before", **_where(UNKNOWN)),
        Index("ix_deliveries_stale", "platform", "stale_at", **_where(CAN_GO_STALE)),
        Index("ix_deliveries_unsettled", "channel_id", **_where(UNSETTLED)),
        NEVER_REUSED,
    )

    id: int | None = _number()
    channel_id: int = _channel()
    digest_id: int | None = _maybe(Number)
    kind: Kind = _needed(Choice(Kind))
    order: int = _needed(Count)
    round: int = _needed(Count)
    papers: tuple[str, ...] = _needed(Ids)
    waits_for: int | None = _maybe(Number)
    state: DeliveryState = _needed(Choice(DeliveryState))
    silent: bool = _needed(Flag)
    attempts: int = _needed(Count)
    created: datetime | None = _maybe(Instant)
    not_before: datetime | None = _maybe(Instant)
    stale_at: datetime | None = _maybe(Instant)
    leased_until: datetime | None = _maybe(Instant)
    platform_ids: tuple[str, ...] = _needed(Strings)
    error: str | None = _maybe(Text)
    plain: bool = _needed(Flag)
    body: bytes = _needed(Blob)
    fallback: bytes | None = _maybe(Blob)
    platform: str = _needed(Text, server_default="")
    head: bool = _needed(Flag, server_default=false())
    turn: int = _needed(Count, server_default=text("0"))
    unknowns: int = _needed(Count, server_default=text("0"))
    tried_at: datetime | None = _maybe(Instant)
    sent_at: datetime | None = _maybe(Instant)


class FragmentRow(Row, table=True):
    """A piece of frozen bodies, stored once.

    While one channel alone uses it, it is that channel's and goes with it; a second user makes
    it nobody's (`channel_id` is null).
    """

    __tablename__ = "bodies"
    __table_args__ = (
        Index("ix_bodies_channel_id", "channel_id", **_where("channel_id IS NOT NULL")),
        NEVER_REUSED,
    )

    id: int | None = _number()
    hash: bytes = _needed(Blob, unique=True)
    channel_id: int | None = _channel(nullable=True)
    squeezed: bool = _needed(Flag)
    data: bytes = _needed(Blob)


class LedgerEntry(Row, table=True):
    """Which paper reached which channel.

    `becomes` is null for `shown`, the usual one; written out it marks a paper that rose.
    """

    __tablename__ = "ledger"
    __table_args__ = (
        Index("ix_ledger_reserved", "delivery_id", **_where(RESERVED)),
        {"sqlite_with_rowid": False},
    )

    channel_id: int = _channel(primary_key=True, autoincrement=False)
    paper_id: str = _part_of_key(Text)
    state: LedgerState = _needed(Choice(LedgerState))
    at: datetime = _needed(Instant)
    delivery_id: int | None = _maybe(Number)
    upvotes: int | None = _maybe(Count)
    becomes: LedgerState | None = _maybe(Choice(LedgerState))


class SavedRow(Row, table=True):
    """A paper that a person put aside in a place, whether or not it is subscribed."""

    __tablename__ = "saved"
    __table_args__ = (UniqueConstraint("platform", "chat", "thread", "person", "paper_id"),)

    id: int | None = _number()
    platform: str = _needed(Text)
    chat: str = _needed(Text)
    thread: str = _needed(Text)
    person: str = _needed(Text)
    paper_id: str = _needed(Text)
    at: datetime = _needed(Instant)


class NoteRow(Row, table=True):
    """A small fact of the program itself."""

    __tablename__ = "notes"

    name: str = _part_of_key(Text)
    value: str = _needed(Text)


def _table(row: type[SQLModel]) -> Table:
    return metadata.tables[str(row.__tablename__)]


papers = _table(PaperRow)
listings = _table(ListingRow)
editions = _table(EditionRow)
readings = _table(ReadingRow)
reading_work = _table(ReadingWorkRow)
spending = _table(SpendingRow)
channels = _table(ChannelRow)
aliases = _table(AliasRow)
topics = _table(TopicRow)
digests = _table(DigestRow)
deliveries = _table(DeliveryRow)
fragments = _table(FragmentRow)
ledger = _table(LedgerEntry)
saved = _table(SavedRow)
notes = _table(NoteRow)
