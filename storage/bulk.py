"""Many rows at once: SQLAlchemy writes the statement and knows the types, a row is only a tuple.

Executing with a list of dicts costs SQLAlchemy some ten microseconds a row; opening the digests
of 100,000 channels writes about a million rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.expression import ClauseElement

from storage.work import Work

_Row = tuple[Any, ...]


class Bulk:
    """A statement that is executed for many rows, each a tuple in the order of `names`."""

    def __init__(self, statement: Callable[[Work], Executable], *names: str) -> None:
        self._statement = statement
        self._names = names
        self._ready: dict[str, _Compiled] = {}  # by engine

    async def run(self, work: Work, rows: Sequence[_Row]) -> int:
        """Execute for each row; gives how many rows of the table were touched."""
        work.must_write()
        if not rows:
            return 0
        dialect = work.connection.dialect
        if (ready := self._ready.get(dialect.name)) is None:
            statement = self._statement(work)
            assert isinstance(statement, ClauseElement)
            ready = self._ready[dialect.name] = _Compiled(statement, self._names, dialect)
        done = await work.connection.exec_driver_sql(ready.sql, ready.parameters(rows))
        return int(done.rowcount)


class _Compiled:
    """The statement in one engine's words, and what each column's values go through."""

    def __init__(self, statement: ClauseElement, names: Sequence[str], dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
        self.sql = str(compiled)
        self._names = names
        self._places = [names.index(name) for name in compiled.positiontup or ()]
        self._processors: list[Callable[[Any], Any] | None] = [
            compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
            for name in names
        ]

    def parameters(self, rows: Sequence[_Row]) -> list[Any]:
        columns: list[Any] = [
            column if process is None else map(process, column)
            for process, column in zip(self._processors, zip(*rows, strict=True), strict=True)
        ]
        if self._places:
            columns = [list(column) for column in columns]
            return list(zip(*[columns[place] for place in self._places], strict=True))
        return [dict(zip(self._names, row, strict=True)) for row in zip(*columns, strict=True)]
