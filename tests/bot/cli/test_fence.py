"""Two bots never work with one file at once, and two never send with one token."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from adapters.platforms.console import Console
from bot.app import open_memory
from bot.cli.fence import alone, lock_path, on_server, sending_alone
from bot.desk import Desk
from bot.errors import Refused, SetUpWrong
from bot.ports import Platform, Store
from bot.settings import Settings
from tests.wires import postgres


def test_the_lock_stands_beside_the_file_or_in_the_home(tmp_path: Path) -> None:
    file = Settings.alone(database_url=f"sqlite:///{tmp_path / 'my.db'}")
    assert lock_path(file) == tmp_path / "my.db.lock-run"
    assert lock_path(Settings.alone(home=tmp_path)) == tmp_path / "paperboy.sqlite3.lock-run"
    memory = Settings.alone(home=tmp_path, database_url="sqlite://")
    assert lock_path(memory) == tmp_path / "paperboy.lock-run"


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


def test_on_a_server_any_number_work_side_by_side(tmp_path: Path) -> None:
    server = Settings.alone(home=tmp_path, database_url="postgresql://host/db")
    assert on_server(server)
    assert not on_server(Settings.alone(home=tmp_path))
    with alone(server, "paperboy run"), alone(server, "paperboy run"):
        pass


async def test_who_sends_once_refuses_beside_another_that_sends(tmp_path: Path) -> None:
    with postgres.database() as url:
        settings = Settings.alone(home=tmp_path, database_url=url)
        async with open_memory(settings) as one, open_memory(settings) as other:
            async with one.fence("courier:telegram"):
                with pytest.raises(Refused, match="sends the digests of telegram"):
                    async with sending_alone(_desk(other, "console", "telegram"), "paperboy once"):
                        pytest.fail("both send")
                async with sending_alone(_desk(other, "console"), "paperboy once"):
                    pass
            async with (
                sending_alone(_desk(other, "console", "telegram"), "paperboy once"),
                one.fence("courier:console", wait=False) as right,
            ):
                assert right is None


async def test_a_file_has_room_for_one_who_sends(tmp_path: Path) -> None:
    async with (
        open_memory(Settings.alone(home=tmp_path)) as store,
        sending_alone(_desk(store, "console", "telegram"), "paperboy once"),
    ):
        pass


def _desk(store: Store, *platforms: str) -> Desk:
    consoles: dict[str, Platform] = {
        name: Console(io.StringIO(), as_json=False) for name in platforms
    }
    return Desk(store, {}, {}, consoles)


def test_a_link_to_a_database_and_its_name_have_one_lock(tmp_path: Path) -> None:
    """Two bots on one file would send everything twice."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "link.db").symlink_to(tmp_path / "disk" / "my.db")
    link, name = (
        lock_path(Settings.alone(database_url=f"sqlite:///{tmp_path}/{one}"))
        for one in ("link.db", "disk/my.db")
    )
    assert link == name == tmp_path / "disk" / "my.db.lock-run"
