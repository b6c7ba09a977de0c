"""Glances: a few rows by key, read where the program runs, without a thread of their own.

A statement that is handed to a thread and waited for takes ten times as long as SQLite needs to
find a row by its key. Fifty people who ask at once would wait for that alone.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Executable

from storage.engines import Target, glancing

T = TypeVar("T")


class AtOnce:
    """An AsyncConnection whose statements are done when they are awaited."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.dialect = connection.dialect

    async def execute(self, statement: Executable, words: Any = None) -> Any:
        """The result, all of it at hand."""
        return self._connection.execute(statement, words)


class Glances:
    """The one connection for glances, of SQLite."""

    def __init__(self, where: Target, *, file_read_only: bool) -> None:
        self._engine: Engine = glancing(where, file_read_only=file_read_only)

    def take(self, read: Callable[[AtOnce], Coroutine[Any, Any, T]]) -> T:
        """What `read` gives, of one consistent state.

        Raises what SQLAlchemy raises, at once where the database is locked, and RuntimeError when
        `read` waits for something else: the connection must be free for the next one.
        """
        with self._engine.connect() as connection, connection.begin():
            reading = read(AtOnce(connection))
            try:
                reading.send(None)
            except StopIteration as done:
                found: T = done.value
                return found
            finally:
                reading.close()
            raise RuntimeError("a glance waits for nothing but its own reads")

    def close(self) -> None:
        """Close the connection."""
        self._engine.dispose()
