"""The tables of channels and of what people keep."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import Column, Index, UniqueConstraint, false
from sqlmodel import Field

from bot.channels import (
    Empty,
    Follow,
    Layout,
    PlaceKind,
    When,
)
from storage.columns import (
    Choice,
    Count,
    Flag,
    Instant,
    Text,
    WallTime,
    Weekdays,
)
from storage.tables.rows import (
    NEVER_REUSED,
    RESTING,
    Row,
    channel,
    maybe,
    needed,
    number,
    part_of_key,
    where,
)


class ChannelRow(Row, table=True):
    """A subscribed place. `thread` is '' for none, so that the address can be unique."""

    __tablename__ = "channels"
    __table_args__ = (
        UniqueConstraint("platform", "chat", "thread"),
        Index("ix_channels_floor", "floor", **where("suspended_at IS NULL")),
        Index("ix_channels_resting", "platform", **where(RESTING)),
        NEVER_REUSED,
    )

    id: int | None = number()
    platform: str = needed(Text)
    chat: str = needed(Text)
    thread: str = needed(Text)
    zone: str = needed(Text)
    language: str = needed(Text)
    since: datetime = needed(Instant)
    hour: time = needed(WallTime)
    days: frozenset[int] = needed(Weekdays)
    layout: Layout = needed(Choice(Layout))
    limit: int = needed(Count)
    when: When = needed(Choice(When))
    empty: Empty = needed(Choice(Empty))
    follow: Follow = needed(Choice(Follow))
    links: str = needed(Text)
    sound: str = needed(Text)
    quiet_from: time | None = maybe(WallTime)
    quiet_to: time | None = maybe(WallTime)
    paused: bool = needed(Flag)
    paused_until: datetime | None = maybe(Instant)
    suspended_at: datetime | None = maybe(Instant)
    previous_due: datetime | None = maybe(Instant)
    next_due: datetime | None = Field(default=None, sa_column=Column(Instant, index=True))
    put_off_from: datetime | None = maybe(Instant)
    created: datetime | None = maybe(Instant)
    name: str | None = maybe(Text)
    # What rows got that are older than the column stands as its server_default.
    kind: PlaceKind = needed(Choice(PlaceKind), server_default="private")
    ping: str | None = maybe(Text)
    tag: str | None = maybe(Text)
    crosspost: bool = needed(Flag, server_default=false())
    link_cards: bool = needed(Flag, server_default=false())
    community: str | None = maybe(Text)
    floor: datetime = needed(Instant)  # previous_due, or since where there is none


class AliasRow(Row, table=True):
    """A former address of a channel."""

    __tablename__ = "channel_aliases"

    platform: str = part_of_key(Text)
    chat: str = part_of_key(Text)
    thread: str = part_of_key(Text)
    channel_id: int = channel(index=True)


class TopicRow(Row, table=True):
    """A query that a channel follows."""

    __tablename__ = "topics"
    __table_args__ = (NEVER_REUSED,)

    id: int | None = number()
    channel_id: int = channel(index=True)
    text: str = needed(Text)
    created: datetime | None = maybe(Instant)


class SavedRow(Row, table=True):
    """A paper that a person put aside in a place, whether or not it is subscribed."""

    __tablename__ = "saved"
    __table_args__ = (UniqueConstraint("platform", "chat", "thread", "person", "paper_id"),)

    id: int | None = number()
    platform: str = needed(Text)
    chat: str = needed(Text)
    thread: str = needed(Text)
    person: str = needed(Text)
    paper_id: str = needed(Text)
    at: datetime = needed(Instant)


class NoteRow(Row, table=True):
    """A small fact of the program itself."""

    __tablename__ = "notes"

    name: str = part_of_key(Text)
    value: str = needed(Text)
