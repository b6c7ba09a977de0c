"""The two engines: how a URL becomes connections that neither lose nor double anything.

SQLite, as this program needs it: sqlite3's own transactions are off, because their late lock lost
nine of ten concurrent read-then-write updates without a word; a writing transaction takes the
lock first (BEGIN IMMEDIATE). One connection writes, others read consistent snapshots of the WAL.
`synchronous` is FULL: with NORMAL a power cut could take back the commit that a message was sent.

PostgreSQL: writing transactions are READ COMMITTED and take locks where they read in order to
write (storage.locks); snapshots are REPEATABLE READ and read-only.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, make_url
from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import FolderShut, SetUpWrong
from storage.hops import DRIVER

# Connections for snapshots; a rush waits its turn. Opening more for it, each with a thread, took
# longer than what they read, and let everybody wait for the last.
_READERS = 4

NAME = "paperboy"  # how a connection of ours begins its name in the server's list of them


@dataclass(frozen=True, slots=True)
class Target:
    """Where the database is."""

    url: URL
    place: str  # as it may be said to people: a path, or host and name; never a password
    file: Path | None  # of SQLite
    temporary: Path | None = None  # a folder to be removed at the end
    patience: float = 10.0  # seconds to wait for a lock

    @property
    def sqlite(self) -> bool:
        return self.file is not None

    @property
    def exists(self) -> bool:
        return self.file is None or self.file.exists()

    def clear(self) -> None:
        """Remove what was only for a while."""
        if self.temporary is not None:
            shutil.rmtree(self.temporary, ignore_errors=True)


def target(url: str, *, patience: float = 10.0, name: str = "PAPERBOY_DATABASE_URL") -> Target:
    """Understand a URL: `sqlite:///file`, `sqlite://` (for a while) or `postgresql://…`.

    Raises SetUpWrong with an example, never repeating the URL, which may hold a password. `name`
    is where it was set.
    """
    try:
        parsed = make_url(url.strip())
    except (ArgumentError, ValueError):
        raise SetUpWrong(
            f"{name} is not a database URL; examples: sqlite:///paperboy.db, "
            "postgresql://user@localhost/paperboy."
        ) from None
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        path = parsed.database or ""
        if path in ("", ":memory:"):
            folder = Path(tempfile.mkdtemp(prefix="paperboy-"))
            file = folder / "paperboy.db"
            return Target(parsed, str(file), file, folder, patience)
        file = Path(path).expanduser().absolute()
        if file.is_symlink():  # locks and copies stand beside the file itself, whatever its name
            file = file.resolve()
        return Target(parsed, str(file), file, None, patience)
    if kind in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
        host = parsed.host or parsed.query.get("host") or "localhost"
        port = f":{parsed.port}" if parsed.port else ""
        return Target(parsed, f"{parsed.database or ''} at {host}{port}", None, None, patience)
    raise SetUpWrong(f"{name} begins with {kind!r}; it can be sqlite:///file or postgresql://…")


def folder_of(where: Target) -> None:
    """Make the folder of a SQLite file. Raises SetUpWrong when it cannot be made."""
    if where.file is None:
        return
    try:
        where.file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if (shut := FolderShut.found(where.file.parent)) is not None:
            raise shut from error
        raise SetUpWrong(
            f"The folder {where.file.parent} of the database cannot be made "
            f"({error.strerror}): choose another with PAPERBOY_DATABASE_URL or PAPERBOY_HOME."
        ) from error
    if where.file.is_dir():
        raise SetUpWrong(
            f"The database {where.place} is a folder: name a file in PAPERBOY_DATABASE_URL."
        )


def writing(where: Target) -> AsyncEngine:
    """The engine for transactions."""
    if where.file is None:
        return _postgres(where, read_only=False)
    engine = create_async_engine(
        _sqlite_url(where, "rw"),
        pool_size=1,
        max_overflow=0,
        pool_timeout=where.patience,
        connect_args={"timeout": where.patience, "isolation_level": None, "uri": True},
        hide_parameters=True,
    )
    _prepare(engine.sync_engine, begin="BEGIN IMMEDIATE", pragmas=_PRAGMAS)
    return engine


def reading(where: Target, *, file_read_only: bool = False) -> AsyncEngine:
    """The engine for snapshots."""
    if where.file is None:
        return _postgres(where, read_only=True)
    engine = create_async_engine(
        _sqlite_url(where, "ro" if file_read_only else "rw"),
        pool_size=_READERS,
        max_overflow=0,
        pool_timeout=where.patience,
        connect_args={"timeout": where.patience, "isolation_level": None, "uri": True},
        hide_parameters=True,
    )
    _prepare(engine.sync_engine, begin="BEGIN", pragmas=(*_PRAGMAS[:2], "query_only = ON"))
    return engine


def glancing(where: Target, *, file_read_only: bool = False) -> Engine:
    """The engine of SQLite for glances: one connection, used without a thread of its own.

    It never waits for a lock, for the whole program would wait with it.
    """
    engine = create_engine(
        _sqlite_url(where, "ro" if file_read_only else "rw").set(drivername="sqlite"),
        pool_size=1,
        max_overflow=0,
        pool_timeout=0,
        connect_args={"timeout": 0, "isolation_level": None, "uri": True},
        hide_parameters=True,
    )
    _prepare(engine, begin="BEGIN", pragmas=(*_PRAGMAS[:2], "query_only = ON"))
    return engine


def plain(where: Target) -> Engine:
    """A blocking engine for migrations and upkeep: nothing is switched on, BEGIN is explicit."""
    if where.file is None:
        _needs_psycopg()
        return create_engine(
            where.url, connect_args=_postgres_words(where), hide_parameters=True, pool_size=1
        )
    engine = create_engine(
        _sqlite_url(where, "rwc").set(drivername="sqlite"),
        connect_args={"timeout": where.patience, "isolation_level": None, "uri": True},
        hide_parameters=True,
    )
    event.listen(engine, "begin", _immediately)
    return engine


def connect_sqlite(where: Target, mode: str) -> sqlite3.Connection:
    """One plain connection to the file, without any engine."""
    assert where.file is not None
    return sqlite3.connect(
        f"{where.file.as_uri()}?mode={mode}",
        timeout=where.patience,
        isolation_level=None,
        uri=True,
    )


_PRAGMAS = (
    "cache_size = -16000",  # 16 MB at most
    "temp_store = MEMORY",
    "foreign_keys = ON",
    "synchronous = FULL",
    "journal_size_limit = 67108864",
)


def _sqlite_url(where: Target, mode: str) -> URL:
    assert where.file is not None
    return URL.create(DRIVER, database=where.file.as_uri(), query={"mode": mode, "uri": "true"})


def _immediately(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare(engine: Engine, *, begin: str, pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: Any, record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _postgres(where: Target, *, read_only: bool) -> AsyncEngine:
    _needs_psycopg()
    engine = create_async_engine(
        where.url,
        pool_size=4,
        max_overflow=12,
        pool_timeout=where.patience,
        pool_pre_ping=True,
        connect_args=_postgres_words(where),
        hide_parameters=True,
        isolation_level="REPEATABLE READ" if read_only else "READ COMMITTED",
    )
    return engine.execution_options(postgresql_readonly=True) if read_only else engine


# A machine that died says no good-bye. Its locks must be free, and we must stop waiting for it,
# before long: https://www.postgresql.org/docs/current/runtime-config-connection.html
_KEEPALIVE = {"idle": 5, "interval": 3, "count": 3}  # seconds, seconds, probes: 14 s in all
_UNHEARD = 14_000  # ms until what was sent must be acknowledged


def _postgres_words(where: Target) -> dict[str, Any]:
    settings = {"timezone": "UTC", "lock_timeout": int(where.patience * 1000)}
    settings |= {f"tcp_keepalives_{name}": value for name, value in _KEEPALIVE.items()}
    settings["tcp_user_timeout"] = _UNHEARD
    words: dict[str, Any] = {
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        "tcp_user_timeout": _UNHEARD,
        "keepalives": 1,
        **{f"keepalives_{name}": value for name, value in _KEEPALIVE.items()},
    }
    if "connect_timeout" not in where.url.query:
        words["connect_timeout"] = 10
    words["application_name"] = NAME
    return words


def connect_words(where: Target) -> dict[str, Any]:
    """What psycopg needs to connect by itself, as SQLAlchemy would tell it."""
    _needs_psycopg()
    _, words = where.url.get_dialect()().create_connect_args(where.url)
    return {**words, **_postgres_words(where)}


def _needs_psycopg() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise SetUpWrong(
            "PostgreSQL needs the extra `postgres`: pip install 'paperboy-bot[postgres]'."
        ) from None
