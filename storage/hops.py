"""SQLite in its own thread with one hop a statement, where aiosqlite makes four.

Opening a cursor, executing, fetching and closing are each handed to the connection's thread and
waited for; most of the time of a short query is spent on the way. Here the four go together.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
    SQLiteDialect_aiosqlite,
)
from sqlalchemy.util.concurrency import await_

DRIVER = "sqlite+hops"

_Told = tuple[Any, int, int | None]  # description, rowcount, lastrowid


def _whole(
    connection: sqlite3.Connection, many: bool, operation: str, parameters: Any
) -> tuple[list[Any], _Told]:
    """One statement from its cursor to its last row; runs in the connection's thread."""
    cursor = connection.cursor()
    try:
        if many:
            cursor.executemany(operation, parameters)
        else:
            cursor.execute(operation, parameters)
        rows = cursor.fetchall() if cursor.description else []
        return rows, (cursor.description, cursor.rowcount, cursor.lastrowid)
    finally:
        cursor.close()


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """Holds what the statement gave; nothing of it is open any more."""

    __slots__ = ("_told",)

    def __init__(self, adapt_connection: AsyncAdapt_aiosqlite_connection) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._rows: deque[Any] = deque()
        self._told: _Told = (None, -1, None)

    def execute(self, operation: Any, parameters: Any = None) -> Any:
        self._carry(False, operation, () if parameters is None else parameters)

    def executemany(self, operation: Any, seq_of_parameters: Any) -> Any:
        self._carry(True, operation, seq_of_parameters)

    def _carry(self, many: bool, operation: Any, parameters: Any) -> None:
        try:
            await_(self._hop(many, operation, parameters))
        except Exception as error:
            self._adapt_connection._handle_exception(error)

    async def _hop(self, many: bool, operation: Any, parameters: Any) -> None:
        connection: Any = self._connection
        async with self._adapt_connection._execute_mutex:
            rows, self._told = await connection._execute(
                _whole, connection._conn, many, operation, parameters
            )
            self._rows = deque(rows)

    @property
    def description(self) -> Any:
        return self._told[0]

    @property
    def rowcount(self) -> int:
        return self._told[1]

    @property
    def lastrowid(self) -> Any:
        return self._told[2]

    async def _async_soft_close(self) -> None:
        """Nothing is open."""

    def close(self) -> None:
        self._rows.clear()


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()
    _cursor_cls = _Cursor  # type: ignore[assignment]  # narrower than the untyped original


class _Driver(AsyncAdapt_aiosqlite_dbapi):
    def connect(self, *arg: Any, **kw: Any) -> AsyncAdapt_aiosqlite_connection:
        opened = super().connect(*arg, **kw)
        return _Connection(self, opened._connection)


class HopsDialect(SQLiteDialect_aiosqlite):
    """SQLAlchemy's own for aiosqlite, but for the cursor."""

    driver = "hops"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        return _Driver(__import__("aiosqlite"), __import__("sqlite3"))


registry.register("sqlite.hops", __name__, HopsDialect.__name__)
