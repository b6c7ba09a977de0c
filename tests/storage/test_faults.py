"""Whatever is wrong with a database is one clear sentence: what, where, what to do."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from bot.errors import PaperboyError, SetUpWrong, StoreBusy
from storage import open_store, upgrade
from storage.engines import target
from storage.faults import translate
from tests.storage.samples import paper, subscribe
from tests.wires import postgres
from tests.wires.databases import database


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A SQLite database with the present schema."""
    with database("sqlite", tmp_path) as url:
        yield Path(url.removeprefix("sqlite:///"))


async def opening(url: str, kind: type[PaperboyError] = SetUpWrong) -> str:
    with pytest.raises(kind) as wrong:
        async with open_store(url, patience=0.2):
            pass
    said = str(wrong.value)
    assert said.endswith(".")
    assert "\n" not in said
    return said


@contextmanager
def locked(file: Path) -> Iterator[None]:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def test_a_locked_file_is_busy_and_later_it_is_not(file: Path) -> None:
    async with open_store(f"sqlite:///{file}", patience=0.1) as store:
        with locked(file):
            with pytest.raises(StoreBusy, match=rf"{file.name} is locked by another process"):
                async with store.transaction():
                    pass
            async with store.snapshot() as t:
                assert await t.papers.count() == 0
        async with store.transaction() as t:
            await t.papers.put([paper(1)])


async def test_who_waits_for_a_lock_gets_it(file: Path) -> None:
    async with open_store(f"sqlite:///{file}", patience=5) as store:
        with locked(file):

            async def write() -> None:
                async with store.transaction() as t:
                    await t.papers.put([paper(1)])

            writing = asyncio.create_task(write())
            await asyncio.sleep(0.1)
            assert not writing.done()
        await writing


async def test_a_row_that_another_holds_too_long_is_busy() -> None:
    with postgres.database() as url:
        await upgrade(url)
        async with open_store(url, patience=0.2) as store:
            async with store.transaction() as t:
                [lab] = await subscribe(t, "lab")
            with psycopg.connect(url) as other:
                other.execute("SELECT * FROM channels FOR UPDATE")
                with pytest.raises(StoreBusy):
                    async with store.transaction() as t:
                        await t.channels.get(lab.id)


async def test_a_full_disk_loses_nothing_that_was_stored(file: Path) -> None:
    async with open_store(f"sqlite:///{file}") as store:
        async with store.transaction() as t:
            await t.papers.put([paper(1)])
            await t.work.connection.execute(text("PRAGMA max_page_count = 60"))
        with pytest.raises(SetUpWrong, match="no room left"):
            async with store.transaction() as t:
                await t.papers.put([paper(n, abstract="long " * 400) for n in range(2, 500)])
        async with store.snapshot() as t:
            assert await t.papers.count() == 1
        async with store.transaction() as t:
            await t.papers.put([paper(1, upvotes=3)])


async def test_a_full_disk_within_a_savepoint_is_told_too(file: Path) -> None:
    """SQLite then undoes all by itself, and what is raised last is about the savepoint."""
    async with open_store(f"sqlite:///{file}") as store:
        async with store.transaction() as t:
            await t.work.connection.execute(text("PRAGMA max_page_count = 60"))
        with pytest.raises(SetUpWrong, match="no room left"):
            async with store.transaction() as t:
                await subscribe(t, *(f"a chat with a long name {n}" * 6 for n in range(3000)))


def test_a_read_only_file_or_folder_is_told(file: Path) -> None:
    """In another process, which gives up its rights: root may write everywhere."""
    outer = Path(tempfile.mkdtemp(prefix="paperboy-read-only-"))  # pytest's own folders are closed
    inner = outer / file.name
    shutil.copy(file, inner)
    code = (
        "import asyncio, os, sys, storage\n"
        "from bot.errors import SetUpWrong\n"
        "async def main(url):\n"
        "    async with storage.open_store(url) as store, store.snapshot() as t:\n"
        "        await t.papers.count()\n"
        "    if os.geteuid() == 0: os.seteuid(65534)\n"
        "    async with storage.open_store(url) as store, store.transaction() as t:\n"
        "        await t.notes.put('a', 'b')\n"
        "try: asyncio.run(main(sys.argv[1]))\n"
        "except SetUpWrong as error: print(error)\n"
    )
    inner.chmod(0o444)
    outer.chmod(0o555)
    try:
        said = subprocess.run(
            [sys.executable, "-c", code, f"sqlite:///{inner}"],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    finally:
        outer.chmod(0o755)
        shutil.rmtree(outer)
    assert str(outer) in said
    assert "writ" in said
    assert said.count("\n") == 0


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Dear diary, " * 500)
    assert "not a Paperboy database" in await opening(f"sqlite:///{file}")
    assert file.read_text().startswith("Dear diary")


async def test_a_damaged_file_is_told(file: Path) -> None:
    damage(file)
    assert "damaged" in await opening(f"sqlite:///{file}")


def damage(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + b"\xff" * 3000 + whole[3100:])


async def test_a_folder_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    assert "is a folder" in await opening(f"sqlite:///{tmp_path}")
    (tmp_path / "file").write_text("")
    assert "cannot be made" in await opening(f"sqlite:///{tmp_path}/file/paperboy.db")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "paperboy.db",
        "mysql://ann:sesame@host/x",
        "postgresql://ann:sesame@host:port/x",
        "sqlite:x",
    ],
)
async def test_a_wrong_url_is_told_without_repeating_its_password(url: str) -> None:
    with pytest.raises(SetUpWrong) as wrong:
        open_store(url)
    assert "sqlite:///" in str(wrong.value)
    assert "sesame" not in str(wrong.value)


