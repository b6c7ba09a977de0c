"""SQLite's statements go to their thread in one hop and mean what they meant."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engines import connect_sqlite, target, writing


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    where = target(f"sqlite:///{tmp_path / 'hops.db'}")
    connect_sqlite(where, "rwc").close()
    engine = writing(where)
    async with engine.connect() as opened:
        await opened.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT UNIQUE)"))
        await opened.commit()
        yield opened
        await opened.rollback()
    await engine.dispose()


async def test_a_statement_is_one_hop(
    connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    hops = 0
    original: Any = aiosqlite.Connection._execute

    async def counted(self: aiosqlite.Connection, *words: Any, **named: Any) -> Any:
        nonlocal hops
        hops += 1
        return await original(self, *words, **named)

    await connection.execute(text("SELECT 1"))  # begins
    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    rows = (await connection.execute(text("SELECT 1 UNION SELECT 2"))).all()
    assert rows == [(1,), (2,)]
    assert hops == 1


async def test_counts_names_and_many_rows_are_told(connection: AsyncConnection) -> None:
    words = [{"word": "a"}, {"word": "b"}, {"word": "c"}]
    await connection.execute(text("INSERT INTO t (word) VALUES (:word)"), words)
    changed = await connection.execute(text("UPDATE t SET word = word || '!' WHERE id > 1"))
    assert changed.rowcount == 2
    found = await connection.execute(text("SELECT id, word FROM t ORDER BY id"))
    assert [*found.keys()] == ["id", "word"]
    assert found.all() == [(1, "a"), (2, "b!"), (3, "c!")]


async def test_an_error_is_what_it_was_and_the_connection_goes_on(
    connection: AsyncConnection,
) -> None:
    add = text("INSERT INTO t (word) VALUES ('same')")
    await connection.execute(add)
    with pytest.raises(IntegrityError, match="UNIQUE"):
        await connection.execute(add)
    assert (await connection.execute(text("SELECT count(*) FROM t"))).scalar() == 1
