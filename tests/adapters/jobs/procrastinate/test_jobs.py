"""Jobs on a real PostgreSQL: asked for once, done once, whatever breaks meanwhile."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import psycopg
import pytest

from adapters.jobs.procrastinate import Procrastinate
from bot.errors import SetUpWrong, StoreBusy
from tests.wires import postgres

NOW = datetime(2025, 12, 27, 9, 0, 1, tzinfo=UTC)
LONG = 30.0  # seconds: a busy machine is no failure

Task = Callable[[datetime], Awaitable[None]]


@pytest.fixture
def url() -> Iterator[str]:
    """An empty database on the server."""
    with postgres.database() as found:
        yield found


@pytest.fixture
async def jobs(url: str) -> AsyncIterator[Procrastinate]:
    async with Procrastinate(url, beat=0.2, dead=2.0) as opened:
        yield opened


@asynccontextmanager
async def working(jobs: Procrastinate, **tasks: Task) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(jobs.work(tasks))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def query(url: str, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(sql).fetchall()


def waiting(url: str) -> int:
    return int(query(url, "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")[0][0])


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG):
        while not what():  # noqa: ASYNC110 - in the database, where no event is
            await asyncio.sleep(0.05)


async def test_what_is_asked_for_twice_waits_once_and_is_done_with_the_instant(
    url: str, jobs: Procrastinate
) -> None:
    done: asyncio.Queue[datetime] = asyncio.Queue()
    await jobs.defer("open", NOW)
    await jobs.defer("open", NOW)
    assert waiting(url) == 1
    async with working(jobs, open=done.put), asyncio.timeout(LONG):
        assert await done.get() == NOW
        await jobs.defer("open", NOW)  # the one before was begun: it is asked for again
        await done.get()
    assert done.empty()
    assert query(url, "SELECT * FROM procrastinate_jobs") == []  # what is done leaves nothing


async def test_as_many_wait_as_copies_are_wanted_whoever_asks(
    url: str, jobs: Procrastinate
) -> None:
    async with Procrastinate(url) as other:
        await asyncio.gather(*(one.defer("open", NOW, copies=3) for one in (jobs, other) * 3))
        await jobs.defer("open", NOW, copies=3)
        assert waiting(url) == 3
        await jobs.defer("read", NOW)
        assert waiting(url) == 4


async def test_of_two_workers_one_does_it(url: str, jobs: Procrastinate) -> None:
    begun: list[str] = []
    go_on = asyncio.Event()

    def named(name: str) -> Task:
        async def task(_: datetime) -> None:
            begun.append(name)
            await go_on.wait()

        return task

    async with (
        Procrastinate(url) as other,
        working(jobs, open=named("one")),
        working(other, open=named("other")),
    ):
        await jobs.defer("open", NOW)
        await until(lambda: bool(begun))
        await jobs.defer("open", NOW)  # the first is busy with its own
        await until(lambda: len(begun) == 2)
        go_on.set()
        assert sorted(begun) == ["one", "other"]


async def test_a_task_that_fails_is_logged_and_the_next_is_done(
    url: str, jobs: Procrastinate, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[datetime] = []

    async def bad(_: datetime) -> None:
        raise RuntimeError("a fault of ours")

    async def busy(_: datetime) -> None:
        raise StoreBusy("The database is locked.")

    async def good(now: datetime) -> None:
        done.append(now)

    for name in ("bad", "busy", "good"):
        await jobs.defer(name, NOW)
    async with working(jobs, bad=bad, busy=busy, good=good):
        await until(lambda: query(url, "SELECT * FROM procrastinate_jobs") == [])
    told = sorted(
        (one for one in caplog.records if "job" in one.message), key=attrgetter("levelno")
    )
    put_off, failed = told
    assert done == [NOW]
    assert (failed.levelno, failed.message) == (logging.ERROR, "job failed: bad")
    assert failed.exc_info is not None
    assert (put_off.levelno, put_off.exc_info) == (logging.WARNING, None)
    assert "The database is locked." in put_off.message


async def test_it_goes_on_when_the_server_ends_all_its_connections(
    url: str, jobs: Procrastinate, caplog: pytest.LogCaptureFixture
) -> None:
    done: asyncio.Queue[datetime] = asyncio.Queue()
    async with working(jobs, open=done.put) as worker, asyncio.timeout(LONG):
        for _ in range(3):
            await jobs.defer("open", NOW)
            await done.get()
            assert query(
                url,
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()",
            ) > [(0,)]
        await jobs.defer("open", NOW)
        await done.get()
        assert not worker.done()
    assert "Traceback" not in caplog.text


async def test_it_goes_on_when_the_server_was_away(
    url: str, jobs: Procrastinate, caplog: pytest.LogCaptureFixture
) -> None:
    done: asyncio.Queue[datetime] = asyncio.Queue()
    async with working(jobs, open=done.put) as worker, asyncio.timeout(LONG):
        await jobs.defer("open", NOW)
        await done.get()
        _shut(url)
        await until(lambda: "trying until it goes on" in caplog.text)
        with pytest.raises(StoreBusy, match="does not answer"):
            await jobs.defer("open", NOW)
        assert not worker.done()
        _shut(url, False)
        await jobs.defer("open", NOW)
        await done.get()
    gc.collect()
    assert "never retrieved" not in caplog.text


def _execute(url: str, sql: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql)


def _shut(url: str, shut: bool = True) -> None:
    """The server refuses whoever wants this database, and ends who is there."""
    name = url.partition("?")[0].rpartition("/")[2]
    _execute(postgres.server(), f"ALTER DATABASE {name} ALLOW_CONNECTIONS {not shut}")
    if shut:
        ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        _execute(postgres.server(), f"{ends} WHERE datname = '{name}'")


async def _nothing(_: datetime) -> None:
    """A task without work."""


async def test_cancelled_while_the_server_is_away_it_ends(
    url: str, jobs: Procrastinate, caplog: pytest.LogCaptureFixture
) -> None:
    async with working(jobs, open=_nothing) as worker:
        await until(lambda: query(url, "SELECT count(*) FROM procrastinate_workers") == [(1,)])
        _shut(url)
        worker.cancel()
        async with asyncio.timeout(LONG):
            await asyncio.wait({worker})
        assert worker.cancelled()


async def test_cancelled_it_lets_the_task_under_way_end(url: str, jobs: Procrastinate) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    ended: list[bool] = []

    async def slow(_: datetime) -> None:
        begun.set()
        await go_on.wait()
        ended.append(True)

    await jobs.defer("open", NOW)
    async with working(jobs, open=slow) as worker, asyncio.timeout(LONG):
        await begun.wait()
        await jobs.defer("open", NOW)
        worker.cancel()
        await asyncio.sleep(0.1)
        assert not worker.done()
        go_on.set()
        await asyncio.wait({worker})
    assert ended == [True]
    assert waiting(url) == 1  # it did not begin another
    assert query(url, "SELECT * FROM procrastinate_workers") == []


async def test_the_job_of_a_worker_that_died_is_removed_and_a_living_ones_is_not(
    url: str, jobs: Procrastinate, caplog: pytest.LogCaptureFixture
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: datetime) -> None:
        begun.set()
        await go_on.wait()

    await jobs.defer("open", NOW)
    async with working(jobs, open=slow), asyncio.timeout(LONG):
        await begun.wait()
        # What a killed process leaves behind: a worker without a beat, and its job.
        _execute(
            url,
            "WITH gone AS (INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - interval '3 seconds') RETURNING id)"
            " INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id, args)"
            " SELECT 'paperboy:open', 'dead', 'doing', id, '{}' FROM gone",
        )
        await until(lambda: "job given up, for its worker is gone: dead" in caplog.text)
        await asyncio.sleep(2.5)  # longer than a worker without a beat is believed
        assert query(url, "SELECT task_name FROM procrastinate_jobs") == [("open",)]
        go_on.set()
    assert "worker is gone: open" not in caplog.text


async def test_the_tables_are_made_once_by_however_many_come_at_once(url: str) -> None:
    async def come() -> None:
        async with Procrastinate(url) as jobs:
            await jobs.defer("open", NOW)

    await asyncio.gather(*(come() for _ in range(4)))
    assert waiting(url) == 1


async def test_a_user_who_may_not_make_the_tables_is_told(url: str) -> None:
    name = f"guest_{os.getpid()}"
    _execute(url, f"CREATE ROLE {name} LOGIN")
    try:
        _execute(url, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        with pytest.raises(SetUpWrong, match="grant it the rights"):
            async with Procrastinate(url.replace("://postgres:@", f"://{name}@")):
                pytest.fail("they were made")
    finally:
        _execute(url, f"DROP ROLE {name}")


async def test_tables_of_another_release_are_told(url: str, jobs: Procrastinate) -> None:
    _execute(url, "DROP FUNCTION procrastinate_defer_jobs_v1")
    with pytest.raises(SetUpWrong, match="not those of its installed release"):
        await jobs.defer("open", NOW)


async def test_nothing_of_the_password_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    jobs = Procrastinate("postgresql://ada:s3cret-word@127.0.0.1:9/paperboy")
    assert "s3cret" not in repr(jobs)
    with pytest.raises(StoreBusy) as raised:
        async with jobs:
            pytest.fail("nobody is there")
    assert "s3cret" not in f"{raised.value} {caplog.text}"


async def test_a_task_that_takes_long_holds_up_no_other(jobs: Procrastinate) -> None:
    begun, done, over = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def read(now: datetime) -> None:
        begun.set()
        await over.wait()

    async def open_(now: datetime) -> None:
        done.set()

    async with working(jobs, read=read, open=open_):
        async with asyncio.timeout(LONG):
            await jobs.defer("read", NOW)
            await begun.wait()
            await jobs.defer("open", NOW)
            await done.wait()
            assert not over.is_set()
            over.set()  # what is under way when the work ends is waited for
