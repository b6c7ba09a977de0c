"""The schema: made, upgraded, kept from harm; Alembic and the tables never disagree."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, MetaData, create_engine, inspect, select, text
from sqlalchemy.exc import SAWarning

from bot.channels import Address, Delivery, DeliveryState, PlaceKind, Topic
from bot.errors import SetUpWrong
from storage import SqlStore, check, facts, migrations, open_store, schema, upgrade
from storage.engines import plain, target
from storage.tables import metadata
from tests.storage.samples import (
    DAY,
    NOW,
    TODAY,
    channel,
    digest,
    drawn,
    entry,
    paper,
    post,
    subscribe,
)
from tests.wires import postgres

SEARCH = "papers_search"  # outside the tables: each engine has its own

LATER = "9000"  # a revision of a later day
REBUILT = f'''
"""A later revision: a channel's table is built anew, as SQLite needs for many changes."""
import sqlalchemy as sa
from alembic import op

revision = "{LATER}"
down_revision = "{migrations.HEAD}"


def upgrade():
    sqlite = op.get_bind().dialect.name == "sqlite"
    recreate = "always" if sqlite else "never"
    words = dict(sqlite_autoincrement=True)
    with op.batch_alter_table("channels", recreate=recreate, table_kwargs=words) as batch:
        batch.add_column(sa.Column("colour", sa.Text(), nullable=True))
