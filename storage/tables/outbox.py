"""The tables of digests, their messages, and of who was shown what."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, false, text

from bot.channels import (
    DeliveryState,
    Kind,
    LedgerState,
    Notice,
)
from storage.columns import (
    Blob,
    Choice,
    Count,
    Day,
    Flag,
    Ids,
    Instant,
    Number,
    Strings,
    Text,
)
from storage.tables.rows import (
    CAN_GO,
    CAN_GO_STALE,
    IN_FLIGHT,
    NEVER_REUSED,
    PARKED,
    RESERVED,
    UNKNOWN,
    UNSETTLED,
    Row,
    channel,
    maybe,
    needed,
    number,
    part_of_key,
    where,
)


class DigestRow(Row, table=True):
    """What one channel gets on one local day: the unique pair makes it happen once."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("channel_id", "local_date"), NEVER_REUSED)

    id: int | None = number()
    channel_id: int = channel()
    local_date: date = needed(Day)
    due: datetime = needed(Instant)
    opened: datetime = needed(Instant)
    horizon: datetime | None = maybe(Instant)
    papers: int = needed(Count)
    matched: int = needed(Count)
    shown: int = needed(Count)
    passed: int = needed(Count)
    notice: Notice | None = maybe(Choice(Notice))
    spoke: bool = needed(Flag)
    missing: tuple[str, ...] = needed(Strings)


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
        Index("ix_deliveries_next", "platform", "round", "turn", "id", **where(CAN_GO)),
        Index("ix_deliveries_parked", "platform", "not_before", "round", "turn", **where(PARKED)),
        Index("ix_deliveries_leased", "leased_until", **where(IN_FLIGHT)),
        Index("ix_deliveries_unknown", "platform", "not_before", **where(UNKNOWN)),
        Index("ix_deliveries_stale", "platform", "stale_at", **where(CAN_GO_STALE)),
        Index("ix_deliveries_unsettled", "channel_id", **where(UNSETTLED)),
        NEVER_REUSED,
    )

    id: int | None = number()
    channel_id: int = channel()
    digest_id: int | None = maybe(Number)
    kind: Kind = needed(Choice(Kind))
    order: int = needed(Count)
    round: int = needed(Count)
    papers: tuple[str, ...] = needed(Ids)
    waits_for: int | None = maybe(Number)
    state: DeliveryState = needed(Choice(DeliveryState))
    silent: bool = needed(Flag)
    attempts: int = needed(Count)
    created: datetime | None = maybe(Instant)
    not_before: datetime | None = maybe(Instant)
    stale_at: datetime | None = maybe(Instant)
    leased_until: datetime | None = maybe(Instant)
    platform_ids: tuple[str, ...] = needed(Strings)
    error: str | None = maybe(Text)
    plain: bool = needed(Flag)
    body: bytes = needed(Blob)
    fallback: bytes | None = maybe(Blob)
    platform: str = needed(Text, server_default="")
    head: bool = needed(Flag, server_default=false())
    turn: int = needed(Count, server_default=text("0"))
    unknowns: int = needed(Count, server_default=text("0"))
    tried_at: datetime | None = maybe(Instant)
    sent_at: datetime | None = maybe(Instant)


class FragmentRow(Row, table=True):
    """A piece of frozen bodies, stored once.

    While one channel alone uses it, it is that channel's and goes with it; a second user makes
    it nobody's (`channel_id` is null).
    """

    __tablename__ = "bodies"
    __table_args__ = (
        Index("ix_bodies_channel_id", "channel_id", **where("channel_id IS NOT NULL")),
        NEVER_REUSED,
    )

    id: int | None = number()
    hash: bytes = needed(Blob, unique=True)
    channel_id: int | None = channel(nullable=True)
    squeezed: bool = needed(Flag)
    data: bytes = needed(Blob)


class LedgerEntry(Row, table=True):
    """Which paper reached which channel.

    `becomes` is null for `shown`, the usual one; written out it marks a paper that rose.
    """

    __tablename__ = "ledger"
    __table_args__ = (
        Index("ix_ledger_reserved", "delivery_id", **where(RESERVED)),
        {"sqlite_with_rowid": False},
    )

    channel_id: int = channel(primary_key=True, autoincrement=False)
    paper_id: str = part_of_key(Text)
    state: LedgerState = needed(Choice(LedgerState))
    at: datetime = needed(Instant)
    delivery_id: int | None = maybe(Number)
    upvotes: int | None = maybe(Count)
    becomes: LedgerState | None = maybe(Choice(LedgerState))
