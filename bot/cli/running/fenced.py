"""Work that one process at a time may do: the others stand by, and take over when it is gone."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeAlias

from bot.errors import FenceLost, StoreBusy
from bot.ports import Fence, Store

# Given the right to work, and an event that says: leave. It may end by itself only then.
Work: TypeAlias = Callable[[Fence, asyncio.Event], Awaitable[None]]

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0  # seconds before the right is asked for again
_SOUND = 30.0  # seconds after which work that broke off was sound

log = logging.getLogger(__name__)


async def fenced(
    store: Store, name: str, work: Work, stop: asyncio.Event, *, patience: float = 0.0
) -> None:
    """Do `work` whenever this process has the right called `name`, until `stop` is set; the store
    logs who waits.

    When it is to end, or the right is lost, the work is told to leave; after `patience` seconds
    it is cancelled. FenceLost and StoreBusy lead back to the waiting; whatever else it raises is
    raised here, and where it ends untold this ends too.
    """
    one = _Standby(store, name, work, stop, patience)
    pause = _FIRST_PAUSE
    while not stop.is_set():
        began = monotonic()
        try:
            await one.until_over()
            return
        except FenceLost:  # the store said why
            log.info("standby again: %s", name)
        except StoreBusy as error:
            log.warning("%s breaks off, for the database does not answer: %s", name, error)
        if monotonic() - began > _SOUND:
            pause = _FIRST_PAUSE
        try:
            async with asyncio.timeout(pause * random.uniform(0.5, 1.0)):
                await stop.wait()
        except TimeoutError:
            pause = min(_LONGEST_PAUSE, pause * 2)


class _Standby:
    def __init__(
        self, store: Store, name: str, work: Work, stop: asyncio.Event, patience: float
    ) -> None:
        self._store = store
        self._name = name
        self._work = work
        self._stop = stop
        self._patience = patience
        self._has = False

    async def until_over(self) -> None:
        """Wait for the right and use it, once; a stop ends the waiting."""
        self._has = False
        having = asyncio.create_task(self._have(), name=f"right {self._name}")
        asked = asyncio.create_task(self._stop.wait(), name="stop")
        try:
            await asyncio.wait({having, asked}, return_when=asyncio.FIRST_COMPLETED)
            if not self._has:
                having.cancel()
            await asyncio.wait({having})
        finally:
            asked.cancel()
            if not having.done():
                having.cancel()
                await asyncio.wait({having})
        if not having.cancelled():
            having.result()

    async def _have(self) -> None:
        async with self._store.fence(self._name) as fence:
            assert fence is not None  # it waited
            await self._do(fence)

    async def _do(self, fence: Fence) -> None:
        self._has = True
        leave = asyncio.Event()
        working = asyncio.ensure_future(self._work(fence, leave))
        lost = asyncio.create_task(fence.lost(), name=f"{self._name} lost")
        asked = asyncio.create_task(self._stop.wait(), name="stop")
        try:
            await asyncio.wait({working, lost, asked}, return_when=asyncio.FIRST_COMPLETED)
            leave.set()
            if not working.done() and self._patience:
                await asyncio.wait({working}, timeout=self._patience)
            was_lost = lost.done()
        finally:
            for task in (working, lost, asked):
                task.cancel()
            await asyncio.wait({working, lost, asked})
        if not working.cancelled():
            working.result()
        if was_lost and not self._stop.is_set():
            raise FenceLost
