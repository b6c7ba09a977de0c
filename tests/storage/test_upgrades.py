"""A database of every earlier day, filled by hand, under the program of today."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from bot.channels import Address, DeliveryState, Follow, Layout, LedgerState, PlaceKind, When
from bot.courier import recover
from bot.desk import Desk
from bot.papers import Listing, Reading
from bot.reports import Brief, Guide, Innovation, Report
from bot.rounds import make_round
from storage import SqlStore, check, facts, migrations, open_store, schema, upgrade
from storage.engines import plain, target
from tests.storage import early
from tests.wires.lists import ScriptedSource, a_paper
from tests.wires.mail import Mail

EARLIER = migrations.REVISIONS[:-1]
earlier = pytest.mark.parametrize("revision", EARLIER)


def rows(url: str) -> dict[str, int]:
    """Rows by table, whatever the schema."""
    engine = plain(target(url))
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        found = {
            name: int(connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0)
            for name in names
            if not name.startswith(("papers_search_", "alembic"))
        }
    engine.dispose()
    return found


def test_the_hand_written_rows_fill_every_column(
    new_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A revision whose columns nobody filled would be upgraded untested. Those of the newest
    one are filled in the program of its day, so that the next revision finds them."""
    revision = migrations.HEAD
    early.make(new_url, revision, tmp_path, monkeypatch)
    written = early.rows_of(revision)
    engine = plain(target(new_url))
    with engine.connect() as connection:
        for name in inspect(connection).get_table_names():
            if name.startswith(("papers_search", "alembic")):
                continue
            for column in inspect(connection).get_columns(name):
                own = column["name"]
                count = f'SELECT count("{own}") FROM {name}'
                assert connection.scalar(text(count)), f"{name}.{own} is empty"
            assert connection.scalar(text(f"SELECT count(*) FROM {name}")) == len(written[name])
    engine.dispose()


