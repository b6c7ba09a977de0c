"""SQLite files as files: made beside their place, checked, and put there at one stroke."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL

from bot.errors import SetUpWrong, StoreBusy
from storage import schema
from storage.engines import Target, connect_sqlite
from storage.faults import translate, translated
from storage.tables import metadata
from storage.upkeep.looking import Tally, tallies_of_file

_ENDINGS = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file
_FORGOTTEN = 24 * 3600  # seconds after which a part is one of a process that died


def of_file(file: Path) -> Target:
    """A SQLite file whatever its name."""
    file = file.expanduser().absolute()
    return Target(URL.create("sqlite", database=str(file)), str(file), file)


@contextmanager
def part_of(file: Path) -> Iterator[Path]:
    """A new name beside `file`, on the same disk; what stands there at the end is removed, and
    so are the parts that a process left behind when it was killed.

    Raises SetUpWrong when the folder cannot be made.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        sweep(file.parent, _escaped(file.name))
    except OSError as error:
        raise SetUpWrong(
            f"The file {file} cannot be written ({error.strerror}): name one in another folder."
        ) from error
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
    finally:
        for name in (part, *_beside(part)):
            with suppress(OSError):
                name.unlink(missing_ok=True)


def sweep(folder: Path, name: str) -> None:
    """Remove the parts of files of this name (`*` stands for anything) that nobody writes to any
    more. Raises OSError."""
    for old in folder.glob(f"{name}.????????.part*"):
        if time.time() - old.stat().st_mtime > _FORGOTTEN:
            old.unlink(missing_ok=True)


def _escaped(name: str) -> str:
    return "".join(f"[{one}]" if one in "*?[" else one for one in name)


def _beside(file: Path) -> list[Path]:
    return [file.with_name(file.name + ending) for ending in _ENDINGS]


def damage_of(where: Target) -> list[str]:
    """What is broken in the pages of a file, a few lines at most."""
    with closing(connect_sqlite(where, "ro")) as file:
        try:
            said = [str(line) for (line,) in file.execute("PRAGMA integrity_check(5)")]
        except sqlite3.DatabaseError as error:
            return [str(error)]
    return [line for line in said if line != "ok"]


def tallies_in(where: Target) -> dict[str, Tally]:
    """What every table of a file holds, whatever its schema."""
    with translated(where.place), closing(connect_sqlite(where, "rw")) as file:
        file.execute("BEGIN")
        return tallies_of_file(file)


def holds_rows(where: Target) -> bool:
    """Whether a row of the bot's stands in a file. Raises SetUpWrong for another program's."""
    if schema.revision(where) is None:
        return False
    with translated(where.place), closing(connect_sqlite(where, "rw")) as file:
        known = {name for (name,) in file.execute("SELECT name FROM sqlite_master")}
        return any(
            file.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()
            for name in metadata.tables.keys() & known
        )


def settle(where: Target, *, wal: bool) -> None:
    """All of it in the one file and on the disk; with `wal` as a bot uses it."""
    assert where.file is not None
    with translated(where.place), closing(connect_sqlite(where, "rw")) as file:
        file.execute("PRAGMA journal_mode = DELETE")
        if wal:
            file.execute("PRAGMA journal_mode = WAL")
    _sync(where.file)


def count_on(part: Target, present: Target) -> None:
    """Numbers that the present file has given are not given again by the part in its place.

    Nothing happens where the present one cannot be read.
    """
    given: list[tuple[str, int]] = []
    if present.file is None or not present.file.exists():
        return
    with suppress(sqlite3.Error), closing(connect_sqlite(present, "rw")) as file:
        given = file.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
    with translated(part.place), closing(connect_sqlite(part, "rw")) as file:
        file.execute("BEGIN IMMEDIATE")
        own = dict(file.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
        known = {name for (name,) in file.execute("SELECT name FROM sqlite_master")}
        for name, last in given:
            if name in known and last > own.get(name, 0):
                file.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
                file.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (name, last))
        file.execute("COMMIT")


def put_in_place(part: Path, where: Target, aside: str) -> Path | None:
    """The part takes the name of the database at one stroke; what stood there is kept beside it.

    Gives the name under which it is kept (it ends in `aside`), None where there was nothing.
    Raises StoreBusy when another process has the file open, SetUpWrong when the folder cannot be
    written; then everything stands as before.
    """
    file = where.file
    assert file is not None
    kept = None
    try:
        if file.exists():
            _close(where)
            kept = _free(file.with_name(f"{file.name}.{aside}"))
            _look_alike(part, file)
        _away(file, kept)
        if kept is not None:
            _also_called(file, kept)
        os.replace(part, file)
        _sync(file.parent)
    except OSError as error:
        raise SetUpWrong(
            f"The database {where.place} cannot be replaced ({error.strerror}): check the rights "
            "of its folder."
        ) from error
    return kept


def finish(part: Path, file: Path) -> None:
    """The part gets its name, which nothing has yet. Raises SetUpWrong when something has."""
    try:
        try:
            os.link(part, file)  # unlike a renaming it never replaces
        except FileExistsError:
            raise
        except OSError:  # a disk without links
            if file.exists():
                raise FileExistsError(17, "it is there already") from None
            os.rename(part, file)
        _sync(file.parent)
    except OSError as error:
        raise SetUpWrong(f"The copy {file} cannot be written ({error.strerror}).") from error


def _close(where: Target) -> None:
    """The old file takes in its WAL. Nobody else may have it open: he would go on in the copy
    that is kept. A damaged one is left as it is.
    """
    try:
        with closing(connect_sqlite(where, "rw")) as file:
            file.execute("PRAGMA busy_timeout = 2000")
            file.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        if isinstance(ours := translate(error, where.place), StoreBusy):
            raise ours from error


def _away(file: Path, kept: Path | None) -> None:
    """A WAL belongs to one file: beside another it would be read into that one."""
    for left in _beside(file):
        if kept is not None and left.exists():
            os.replace(left, kept.with_name(kept.name + left.name.removeprefix(file.name)))
        else:
            left.unlink(missing_ok=True)


def _also_called(file: Path, kept: Path) -> None:
    """So that at no moment there is no database under its own name."""
    try:
        os.link(file, kept)
    except OSError:  # a disk without links
        shutil.copy2(file, kept)
        _sync(kept)


def _free(name: Path) -> Path:
    found, number = name, 1
    while found.exists():
        number += 1
        found = name.with_name(f"{name.name}-{number}")
    return found


def _look_alike(part: Path, file: Path) -> None:
    """The rights and the owner of the old file: a bot that may read the one may read the other."""
    stat = file.stat()
    part.chmod(stat.st_mode & 0o777)
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(part, stat.st_uid, stat.st_gid)


def _sync(name: Path) -> None:
    if os.name == "nt" and name.is_dir():
        return  # folders cannot be opened there
    number = os.open(name, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def revision_of(path: Path) -> str:
    """The schema of a file that somebody named as a backup.

    Raises SetUpWrong when it is not there, not Paperboy's, or newer than this program.
    """
    where = of_file(path)
    if not path.exists():
        raise SetUpWrong(f"There is no file {path}.")
    try:
        with closing(connect_sqlite(where, "ro")) as file:
            row = file.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise SetUpWrong(f"The file {path} is not a backup of Paperboy's ({error}).") from error
    if row is None:
        raise SetUpWrong(f"The file {path} holds nothing.")
    found = str(row[0])
    schema.check_known(found, where)
    return found
