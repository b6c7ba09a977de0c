"""Looking after the database: upgrade, backup, check; what `paperboy db` and doctor call."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import case, exists, func, literal_column, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import DeliveryState, LedgerState
from bot.errors import PaperboyError, SetUpWrong
from storage import schema
from storage.engines import Target, reading, target
from storage.faults import translate, translated
from storage.fragments import numbers
from storage.tables import UNSETTLED, deliveries, digests, fragments, ledger, listings, papers

_LINES = 10  # of one kind of damage that are told


@dataclass(frozen=True, slots=True)
class Facts:
    """Which schema a database has."""

    place: str  # a path, or name and host; never a password
    revision: str | None  # None: there is nothing yet
    head: str  # what this program needs
    bytes: int | None  # of the file; None on a server

    @property
    def current(self) -> bool:
        return self.revision == self.head

    @property
    def newer(self) -> bool:
        """Whether a later program made it."""
        return self.revision is not None and self.revision not in schema.HISTORY.revisions


async def facts(url: str) -> Facts:
    """Look, change nothing. Raises SetUpWrong, StoreBusy."""
    where = target(url)
    try:
        found = await asyncio.to_thread(schema.revision, where)
        size = where.file.stat().st_size if where.file and where.file.exists() else None
        return Facts(where.place, found, schema.HISTORY.head, size)
    finally:
        where.clear()


async def upgrade(url: str) -> tuple[str | None, str]:
    """Bring the schema up to date; gives the revision before (None: new) and the one now.

    A SQLite file that holds data is copied beside itself first. Raises SetUpWrong, StoreBusy.
    """
    where = target(url)
    try:
        before = await asyncio.to_thread(schema.prepare, where)
        return before, schema.HISTORY.head
    finally:
        where.clear()


async def backup(url: str, path: Path) -> None:
    """Copy a SQLite database that may be in use into a new file.

    Raises SetUpWrong when the file stands already, there is nothing to copy, or the database is
    a PostgreSQL one, whose own tool does it better; StoreBusy when it is locked.
    """
    where = target(url)
    if where.file is None:
        raise SetUpWrong(
            f"The database {where.place} is on a PostgreSQL server: copy it with pg_dump."
        )
    try:
        await asyncio.to_thread(_backup, where, path)
    finally:
        where.clear()


def _backup(where: Target, path: Path) -> None:
    assert where.file is not None
    if not where.file.exists():
        raise SetUpWrong(f"There is no database {where.place} to copy.")
    if path.exists():
        raise SetUpWrong(f"The file {path} is there already: name a new one for the copy.")
    path = path.absolute()
    part = path.with_name(path.name + ".part")  # a copy under its own name is a whole one
    try:
        with translated(f"{where.place} or its copy {path}"):
            path.parent.mkdir(parents=True, exist_ok=True)
            schema.copy_file(where, part)
            os.replace(part, path)
    except OSError as error:
        raise SetUpWrong(f"The copy {path} cannot be written ({error.strerror}).") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


async def check(url: str) -> list[str]:
    """What is wrong with the database, a sentence each; nothing is changed. Empty: all is well."""
    where = target(url)
    try:
        found = await asyncio.to_thread(schema.revision, where)
        schema.check_known(found, where)
        if found is None:
            return [f"There is no database {where.place} yet: run `paperboy db upgrade`."]
        if found != schema.HISTORY.head:
            needed = f"The schema is {found}, this program needs {schema.HISTORY.head}"
            return [f"{needed}: run `paperboy db upgrade`."]
        async with _looking(where) as connection:
            problems = await _damage(connection) if where.sqlite else []
            return problems or await _contradictions(connection)
    except PaperboyError as error:
        return [str(error)]
    finally:
        where.clear()


@asynccontextmanager
async def _looking(where: Target) -> AsyncIterator[AsyncConnection]:
    engine = reading(where, file_read_only=True)
    try:
        async with engine.connect() as connection, connection.begin():
            yield connection
    except Exception as error:
        if (ours := translate(error, where.place)) is None:
            raise
        raise ours from error
    finally:
        await engine.dispose()


async def _damage(connection: AsyncConnection) -> list[str]:
    said = (await connection.execute(text(f"PRAGMA integrity_check({_LINES})"))).scalars().all()
    problems = [f"The file is damaged: {line}." for line in said if line != "ok"]
    if problems:
        return problems
    for name, row, parent, _ in (await connection.execute(_FOREIGN_KEYS)).all()[:_LINES]:
        problems.append(f"Row {row} of {name} belongs to a row of {parent} that is not there.")
    return problems


_FOREIGN_KEYS = text("PRAGMA foreign_key_check")


async def _contradictions(connection: AsyncConnection) -> list[str]:
    """What no constraint can hold."""
    problems = []
    for query, sentence in _QUESTIONS:
        if count := (await connection.execute(query)).scalar():
            problems.append(sentence.format(n=count))
    if lost := await _bodies_lost(connection):
        problems.append(f"{lost} unsettled deliveries have lost a part of their body.")
    return problems


async def _bodies_lost(connection: AsyncConnection) -> int:
    waiting = select(deliveries.c.body, deliveries.c.fallback).where(text(UNSETTLED))
    known = {number for (number,) in await connection.execute(select(fragments.c.id))}
    return sum(
        not known.issuperset([*numbers(body), *numbers(fallback or b"")])
        for body, fallback in await connection.execute(waiting)
    )


_alive = exists().where(
    deliveries.c.id == ledger.c.delivery_id,
    deliveries.c.channel_id == ledger.c.channel_id,
    deliveries.c.state.in_([DeliveryState.READY, DeliveryState.IN_FLIGHT, DeliveryState.UNKNOWN]),
)
_own_digest = exists().where(
    digests.c.id == deliveries.c.digest_id, digests.c.channel_id == deliveries.c.channel_id
)
_waited_for = deliveries.alias("waited_for")
_will_come = exists().where(
    _waited_for.c.id == deliveries.c.waits_for,
    _waited_for.c.state.not_in([DeliveryState.REFUSED, DeliveryState.STALE]),
)
_without_head = (
    select(deliveries.c.channel_id)
    .where(text(UNSETTLED))
    .group_by(deliveries.c.channel_id)
    .having(func.sum(case((deliveries.c.head, 1), else_=0)) != 1)
    .subquery()
)
_searched = select(func.count()).select_from(table("papers_search")).scalar_subquery()
_QUESTIONS = (
    (
        select(func.count())
        .select_from(listings)
        .where(~exists().where(papers.c.id == listings.c.paper_id)),
        "{n} listings name a paper that is not stored.",
    ),
    (
        select(func.count())
        .select_from(ledger)
        .where(ledger.c.state == LedgerState.RESERVED, ~_alive),
        "{n} papers are reserved for a delivery that is over: they would never be shown.",
    ),
    (
        select(func.count())
        .select_from(deliveries)
        .where(deliveries.c.digest_id.is_not(None), ~_own_digest),
        "{n} deliveries belong to a digest that their channel does not have.",
    ),
    (
        select(func.count())
        .select_from(deliveries)
        .where(text(UNSETTLED), deliveries.c.waits_for.is_not(None), ~_will_come),
        "{n} deliveries wait for one that will never be sent.",
    ),
    (
        select(func.count()).select_from(_without_head),
        "{n} channels have messages waiting, but not one that goes next.",
    ),
    (
        select(
            func.abs(
                select(func.count(literal_column("*"))).select_from(papers).scalar_subquery()
                - _searched
            )
        ),
        "{n} papers are missing from the search, or in it twice.",
    ),
)
