"""A home that cannot be written to: code 2, and the command that mends it.

In another process, which gives up its rights: root may write everywhere.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import errors
from bot.errors import FolderShut

ROOT = Path(__file__).resolve().parents[3]
NOBODY = 65_534
COMMANDS = ("channels list", "run", "db upgrade")
# What a command needs is imported before the rights are given up: the checkout may be shut too.
CODE = """
import os, sys
from bot.__main__ import main
roomy, shut, *commands = sys.argv[1:]
os.environ |= {"PAPERBOY_HOME": roomy, "HF_ENDPOINT": "http://127.0.0.1:9"}
for command in commands:
    if command != "run":
        main(command.split())
import bot.cli.run
if os.geteuid() == 0:
    os.seteuid(65534)
os.environ["PAPERBOY_HOME"] = shut
print("~", os.geteuid())
for command in commands:
    print("code", main(command.split()), flush=True)
"""


@pytest.fixture
def shut() -> Iterator[Path]:
    """A folder that nobody may write to; pytest's own are closed to others altogether."""
    folder = Path(tempfile.mkdtemp(prefix="paperboy-shut-"))
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


def said(roomy: Path, shut: Path) -> tuple[str, list[str]]:
    """The user, and what each command wrote with its code behind it."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(roomy), str(shut), *COMMANDS],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    user, _, rest = done.stdout.rpartition("~ ")[2].partition("\n")
    return user, rest.split("code ")


@pytest.mark.parametrize("begun", [False, True], ids=["empty", "with a database"])
def test_every_command_ends_with_code_2_and_the_chown(
    begun: bool, shut: Path, tmp_path: Path
) -> None:
    if begun:
        import sqlite3

        from storage.engines import target
        from storage.schema import prepare

        file = shut / "paperboy.sqlite3"
        prepare(target(f"sqlite:///{file}"))
        sqlite3.connect(file).close()
        file.chmod(0o444)
    shut.chmod(0o555)
    user, parts = said(tmp_path, shut)
    sentences = [part.partition("paperboy: ")[2].strip() for part in parts[:-1]]
    codes = [part.split("\n")[0] for part in parts[1:]]
    assert codes == ["2"] * len(COMMANDS), parts
    for sentence in sentences:
        assert sentence == (
            f"The folder {shut} cannot be written to by this user (id {user}): run `sudo chown -R "
            f"{user} {shut}`, or choose another with PAPERBOY_HOME or PAPERBOY_DATABASE_URL."
        )


def test_a_folder_that_cannot_be_made_is_made_by_the_command_that_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 10_001)
    assert "`sudo install -d -o 10001 /nowhere/papers`" in str(FolderShut(Path("/nowhere/papers")))


def test_in_a_container_the_folder_outside_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "_mounted", lambda folder: "/srv/papers")
    monkeypatch.setattr("os.geteuid", lambda: 10_001)
    assert "`sudo chown -R 10001 /srv/papers`" in str(FolderShut(Path("/data")))


def test_what_can_be_written_is_not_complained_of(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert FolderShut.found(tmp_path, tmp_path / "file", tmp_path / "new" / "file") is None
