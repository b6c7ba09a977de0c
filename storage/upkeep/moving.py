"""A database put in the place of another: out of a backup, or over to another engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.errors import SetUpWrong
from storage import schema
from storage.engines import Target, folder_of, target
from storage.upkeep.backups import apart, copy_whole, current, make_private, silent
from storage.upkeep.checking import problems_of
from storage.upkeep.files import (
    count_on,
    holds_rows,
    of_file,
    part_of,
    put_in_place,
    revision_of,
    settle,
    tallies_in,
)
from storage.upkeep.looking import Tally, looking
from storage.upkeep.pouring import Told, not_empty, pour


@dataclass(frozen=True, slots=True)
class Moved:
    """What stands in its new place."""

    source: str  # a path, or name and host; never a password
    place: str
    before: str  # the schema that the source has
    schema: str
    rows: dict[str, int]  # by table, counted there and as many as in the source
    kept: Path | None  # what stood there before; None: nothing, or it is gone
    problems: tuple[str, ...]  # contradictions that the source had


async def restore(
    url: str, path: Path, now: datetime, *, replace: bool = False, told: Told = silent
) -> Moved:
    """Put what a backup holds in the place of the database; nobody else may work with it.

    The file is read and checked first, an older one is brought up to date afterwards. A SQLite
    database is kept beside the new one; one on a server must be empty, or is emptied in the same
    transaction with `replace`. At no moment a part of it counts.

    Raises SetUpWrong when the file is none of ours, newer, or damaged, and when it cannot be put
    there; StoreBusy when the database is in use.
    """
    revision_of(path)
    where = target(url)
    try:
        if where.temporary is not None:
            raise SetUpWrong("A database in memory cannot be restored: name a file or a server.")
        return await _move(of_file(path), where, now, replace=replace or where.sqlite, told=told)
    finally:
        where.clear()


async def copy(
    source_url: str, url: str, now: datetime, *, replace: bool = False, told: Told = silent
) -> Moved:
    """The same rows in another database, whatever the engines; nobody may work with either.

    The other one must be empty; with `replace` what it holds goes (of a SQLite file it is kept
    beside). Raises SetUpWrong, StoreBusy.
    """
    source, where = target(source_url), target(url)
    try:
        if (source.sqlite and not source.exists) or source.temporary is not None:
            raise SetUpWrong(f"There is no database {source.place} to copy.")
        if where.temporary is not None:
            raise SetUpWrong("A database in memory is no place to copy to: name a file or server.")
        if _same(source, where):
            raise SetUpWrong(f"Both are the database {where.place}: name another one.")
        return await _move(source, where, now, replace=replace, told=told)
    finally:
        source.clear()
        where.clear()


def _same(one: Target, other: Target) -> bool:
    if one.file is not None and other.file is not None:
        return one.file.resolve() == other.file.resolve()
    return one.sqlite == other.sqlite and (one.place, one.url.query) == (
        other.place,
        other.url.query,
    )


async def _move(
    source: Target, where: Target, now: datetime, *, replace: bool, told: Told
) -> Moved:
    before = await asyncio.to_thread(schema.revision, source)
    schema.check_known(before, source)
    if before is None:
        raise SetUpWrong(f"There is no database {source.place} to copy.")
    if not where.sqlite:
        held, problems = await _to_server(source, before, where, replace=replace, told=told)
        rows, kept = {name: one.rows for name, one in held.items()}, None
    else:
        await asyncio.to_thread(folder_of, where)
        if not replace and await asyncio.to_thread(holds_rows, where):
            raise not_empty(where)
        rows, kept, problems = await _to_file(source, before, where, now, told)
    return Moved(
        *(source.place, where.place, before, schema.HISTORY.head),
        *(dict(sorted(rows.items())), kept, tuple(problems)),
    )


async def _to_server(
    source: Target, before: str, where: Target, *, replace: bool, told: Told
) -> tuple[dict[str, Tally], list[str]]:
    await asyncio.to_thread(schema.prepare, where)
    async with _readable(source, before, told) as given, looking(given) as connection:
        return await pour(connection, where, replace=replace, told=told)


@asynccontextmanager
async def _readable(source: Target, found: str, told: Told) -> AsyncIterator[Target]:
    """The source with the present schema: itself, or of an older file a copy for a while."""
    if found == schema.HISTORY.head or not source.sqlite:
        current(found, source)
        yield source
        return
    with TemporaryDirectory(prefix="paperboy-") as folder:
        part = of_file(Path(folder) / "older.db")
        assert part.file is not None
        await _renewed(source, part, told)
        yield part


async def _renewed(source: Target, part: Target, told: Told) -> None:
    """A file in a new place, page by page, compared, then brought up to date."""
    file = part.file
    assert file is not None
    await apart(lambda tell: copy_whole(source, file, tell), told)
    told("Comparing", 0, 0)
    if await asyncio.to_thread(tallies_in, source) != await asyncio.to_thread(tallies_in, part):
        raise SetUpWrong(f"The copy of {source.place} is not the same; nothing was changed.")
    told("Checking", 0, 0)
    await asyncio.to_thread(lambda: schema.prepare(part, copy=False))


async def _to_file(
    source: Target, before: str, where: Target, now: datetime, told: Told
) -> tuple[dict[str, int], Path | None, list[str]]:
    assert where.file is not None
    with part_of(where.file) as name:
        part = of_file(name)
        if source.sqlite:
            await _renewed(source, part, told)
        else:
            current(before, source)
            await asyncio.to_thread(make_private, part)
            async with looking(source) as connection:
                await pour(connection, part, replace=False, told=told)
        problems = await problems_of(part)
        made = await asyncio.to_thread(tallies_in, part)
        await asyncio.to_thread(count_on, part, where)
        await asyncio.to_thread(lambda: settle(part, wal=True))
        aside = f"before-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        kept = await asyncio.to_thread(put_in_place, name, where, aside)
    told("Comparing", 0, 0)
    if (held := await asyncio.to_thread(tallies_in, where)) != made:
        raise SetUpWrong(
            f"What stands in {where.place} now is not what was put there"
            + (f"; what stood there before is {kept}." if kept else ".")
        )
    rows = {
        table: one.rows
        for table, one in held.items()
        if not table.startswith("papers_search") and table != "alembic_version"
    }
    return rows, kept, [one.replace(part.place, where.place) for one in problems]
