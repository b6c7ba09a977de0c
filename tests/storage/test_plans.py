"""Years of digests must not make a tick slow: what runs all the time reads by index on SQLite."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, text

from bot.channels import DeliveryState, LedgerState
from bot.ports import Transaction
from storage import SqlStore, open_store
from storage.repositories import outgoing
from storage.store import SqlTransaction
from storage.tables import IN_FLIGHT, deliveries
from tests.storage.samples import HOUR, NOW, digest, drawn, entry, post, subscribe
from tests.wires.databases import database

BIG = ("channels", "topics", "digests", "deliveries", "ledger", "bodies", "papers", "listings")


async def _do_all(t: Transaction) -> None:
    """What ticks, openings and the courier do."""
    await t.channels.due(NOW, limit=100)
    await t.channels.due(NOW, limit=100, platforms={"console"})
    await t.channels.next_due()
    await t.channels.horizon_floor()
    await t.channels.of_chat("console", "lab")
    places = await subscribe(t, "lab", "hall")
    ids = [place.id for place in places]
    await t.topics.of(ids)
    await t.digests.last(ids)
    await t.digests.recent(ids[0], limit=3)
    await t.ledger.known(ids, ["2512.00001"])
    [own, _] = await t.digests.add([digest(number) for number in ids])
    [sent, _] = await post(t, places[0], b"a", b"b", digest_id=own)
    await t.ledger.reserve([entry(ids[0], 1, delivery_id=sent)])
    await t.ledger.settle(ids[0], sent, LedgerState.SHOWN)
    await t.ledger.release(ids[0], sent)
    await t.channels.reschedule([(number, NOW, NOW + HOUR) for number in ids])
    await t.deliveries.wake("console", NOW)
    [one] = await t.deliveries.next("console", limit=8)
    [(taken, _, _)] = await t.deliveries.claim([one.id], at=NOW, lease_until=NOW)
    await t.deliveries.body(taken.id)
    await t.deliveries.settle(replace(taken, state=DeliveryState.UNKNOWN))
    await t.deliveries.sent([taken])
    await t.ledger.shown([(taken.channel_id, taken.id)])
    [one] = await t.deliveries.next("console", limit=8)
    await t.deliveries.park({one.id: NOW})
    await t.deliveries.next_waking("console")
    await t.deliveries.wake("console", NOW)
    [(taken, _, _)] = await t.deliveries.claim([one.id], at=NOW, lease_until=NOW)
    await t.deliveries.split(taken, [drawn(b"c"), drawn(b"d")])
    for platform in ("console", None):
        await t.deliveries.expired(NOW, limit=9, platform=platform)
        await t.deliveries.in_flight(limit=9, platform=platform)
        await t.deliveries.overdue(NOW, limit=9, platform=platform)
        await t.deliveries.any_open(platform)
    await t.deliveries.unknown("console", NOW, limit=9)
    await t.digests.arrivals(ids[0], limit=14)
    await t.deliveries.unsettled(ids)
    await t.deliveries.unsettled()
    await t.deliveries.waiting()
    await t.deliveries.of_digest(own)
    await t.channels.merge(ids[0], ids[1])
    await t.editions.listings_between(NOW, NOW + HOUR)
    await t.editions.listings_on("arxiv", NOW.date())
    await t.papers.get(["2512.00001"])


@contextmanager
def _heard(store: SqlStore) -> Iterator[list[tuple[str, tuple[object, ...]]]]:
    """The statements that are executed inside, with the parameters of one execution."""
    assert store._writer is not None
    engine = store._writer.sync_engine
    said: list[tuple[str, tuple[object, ...]]] = []

    def hear(c: object, k: object, sql: str, words: object, x: object, many: bool) -> None:
        one = words[0] if many and isinstance(words, list) else words
        assert isinstance(one, tuple)
        said.append((sql, one))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", hear)


async def test_nothing_that_runs_all_the_time_reads_a_whole_table(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as url:
        async with open_store(url) as store, store.transaction() as t:
            with _heard(store) as said:
                await _do_all(t)
            plans = {sql: await _plan(t, sql, words) for sql, words in said}
    assert len(plans) > 30
    slow = {
        sql: step
        for sql, steps in plans.items()
        for step in steps
        if step in {f"SCAN {name}" for name in BIG}
    }
    assert slow == {}


async def _plan(t: SqlTransaction, sql: str, words: tuple[object, ...]) -> list[str]:
    if sql.split()[0] not in ("SELECT", "INSERT", "UPDATE", "DELETE"):
        return []
    found = await t.work.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", words)
    return [str(step) for step in found.scalars(3)]


async def test_the_due_channels_are_found_by_their_time_whatever_the_platform(
    tmp_path: Path,
) -> None:
    with database("sqlite", tmp_path) as url:
        async with open_store(url) as store, store.transaction() as t:
            with _heard(store) as said:
                await t.channels.due(NOW, limit=1, platforms={"console"})
            [(sql, words)] = said
            [step] = await _plan(t, sql, words)
    assert "USING INDEX ix_channels_next_due" in step


OUTBOX: dict[str, tuple[Callable[[Transaction], Awaitable[object]], list[str]]] = {
    "next": (
        lambda t: t.deliveries.next("console", limit=8),
        ["SEARCH deliveries USING INDEX ix_deliveries_next (platform=?)"],
    ),
    "wake": (
        lambda t: t.deliveries.wake("console", NOW),
        ["ix_deliveries_parked (platform=? AND not_before>? AND not_before<?)"],
    ),
    "next_waking": (
        lambda t: t.deliveries.next_waking("console"),
        ["ix_deliveries_parked (platform=? AND not_before>?)"],
    ),
    "expired": (
        lambda t: t.deliveries.expired(NOW, limit=8, platform="console"),
        ["ix_deliveries_leased (leased_until<?)"],
    ),
    "in_flight": (
        lambda t: t.deliveries.in_flight(limit=8, platform="console"),
        ["SCAN deliveries USING INDEX ix_deliveries_leased", "USE TEMP B-TREE FOR ORDER BY"],
    ),
    "unknown": (
        lambda t: t.deliveries.unknown("console", NOW, limit=8),
        ["ix_deliveries_unknown (platform=?)", "USE TEMP B-TREE FOR ORDER BY"],
    ),
    "overdue": (
        lambda t: t.deliveries.overdue(NOW, limit=8, platform="console"),
        ["ix_deliveries_stale (platform=? AND stale_at<?)"],
    ),
    "any_open": (
        lambda t: t.deliveries.any_open("console"),
        [
            "ix_deliveries_stale (platform=?)",
            "SCAN deliveries USING INDEX ix_deliveries_leased",  # as many rows as calls under way
        ],
    ),
}


@pytest.mark.parametrize("asked", list(OUTBOX))
async def test_what_the_courier_asks_is_read_from_an_index_of_just_that(
    tmp_path: Path, asked: str
) -> None:
    """In its order too: a sorting of all that waits would take as long as reading it."""
    ask, wanted = OUTBOX[asked]
    with database("sqlite", tmp_path) as url:
        async with open_store(url) as store, store.transaction() as t:
            with _heard(store) as said:
                await ask(t)
            [(sql, words)] = said
            steps = await _plan(t, sql, words)
    seen = [
        step
        for step in steps
        if ("deliveries" in step and "PRIMARY KEY" not in step) or "TEMP B-TREE" in step
    ]
    assert len(seen) == len(wanted)
    for step, part in zip(seen, wanted, strict=True):
        assert step.endswith(part)


async def test_on_postgresql_what_can_go_is_found_by_its_index_too(tmp_path: Path) -> None:
    """Among many that wait behind others and many that are parked."""
    with database("postgresql", tmp_path) as url:
        async with open_store(url) as store, store.transaction() as t:
            [place] = await subscribe(t, "lab")
            await post(t, place, b"x")
            parts = {
                "id": "id + n",
                "head": "n % 5 = 0",
                "not_before": "CASE WHEN n % 3 = 0 THEN now() END",
                "turn": "n * 7919 % 20011",
                "leased_until": "CASE WHEN n % 1000 = 7 THEN now() END",
                "state": "CASE WHEN n % 1000 = 7 THEN 'in-flight' ELSE 'ready' END",
                "stale_at": "now() + n * interval '1 minute'",
            }
            names = [column.name for column in deliveries.columns]
            values = ", ".join(parts.get(name, f'"{name}"') for name in names)
            columns = ", ".join(f'"{name}"' for name in names)
            await t.work.change(
                text(
                    f"INSERT INTO deliveries ({columns}) "
                    f"SELECT {values} FROM deliveries, generate_series(1, 20000) AS n"
                )
            )
            await t.work.connection.execute(text("ANALYZE deliveries"))
            for index, query in (
                ("ix_deliveries_next", outgoing.NEXT),
                ("ix_deliveries_parked", outgoing.WAKING),
                ("ix_deliveries_stale", outgoing.PLATFORM_AFTER),
                ("ix_deliveries_leased", outgoing.READ.where(text(IN_FLIGHT))),
            ):
                words = {"name": "console", "most": 8, "last": ""}
                sql = str(
                    query.compile(
                        t.work.connection.sync_engine, compile_kwargs={"render_postcompile": True}
                    )
                )
                used = {name: value for name, value in words.items() if f"%({name})s" in sql}
                used |= {"param_1": 1} if "%(param_1)s" in sql else {}
                found = await t.work.connection.exec_driver_sql(f"EXPLAIN {sql}", used)
                plan = "\n".join(found.scalars())
                assert index in plan, plan
                assert "Seq Scan on deliveries" not in plan


async def test_removing_a_channel_looks_for_its_own_rows_by_index(tmp_path: Path) -> None:
    """SQLite does not explain its cascades, so each foreign key must have an index to go by."""
    with database("sqlite", tmp_path) as url:
        async with open_store(url) as store, store.snapshot() as t:
            for name in ("topics", "digests", "deliveries", "ledger", "channel_aliases", "bodies"):
                query = text(f"EXPLAIN QUERY PLAN SELECT 1 FROM {name} WHERE channel_id = 7")
                [step] = await t.work.rows(query)
                assert step[3].startswith(f"SEARCH {name} USING"), step
