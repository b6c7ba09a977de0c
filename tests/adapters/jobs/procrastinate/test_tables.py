"""procrastinate's tables are renewed with its release, and a stranger's are left alone."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from adapters.jobs.procrastinate.tables import newer, prepare
from tests.wires import postgres

TRIGGER = "procrastinate_trigger_status_events_update_v1"


@pytest.fixture
def url() -> Iterator[str]:
    """An empty database on the server."""
    with postgres.database() as found:
        yield found


def test_the_migrations_after_the_one_that_is_held_come_by_age() -> None:
    names = ["03.10.00_01_pre_b.sql", "03.02.00_50_post_a.sql", "03.02.00_01_pre_a.sql"]
    assert newer(names, "03.02.00_01_pre_a.sql") == [
        "03.02.00_50_post_a.sql",
        "03.10.00_01_pre_b.sql",
    ]
    assert newer(names, "03.10.00_01_pre_b.sql") == []


async def _prepared(url: str) -> str:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await prepare(connection)
        found = await connection.execute(
            "SELECT coalesce(obj_description('procrastinate_jobs'::regclass), '')"
        )
        row = await found.fetchone()
        assert row is not None
        return str(row[0])


async def test_an_older_schema_of_ours_gets_what_it_lacks(url: str) -> None:
    newest = await _prepared(url)
    assert newest.startswith("made by paperboy up to 0")
    held = "03.04.00_01_pre_add_retry_failed_job_procedure.sql"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP TRIGGER {TRIGGER} ON procrastinate_jobs")  # made by the one after
        connection.execute(
            f"COMMENT ON TABLE procrastinate_jobs IS 'made by paperboy up to {held}'"
        )
    assert await _prepared(url) == newest
    assert _triggers(url) == 1


async def test_tables_that_somebody_else_made_are_left_as_they_are(url: str) -> None:
    await _prepared(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("COMMENT ON TABLE procrastinate_jobs IS NULL")
        connection.execute(f"DROP TRIGGER {TRIGGER} ON procrastinate_jobs")
    assert await _prepared(url) == ""
    assert _triggers(url) == 0


def _triggers(url: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgname = %s", (TRIGGER,)
        ).fetchone()
    assert found is not None
    return int(found[0])
