"""Fresh databases for tests, on both engines: `database(engine, folder)` gives a URL."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from threading import Thread

import storage
from tests.wires import postgres

ENGINES = ("sqlite", "postgresql")


@contextmanager
def database(engine: str, folder: Path) -> Iterator[str]:
    """The URL of a database with the present schema and nothing in it."""
    if engine == "sqlite":
        file = folder / "paperboy.db"
        shutil.copy(_file(), file)
        yield f"sqlite:///{file}"
    else:
        with postgres.database(template=_on_server()) as url:
            yield url


@contextmanager
def nothing(engine: str, folder: Path) -> Iterator[str]:
    """The URL of a database that is still to be made (SQLite) or empty (PostgreSQL)."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'new' / 'paperboy.db'}"
    else:
        with postgres.database() as url:
            yield url


@cache
def _file() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="paperboy-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _upgrade(f"sqlite:///{folder / 'template.db'}")
    return folder / "template.db"


@cache
def _on_server() -> str:
    stack = ExitStack()
    url = stack.enter_context(postgres.database())
    atexit.register(stack.close)
    _upgrade(url)
    return url


def _upgrade(url: str) -> None:
    """Upgrade in a thread of its own: the test's loop is running in this one."""
    thread = Thread(target=lambda: asyncio.run(storage.upgrade(url)))
    thread.start()
    thread.join()
