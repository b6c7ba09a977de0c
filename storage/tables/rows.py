"""What the tables are made of: the registry, columns, conditions of indexes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, MetaData, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from storage.columns import (
    Number,
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


def needed(kind: Any, **words: Any) -> Any:
    return Field(sa_column=Column(kind, nullable=False, **words))


def maybe(kind: Any) -> Any:
    return Field(default=None, sa_column=Column(kind, nullable=True))


def number() -> Any:
    return Field(default=None, sa_column=Column(Number, primary_key=True, autoincrement=True))


def part_of_key(kind: Any) -> Any:
    return Field(sa_column=Column(kind, primary_key=True, autoincrement=False))


def channel(**words: Any) -> Any:
    """The channel that owns the row: the row goes with it."""
    owner = ForeignKey("channels.id", ondelete="CASCADE")
    words.setdefault("nullable", False)
    return Field(default=None, sa_column=Column(Number, owner, **words))


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


NEVER_REUSED = {"sqlite_autoincrement": True}  # ids name things outside: nonces, links, logs

# Conditions of partial indexes; queries repeat them word for word, or no engine uses the index.
CAN_GO = "state = 'ready' AND head AND not_before IS NULL"
PARKED = "state = 'ready' AND head AND not_before IS NOT NULL"
UNKNOWN = "state = 'unknown'"
IN_FLIGHT = "state = 'in-flight'"
UNSETTLED = "state IN ('ready', 'in-flight', 'unknown')"
CAN_GO_STALE = "state IN ('ready', 'unknown')"
RESERVED = "state = 'reserved'"
RESTING = "paused OR paused_until IS NOT NULL OR suspended_at IS NOT NULL"
