"""The tables. Every one is a SQLModel class; the queries use its Core table (`papers`, …)."""

from __future__ import annotations

from sqlalchemy import Table
from sqlmodel import SQLModel

from storage.tables.lists import (
    EditionRow,
    ListingRow,
    PaperRow,
    ReadingRow,
    ReadingWorkRow,
    SpendingRow,
)
from storage.tables.outbox import DeliveryRow, DigestRow, FragmentRow, LedgerEntry
from storage.tables.places import AliasRow, ChannelRow, NoteRow, SavedRow, TopicRow
from storage.tables.rows import (
    CAN_GO,
    CAN_GO_STALE,
    IN_FLIGHT,
    NEVER_REUSED,
    PARKED,
    RESERVED,
    RESTING,
    UNKNOWN,
    UNSETTLED,
    Row,
    metadata,
)


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

__all__ = [
    "CAN_GO",
    "CAN_GO_STALE",
    "IN_FLIGHT",
    "NEVER_REUSED",
    "PARKED",
    "RESERVED",
    "RESTING",
    "UNKNOWN",
    "UNSETTLED",
    "AliasRow",
    "ChannelRow",
    "DeliveryRow",
    "DigestRow",
    "EditionRow",
    "FragmentRow",
    "LedgerEntry",
    "ListingRow",
    "NoteRow",
    "PaperRow",
    "ReadingRow",
    "ReadingWorkRow",
    "Row",
    "SavedRow",
    "SpendingRow",
    "TopicRow",
    "aliases",
    "channels",
    "deliveries",
    "digests",
    "editions",
    "fragments",
    "ledger",
    "listings",
    "metadata",
    "notes",
    "papers",
    "reading_work",
    "readings",
    "saved",
    "spending",
    "topics",
]
