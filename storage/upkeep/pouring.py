"""Every row of one database into another that is empty: in one transaction, whole or not at all.

The rows go as they stand, attempts in flight and claims of readings included: nobody knows more
of them there than here, and the bot that goes on settles them as after a sudden end (in flight
becomes unknown, a claim runs out). What the engines keep for themselves is made anew: the search,
and the numbers that were given last, so that none is given twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Integer, Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import SetUpWrong
from bot.papers import Paper
from storage.bulk import Bulk
from storage.engines import Target, writing
from storage.faults import translate
from storage.fences import NOTES
from storage.search import Entry, Search
from storage.tables import metadata, notes, papers
from storage.upkeep.checking import contradictions
from storage.upkeep.looking import CARRIED, Summing, Tally, batches, count, tallies
from storage.work import Work

Told = Callable[[str, int, int], None]  # what is done, how far, of how much
_Write = Callable[[Sequence[Any]], Awaitable[None]]

_ORDER = [papers.c.number, *(papers.c[field.name] for field in fields(Paper))]


async def pour(
    source: AsyncConnection, where: Target, *, replace: bool, told: Told
) -> tuple[dict[str, Tally], list[str]]:
    """Fill `where` from a snapshot, compare, commit; gives what it holds now, and what `check`
    would say of it. Both have the present schema.

    With `replace` what stands there goes, in the same transaction. Raises SetUpWrong when
    something stands there, when the rows do not fit, or when they are not the same afterwards.
    """
    engine = writing(where)
    try:
        async with engine.connect() as connection, connection.begin():
            work = Work(connection, writes=True)
            await _make_room(work, where, replace=replace)
            given = await _rows(source, work, told)
            await _index(work, given[papers.name].rows, told)
            await _count_on(source, work)
            told("Comparing", 0, 0)
            if (held := await tallies(connection)) != given:
                names = [name for name, one in given.items() if held[name] != one]
                raise SetUpWrong(
                    f"What arrived in {where.place} is not what was sent ({', '.join(names)}); "
                    "nothing was changed there."
                )
            problems = await contradictions(connection)
            if not where.sqlite:  # its planner knows nothing yet of so many new rows
                for one in metadata.tables:
                    await connection.execute(text(f"ANALYZE {one}"))
            return held, problems
    except Exception as error:
        if said := _unfit(error):
            raise SetUpWrong(
                f"The rows do not fit together ({said}), so nothing was copied: run `paperboy db "
                "check` on the database they come from."
            ) from error
        if (ours := translate(error, where.place)) is None:
            raise
        raise ours from error
    finally:
        await engine.dispose()


def _unfit(error: Exception) -> str | None:
    """What a constraint says that a row breaks; None for any other error."""
    known = error.orig if isinstance(error, DBAPIError) else error
    state = str(getattr(known, "sqlstate", None) or "")
    broken = isinstance(error, IntegrityError) or state.startswith("23")  # of SQL's classes
    return str(known).splitlines()[0] if broken else None


async def _make_room(work: Work, where: Target, *, replace: bool) -> None:
    names = ", ".join(metadata.tables)
    if not work.sqlite:  # nobody writes until the end; who reads sees what was there
        await work.change(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
    if not any((await count(work.connection)).values()):
        return
    if not replace:
        raise not_empty(where)
    others = ", ".join(name for name in metadata.tables if name != notes.name)
    if work.sqlite:
        raise NotImplementedError("a SQLite file is filled beside the one that it replaces")
    await work.change(text(f"TRUNCATE {others}, papers_search"))
    await work.change(notes.delete().where(notes.c.name.not_like(f"{NOTES}%")))


def not_empty(where: Target) -> SetUpWrong:
    """What is said where something stands already."""
    return SetUpWrong(
        f"The database {where.place} is not empty, so nothing was done: name another one, or add "
        "--replace to lose what it holds."
    )


async def _rows(source: AsyncConnection, work: Work, told: Told) -> dict[str, Tally]:
    whole, done = sum((await count(source)).values()), 0
    given = {}
    for one in metadata.sorted_tables:
        write = _into_file(work, one) if work.sqlite else _onto_server(work, one)
        summing = Summing()
        async for rows in batches(source, one):
            await write(rows)
            summing.add(rows)
            done += len(rows)
            told("Copying", done, whole)
        given[one.name] = summing.tally()
    return given


def _into_file(work: Work, one: Table) -> _Write:
    carried = CARRIED[one.name]
    bulk = Bulk(lambda work: insert(carried), *carried.c.keys())

    async def write(rows: Sequence[Any]) -> None:
        await bulk.run(work, rows)

    return write


def _onto_server(work: Work, one: Table) -> _Write:
    """By COPY, which takes the values as they are carried; it is some times quicker than INSERT."""
    columns = ", ".join(f'"{own.name}"' for own in CARRIED[one.name].c)

    async def write(rows: Sequence[Any]) -> None:
        raw = await work.connection.get_raw_connection()
        connection: Any = raw.driver_connection
        async with (
            connection.cursor() as cursor,
            cursor.copy(f'COPY "{one.name}" ({columns}) FROM STDIN') as copying,
        ):
            for row in rows:
                await copying.write_row(row)

    return write


async def _index(work: Work, whole: int, told: Told) -> None:
    """The search over all papers, from their texts."""
    search, done, last = Search(work), 0, 0
    query = select(*_ORDER).order_by(papers.c.number).limit(_INDEXED)
    while rows := await work.rows(query.where(papers.c.number > last)):
        await search.put([Entry.of(row[0], Paper(*row[1:])) for row in rows])
        last, done = rows[-1][0], done + len(rows)
        told("Making the search", done, whole)


_INDEXED = 200  # papers at once


async def _count_on(source: AsyncConnection, work: Work) -> None:
    """The next number of a row is one that was never given, not even to a row that is gone."""
    for one in metadata.sorted_tables:
        key = _counted(one)
        if key is None or not (last := await _last(source, one, key)):
            continue
        if work.sqlite:
            if one.dialect_options["sqlite"]["autoincrement"]:
                words = {"name": one.name, "last": last}
                await work.change(text("DELETE FROM sqlite_sequence WHERE name = :name"), words)
                await work.change(text("INSERT INTO sqlite_sequence VALUES (:name, :last)"), words)
        else:
            own = await _last(work.connection, one, key)
            await work.value(
                text("SELECT setval(pg_get_serial_sequence(:name, :key), :last)"),
                name=one.name,
                key=key,
                last=max(last, own),
            )


def _counted(one: Table) -> str | None:
    """The key whose numbers the engine gives."""
    key = one.autoincrement_column
    return None if key is None or not isinstance(key.type, Integer) else key.name


async def _last(connection: AsyncConnection, one: Table, key: str) -> int:
    """The highest number that was ever given; 0 for none."""
    highest = (await connection.execute(select(func.max(one.c[key])))).scalar()
    if connection.dialect.name == "sqlite":
        found = await connection.execute(_GIVEN_IN_FILE, {"name": one.name})
    else:
        found = await connection.execute(_GIVEN_ON_SERVER, {"name": one.name, "key": key})
    return max(int(highest or 0), int(found.scalar() or 0))


_GIVEN_IN_FILE = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
_GIVEN_ON_SERVER = text(
    "SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(:name, :key) AS regclass))"
)
