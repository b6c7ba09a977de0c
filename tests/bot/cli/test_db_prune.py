"""`paperboy db prune`, and that `paperboy once` does it too."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.bot.cli.conftest import Command

LATER = "2026-06-01T09:00Z"


def _messages(home: Path) -> int:
    with sqlite3.connect(home / "paperboy.sqlite3") as file:
        [(count,)] = file.execute("SELECT count(*) FROM deliveries").fetchall()
    file.close()
    return int(count)


@pytest.fixture
def delivered(command: Command, home: Path) -> int:
    """How many messages the first day's digest took."""
    command("channels", "add", "console:lab", "--now", "2025-12-26T00:00Z")
    assert command("once", "--now", "2025-12-27T09:00Z").code == 0
    assert _messages(home) > 0
    return _messages(home)


def test_what_would_go_is_counted_and_then_goes(
    command: Command, home: Path, delivered: int
) -> None:
    dry = command("db", "prune", "--dry-run", "--now", LATER)
    assert dry.code == 0
    assert f"{delivered:>12,} messages that were sent or given up\n" in dry.out
    assert "Nothing was removed" in dry.out
    assert _messages(home) == delivered
    [told] = command("db", "prune", "--json", "--now", LATER).objects
    assert (told["kind"], told["messages"], told["dry_run"]) == ("pruned", delivered, False)
    assert _messages(home) == 0
    assert command("db", "check").code == 0
    assert command("db", "prune", "--now", LATER).out == "Nothing has had its time.\n"


def test_the_settings_say_how_long(
    command: Command, delivered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERBOY_KEEP_MESSAGES_DAYS", "400")
    assert command("db", "prune", "--now", LATER).out == "Nothing has had its time.\n"
    monkeypatch.setenv("PAPERBOY_KEEP_PAPERS_DAYS", "400")
    [told] = command("db", "prune", "--json", "--dry-run", "--now", "2027-12-01").objects
    assert told["papers"] > 0


def test_a_dry_run_needs_a_database_and_makes_none(command: Command, home: Path) -> None:
    assert command("db", "prune", "--dry-run").code == 2
    assert not (home / "paperboy.sqlite3").exists()


@pytest.mark.usefixtures("delivered")
def test_once_does_it_on_its_way(command: Command, home: Path) -> None:
    command("once", "--now", LATER)
    with sqlite3.connect(home / "paperboy.sqlite3") as file:
        old = "SELECT count(*) FROM deliveries WHERE created < 1770000000000000"  # February 2026
        left = file.execute(old).fetchall()
        noted = file.execute("SELECT value FROM notes WHERE name = 'pruned'").fetchall()
    file.close()
    assert left == [(0,)]
    assert noted == [("2026-06-01T09:00:00+00:00",)]
