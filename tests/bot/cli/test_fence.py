"""Two bots never work with one database at once: not on one machine, and not from two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import open_memory
from bot.cli.fence import alone, leased, lock_path
from bot.errors import Refused, SetUpWrong
from bot.settings import Settings


def _server(tmp_path: Path) -> Settings:
    return Settings.alone(home=tmp_path, database_url="postgresql://host/db")


def test_the_lock_stands_beside_the_database_or_in_the_home(tmp_path: Path) -> None:
    file = Settings.alone(database_url=f"sqlite:///{tmp_path / 'my.db'}")
    assert lock_path(file) == tmp_path / "my.db.lock-run"
    assert lock_path(Settings.alone(home=tmp_path)) == tmp_path / "paperboy.sqlite3.lock-run"
    assert lock_path(_server(tmp_path)) == tmp_path / "paperboy.lock-run"


def test_the_second_is_refused_by_the_name_of_the_first(tmp_path: Path) -> None:
    settings = Settings.alone(home=tmp_path)
    with (
        alone(settings, "paperboy run"),
        pytest.raises(Refused, match=r"Another paperboy \(paperboy run, process \d+\)"),
        alone(settings, "paperboy once"),
    ):
        pytest.fail("both work")
    with alone(settings, "paperboy once"):
        pass


def test_another_database_is_another_matter(tmp_path: Path) -> None:
    with (
        alone(Settings.alone(home=tmp_path / "one"), "paperboy run"),
        alone(Settings.alone(home=tmp_path / "two"), "paperboy run"),
    ):
        pass


def test_a_lock_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way")
    with (
        pytest.raises(SetUpWrong, match="PAPERBOY_HOME"),
        alone(Settings.alone(home=tmp_path / "home"), "paperboy run"),
    ):
        pytest.fail("it was made")


def test_a_full_disk_leaves_the_sentence_to_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.cli.fence.os.write", full)
    with alone(Settings.alone(home=tmp_path), "paperboy once"):
        pass


async def test_another_machine_is_refused_while_its_lease_is_believed(tmp_path: Path) -> None:
    async with open_memory(Settings.alone(home=tmp_path)) as store:
        until = datetime.now(UTC) + timedelta(seconds=30)
        async with store.transaction() as tx:
            await tx.notes.put("running", f"{until.isoformat()} paperboy run on elsewhere")
        with pytest.raises(Refused, match="paperboy run on elsewhere"):
            async with leased(_server(tmp_path), store, "paperboy once"):
                pytest.fail("both work")


async def test_a_lease_that_ran_out_is_taken_over_and_given_back(tmp_path: Path) -> None:
    async with open_memory(Settings.alone(home=tmp_path)) as store:
        past = datetime.now(UTC) - timedelta(seconds=1)
        async with store.transaction() as tx:
            await tx.notes.put("running", f"{past.isoformat()} paperboy run on elsewhere")
        async with leased(_server(tmp_path), store, "paperboy run"), store.snapshot() as tx:
            assert "paperboy run on " in (await tx.notes.get("running") or "")
        async with store.snapshot() as tx:
            assert await tx.notes.get("running") is None


async def test_a_file_needs_no_lease(tmp_path: Path) -> None:
    settings = Settings.alone(home=tmp_path)
    async with (
        open_memory(settings) as store,
        leased(settings, store, "paperboy run"),
        store.snapshot() as tx,
    ):
        assert await tx.notes.get("running") is None
