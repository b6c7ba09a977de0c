"""The pace of answers: as quick as Telegram allows, and never quicker."""

from __future__ import annotations

import asyncio


class Pace:
    """Lets at most `calls` begin in any `seconds`, also as the other side counts them.

    Each call takes one of as many places, and leaves it `seconds` after it ended. However long it
    was on its way, it arrived before its end: the next in its place arrives `seconds` later or
    more. Who comes when there is room waits for nothing; the others go in the order they came.
    """

    def __init__(self, calls: int, seconds: float = 1.0) -> None:
        self._places = asyncio.Semaphore(calls)
        self._seconds = seconds

    async def __aenter__(self) -> None:
        await self._places.acquire()

    async def __aexit__(self, *_: object) -> None:
        asyncio.get_running_loop().call_later(self._seconds, self._places.release)
