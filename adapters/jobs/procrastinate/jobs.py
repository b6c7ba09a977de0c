"""bot.ports.Jobs by procrastinate: asked for once, done by whichever worker is free."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from bot.errors import Retry, SetUpWrong, StoreBusy

if TYPE_CHECKING:
    from procrastinate import App, PsycopgConnector
    from psycopg_pool import AsyncNullConnectionPool

_OURS = "paperboy"  # should others use procrastinate in the same database
_NAME: dict[str, Any] = {"application_name": "paperboy jobs"}  # in the server's list of connections

log = logging.getLogger(__name__)


class Procrastinate:
    """Jobs in the tables of procrastinate; entering makes them where they are missing."""

    def __init__(self, conninfo: str, *, beat: float = 5.0, dead: float = 20.0) -> None:
        """`conninfo`: a connection string of libpq, with its limits of time. A worker writes every
        `beat` seconds that it lives; one that did not for `dead` seconds is taken for dead, and
        its job is removed.
        """
        self._conninfo = conninfo
        self._beat, self._dead = beat, dead
        self._pool: AsyncNullConnectionPool[Any] | None = None
        self._connector: PsycopgConnector | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"  # the string may hold a password

    async def __aenter__(self) -> Self:
        """Raises SetUpWrong when procrastinate is not installed or its tables cannot be made,
        StoreBusy when the database does not answer.
        """
        try:
            from procrastinate import PsycopgConnector
            from psycopg import AsyncConnection
            from psycopg_pool import AsyncNullConnectionPool
        except ImportError:
            raise SetUpWrong(
                "PostgreSQL needs the extra `postgres`: pip install 'paperboy-bot[postgres]'."
            ) from None
        from adapters.jobs.procrastinate.tables import prepare

        # It logs each break of a connection as several errors with their traces; here that is
        # one line of ours.
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
        with _translated():
            connecting = AsyncConnection.connect(self._conninfo, autocommit=True, **_NAME)
            async with await connecting as connection:
                await prepare(connection)
        # No connection is kept: the questions are few, and after a restart of the server none
        # would be any good.
        self._pool = AsyncNullConnectionPool(self._conninfo, kwargs=_NAME, open=False, timeout=10)
        await self._pool.open()
        self._connector = PsycopgConnector()
        await self._connector.open_async(self._pool)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            await self._pool.close(timeout=2)
        self._pool = self._connector = None

    async def defer(self, task: str, now: datetime, *, copies: int = 1) -> None:
        """Ask for `task`, with the instant for which it is done: afterwards `copies` of it wait
        to be begun, those included that were asked for before. Raises StoreBusy.
        """
        from procrastinate.exceptions import AlreadyEnqueued
        from procrastinate.jobs import Job

        asked = self._app({}).job_manager
        with _translated():
            # Asking first: a refused row would stand in the server's log as an error.
            queue = queue_of(task)
            waiting = await asked.list_jobs_async(queue=queue, task=task, status="todo")
            held = {job.queueing_lock for job in waiting}
            # No `lock`: that of a worker that died would hold up all who come after.
            jobs = [
                Job(
                    queue=queue,
                    lock=None,
                    queueing_lock=name,
                    task_name=task,
                    task_kwargs={"now": now.isoformat()},
                )
                for name in (f"{queue}:{number}" for number in range(copies))
                if name not in held
            ]
            if not jobs:
                return
            try:
                await asked.batch_defer_jobs_async(jobs)
            except AlreadyEnqueued:  # another process asked at the same moment
                return

    async def work(self, tasks: Mapping[str, Callable[[datetime], Awaitable[None]]]) -> None:
        """Do what is asked for, of each task one at a time, until cancelled; what is under way
        then has some seconds to end. One that fails is logged. Breaks of the connection are
        mended. No task holds up another: each has its own queue.
        """
        from adapters.jobs.procrastinate.working import Worker

        async with asyncio.TaskGroup() as group:
            for name, task in tasks.items():
                app = self._app({name: task})
                worker = Worker(app, queue_of(name), beat=self._beat, dead=self._dead)
                group.create_task(worker.work(), name=f"jobs: {name}")

    def _app(self, tasks: Mapping[str, Callable[[datetime], Awaitable[None]]]) -> App:
        from procrastinate import App

        if self._connector is None:
            raise RuntimeError("the jobs are not open")
        app = App(connector=self._connector)
        for name, task in tasks.items():
            app.task(name=name, queue=queue_of(name))(_guarded(name, task))
        return app


def queue_of(task: str) -> str:
    """The queue of a task."""
    return f"{_OURS}:{task}"


def _guarded(
    name: str, task: Callable[[datetime], Awaitable[None]]
) -> Callable[[str], Awaitable[None]]:
    async def done(now: str) -> None:
        try:
            await task(datetime.fromisoformat(now))
        except Retry as error:
            log.warning("job not done: %s: %s", name, error)
        except Exception:
            log.exception("job failed: %s", name)

    return done


@contextmanager
def _translated() -> Iterator[None]:
    """What goes wrong with the server leaves as ours, and without the words of the connection."""
    import psycopg
    from procrastinate.exceptions import ConnectorException

    try:
        yield
    except (ConnectorException, psycopg.Error, OSError) as error:
        cause = error.__cause__ if isinstance(error, ConnectorException) else error
        if isinstance(cause, psycopg.errors.InsufficientPrivilege):
            raise SetUpWrong(
                "The user of the database may not use or make procrastinate's tables: grant it "
                "the rights on its schema."
            ) from error
        if isinstance(cause, psycopg.ProgrammingError):
            raise SetUpWrong(
                "The tables of procrastinate in the database are not those of its installed "
                "release: renew them by its own migrations, or drop them and they are made anew."
            ) from error
        raise StoreBusy(
            "The database does not answer; try again, or check that its server runs."
        ) from error
