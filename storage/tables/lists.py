"""The tables of papers: lists, readings and what they cost."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field

from bot.papers import EditionState
from bot.reports import Report
from storage.columns import (
    Choice,
    Count,
    Day,
    Instant,
    Pairs,
    Reported,
    Share,
    Strings,
    Text,
)
from storage.tables.rows import (
    Row,
    maybe,
    needed,
    number,
    part_of_key,
    where,
)


class PaperRow(Row, table=True):
    """One work; `number` is what the search index points to."""

    __tablename__ = "papers"

    number: int | None = number()
    id: str = needed(Text, unique=True)
    title: str = needed(Text)
    abstract: str = needed(Text)
    authors: tuple[str, ...] = needed(Strings)
    organization: str | None = maybe(Text)
    published: datetime | None = maybe(Instant)
    version: int | None = maybe(Count)
    categories: tuple[str, ...] = needed(Strings)
    keywords: tuple[str, ...] = needed(Strings)
    summary: str | None = maybe(Text)
    upvotes: int | None = maybe(Count)
    comments: int | None = maybe(Count)
    code_url: str | None = maybe(Text)
    stars: int | None = maybe(Count)
    project_url: str | None = maybe(Text)
    image_url: str | None = maybe(Text)
    sources: tuple[str, ...] = needed(Strings)


class ListingRow(Row, table=True):
    """That one source listed one paper for one day; ids count in the order of adding."""

    __tablename__ = "listings"
    __table_args__ = (
        UniqueConstraint("paper_id", "source", "day"),
        Index(None, "source", "day"),
    )

    id: int | None = number()
    paper_id: str = needed(Text)
    source: str = needed(Text)
    day: date = needed(Day)
    instant: datetime = needed(Instant, index=True)


class EditionRow(Row, table=True):
    """What one source lists for one day."""

    __tablename__ = "editions"

    source: str = part_of_key(Text)
    day: date = Field(sa_column=Column(Day, primary_key=True, autoincrement=False, index=True))
    closes: datetime = needed(Instant)
    state: EditionState = needed(Choice(EditionState))
    count: int = needed(Count)
    broken: int = needed(Count)
    read_at: datetime | None = maybe(Instant)
    tried_at: datetime | None = maybe(Instant)
    failure: str | None = maybe(Text)
    failing_since: datetime | None = maybe(Instant)
    validator: str | None = maybe(Text)


class ReadingRow(Row, table=True):
    """What was understood of one paper in one language."""

    __tablename__ = "readings"
    __table_args__ = (Index("ix_readings_rung", "rung"),)

    paper_id: str = part_of_key(Text)
    language: str = part_of_key(Text)
    rung: str = needed(Text)
    lines: tuple[str, ...] = needed(Strings)
    sections: tuple[tuple[str, str], ...] = needed(Pairs)
    model: str | None = maybe(Text)
    paper_version: int | None = maybe(Count)
    read_at: datetime | None = maybe(Instant)
    unfound: tuple[str, ...] = needed(Strings)
    derived: tuple[str, ...] = needed(Strings, server_default="[]")
    flags: tuple[str, ...] = needed(Strings, server_default="[]")
    share: float | None = maybe(Share)
    report: Report | None = maybe(Reported)


class ReadingWorkRow(Row, table=True):
    """That somebody reads, or has read, one paper in one language: the key makes it happen once."""

    __tablename__ = "reading_work"
    __table_args__ = (
        Index("ix_reading_work_not_before", "not_before", **where("not_before IS NOT NULL")),
    )

    paper_id: str = part_of_key(Text)
    language: str = part_of_key(Text)
    since: datetime = needed(Instant)
    attempts: int = needed(Count)
    claimed_until: datetime | None = maybe(Instant)
    not_before: datetime | None = maybe(Instant)


class SpendingRow(Row, table=True):
    """Tokens of a day, of everybody (`who` is '') or of one person."""

    __tablename__ = "spending"

    day: date = part_of_key(Day)
    who: str = part_of_key(Text)
    tokens: int = needed(Count)
    calls: int = needed(Count)
