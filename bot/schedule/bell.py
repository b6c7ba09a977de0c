"""The bell: APScheduler rings it every few seconds; what rings is one round, never two at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any


async def ring(
    callback: Callable[[], Awaitable[None]], *, seconds: float, stop: asyncio.Event
) -> None:
    """Call `callback` every `seconds` until `stop` is set, then wait for the running call.

    A call that takes longer than the interval delays the next one. What the callback raises
    ends the ringing and is raised here: a bell that died must end the process.
    """
    from apscheduler.schedulers.asyncio import AsyncIOScheduler
    from apscheduler.triggers.interval import IntervalTrigger

    died: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    idle = asyncio.Event()
    idle.set()

    async def once() -> None:
        idle.clear()
        try:
            await callback()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            if not died.done():
                died.set_exception(error)
        finally:
            idle.set()

    # APScheduler's own time is monotonic enough for a bell, and a late bell still rings once:
    # no misfire grace, missed rings coalesced.
    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.add_job(
        once,
        IntervalTrigger(seconds=seconds, timezone="UTC"),
        name="bell",
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
    )
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await once()  # over, however long it takes, before the scheduler may begin another
        scheduler.start()
        waiting: set[asyncio.Future[Any]] = {stopped, died}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        scheduler.pause()
        await idle.wait()  # its shutdown would cancel a running round
    finally:
        stopped.cancel()
        if scheduler.running:
            scheduler.shutdown(wait=False)
    if died.done():
        died.result()
