"""The schema: made, upgraded, kept from harm; Alembic and the tables never disagree."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect, text

from bot.channels import Topic
from bot.errors import SetUpWrong
from storage import SqlStore, check, facts, migrations, open_store, schema, upgrade
from storage.engines import plain, target
from storage.tables import metadata
from tests.storage.samples import channel, paper, subscribe
from tests.wires import postgres

SEARCH = "papers_search"  # outside the tables: each engine has its own

SECOND = '''
"""A second revision: a channel's table is built anew, as SQLite needs for many changes."""
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    sqlite = op.get_bind().dialect.name == "sqlite"
    recreate = "always" if sqlite else "never"
    words = {"sqlite_autoincrement": True}
    with op.batch_alter_table("channels", recreate=recreate, table_kwargs=words) as batch:
        batch.add_column(sa.Column("colour", sa.Text(), nullable=True))
'''
BROKEN = (
    SECOND
    + """
    op.execute("DELETE FROM channels")
    raise RuntimeError("half way")
"""
)
ORPHANS = (
    SECOND
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
    """The program of a later day, which has a second revision."""
    shutil.copytree(schema.HISTORY.folder, folder / "migrations")
    (folder / "migrations" / "versions" / "0002_second.py").write_text(script)
    later = schema.History(folder / "migrations", (*migrations.REVISIONS, "0002"))
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
        name: sorted(part.strip(" ,\n\t") for part in re.split(r"[\n]", sql))
        for name, sql in rows
        if not name.startswith(left_out)
    }


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
    newer(monkeypatch, tmp_path, SECOND)
    assert await upgrade(url) == ("0001", "0002")
    with connected(url) as connection:
        columns = [one["name"] for one in inspect(connection).get_columns("channels")]
        assert "colour" in columns
        for table, rows in (("channels", 2), ("topics", 2), ("papers", 1)):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == rows
    assert await upgrade(url) == ("0002", "0002")
    copies = [name for name in os.listdir(tmp_path) if name.startswith("paperboy.db.")]
    assert copies == (["paperboy.db.0001"] if engine == "sqlite" else [])
    if engine == "sqlite":
        monkeypatch.undo()
        copy = open_store(f"sqlite:///{tmp_path / 'paperboy.db.0001'}")
        async with copy, copy.snapshot() as t:
            assert len(await t.topics.all()) == 2


async def test_an_empty_database_is_upgraded_without_a_copy(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer(monkeypatch, tmp_path, SECOND)
    assert await upgrade(url) == ("0001", "0002")
    assert not (tmp_path / "paperboy.db.0001").exists()


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
    (tmp_path / "paperboy.db.0001").write_text("precious")
    newer(monkeypatch, tmp_path, SECOND)
    await upgrade(url)
    assert (tmp_path / "paperboy.db.0001").read_text() == "precious"
    assert (tmp_path / "paperboy.db.0001-2").stat().st_size > 10_000


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
    newer(monkeypatch, tmp_path, SECOND)
    with pytest.raises(SetUpWrong, match=r"0001.*0002.*paperboy db upgrade"):
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
