"""procrastinate's tables: made beside ours when they are missing, renewed with a new release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import AsyncConnection

_LOCK = 0x4A4F4253  # "JOBS": the advisory lock of those who make the tables
_BY_US = "made by paperboy up to "  # a comment on the table: the newest migration it holds


async def prepare(connection: AsyncConnection) -> None:
    """Bring procrastinate's tables up to its installed release, one process at a time; the
    connection commits by itself.

    Tables that somebody else made, by procrastinate's own command, are left as they are.
    Raises psycopg.Error.
    """
    await connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
    try:
        found = await connection.execute(
            "SELECT to_regclass('procrastinate_jobs')::oid,"
            " obj_description(to_regclass('procrastinate_jobs'), 'pg_class')"
        )
        table, comment = await found.fetchone() or (None, None)
        migrations = sorted(_migrations())
        if table is None:
            await _step(connection, _text("schema.sql"), migrations[-1])
        elif str(comment).startswith(_BY_US):
            for name in newer(migrations, str(comment).removeprefix(_BY_US)):
                await _step(connection, _text("migrations", name), name)
    finally:
        if not connection.broken:
            await connection.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


async def _step(connection: AsyncConnection, statements: str, holds: str) -> None:
    """Both texts come with the installed package."""
    async with connection.transaction():  # one each: a new value of a type is of use after it
        await connection.execute(statements)
        comment = f"COMMENT ON TABLE procrastinate_jobs IS '{_BY_US}{holds}'"
        await connection.execute(comment)


def newer(migrations: Iterable[str], held: str) -> list[str]:
    """The migrations that a schema does not hold yet, oldest first.

    Their names begin with the release and the number, so that they sort by age:
    https://procrastinate.readthedocs.io/en/stable/howto/production/migrations.html
    """
    return sorted(name for name in migrations if name > held)


def _migrations() -> Iterator[str]:
    for file in (resources.files("procrastinate.sql") / "migrations").iterdir():
        if file.name.endswith(".sql"):
            yield file.name


def _text(*path: str) -> str:
    return resources.files("procrastinate.sql").joinpath(*path).read_text("utf-8")
