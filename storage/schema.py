"""The schema is brought up to date before anything is read; Alembic is imported only if needed."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from bot.errors import SetUpWrong, StoreBusy
from storage import migrations
from storage.engines import Target, connect_sqlite, folder_of, plain
from storage.faults import translated
from storage.tables import metadata

_PAGES = 1000  # of 4 KiB, copied between two tellings
_LOCK = 0x5041504552  # "PAPER": the advisory lock of those who upgrade


@dataclass(frozen=True, slots=True)
class History:
    """The revisions that this program knows."""

    folder: Path  # Alembic's: env.py and versions/
    revisions: tuple[str, ...]  # oldest first

    @property
    def head(self) -> str:
        return self.revisions[-1]


HISTORY = History(Path(__file__).parent / "migrations", migrations.REVISIONS)


def revision(where: Target) -> str | None:
    """The revision of the database; None when there is none yet or it is empty.

    Raises SetUpWrong when it is not a Paperboy database, StoreBusy when it is locked.
    """
    with translated(where.place):
        if where.file is None:
            return _revision_on_server(where)
        if not where.file.exists():
            return None
        with closing(connect_sqlite(where, "rw")) as file:
            tables = {name for (name,) in file.execute("SELECT name FROM sqlite_master")}
            if "alembic_version" not in tables:
                if tables:
                    raise _stranger(where)
                return None
            row = file.execute("SELECT version_num FROM alembic_version").fetchone()
            return str(row[0]) if row else None


# What a server says that can be asked again later: its postmaster's words for "not now".
_FOR_NOW = re.compile(r"starting up|shutting down|recovery|too many (?:clients|connections)|slots")


def _revision_on_server(where: Target) -> str | None:
    engine = plain(where)
    try:
        with engine.connect() as connection:
            return _revision(connection, where)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None):
            raise
        # A connection that never was: libpq says why in words, and never the password.
        lines = [line for line in str(error.orig).split("\n") if "failed: " in line]
        said = lines[-1].rpartition("failed: ")[2] if lines else "no answer"
        kind = SetUpWrong if "FATAL" in said and not _FOR_NOW.search(said) else StoreBusy
        raise kind(
            f"The database {where.place} cannot be opened ({said}): check PAPERBOY_DATABASE_URL "
            "and that the server runs."
        ) from error
    finally:
        engine.dispose()


def _revision(connection: Connection, where: Target) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        if where.sqlite and inspect(connection).get_table_names():
            raise _stranger(where)
        return None
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return str(found) if found else None


def _stranger(where: Target) -> SetUpWrong:
    return SetUpWrong(
        f"The file {where.place} is another program's database: choose another with "
        "PAPERBOY_DATABASE_URL."
    )


def check_known(found: str | None, where: Target) -> None:
    """Raises SetUpWrong when the database is newer than the program."""
    if found is not None and found not in HISTORY.revisions:
        raise SetUpWrong(
            f"The database {where.place} has schema {found}, which is newer than this program "
            f"(it knows up to {HISTORY.head}): install the newer Paperboy again, or put back the "
            f"copy that was made before the upgrade."
        )


def prepare(where: Target, *, read_only: bool = False, copy: bool = True) -> str | None:
    """Make the database current; gives the revision it had.

    A SQLite file that holds data is copied beside itself first, unless without `copy`.

    Raises SetUpWrong when it cannot be used, or is not current and may not be written.
    """
    if not read_only:
        folder_of(where)
    found = revision(where)
    check_known(found, where)
    if found == HISTORY.head:
        return found
    if read_only:
        raise SetUpWrong(
            f"There is no database {where.place} yet: run `paperboy db upgrade`."
            if found is None
            else f"The database {where.place} has schema {found}, this program needs "
            f"{HISTORY.head}: run `paperboy db upgrade`."
        )
    with translated(where.place):
        _migrate(where, copy=copy)
    return found


def _migrate(where: Target, *, copy: bool) -> None:
    """Under a lock: SQLite's own write lock, or PostgreSQL's advisory one."""
    if where.sqlite:
        _use_wal(where)
    engine = plain(where)
    try:
        if where.sqlite:
            _without_foreign_keys(engine)
        with engine.connect() as connection, connection.begin():
            if not where.sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            found = _revision(connection, where)
            if found == HISTORY.head:  # another process was quicker
                return
            check_known(found, where)
            if copy and where.sqlite and found is not None and _holds_data(connection):
                copy_file(where, _copy_name(where, found))
            _run(connection)
            if where.sqlite and (broken := _broken_links(connection)):
                raise SetUpWrong(
                    f"The upgrade of {where.place} would break {broken}; nothing was changed: "
                    "run `paperboy db check`."
                )
    finally:
        engine.dispose()


def _run(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    # ConfigParser reads % as the beginning of a name.
    config.set_main_option("script_location", str(HISTORY.folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _use_wal(where: Target) -> None:
    """Readers then never wait for the writer; the file remembers it.

    A new file is its owner's alone, for it holds chats; what SQLite keeps beside it follows.
    """
    if where.file is not None and not where.file.exists():
        with suppress(OSError):  # what is wrong is told where it is opened
            os.close(os.open(where.file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(connect_sqlite(where, "rwc")) as file:
        file.execute("PRAGMA journal_mode = WAL")


def _without_foreign_keys(engine: Engine) -> None:
    """Rebuilding a table with them on once emptied the tables that point to it."""

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, record: object) -> None:
        connection.execute("PRAGMA foreign_keys = OFF")


def _holds_data(connection: Connection) -> bool:
    tables = sorted(set(inspect(connection).get_table_names()) & metadata.tables.keys())
    return any(connection.scalar(text(f"SELECT 1 FROM {name} LIMIT 1")) for name in tables)


def _broken_links(connection: Connection) -> str | None:
    rows = connection.execute(text("PRAGMA foreign_key_check")).all()
    return f"{len(rows)} rows of {rows[0][0]}" if rows else None


def _copy_name(where: Target, found: str) -> Path:
    """`paperboy.db.0001`; an earlier copy is never written over."""
    assert where.file is not None
    name = where.file.with_name(f"{where.file.name}.{found}")
    count = 1
    while name.exists():
        count += 1
        name = where.file.with_name(f"{where.file.name}.{found}-{count}")
    return name


def copy_file(where: Target, into: Path, told: Callable[[int, int], None] | None = None) -> None:
    """A whole, consistent copy in a new file, made while others go on (SQLite's online backup).

    Nobody but its owner may read it, for it holds chats. `told` is called with the pages that are
    copied and all there are; what it raises ends the copy.
    """
    os.close(os.open(into, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(connect_sqlite(where, "ro")) as file, closing(sqlite3.connect(into)) as copy:
        # All pages come from the state of this first read. Without it each write of others
        # would make the copying begin anew.
        file.execute("BEGIN")
        file.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if told is None:
            file.backup(copy)
        else:
            file.backup(
                copy, pages=_PAGES, progress=lambda _, left, whole: told(whole - left, whole)
            )
