"""Foreign errors become ours here, once: what happened, to which database, what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import (
    DBAPIError,
    NoSuchModuleError,
    PendingRollbackError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import FolderShut, PaperboyError, SetUpWrong, StoreBusy

# Primary result codes of https://www.sqlite.org/rescode.html
_SQLITE: dict[int, tuple[type[PaperboyError], str]] = {
    sqlite3.SQLITE_BUSY: (
        StoreBusy,
        "The database {place} is locked by another process; try again, or stop the other one.",
    ),
    sqlite3.SQLITE_LOCKED: (
        StoreBusy,
        "The database {place} is locked by another task; try again.",
    ),
    sqlite3.SQLITE_READONLY: (
        SetUpWrong,
        (
            "The database {place} is read-only: make the file and its folder writable, "
            "or choose another with PAPERBOY_DATABASE_URL."
        ),
    ),
    sqlite3.SQLITE_PERM: (
        SetUpWrong,
        "The database {place} may not be opened: check the rights of the file and its folder.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        SetUpWrong,
        (
            "The database {place} cannot be opened: check that it is a file in a folder that can "
            "be written to."
        ),
    ),
    sqlite3.SQLITE_FULL: (
        SetUpWrong,
        "There is no room left for the database {place}: free some space, nothing was stored.",
    ),
    sqlite3.SQLITE_IOERR: (
        SetUpWrong,
        "The disk of the database {place} failed: check the disk and its free space.",
    ),
    sqlite3.SQLITE_NOTADB: (
        SetUpWrong,
        (
            "The file {place} is not a Paperboy database: choose another with "
            "PAPERBOY_DATABASE_URL, or move it away."
        ),
    ),
    sqlite3.SQLITE_CORRUPT: (
        SetUpWrong,
        (
            "The database {place} is damaged: run `paperboy db check`, and put the newest copy in "
            "its place."
        ),
    ),
}
_CLOSED = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN}
_ROLLED_BACK = "The database {place} was in use by another process; try again."
_AWAY = "The database {place} does not answer; try again, or check that its server runs."

# https://www.postgresql.org/docs/current/errcodes-appendix.html; the longest beginning counts.
_POSTGRES: dict[str, tuple[type[PaperboyError], str]] = {
    "40": (StoreBusy, _ROLLED_BACK),  # serialisation failure, deadlock
    "55P03": (StoreBusy, _ROLLED_BACK),  # lock_timeout
    "57014": (StoreBusy, "The database {place} took too long to answer; try again."),
    "08": (StoreBusy, _AWAY),
    "57P": (StoreBusy, _AWAY),  # the server shuts down or starts
    "53300": (StoreBusy, "The database {place} has no free connection; try again."),
    "53": (SetUpWrong, "There is no room left for the database {place}; nothing was stored."),
    "25006": (SetUpWrong, "The database {place} is read-only: use a server that can be written."),
    "28": (
        SetUpWrong,
        "The database {place} refused the user or the password: check PAPERBOY_DATABASE_URL.",
    ),
    "3D": (SetUpWrong, "There is no database {place}: create it first (createdb)."),
    "42501": (
        SetUpWrong,
        "The user of the database {place} may not do this: grant it the rights on its schema.",
    ),
    "42P01": (
        SetUpWrong,
        "The database {place} has lost a table: run `paperboy db check`.",
    ),
    "XX": (SetUpWrong, "The database {place} is damaged: {said}."),
}


def translate(error: BaseException, place: str) -> PaperboyError | None:
    """Our error for a foreign one of the database at `place`; None when it is not one.

    Looks behind the error too: a full disk, for one, undoes the transaction by itself, and what
    is raised last is only that there was nothing to undo.
    """
    found = None
    for one in _chain(error):
        if isinstance(one, sqlite3.Error):
            found = _from_sqlite(one, place) or found
        elif type(one).__module__.split(".")[0] == "psycopg":
            found = _from_postgres(one, place) or found
        elif isinstance(one, PoolTimeout):
            found = found or StoreBusy(f"Too many tasks use the database {place}; try again.")
        elif isinstance(one, PendingRollbackError):  # the connection broke before, and was caught
            found = found or StoreBusy(_AWAY.format(place=place))
        elif isinstance(one, NoSuchModuleError):
            found = found or SetUpWrong(f"The database {place} is of an unknown kind.")
    return found


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what stands behind it, last raised first."""
    seen: list[BaseException] = []
    todo = [error]
    while todo:
        one = todo.pop()
        if one in seen:
            continue
        seen.append(one)
        yield one
        if isinstance(one, DBAPIError) and isinstance(one.orig, BaseException):
            todo.append(one.orig)
        todo += [behind for behind in (one.__cause__, one.__context__) if behind is not None]


def _from_sqlite(error: sqlite3.Error, place: str) -> PaperboyError | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None or not (known := _SQLITE.get(code & 0xFF)):
        return None
    if code & 0xFF in _CLOSED:
        file = Path(place)  # and what SQLite keeps beside it
        beside = (file.with_name(f"{file.name}-{end}") for end in ("wal", "shm"))
        if (shut := FolderShut.found(file.parent, file, *beside)) is not None:
            return shut
    kind, sentence = known
    return kind(sentence.format(place=place))


def _from_postgres(error: BaseException, place: str) -> PaperboyError | None:
    from psycopg import OperationalError

    state = getattr(error, "sqlstate", None) or ""
    said = str(error).strip().split("\n")[0]
    for length in (5, 3, 2):
        if known := _POSTGRES.get(state[:length]) if len(state) >= length else None:
            kind, sentence = known
            return kind(sentence.format(place=place, said=said))
    if isinstance(error, OperationalError) and not state:
        return StoreBusy(_AWAY.format(place=place))
    return None


@contextmanager
def translated(place: str) -> Iterator[None]:
    """What the database raises inside leaves as ours; everything else passes."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        if (ours := translate(error, place)) is None:
            raise
        raise ours from error


@contextmanager
def translated_driver(place: str) -> Iterator[None]:
    """The same for a connection of psycopg's own, with a time limit of ours."""
    try:
        yield
    except TimeoutError as error:
        raise StoreBusy(_AWAY.format(place=place)) from error
    except Exception as error:
        if (ours := translate(error, place)) is None:
            raise
        raise ours from error
