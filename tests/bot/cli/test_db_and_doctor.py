"""`paperboy db` and `paperboy doctor`, and every way in which a database can be unusable."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

import storage
from bot.cli.doctor.machine import look_at_clock


def test_the_database_is_made_and_then_left_alone(command, home: Path) -> None:
    (made,) = command("db", "upgrade", "--json").objects
    assert (made["kind"], made["before"]) == ("database", None)
    assert made["place"] == str(home / "paperboy.sqlite3")
    done = command("db", "upgrade")
    assert (done.code, "nothing was done" in done.out) == (0, True)


def test_a_backup_is_a_whole_database(command, home: Path) -> None:
    command("channels", "add", "console:lab")
    (told,) = command("db", "backup", "copy.sqlite3", "--json").objects
    copy = home.parent / "copy.sqlite3"
    assert (told["kind"], told["file"]) == ("backup", str(copy))
    assert told["bytes"] == copy.stat().st_size
    with sqlite3.connect(copy) as file:
        assert file.execute("SELECT chat FROM channels").fetchall() == [("lab",)]
    file.close()
    again = command("db", "backup", "copy.sqlite3")
    assert again.code == 2
    assert "is there already" in again.err


def test_a_sound_database_is_said_to_be_sound(command) -> None:
    command("db", "upgrade")
    assert command("db", "check").out == "The database is sound.\n"
    assert command("db", "check", "--json").objects == [
        {"kind": "check", "ok": True, "problems": []}
    ]


def test_a_missing_database_is_told_by_check(command) -> None:
    done = command("db", "check")
    assert done.code == 1
    assert "There is no database" in done.out


def test_a_file_that_is_no_database_is_one_sentence(command, home: Path) -> None:
    home.mkdir()
    (home / "paperboy.sqlite3").write_text("not a database at all " * 100)
    for arguments in (["channels", "list"], ["once"], ["digest"], ["db", "upgrade"]):
        done = command(*arguments)
        assert done.code == 2
        assert f"The file {home / 'paperboy.sqlite3'} is not a Paperboy database" in done.err
        assert len(done.err.splitlines()) == 1


def test_a_database_newer_than_the_program_is_one_sentence(command, home: Path) -> None:
    command("db", "upgrade")
    with sqlite3.connect(home / "paperboy.sqlite3") as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    file.close()
    done = command("channels", "list")
    assert done.code == 2
    assert "which is newer than this program" in done.err
    assert len(done.err.splitlines()) == 1
    looked = command("doctor")
    assert looked.code == 1
    assert "which is newer than this program" in looked.out
    assert "The next command upgrades it" not in looked.out


def test_a_locked_database_is_code_1_and_loses_nothing(
    command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("db", "upgrade")
    monkeypatch.setattr(storage, "open_store", partial(storage.open_store, patience=0.2))
    holder = sqlite3.connect(home / "paperboy.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    done = command("channels", "add", "console:lab")
    holder.execute("ROLLBACK")
    holder.close()
    assert done.code == 1
    assert "is locked by another process" in done.err
    assert len(done.err.splitlines()) == 1
    assert command("channels", "add", "console:lab").code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs ulimit")
def test_a_database_without_room_is_one_sentence_and_keeps_what_it_had(command, home: Path) -> None:
    """A limit on the size of files stands for a full disk."""
    command("channels", "add", "console:lab")
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); "
        "from bot.__main__ import main; sys.exit(main(['channels', 'add', 'console:two']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert str(home / "paperboy.sqlite3") in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [one["channel"] for one in command("channels", "list", "--json").objects] == [
        "console:lab"
    ]
    assert command("db", "check").code == 0


def test_a_home_that_is_a_file_is_one_sentence(command, home: Path) -> None:
    home.write_text("in the way")
    for arguments in (["channels", "list"], ["once"]):
        done = command(*arguments)
        assert done.code == 2
        assert str(home) in done.err
        assert len(done.err.splitlines()) == 1


def test_an_unusable_address_of_the_database_is_named_but_not_repeated(
    command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERBOY_DATABASE_URL", "oracle://me:secret-word@host/db")
    done = command("channels", "list")
    assert done.code == 2
    assert "PAPERBOY_DATABASE_URL" in done.err
    assert "secret-word" not in done.err


def test_the_doctor_finds_a_sound_house(command) -> None:
    command("channels", "add", "console:lab")
    done = command("doctor", "--json")
    assert done.code == 0
    states = {one["name"]: one["state"] for one in done.objects}
    assert all(one["kind"] == "check" for one in done.objects)
    assert set(done.objects[0]) == {"kind", "name", "state", "text", "todo", "seconds"}
    for name in ("python", "zones", "settings", "disk", "database", "huggingface"):
        assert states[name] == "ok", name


def test_the_doctor_makes_no_database(command, home: Path) -> None:
    done = command("doctor")
    assert "the first command makes it" in done.out
    assert not home.exists()


def test_the_doctor_names_what_is_bad_and_what_to_do(
    command, refusing_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", refusing_url)
    monkeypatch.setenv("PAPERBOY_ZNE", "UTC")
    done = command("doctor")
    assert done.code == 1
    assert "bad  huggingface" in done.out
    assert "PAPERBOY_ZNE is no setting. See docs/settings.md; meant is perhaps" in done.out
    assert "No token is set, so only the terminal is served" in done.out


def test_the_doctor_names_channels_whose_platform_has_no_token(command) -> None:
    command("channels", "add", "telegram:-1001234567890")
    done = command("doctor")
    assert "telegram: 1 channel gets nothing, for PAPERBOY_TELEGRAM_TOKEN is not set." in done.out


def test_the_doctor_reports_a_wrong_setting_as_a_finding(
    command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERBOY_HOUR", "noon")
    done = command("doctor", "--json")
    assert done.code == 1
    assert done.objects[-1]["name"] == "settings"
    assert "PAPERBOY_HOUR" in done.objects[-1]["text"]


@pytest.mark.parametrize(
    ("ahead", "state"),
    [
        ([timedelta(seconds=3)], "ok"),
        ([timedelta(minutes=-10)], "warn"),
        ([timedelta(hours=5)], "bad"),
        ([timedelta(hours=5), timedelta(seconds=1)], "ok"),
        ([None], "warn"),
    ],
)
def test_the_clock_is_compared_with_the_sources(ahead, state) -> None:
    assert look_at_clock(ahead).state == state
