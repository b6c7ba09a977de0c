"""Every storage test runs on both engines: a SQLite file and a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import storage
from tests.wires.databases import ENGINES, database, nothing


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The name of the engine under test."""
    return str(request.param)


@pytest.fixture
def url(engine: str, tmp_path: Path) -> Iterator[str]:
    """A database with the present schema and nothing in it."""
    with database(engine, tmp_path) as found:
        yield found


@pytest.fixture
def new_url(engine: str, tmp_path: Path) -> Iterator[str]:
    """A database that is still to be made."""
    with nothing(engine, tmp_path) as found:
        yield found


@pytest.fixture
async def store(url: str) -> AsyncIterator[storage.SqlStore]:
    """An open, empty store."""
    async with storage.open_store(url) as opened:
        yield opened