'''
BROKEN = (
    REBUILT
    + """
    op.execute("DELETE FROM channels")
    raise RuntimeError("half way")
"""
)
ORPHANS = (
    REBUILT
    + """
    op.execute("DELETE FROM channels")
"""
)


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = plain(target(url))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def newer(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """The program of a later day, which has one more revision."""
    shutil.copytree(schema.HISTORY.folder, folder / "migrations")
    (folder / "migrations" / "versions" / f"{LATER}_later.py").write_text(script)
    later = schema.History(folder / "migrations", (*migrations.REVISIONS, LATER))
    monkeypatch.setattr(schema, "HISTORY", later)


async def fill(url: str) -> None:
    async with open_store(url) as store, store.transaction() as t:
        lab, hall = await subscribe(t, "lab", "hall")
        for place in (lab, hall):
            await t.topics.add(Topic("agents", 0, place.id))
        await t.papers.put([paper(1)])


async def test_a_new_database_is_made_with_its_folder(new_url: str) -> None:
    async with open_store(new_url) as store, store.transaction() as t:
        await t.papers.put([paper(1)])
    assert (await facts(new_url)).current
    assert await check(new_url) == []


def test_a_database_for_a_while_leaves_nothing_behind() -> None:
    async def use(store: SqlStore) -> None:
        async with store, store.transaction() as t:
            await t.papers.put([paper(1)])

    for url in ("sqlite://", "sqlite:///:memory:"):
        store = open_store(url)
        folder = Path(repr(store).split()[1]).parent
        assert folder.is_dir()
        asyncio.run(use(store))
        assert not folder.exists()


async def test_alembic_and_the_tables_do_not_disagree(url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def ours(thing: object, name: str | None, kind: str, *rest: object) -> bool:
        return not (name or "").startswith(SEARCH) and SEARCH not in str(thing)

    with connected(url) as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": ours, "compare_type": True}
        )
        assert compare_metadata(context, metadata) == []


async def test_tables_made_by_alembic_are_those_of_the_metadata(url: str, engine: str) -> None:
    """To the letter: partial indexes, WITHOUT ROWID, AUTOINCREMENT, ON DELETE CASCADE."""
    if engine == "sqlite":
        made = create_engine("sqlite://")
        with made.connect() as fresh, connected(url) as connection:
            metadata.create_all(fresh)
            assert sqlite_words(connection) == sqlite_words(fresh)
        made.dispose()
    else:
        with postgres.database() as other, connected(other) as fresh:
            metadata.create_all(fresh)
            with connected(url) as connection:
                assert postgres_words(connection) == postgres_words(fresh)


def sqlite_words(connection: Connection) -> dict[str, list[str]]:
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql NOT NULL"))
    left_out = (SEARCH, "alembic", "sqlite_")
    return {
        name: sorted(part for line in sql.split("\n") for part in _parts(line))
        for name, sql in rows
        if not name.startswith(left_out)
    }


def _parts(line: str) -> list[str]:
    """SQLite writes an added column behind the last one, in the same line."""
    return [part for one in re.split(r",\s*(?![^()]*\))", line) if (part := one.strip(" \t"))]


def postgres_words(connection: Connection) -> set[str]:
    queries = (
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
        """SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace""",
        """SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)
            FROM information_schema.columns WHERE table_schema = 'public'""",
    )
    words = {row for query in queries for (row,) in connection.execute(text(query))}
    return {word for word in words if SEARCH not in word and "alembic" not in word}


def test_the_revisions_known_by_heart_are_those_of_alembic() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(schema.HISTORY.folder).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    assert tuple(one.revision for one in scripts.walk_revisions())[::-1] == migrations.REVISIONS


def test_opening_a_current_database_does_not_import_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'paperboy.db'}"
    asyncio.run(upgrade(url))
    code = (
        "import asyncio, sys, storage\n"
        "async def main():\n"
        "    async with storage.open_store(sys.argv[1]) as store:\n"
        "        async with store.snapshot() as t:\n"
        "            print(await t.papers.count(), 'alembic' in sys.modules)\n"
        "asyncio.run(main())"
    )
    root = Path(schema.__file__).parents[1]
    said = subprocess.run(
        [sys.executable, "-c", code, url], cwd=root, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["0", "False"]


async def test_many_who_open_a_new_database_at_once_make_it_once(new_url: str) -> None:
    async def use(number: int) -> None:
        async with open_store(new_url) as store, store.transaction() as t:
            await t.papers.put([paper(number)])

    await asyncio.gather(*(use(number) for number in range(5)))
    async with open_store(new_url) as store, store.snapshot() as t:
        assert await t.papers.count() == 5


async def test_an_upgrade_keeps_every_row_and_leaves_a_copy(
    url: str, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With foreign keys on, rebuilding `channels` would empty `topics`."""
    await fill(url)
    newer(monkeypatch, tmp_path, REBUILT)
    assert await upgrade(url) == (migrations.HEAD, LATER)
    with connected(url) as connection:
        columns = [one["name"] for one in inspect(connection).get_columns("channels")]
        assert "colour" in columns
        for table, rows in (("channels", 2), ("topics", 2), ("papers", 1)):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == rows
    assert await upgrade(url) == (LATER, LATER)
    copies = [name for name in os.listdir(tmp_path) if name.startswith("paperboy.db.")]
    assert copies == ([f"paperboy.db.{migrations.HEAD}"] if engine == "sqlite" else [])
    if engine == "sqlite":
        monkeypatch.undo()
        copy = open_store(f"sqlite:///{tmp_path / copies[0]}")
        async with copy, copy.snapshot() as t:
            assert len(await t.topics.all()) == 2


async def test_an_upgrade_from_the_first_schema_keeps_what_stands_there(
    url: str, new_url: str, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(url)
    async with open_store(url) as store, store.transaction() as t:
        lab = (await t.channels.all())[0]
        await t.channels.add_alias(lab.id, Address("console", "old"))
        [own] = await t.digests.add([digest(lab.id)])
        [sent] = await post(t, lab, b"head", digest_id=own)
        await t.ledger.reserve([entry(lab.id, 1, delivery_id=sent)])
        await t.notes.put("told:a", "yes")
        before = await t.channels.all()
    only(monkeypatch, tmp_path, "0001")
    assert await upgrade(new_url) == (None, "0001")
    monkeypatch.undo()
    copy_rows(url, new_url)
    assert await upgrade(new_url) == ("0001", migrations.HEAD)
    assert await check(new_url) == []
    async with open_store(new_url) as store, store.snapshot() as t:
        assert await t.channels.all() == [replace(one, kind=PlaceKind.PRIVATE) for one in before]
        assert len(await t.topics.all()) == 2
        found = await t.channels.find(Address("console", "old"))
        assert found is not None
        assert found.id == lab.id
        assert [one.id for one in await t.deliveries.of_digest(own)] == [sent]
        assert [one.paper_id for one in await t.ledger.of_channel(lab.id, limit=9)] == [
            "2512.00001"
        ]
        assert await t.notes.get("told:a") == "yes"


async def test_an_upgrade_of_a_filled_outbox_says_who_is_next(
    url: str, new_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the schema before heads: sent, refused, in flight, parked, of digests and loose."""
    words: list[list[tuple[int | None, DeliveryState]]] = [  # of each channel: (digest, state)
        [(0, SENT), (0, READY), (0, READY), (1, READY)],
        [(None, READY), (1, READY), (0, UNKNOWN), (0, READY)],
        [(0, SENT), (0, REFUSED)],
        [(None, IN_FLIGHT), (None, READY)],
        [(1, IN_FLIGHT), (None, READY), (1, READY)],
    ]
    nexts = [1, 2, None, 0, 0]
    wanted: list[int] = []
    async with open_store(url) as store, store.transaction() as t:
        for number, rows in enumerate(words):
            address = Address(("telegram", "console")[number % 2], str(number))
            place = await t.channels.add(channel(address=address))
            days = [digest(place.id, TODAY + n * DAY) for n in range(2)]
            own = await t.digests.add(days)
            ids = []
            for order, (which, state) in enumerate(rows):
                [new] = await t.deliveries.add(
                    [
                        (
                            Delivery(
                                *(place.id, address),
                                digest_id=None if which is None else own[which],
                                order=order,
                                state=state,
                                leased_until=NOW if state is IN_FLIGHT else None,
                            ),
                            drawn(),
                        )
                    ]
                )
                ids.append(new)
            head = nexts[number]
            wanted += [] if head is None else [ids[head]]
    only(monkeypatch, tmp_path, "0001", "0002")
    assert await upgrade(new_url) == (None, "0002")
    monkeypatch.undo()
    copy_rows(url, new_url)
    assert await upgrade(new_url) == ("0002", migrations.HEAD)
    assert await check(new_url) == []
    with connected(new_url) as connection:
        heads = connection.scalars(text("SELECT id FROM deliveries WHERE head ORDER BY id")).all()
        assert heads == sorted(wanted)
        wrong = "SELECT count(*) FROM deliveries JOIN channels ON channels.id = channel_id WHERE "
        assert connection.scalar(text(wrong + "deliveries.platform <> channels.platform")) == 0
    async with open_store(new_url) as store, store.transaction() as t:
        assert await t.deliveries.any_open("telegram")
        [one] = await t.deliveries.next("telegram", limit=9)
        assert one.address.chat == "0"
        [(first, body, _)] = await t.deliveries.claim([one.id], at=NOW, lease_until=NOW + DAY)
        assert (first.turn, first.unknowns, first.tried_at) == (0, 0, NOW)
        assert body == drawn().body


SENT, REFUSED, READY = DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.READY
IN_FLIGHT, UNKNOWN = DeliveryState.IN_FLIGHT, DeliveryState.UNKNOWN


def only(monkeypatch: pytest.MonkeyPatch, folder: Path, *revisions: str) -> None:
    """The program of an earlier day, which knows only these."""
    shutil.copytree(schema.HISTORY.folder, folder / "migrations")
    for file in (folder / "migrations" / "versions").glob("*.py"):
        if not file.name.startswith(revisions):
            file.unlink()
    monkeypatch.setattr(schema, "HISTORY", schema.History(folder / "migrations", revisions))


def copy_rows(url: str, new_url: str) -> None:
    """Every row of one database into the columns that another one has."""
    with connected(url) as connection, connected(new_url) as other, other.begin():
        have, want = MetaData(), MetaData()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # the search is no table to reflect
            have.reflect(connection)
            want.reflect(other)
        for name in (table.name for table in metadata.sorted_tables):
            if name not in want.tables:  # younger than the schema
                continue
            own, its = have.tables[name], want.tables[name]
            columns = [own.c[column.name] for column in its.columns]
            if rows := connection.execute(select(*columns)).mappings().all():
                other.execute(its.insert(), [dict(row) for row in rows])
        other.execute(text("DELETE FROM papers"))  # their search is not copied


async def test_an_empty_database_is_upgraded_without_a_copy(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer(monkeypatch, tmp_path, REBUILT)
    assert await upgrade(url) == (migrations.HEAD, LATER)
    assert not (tmp_path / f"paperboy.db.{migrations.HEAD}").exists()


async def test_an_upgrade_that_fails_changes_nothing(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(url)
    newer(monkeypatch, tmp_path, BROKEN)
    with pytest.raises(RuntimeError, match="half way"):
        await upgrade(url)
    monkeypatch.undo()
    async with open_store(url) as store, store.snapshot() as t:
        assert len(await t.channels.all()) == 2
        assert len(await t.topics.all()) == 2


async def test_an_upgrade_that_would_leave_orphans_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite only: PostgreSQL's constraints are never off."""
    url = f"sqlite:///{tmp_path / 'paperboy.db'}"
    await fill(url)
    newer(monkeypatch, tmp_path, ORPHANS)
    with pytest.raises(SetUpWrong, match="2 rows of topics"):
        await upgrade(url)
    monkeypatch.undo()
    async with open_store(url) as store, store.snapshot() as t:
        assert len(await t.channels.all()) == 2


async def test_a_second_copy_does_not_replace_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'paperboy.db'}"
    await fill(url)
    (tmp_path / f"paperboy.db.{migrations.HEAD}").write_text("precious")
    newer(monkeypatch, tmp_path, REBUILT)
    await upgrade(url)
    assert (tmp_path / f"paperboy.db.{migrations.HEAD}").read_text() == "precious"
    assert (tmp_path / f"paperboy.db.{migrations.HEAD}-2").stat().st_size > 10_000


async def test_a_newer_database_is_refused_with_both_schemas_named(url: str) -> None:
    with connected(url) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for read_only in (False, True):
        with pytest.raises(SetUpWrong) as refused:
            async with open_store(url, read_only=read_only):
                pass
        assert "9999" in str(refused.value)
        assert migrations.HEAD in str(refused.value)


async def test_to_read_only_neither_makes_nor_upgrades(
    new_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SetUpWrong, match="paperboy db upgrade"):
        async with open_store(new_url, read_only=True):
            pass
    await upgrade(new_url)
    newer(monkeypatch, tmp_path, REBUILT)
    with pytest.raises(SetUpWrong, match=f"{migrations.HEAD}.*{LATER}.*paperboy db upgrade"):
        async with open_store(new_url, read_only=True):
            pass


async def test_another_programs_file_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE theirs (id INTEGER)")
    before = file.read_bytes()
    with pytest.raises(SetUpWrong, match="another program's"):
        async with open_store(f"sqlite:///{file}"):
            pass
    assert file.read_bytes() == before


async def test_the_file_is_in_wal_mode_and_keeps_foreign_keys(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'a b%.db'}")
    async with store, store.transaction() as t:
        pragmas = [
            await t.work.value(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        ]
        await t.channels.add(channel("lab"))
    assert pragmas == ["wal", 1, 2, 10_000]
    assert (tmp_path / "a b%.db").exists()


async def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "paperboy.sqlite3"
    async with open_store(f"sqlite:///{file}") as store, store.transaction() as tx:
        await tx.notes.put("a", "b")
        assert modes(tmp_path) <= {0o600}


def modes(folder: Path) -> set[int]:
    return {one.stat().st_mode & 0o777 for one in folder.glob("*.sqlite3*")}
