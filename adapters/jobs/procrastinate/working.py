"""A worker that outlives its connections: procrastinate's own ends with the first that breaks."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import suppress
from time import monotonic

from procrastinate import App, worker
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import JobContext
from procrastinate.jobs import Status

PATIENCE = 15.0  # seconds that a task under way has when the work is to end
_POLL = 5.0  # seconds between looks for work, should a notice be lost
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0  # seconds before a worker that broke begins again
_SOUND = 30.0  # seconds after which one that breaks was sound
_NEVER = 1e9  # seconds

log = logging.getLogger(__name__)


class Worker:
    """Does the jobs of one queue, one at a time."""

    def __init__(self, app: App, queue: str, *, beat: float, dead: float) -> None:
        self._app = app
        self._queue = queue
        self._beat, self._dead = beat, dead

    async def work(self) -> None:
        """Until cancelled; a job under way then has PATIENCE seconds to end."""
        pause = _FIRST_PAUSE
        while True:
            began = monotonic()
            why = await self._until_broken()
            if monotonic() - began > _SOUND:
                pause = _FIRST_PAUSE
            level = logging.WARNING if pause == _FIRST_PAUSE else logging.DEBUG  # said once
            log.log(level, "jobs: %s; trying until it goes on", why)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _until_broken(self) -> str:
        """Why it ended by itself, in a few words."""
        one = _One(
            self._app,
            queues=[self._queue],
            name=None,
            concurrency=1,
            fetch_job_polling_interval=_POLL,
            shutdown_graceful_timeout=PATIENCE,
            delete_jobs="always",
            install_signal_handlers=False,
            # Its own beat ends for ever with the first that fails, and nobody hears of it.
            update_heartbeat_interval=_NEVER,
            stalled_worker_timeout=self._dead,
        )
        running = asyncio.create_task(one.run(), name="jobs: worker")  # type: ignore[no-untyped-call]
        caring = asyncio.create_task(self._care(one), name="jobs: care")
        try:
            await asyncio.wait({running, caring}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Cancelled while the server is away it raises what the server says: so its end is
            # waited for here, and who cancelled this one is heard whatever comes of it.
            caring.cancel()
            running.cancel()
            await asyncio.wait({running, caring}, timeout=PATIENCE + 3)
            for task in (running, caring):
                if task.done() and not task.cancelled():
                    task.exception()
        for task in (running, caring):
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                return f"the worker ended ({type(error.__cause__ or error).__name__})"
        return "the worker ended, for one of its connections broke"

    async def _care(self, one: _One) -> None:
        """Beat for ever, and remove the jobs of those whose beat ended."""
        while True:
            await asyncio.sleep(self._beat)
            with suppress(ConnectorException):  # a server that is away ends the worker itself
                if one.worker_id is not None:
                    await self._app.job_manager.update_heartbeat(one.worker_id)
                await self._sweep()

    async def _sweep(self) -> None:
        from procrastinate.exceptions import ConnectorException

        jobs = self._app.job_manager
        for job in await jobs.get_stalled_jobs(
            queue=self._queue, seconds_since_heartbeat=self._dead
        ):
            with suppress(ConnectorException):  # another sweeper was faster
                await jobs.finish_job(job, Status.FAILED, delete_job=True)
                log.warning("job given up, for its worker is gone: %s", job.task_name)


class _One(worker.Worker):
    """procrastinate's, until one of its connections breaks."""

    async def _process_job(self, context: JobContext) -> None:
        try:
            await super()._process_job(context)
        except ConnectorException:
            # The work is done and its row stands, for the end could not be written. Nobody hears
            # the error; the row is swept once this worker is no more.
            self.stop()  # type: ignore[no-untyped-call]
