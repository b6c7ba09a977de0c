"""What is wrong with a database: damage, and contradictions that no constraint can hold."""

from __future__ import annotations

import asyncio

from sqlalchemy import Select, case, column, exists, func, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import DeliveryState, LedgerState
from bot.errors import PaperboyError
from storage import schema
from storage.engines import Target, target
from storage.fragments import numbers
from storage.tables import (
    IN_FLIGHT,
    UNSETTLED,
    channels,
    deliveries,
    digests,
    fragments,
    ledger,
    listings,
    papers,
)
from storage.upkeep.looking import looking

_LINES = 10  # of one kind of damage that are told


async def check(url: str) -> list[str]:
    """What is wrong with the database, a sentence each; nothing is changed. Empty: all is well."""
    where = target(url)
    try:
        return await problems_of(where)
    finally:
        where.clear()


async def problems_of(where: Target) -> list[str]:
    """The same of a database that was found already."""
    try:
        found = await asyncio.to_thread(schema.revision, where)
        schema.check_known(found, where)
        if found is None:
            return [f"There is no database {where.place} yet: run `paperboy db upgrade`."]
        if found != schema.HISTORY.head:
            needed = f"The schema is {found}, this program needs {schema.HISTORY.head}"
            return [f"{needed}: run `paperboy db upgrade`."]
        async with looking(where) as connection:
            problems = await damage(connection) if where.sqlite else []
            return problems or await contradictions(connection)
    except PaperboyError as error:
        return [str(error)]


async def damage(connection: AsyncConnection) -> list[str]:
    """What is broken in a SQLite file: pages, indexes, foreign keys."""
    said = (await connection.execute(text(f"PRAGMA integrity_check({_LINES})"))).scalars().all()
    problems = [f"The file is damaged: {line}." for line in said if line != "ok"]
    if problems:
        return problems
    for name, row, parent, _ in (await connection.execute(_FOREIGN_KEYS)).all()[:_LINES]:
        problems.append(f"Row {row} of {name} belongs to a row of {parent} that is not there.")
    return problems


_FOREIGN_KEYS = text("PRAGMA foreign_key_check")


async def contradictions(connection: AsyncConnection) -> list[str]:
    """What no constraint can hold; the schema must be current."""
    problems = []
    sqlite = connection.dialect.name == "sqlite"
    for query, sentence in (*_QUESTIONS, *_search_questions(sqlite=sqlite)):
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
_searched = table("papers_search", column("rowid"), column("number"))
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
        select(func.count())
        .select_from(deliveries)
        .where(
            text(UNSETTLED),
            exists().where(
                channels.c.id == deliveries.c.channel_id,
                channels.c.platform != deliveries.c.platform,
            ),
        ),
        "{n} deliveries stand under another platform than their channel: nobody would send them.",
    ),
    (
        select(func.count())
        .select_from(deliveries)
        .where(text(IN_FLIGHT), deliveries.c.leased_until.is_(None)),
        "{n} deliveries are under way without an end: they would never be settled.",
    ),
    (
        select(func.count())
        .select_from(channels)
        .where(channels.c.floor != func.coalesce(channels.c.previous_due, channels.c.since)),
        "{n} channels reckon their days from a wrong instant.",
    ),
)


def _search_questions(*, sqlite: bool) -> tuple[tuple[Select[int], str], ...]:
    number = _searched.c.rowid if sqlite else _searched.c.number
    return (
        (
            select(func.count()).select_from(papers).where(papers.c.number.not_in(select(number))),
            "{n} papers are missing from the search.",
        ),
        (
            select(func.count())
            .select_from(_searched)
            .where(number.not_in(select(papers.c.number))),
            "{n} papers are found by the search that are not stored.",
        ),
    )
