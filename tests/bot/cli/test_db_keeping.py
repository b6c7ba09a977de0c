"""`paperboy db backup`, `restore` and `copy` as they are typed, and what they say."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import storage
from bot.cli.fence import alone
from bot.settings import Settings
from tests.bot.cli.conftest import Command, Ended
from tests.wires import postgres


@pytest.fixture
def server() -> Iterator[str]:
    """An empty database on a server."""
    with postgres.database() as url:
        yield url


def channels(command: Command) -> list[str]:
    return [one["channel"] for one in command("channels", "list", "--json").objects]


class Terminal(io.StringIO):
    """A keyboard at which somebody types this."""

    def isatty(self) -> bool:
        return True


def test_a_backup_says_what_it_holds_and_how_to_go_back_to_it(command, home: Path) -> None:
    command("channels", "add", "console:lab")
    done = command("db", "backup", "monday.sqlite3")
    file = home.parent / "monday.sqlite3"
    assert done.code == 0
    assert f"Copied {home / 'paperboy.sqlite3'} to {file}" in done.out
    assert "1 channel, 0 papers, 0 deliveries, 1 row in all" in done.out
    assert f"paperboy db restore {file}" in done.out
    (told,) = command("db", "backup", "tuesday.sqlite3", "--json").objects
    assert set(told) == {
        *("kind", "place", "file", "bytes", "schema", "rows", "problems", "removed"),
    }
    assert (told["rows"]["channels"], told["problems"], told["removed"]) == (1, [], [])


def test_a_folder_keeps_the_newest(command, home: Path) -> None:
    command("db", "upgrade")
    for day in (1, 2, 3):
        now = f"2026-01-0{day}T03:00Z"
        done = command("db", "backup", "copies/", "--keep", "2", "--now", now)
        assert done.code == 0
    names = [f"paperboy-2026010{day}T030000Z.sqlite3" for day in (2, 3)]
    assert sorted(os.listdir(home.parent / "copies")) == names
    assert "Removed" in done.out
    assert "20260101" in done.out
    (told,) = command("db", "backup", "copies", "--json", "--now", "2026-01-04T03:00Z").objects
    assert told["file"].endswith("copies/paperboy-20260104T030000Z.sqlite3")
    wrong = command("db", "backup", "one.sqlite3", "--keep", "2")
    assert wrong.code == 2
    assert "--keep is for a folder" in wrong.err


def test_a_backup_of_what_contradicts_itself_is_made_and_code_1(command, home: Path) -> None:
    import sqlite3

    command("db", "upgrade")
    with sqlite3.connect(home / "paperboy.sqlite3") as file:
        file.execute("INSERT INTO listings VALUES (1, 'gone', 'arxiv', 20260101, 0)")
    file.close()
    done = command("db", "backup", "copy.sqlite3")
    assert done.code == 1
    assert "It was so before: 1 listings name a paper that is not stored." in done.err
    assert (home.parent / "copy.sqlite3").exists()


def test_a_restored_database_is_what_the_backup_was_and_the_other_is_kept(
    command, home: Path
) -> None:
    command("channels", "add", "console:lab")
    command("db", "backup", "copy.sqlite3")
    command("channels", "add", "console:hall")
    done = command("db", "restore", "copy.sqlite3", "--yes", "--now", "2026-01-01T03:00Z")
    kept = home / "paperboy.sqlite3.before-20260101T030000Z"
    assert done.code == 0
    assert f"What stood there before is kept as {kept}" in done.out
    assert channels(command) == ["console:lab"]
    (told,) = command("db", "restore", str(kept), "--yes", "--json").objects
    assert (told["kind"], told["file"]) == ("restore", str(kept))
    assert channels(command) == ["console:lab", "console:hall"]


def test_without_a_terminal_nothing_is_restored_unasked(command) -> None:
    command("channels", "add", "console:lab")
    command("db", "backup", "copy.sqlite3")
    command("channels", "add", "console:hall")
    done = command("db", "restore", "copy.sqlite3")
    assert done.code == 2
    assert "--yes" in done.err
    assert channels(command) == ["console:lab", "console:hall"]


@pytest.mark.parametrize(("typed", "code", "left"), [("y\n", 0, 1), ("n\n", 1, 2), ("\n", 1, 2)])
def test_on_a_terminal_it_is_asked_once(
    command, monkeypatch: pytest.MonkeyPatch, typed: str, code: int, left: int
) -> None:
    command("channels", "add", "console:lab")
    command("db", "backup", "copy.sqlite3")
    command("channels", "add", "console:hall")
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    done = command("db", "restore", "copy.sqlite3")
    assert done.code == code
    assert "in the place of" in done.err
    assert len(channels(command)) == left


def test_beside_a_bot_nothing_is_restored_or_copied(command, home: Path) -> None:
    command("channels", "add", "console:lab")
    command("db", "backup", "copy.sqlite3")
    before = sorted(os.listdir(home))
    with alone(Settings.alone(home=home), "paperboy run"):
        for arguments in (
            ("restore", "copy.sqlite3", "--yes"),
            ("copy", "--to", "sqlite:///other.sqlite3"),
            (
                "copy",
                "--from",
                "sqlite:///copy.sqlite3",
                "--to",
                f"sqlite:///{home}/paperboy.sqlite3",
            ),
        ):
            done = command("db", *arguments)
            assert done.code == 3
            assert "Another paperboy (paperboy run, process" in done.err
    assert {*os.listdir(home)} - {*before} <= {"paperboy.sqlite3.lock-run"}
    assert not (home.parent / "other.sqlite3").exists()


def test_beside_a_bot_on_a_server_nothing_is_restored_or_copied(command, server: str) -> None:
    command("channels", "add", "console:lab")
    command("db", "backup", "copy.sqlite3")
    asyncio.run(storage.upgrade(server))

    async def beside() -> int:
        """A process that only waits, as a standby does."""
        async with storage.open_store(server) as store, store.fence("bell"):
            return await asyncio.to_thread(typed)

    def typed() -> int:
        done: Ended = command("db", "copy", "--to", server)
        return done.code

    assert asyncio.run(beside()) == 3
    assert command("db", "copy", "--to", server).code == 0


def test_from_a_file_to_a_server_and_on(
    command, home: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("channels", "add", "console:lab")
    moved = command("db", "copy", "--to", server)
    assert moved.code == 0
    assert "Set PAPERBOY_DATABASE_URL" in moved.out
    again = command("db", "copy", "--to", server)
    assert again.code == 2
    assert "--replace" in again.err
    (told,) = command("db", "copy", "--to", server, "--replace", "--json").objects
    assert (told["kind"], told["rows"]["channels"]) == ("copy", 1)

    monkeypatch.setenv("PAPERBOY_DATABASE_URL", server)
    assert channels(command) == ["console:lab"]
    assert command("db", "backup", "server.sqlite3").code == 0
    command("channels", "add", "console:hall")
    refused = command("db", "restore", "server.sqlite3", "--yes")
    assert refused.code == 2
    assert "--replace" in refused.err
    assert command("db", "restore", "server.sqlite3", "--yes", "--replace").code == 0
    assert channels(command) == ["console:lab"]
    assert command("db", "check").code == 0


def test_an_address_that_cannot_be_read_is_named_by_its_option(command) -> None:
    command("db", "upgrade")
    for option in ("--to", "--from"):
        urls = {"--to": "sqlite:///there.sqlite3", "--from": "sqlite:///here.sqlite3"}
        urls[option] = "mysql://ann:sesame@host/x"
        done = command("db", "copy", *(word for pair in urls.items() for word in pair))
        assert done.code == 2
        assert done.err.startswith(f"paperboy: {option} begins with 'mysql'")
        assert "sesame" not in done.err
