"""Backups: one committed state, whole before it has a name, and equal to its source."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import SetUpWrong
from bot.papers import Listing
from storage import backup, backup_into, check, facts, open_store, restore, schema, upgrade
from storage.upkeep import files, looking, pouring
from tests.storage import early
from tests.storage.samples import NOW, TODAY, paper
from tests.storage.storm import Storm, again, held, number_in
from tests.wires.databases import nothing


def file_url(path: Path) -> str:
    return f"sqlite:///{path}"


async def test_a_backup_taken_under_load_is_the_state_of_one_commit(
    url: str, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state is made again from its number, and all tables are the same. Then the load ends,
    and a second backup, restored elsewhere, is equal to its source table by table."""
    began: list[int] = []  # the newest commit, at each word of the copying

    def told(what: str, done: int, whole: int) -> None:
        began.append(load.last)
        if len(began) <= 6:
            load.wait(began[-1] + 1)  # the copy stands still, the writers go on

    with Storm(url, writers=3) as load, monkeypatch.context() as slowly:
        slowly.setattr(schema, "_PAGES", 4)  # small steps, so that others write between them
        slowly.setattr(looking, "TOGETHER", 3)
        load.wait(12)
        first = await backup(url, tmp_path / "first.db", told)
    taken = await number_in(file_url(first.file))
    assert 12 <= taken <= began[1] < began[6] < load.last
    assert await check(file_url(first.file)) == []
    (tmp_path / "again").mkdir()
    assert await held(file_url(first.file)) == await again(taken, tmp_path / "again")

    second = await backup(url, tmp_path / "second.db")
    source = await held(url)
    (tmp_path / "other").mkdir()
    with nothing(engine, tmp_path / "other") as other:
        moved = await restore(other, second.file, NOW)
        assert await held(other) == source
        assert await check(other) == []
        assert moved.rows == second.rows
        assert moved.rows["papers"] == await number_in(url) == load.last


async def test_a_backup_is_one_file_that_its_owner_alone_may_read(url: str, tmp_path: Path) -> None:
    async with open_store(url) as store, store.transaction() as t:
        await t.papers.put([paper(1)])
    folder = tmp_path / "copies"
    made = await backup(url, folder / "a b%?.db")
    assert os.listdir(folder) == ["a b%?.db"]
    assert made.file.stat().st_mode & 0o777 == 0o600
    assert (made.rows["papers"], made.problems, made.bytes) == (1, (), made.file.stat().st_size)
    with closing(sqlite3.connect(made.file)) as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert os.listdir(folder) == ["a b%?.db"]


async def test_what_is_wrong_with_the_database_is_said_and_it_is_copied_all_the_same(
    url: str, tmp_path: Path
) -> None:
    async with open_store(url) as store, store.transaction() as t:
        await t.editions.add_listings([Listing("2512.00009", "arxiv", TODAY, NOW)])
    made = await backup(url, tmp_path / "copy.db")
    assert made.problems == ("1 listings name a paper that is not stored.",)
    assert made.rows["listings"] == 1


async def test_a_damaged_database_gives_no_backup(tmp_path: Path) -> None:
    url, file = file_url(tmp_path / "paperboy.db"), tmp_path / "paperboy.db"
    async with open_store(url) as store, store.transaction() as t:
        await t.papers.put([paper(n, abstract="words " * 200) for n in range(200)])
    whole = file.read_bytes()
    middle = len(whole) // 2 // 4096 * 4096
    file.write_bytes(whole[:middle] + b"\x07" * 8192 + whole[middle + 8192 :])
    with pytest.raises(SetUpWrong, match="damaged"):
        await backup(url, tmp_path / "copy.db")
    assert [name for name in os.listdir(tmp_path) if "copy" in name] == []


async def test_a_backup_that_is_broken_off_leaves_nothing(url: str, tmp_path: Path) -> None:
    async with open_store(url) as store, store.transaction() as t:
        await t.papers.put([paper(n) for n in range(50)])
    before = sorted(os.listdir(tmp_path))
    ready = asyncio.Event()
    loop = asyncio.get_running_loop()

    def told(what: str, done: int, whole: int) -> None:
        loop.call_soon_threadsafe(ready.set)

    task = asyncio.create_task(backup(url, tmp_path / "copy.db", told))
    await ready.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [name for name in sorted(os.listdir(tmp_path)) if "copy" in name] == []
    assert {*before} <= {*os.listdir(tmp_path)}


