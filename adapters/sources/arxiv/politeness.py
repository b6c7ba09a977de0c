"""How often arXiv is asked: one request at a time, and a pause after each.

arXiv's terms of use allow its legacy APIs (the query API, the feeds) one request every three
seconds over a single connection, for all machines under one's control together
(https://info.arxiv.org/help/api/tou.html). So everything in the process that asks arXiv takes
its turns from one object.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

INTERVAL = 3.0  # seconds


class Politeness:
    """Gives turns, in the order they are asked for."""

    def __init__(
        self,
        interval: float = INTERVAL,
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._interval = interval
        self._clock = clock
        self._wait = wait
        self._one = asyncio.Lock()
        self._last: float | None = None  # by the clock: when the last turn ended

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Make one request inside; it begins no sooner than the interval after the last ended."""
        async with self._one:
            if self._last is not None:
                rest = self._last + self._interval - self._clock()
                if rest > 0:
                    await self._wait(rest)
            try:
                yield
            finally:
                self._last = self._clock()