@earlier
async def test_nothing_is_lost_and_everything_means_what_it_meant(
    new_url: str, engine: str, revision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    early.make(new_url, revision, tmp_path, monkeypatch)
    before = rows(new_url)
    assert await upgrade(new_url) == (revision, migrations.HEAD)
    after = rows(new_url)
    assert {name: after[name] for name in before} == before
    assert await check(new_url) == []
    if engine == "sqlite":
        assert f"paperboy.db.{revision}" in os.listdir(tmp_path / "new")
    async with open_store(new_url) as store:
        await _means_the_same(store, revision)


async def _means_the_same(store: SqlStore, revision: str) -> None:
    known: Any = lambda number, one, other: one if revision >= number else other  # noqa: E731
    async with store.snapshot() as t:
        found = await t.papers.get(["2512.00001", "astro-ph/0601001"])
        paper, dust = found["2512.00001"], found["astro-ph/0601001"]
        assert paper.title == "Agents that Plan — ﬁnely"
        assert paper.authors == ("Ann Lee", 'Bo "B" Kim')
        assert (paper.published, paper.stars) == (early.LONG_AGO, 2**40)
        assert (dust.abstract, dust.authors, dust.published) == ("", (), None)
        assert [one.id for one in await t.papers.search("agents", limit=9)] == ["2512.00001"]
        assert [one.id for one in await t.papers.search("dust", limit=9)] == ["astro-ph/0601001"]
        edition = await t.editions.get("huggingface", early.THURSDAY)
        assert edition is not None
        assert (edition.closes, edition.failing_since) == (early.SECOND, early.THIRD)
        assert await t.editions.listings_on("huggingface", early.THURSDAY) == [
            Listing("2512.00001", "huggingface", early.THURSDAY, early.FIRST)
        ]
        lab, hall = await t.channels.all()
        assert (lab.address, lab.hour, lab.days) == (
            *(Address("mail", "lab"), time(9), frozenset(range(7))),
        )
        assert (lab.kind, lab.previous_due, lab.next_due) == (
            *(PlaceKind.PRIVATE, early.SECOND, early.THIRD),
        )
        assert hall.address == Address("mail", "-1001234567890", "17")
        assert (hall.hour, hall.days) == (time(23, 30, 15), frozenset({0, 2, 4}))
        assert (hall.layout, hall.when, hall.follow) == (Layout.THREAD, When.FRESH, Follow.ALL)
        assert (hall.quiet_from, hall.quiet_to) == (time(22), time(7, 30))
        assert (hall.paused, hall.paused_until, hall.suspended_at) == (
            *(True, early.THIRD, early.SECOND),
        )
        assert (hall.kind, hall.ping, hall.tag, hall.crosspost, hall.community) == known(
            "0002",
            (PlaceKind.TOPIC, "123", "7", True, "9007199254740993"),
            (PlaceKind.PRIVATE, None, None, False, None),
        )
        assert await t.channels.find(Address("mail", "old")) == hall
        topics = await t.topics.of([1, 5])
        assert [one.text for one in (*topics[1], *topics[5])] == ["agents", early.TOPIC]
        digest = await t.digests.get(1, early.FRIDAY)
        assert digest is not None
        assert (digest.horizon, digest.spoke, digest.missing) == (early.FIRST, True, ("arxiv",))
        sent, second, third = await t.deliveries.of_digest(1)
        assert (sent.state, sent.platform_ids, sent.plain) == (DeliveryState.SENT, ("77",), True)
        assert (second.waits_for, second.stale_at) == (1, datetime(2026, 12, 31, tzinfo=UTC))
        assert (third.error, third.turn) == ("No answer in time.", known("0003", 12, 0))
        body, fallback = await t.deliveries.body(2)
        assert body.fragments == (early.SHARED, early.OWN)
        assert fallback is not None
        assert fallback.fragments == (early.OWN,)
        entries = {one.paper_id: one for one in await t.ledger.of_channel(1, limit=9)}
        assert entries["2512.00001"].state is LedgerState.SHOWN
        assert (entries["astro-ph/0601001"].state, entries["astro-ph/0601001"].delivery_id) == (
            *(LedgerState.RESERVED, 2),
        )
        assert await t.saved.of(Address("mail", "@ann"), "ann") == [
            "astro-ph/0601001",
            "2512.00001",
        ]
        assert await t.notes.get("told:a") == "yes"
        reading = Reading(
            *("2512.00001", "zh", "abstract", ("一句话",)),
            sections=(("方法", "看图"),),
            model="qwen3",
            paper_version=2,
            read_at=early.SECOND,
            unfound=("51 %",),
        )
        if revision >= "0004":
            report = Report(
                *("vision", "c", Guide("images"), (Innovation("n", "t"),), "r"),
                Brief(datasets=("d",)),
            )
            reading = replace(reading, derived=("3.5",), flags=("short",), share=0.1, report=report)
            spent = await t.spending.of(early.FRIDAY, "")
            assert (spent.tokens, spent.calls) == (2**40, 3)
        assert await t.readings.get(["2512.00001"], "zh") == {"2512.00001": reading}


@earlier
async def test_the_bot_goes_on_where_that_program_stopped(
    new_url: str, revision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waited is sent first, then a new digest is opened with new numbers and sent."""
    early.make(new_url, revision, tmp_path, monkeypatch)
    source, mail = ScriptedSource(), Mail()
    source.show(early.FRIDAY, a_paper(1, title="New agents"))
    now = datetime(2025, 12, 27, 9, 1, tzinfo=UTC)
    async with open_store(new_url) as store:
        desk = Desk(store, {source.name: source}, {}, {mail.name: mail})
        await recover(desk, now, alone=True)
        await make_round(desk, now)
        async with store.snapshot() as t:
            digest = await t.digests.get(1, now.date())
            assert digest is not None
            assert digest.id == 3
            [delivery] = await t.deliveries.of_digest(digest.id)
            assert (delivery.id > 9, delivery.state) == (True, DeliveryState.SENT)
            assert not await t.deliveries.unsettled([1])
            ledger = {one.paper_id: one.state for one in await t.ledger.of_channel(1, limit=9)}
    assert set(ledger.values()) == {LedgerState.SHOWN}
    assert len(ledger) == 3
    texts = mail.texts("lab")
    assert texts[:2] == [early.SHARED.decode(), early.OWN.decode()]
    assert len(texts) == 3
    assert await check(new_url) == []


@pytest.mark.parametrize("at", EARLIER[1:])
async def test_an_upgrade_that_is_broken_off_between_two_steps_leaves_the_old_one_whole(
    new_url: str, at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All steps are one transaction: that of `at` is done, and the program dies before the next."""
    early.make(new_url, "0001", tmp_path, monkeypatch)
    before = rows(new_url)
    with monkeypatch.context() as then:
        early.only(then, tmp_path / "dying", *migrations.REVISIONS)
        [step] = (tmp_path / "dying" / "versions").glob(f"{at}_*.py")
        step.write_text(step.read_text() + "    raise KeyboardInterrupt\n")
        with pytest.raises(KeyboardInterrupt):
            schema.prepare(target(new_url))
    assert (await facts(new_url)).revision == "0001"
    assert rows(new_url) == before
    assert await upgrade(new_url) == ("0001", migrations.HEAD)
    assert await check(new_url) == []
    async with open_store(new_url) as store:
        await _means_the_same(store, "0001")


async def test_two_who_upgrade_at_once_do_it_once(
    new_url: str, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    early.make(new_url, "0001", tmp_path, monkeypatch)
    await asyncio.gather(*(upgrade(new_url) for _ in range(4)))
    assert await check(new_url) == []
    async with open_store(new_url) as store:
        await _means_the_same(store, "0001")
    if engine == "sqlite":
        copies = [name for name in os.listdir(tmp_path / "new") if name.startswith("paperboy.db.")]
        assert copies == ["paperboy.db.0001"]
        assert (tmp_path / "new" / "paperboy.db.0001").stat().st_mode & 0o077 == 0