async def test_a_copy_that_is_not_the_same_gets_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that is lost on the way from a server."""
    with nothing("postgresql", tmp_path) as url:
        async with open_store(url) as store, store.transaction() as t:
            await t.papers.put([paper(1), paper(2)])
        index = pouring._index

        async def losing(*words: object) -> None:
            await index(*words)  # type: ignore[arg-type]
            work = words[0]
            await work.change(pouring.papers.delete().where(pouring.papers.c.number == 1))  # type: ignore[attr-defined]

        monkeypatch.setattr(pouring, "_index", losing)
        with pytest.raises(SetUpWrong, match=r"not what was sent \(papers\)"):
            await backup(url, tmp_path / "copy.db")
    assert os.listdir(tmp_path) == []


async def test_a_part_that_a_killed_process_left_is_removed_after_a_day(
    url: str, tmp_path: Path
) -> None:
    """A younger one may be another backup's that is being written now."""
    old, young, other = (
        tmp_path / name
        for name in ("copy.db.0a1b2c3d.part", "copy.db.4e5f6071.part-wal", "my.db.0a1b2c3d.part")
    )
    for one in (old, young, other):
        one.write_text("half")
    for one in (old, other):
        os.utime(one, (time.time() - 90_000,) * 2)
    await backup(url, tmp_path / "copy.db")
    assert (old.exists(), young.exists(), other.exists()) == (False, True, True)


async def test_in_a_folder_the_newest_remain_and_nothing_else_is_touched(tmp_path: Path) -> None:
    url, folder = file_url(tmp_path / "paperboy.db"), tmp_path / "copies"
    await upgrade(url)
    folder.mkdir()
    strangers = ["paperboy-20250101T000000Z.sqlite3.old", "paperboy.sqlite3", "notes.txt"]
    for name in strangers:
        (folder / name).write_text("mine")
    killed = folder / "paperboy-20251201T000000Z.sqlite3.0a1b2c3d.part"
    killed.write_text("half")
    os.utime(killed, (time.time() - 90_000,) * 2)
    for hours in (0, 1, 1, 2):
        made = await backup_into(url, folder, NOW + timedelta(hours=hours), keep=3)
    names = [f"paperboy-{name}.sqlite3" for name in ("20251227T033000Z", "20251227T033000Z-2")]
    assert sorted(os.listdir(folder)) == sorted([*strangers, *names, made.file.name])
    assert made.file.name == "paperboy-20251227T043000Z.sqlite3"
    assert [one.name for one in made.removed] == ["paperboy-20251227T023000Z.sqlite3"]
    await backup_into(url, folder, NOW - timedelta(days=1), keep=1)  # with an earlier clock
    assert f"paperboy-{NOW - timedelta(days=1):%Y%m%dT%H%M%SZ}.sqlite3" in os.listdir(folder)


async def test_a_file_of_an_earlier_schema_is_copied_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = file_url(tmp_path / "paperboy.db")
    early.make(url, "0002", tmp_path, monkeypatch)
    made = await backup(url, tmp_path / "copy.db")
    assert (made.schema, made.rows["deliveries"]) == ("0002", 4)
    assert (await facts(url)).revision == (await facts(file_url(made.file))).revision == "0002"


async def test_a_server_of_an_earlier_schema_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nothing("postgresql", tmp_path) as url:
        early.make(url, "0003", tmp_path, monkeypatch)
        with pytest.raises(SetUpWrong, match=r"paperboy db upgrade.*pg_dump"):
            await backup(url, tmp_path / "copy.db")
        await upgrade(url)
        await backup(url, tmp_path / "copy.db")
    assert await check(file_url(tmp_path / "copy.db")) == []


def test_two_backups_of_one_name_do_not_replace_one_another(tmp_path: Path) -> None:
    (tmp_path / "part").write_text("second")
    (tmp_path / "copy.db").write_text("first")
    with pytest.raises(SetUpWrong, match="cannot be written"):
        files.finish(tmp_path / "part", tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "first"