async def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    """It may be there soon: whoever starts the bot again is not told to mend the set-up."""
    said = await opening("postgresql://ann:sesame@127.0.0.1:1/paperboy", StoreBusy)
    assert "paperboy at 127.0.0.1:1 cannot be opened" in said
    assert "sesame" not in said


async def test_a_database_that_is_not_there_is_told() -> None:
    said = await opening(postgres.server().replace("/postgres?", "/nowhere?"))
    assert '"nowhere" does not exist' in said


async def test_a_wrong_user_is_told_without_the_password() -> None:
    said = await opening(postgres.server().replace("postgres:@", "ann:sesame@"))
    assert "ann" in said
    assert "sesame" not in said


async def test_a_server_that_goes_away_is_busy_and_later_it_is_not() -> None:
    with postgres.database() as url:
        await upgrade(url)
        async with open_store(url) as store:

            async def lose() -> None:
                async with store.transaction() as t:
                    await t.papers.put([paper(1)])
                    with psycopg.connect(url, autocommit=True) as other:
                        other.execute(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                        )
                    await t.papers.count()

            with pytest.raises(StoreBusy, match="does not answer"):
                await lose()
            async with store.transaction() as t:
                assert await t.papers.count() == 0


async def test_a_server_that_may_only_be_read_is_told() -> None:
    with postgres.database() as url:
        await upgrade(url)
        with psycopg.connect(url, autocommit=True) as other:
            name = other.info.dbname
            other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        async with open_store(url) as store:
            with pytest.raises(SetUpWrong, match="read-only"):
                async with store.transaction() as t:
                    await t.papers.put([paper(1)])


_KNOWN = {
    "SQLITE_BUSY": StoreBusy,
    "SQLITE_BUSY_SNAPSHOT": StoreBusy,
    "SQLITE_LOCKED": StoreBusy,
    "SQLITE_READONLY": SetUpWrong,
    "SQLITE_READONLY_DIRECTORY": SetUpWrong,
    "SQLITE_PERM": SetUpWrong,
    "SQLITE_CANTOPEN": SetUpWrong,
    "SQLITE_FULL": SetUpWrong,
    "SQLITE_IOERR": SetUpWrong,
    "SQLITE_IOERR_WRITE": SetUpWrong,
    "SQLITE_NOTADB": SetUpWrong,
    "SQLITE_CORRUPT": SetUpWrong,
}


@pytest.mark.parametrize("name", _KNOWN)
def test_every_fault_of_sqlite_has_its_sentence(name: str) -> None:
    fault = sqlite3.OperationalError("as SQLite says it")
    fault.sqlite_errorcode = getattr(sqlite3, name)
    ours = translate(fault, "/data/paperboy.db")
    assert type(ours) is _KNOWN[name]
    assert "/data/paperboy.db" in str(ours)


_STATES: dict[str, type[PaperboyError]] = {
    "SerializationFailure": StoreBusy,
    "DeadlockDetected": StoreBusy,
    "LockNotAvailable": StoreBusy,
    "QueryCanceled": StoreBusy,
    "ConnectionFailure": StoreBusy,
    "AdminShutdown": StoreBusy,
    "TooManyConnections": StoreBusy,
    "DiskFull": SetUpWrong,
    "OutOfMemory": SetUpWrong,
    "ReadOnlySqlTransaction": SetUpWrong,
    "InvalidPassword": SetUpWrong,
    "InvalidCatalogName": SetUpWrong,
    "InsufficientPrivilege": SetUpWrong,
    "UndefinedTable": SetUpWrong,
    "DataCorrupted": SetUpWrong,
}


@pytest.mark.parametrize("name", _STATES)
def test_every_fault_of_postgresql_has_its_sentence(name: str) -> None:
    ours = translate(getattr(psycopg.errors, name)("as it says"), "paperboy at host")
    assert type(ours) is _STATES[name]
    assert "paperboy at host" in str(ours)


def test_a_mistake_of_ours_is_not_taken_for_the_databases() -> None:
    assert translate(ValueError("x"), "here") is None
    assert translate(sqlite3.ProgrammingError("x"), "here") is None
    assert translate(psycopg.errors.SyntaxError("x"), "here") is None


async def test_a_link_to_a_file_is_the_file(tmp_path: Path) -> None:
    """Who comes by the link and who comes by the name have one lock, and one copy beside it."""
    (tmp_path / "disk").mkdir()
    file = tmp_path / "disk" / "paperboy.db"
    (tmp_path / "link.db").symlink_to(file)
    async with open_store(f"sqlite:///{tmp_path}/link.db") as store, store.transaction() as tx:
        await tx.notes.put("a", "b")
    assert target(f"sqlite:///{tmp_path}/link.db").file == file
    assert file.exists()
