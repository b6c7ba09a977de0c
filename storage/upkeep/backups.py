"""Copies of a database in use, each a SQLite file that is whole before it gets its name."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from bot.errors import SetUpWrong
from storage import schema
from storage.engines import Target, target
from storage.faults import translated


async def backup(url: str, path: Path) -> None:
    where = target(url)
    if where.file is None:
        raise SetUpWrong(
            f"The database {where.place} is on a PostgreSQL server: copy it with pg_dump."
        )
    try:
        await asyncio.to_thread(_backup, where, path)
    finally:
        where.clear()


def _backup(where: Target, path: Path) -> None:
    assert where.file is not None
    if not where.file.exists():
        raise SetUpWrong(f"There is no database {where.place} to copy.")
    if path.exists():
        raise SetUpWrong(f"The file {path} is there already: name a new one for the copy.")
    path = path.absolute()
    part = path.with_name(path.name + ".part")
    try:
        with translated(f"{where.place} or its copy {path}"):
            path.parent.mkdir(parents=True, exist_ok=True)
            schema.copy_file(where, part)
            os.replace(part, path)
    except OSError as error:
        raise SetUpWrong(f"The copy {path} cannot be written ({error.strerror}).") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
