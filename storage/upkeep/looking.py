"""One consistent state of a database, and what stands in it: rows and a digest of every table."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    TableClause,
    bindparam,
    column,
    func,
    select,
    table,
    text,
    true,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage.columns import Day, Instant
from storage.engines import Target, reading
from storage.faults import translate
from storage.fences import NOTES
from storage.tables import metadata, notes

TOGETHER = 1000  # rows that are held at once


@asynccontextmanager
async def looking(where: Target) -> AsyncIterator[AsyncConnection]:
    """A connection that reads one consistent state, while others go on. Raises what the store
    raises.
    """
    engine = reading(where, file_read_only=True)
    try:
        async with engine.connect() as connection, connection.begin():
            await connection.execute(_FIRST)  # the state is that of the first read: let it be now
            yield connection
    except Exception as error:
        if (ours := translate(error, where.place)) is None:
            raise
        raise ours from error
    finally:
        await engine.dispose()


_FIRST = text("SELECT count(*) FROM alembic_version")


@dataclass(frozen=True, slots=True)
class Tally:
    """What a table holds."""

    rows: int
    digest: str  # the same for the same rows, in whatever order and on whatever engine


class Summing:
    """The tally of rows that pass by: the sum of their hashes, so that order does not matter."""

    def __init__(self) -> None:
        self._rows = 0
        self._sum = 0

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Count these too."""
        for row in rows:
            words = repr(tuple(row)).encode("utf-8", "surrogatepass")
            self._sum += int.from_bytes(blake2b(words, digest_size=16).digest())
            self._rows += 1

    def tally(self) -> Tally:
        return Tally(self._rows, f"{self._sum % (1 << 128):032x}")


def _carried(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type by which a value is carried as it stands: only what the engines hold differently
    is understood, so that a text is the same text afterwards.
    """
    if isinstance(kind, Instant | Day) or not isinstance(kind, TypeDecorator):
        return kind
    plain: TypeEngine[Any] = kind.impl_instance
    return plain


# Of every table its columns in the types by which they are carried, those it points to first.
CARRIED: dict[str, TableClause] = {
    one.name: table(one.name, *(column(own.name, _carried(own.type)) for own in one.columns))
    for one in metadata.sorted_tables
}


def _wanted(one: TableClause) -> ColumnElement[bool]:
    """The notes of fences are the server's: they count who has taken over there."""
    return one.c.name.not_like(f"{NOTES}%") if one.name == notes.name else true()


async def batches(connection: AsyncConnection, one: Table) -> AsyncIterator[Sequence[Any]]:
    """All rows of a table by its key, as many at once as may be held."""
    carried = CARRIED[one.name]
    keys = [carried.c[key.name] for key in one.primary_key.columns]
    places = [list(carried.c.keys()).index(key.name) for key in keys]
    names = [f"after_{place}" for place in places]
    first = select(carried).where(_wanted(carried)).order_by(*keys).limit(TOGETHER)
    after = [bindparam(name, type_=key.type) for name, key in zip(names, keys, strict=True)]
    further = first.where(keys[0] > after[0] if len(keys) == 1 else tuple_(*keys) > tuple_(*after))
    rows = (await connection.execute(first)).all()
    while rows:
        yield rows
        if len(rows) < TOGETHER:
            return
        last = [rows[-1][place] for place in places]
        rows = (await connection.execute(further, dict(zip(names, last, strict=True)))).all()


async def count(connection: AsyncConnection) -> dict[str, int]:
    """Rows by table."""
    found = {}
    for name, one in CARRIED.items():
        query = select(func.count()).select_from(one).where(_wanted(one))
        found[name] = int((await connection.execute(query)).scalar_one())
    return found


async def tallies(connection: AsyncConnection) -> dict[str, Tally]:
    """Of every table; the schema must be current."""
    found = {}
    for one in metadata.sorted_tables:
        summing = Summing()
        async for rows in batches(connection, one):
            summing.add(rows)
        found[one.name] = summing.tally()
    return found


def tallies_of_file(file: sqlite3.Connection) -> dict[str, Tally]:
    """Of everything in a SQLite file whatever its schema, the parts of the search included."""
    names = file.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    ).fetchall()
    found = {}
    for (name,) in names:
        summing = Summing()
        summing.add(file.execute(f'SELECT * FROM "{name}"'))
        found[name] = summing.tally()
    return found
