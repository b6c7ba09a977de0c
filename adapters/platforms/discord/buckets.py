"""discord.py's rate limits without its sleep inside a call that the courier makes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from aiohttp import ClientResponse
from discord.http import HTTPClient, Ratelimit

from adapters.platforms.discord.outcomes import Held

_BLIND = 5  # calls under way at once in a bucket that Discord has told nothing of yet
_SOON = 0.25  # seconds; when calls under way have taken all that is left
_MARGIN = 0.02  # seconds, for the clocks


class Bucket(Ratelimit):
    """One bucket of discord.py's.

    A call that must not wait raises Held with the seconds until the bucket is full again; others
    wait for that. An answer is given at once, also when it emptied the bucket.
    """

    def __init__(self, hurried: Callable[[], bool]) -> None:
        super().__init__(None)
        self._hurried = hurried
        self._told = False  # Discord told its size

    async def acquire(self) -> None:
        """A place in the bucket. Raises Held."""
        if not self._hurried():
            await super().acquire()
            return
        self._last_request = now = self._loop.time()
        if self.is_expired():
            self.reset()
        if self.remaining <= 0:
            if self.expires is not None:
                raise Held(self.expires - now + _MARGIN)
            if self.outgoing >= (self.limit if self._told else _BLIND):
                raise Held(_SOON)
        self.remaining -= 1
        self.outgoing += 1

    def update(self, response: ClientResponse, *, use_clock: bool = False) -> None:
        """Take what an answer tells. Calls under way may not be in it yet: they stay counted,
        where discord.py takes the first answer's word for all."""
        counted = self.remaining
        super().update(response, use_clock=use_clock)
        known = counted if self._told else self.limit - self.outgoing
        self._told = True
        left = int(response.headers.get("X-RateLimit-Remaining", 0))
        self.remaining = min(left, known)

    def reset(self) -> None:
        """Full again, but for the calls under way."""
        super().reset()  # type: ignore[no-untyped-call]

    async def _refresh(self) -> None:
        async with self._sleeping:
            if self.expires is not None:
                await asyncio.sleep(max(0.0, self.expires - self._loop.time()))
        self.reset()
        self._wake(self.remaining)

    async def __aexit__(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType
    ) -> None:
        self.outgoing -= 1
        if not self.outgoing and self.expires is None:
            self.reset()  # nothing is known any more: all its answers were lost
        if (left := self.remaining - self.outgoing) > 0:
            self._wake(left)


def watch(http: HTTPClient, hurried: Callable[[], bool]) -> None:
    """Let the client keep its limits in such buckets; `hurried` tells whether the call that is
    being made must not wait."""
    known = http._buckets

    def bucket(key: str) -> Ratelimit:
        if (found := known.get(key)) is None:
            found = known[key] = Bucket(hurried)
            http._try_clear_expired_ratelimits()
        return found

    vars(http)["get_ratelimit"] = bucket
