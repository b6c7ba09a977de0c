"""Backups of a database in use: each a SQLite file, whole and checked before it gets its name."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TypeVar

from bot.errors import PaperboyError, SetUpWrong
from storage import schema
from storage.engines import Target, connect_sqlite, target
from storage.faults import translated
from storage.upkeep.checking import problems_of
from storage.upkeep.files import damage_of, finish, of_file, part_of, settle, sweep
from storage.upkeep.looking import looking
from storage.upkeep.pouring import Told, pour

T = TypeVar("T")

_OWN = re.compile(r"paperboy-\d{8}T\d{6}Z(?:-\d+)?\.sqlite3")


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup."""

    place: str  # of the database
    file: Path
    bytes: int
    schema: str
    rows: dict[str, int]  # by table
    problems: tuple[str, ...]  # contradictions that the database has, and so its backup
    removed: tuple[Path, ...] = ()  # older ones


def silent(what: str, done: int, whole: int) -> None:
    """Nobody looks."""


async def backup(url: str, path: Path, told: Told = silent) -> Backup:
    """Copy a database that may be in use into a new SQLite file that its owner alone may read.

    From PostgreSQL it is portable: a database of its own with the same rows. It is one committed
    state, and gets its name when it has been read again and found whole.

    Raises SetUpWrong when the file stands already or cannot be written, there is nothing to copy,
    the database is damaged or (on PostgreSQL) of an older schema; StoreBusy when it is locked.
    """
    where = target(url)
    path = _new(path)
    try:
        found = await asyncio.to_thread(schema.revision, where) if where.exists else None
        if found is None:
            raise SetUpWrong(f"There is no database {where.place} to copy.")
        with part_of(path) as part:
            if where.sqlite:
                rows = await apart(lambda tell: copy_whole(where, part, tell), told)
            else:
                rows = await _from_server(where, found, part, told)
            copy = of_file(part)
            told("Checking", 0, 0)
            problems = await _verified(copy, where) if found == schema.HISTORY.head else []
            await asyncio.to_thread(settle, copy, wal=False)
            size = part.stat().st_size
            await asyncio.to_thread(finish, part, path)
        return Backup(where.place, path, size, found, rows, tuple(problems))
    finally:
        where.clear()


def _new(path: Path) -> Path:
    path = path.expanduser().absolute()
    if path.exists():
        raise SetUpWrong(f"The file {path} is there already: name a new one for the copy.")
    return path


async def backup_into(
    url: str, folder: Path, now: datetime, *, keep: int | None = None, told: Told = silent
) -> Backup:
    """The same into a file named by the instant; of the files so named there the newest `keep`
    remain. None: all of them.
    """
    done = await backup(url, _named(folder, now), told)
    return replace(done, removed=await asyncio.to_thread(_thin_out, done.file, keep))


def _named(folder: Path, now: datetime) -> Path:
    name = f"paperboy-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    path, number = folder / f"{name}.sqlite3", 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}.sqlite3"
    return path


def _thin_out(new: Path, keep: int | None) -> tuple[Path, ...]:
    """Remove the oldest of those that are named so; gives which. And the parts of such that were
    killed, of which each had another name."""
    with suppress(OSError):
        sweep(new.parent, "paperboy-*.sqlite3")
    if keep is None:
        return ()
    own = sorted((one for one in new.parent.iterdir() if _OWN.fullmatch(one.name)), key=_age)
    old = tuple(one for one in own[: max(0, len(own) - keep)] if one != new)
    try:
        for one in old:
            one.unlink(missing_ok=True)
    except OSError as error:
        raise SetUpWrong(
            f"The backup {new} was made, but an older one cannot be removed ({error})."
        ) from error
    return old


def _age(path: Path) -> tuple[str, int]:
    instant, _, number = path.name.removesuffix(".sqlite3").removeprefix("paperboy-").partition("-")
    return instant, int(number or 1)


def copy_whole(where: Target, part: Path, told: Told = silent) -> dict[str, int]:
    """Page by page from a SQLite file; gives the rows by table, which are the same in both.

    Raises SetUpWrong when the file is damaged.
    """
    with translated(f"{where.place} or its copy {part.parent}"):
        schema.copy_file(where, part, lambda done, whole: told("Copying", done, whole))
    told("Checking", 0, 0)
    copy = of_file(part)
    if found := damage_of(copy):
        raise SetUpWrong(f"The file {where.place} is damaged ({found[0]}), and so is its copy.")
    with translated(part.name), closing(connect_sqlite(copy, "rw")) as file:
        names = file.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' "
            "ESCAPE '\\' AND name NOT LIKE 'papers\\_search%' ESCAPE '\\' "
            "AND name <> 'alembic_version' ORDER BY name"
        ).fetchall()
        return {
            name: file.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names
        }


async def _from_server(where: Target, found: str, part: Path, told: Told) -> dict[str, int]:
    current(found, where)
    copy = of_file(part)
    await asyncio.to_thread(make_private, copy)
    async with looking(where) as source:
        held, _ = await pour(source, copy, replace=False, told=told)
    return {name: one.rows for name, one in sorted(held.items())}


def current(found: str, where: Target) -> None:
    """Raises SetUpWrong when rows cannot be read because the schema is not the present one."""
    schema.check_known(found, where)
    if found != schema.HISTORY.head:
        raise SetUpWrong(
            f"The database {where.place} has schema {found}, and only {schema.HISTORY.head} can "
            "be read: run `paperboy db upgrade` first (pg_dump copies it as it is)."
        )


def make_private(where: Target) -> None:
    """An empty database with the present schema, which its owner alone may read."""
    assert where.file is not None
    where.file.touch(0o600, exist_ok=False)
    schema.prepare(where, copy=False)


async def _verified(copy: Target, where: Target) -> list[str]:
    """What `check` says of the copy; of its place and not of a name that it loses soon."""
    return [one.replace(copy.place, where.place) for one in await problems_of(copy)]


async def apart(work: Callable[[Told], T], told: Told) -> T:
    """Do blocking work in a thread; when the task is cancelled it ends at its next word."""
    left = Event()

    def tell(what: str, done: int, whole: int) -> None:
        if left.is_set():
            raise PaperboyError("It was broken off.")
        told(what, done, whole)

    working = asyncio.get_running_loop().run_in_executor(None, work, tell)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        left.set()
        await asyncio.wait([working])  # what it writes to is removed next
        raise
