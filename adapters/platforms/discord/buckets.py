"""discord.py's rate limits without its sleep inside a call that the courier makes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

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
            if self.outgoing >= max(self.limit, _BLIND):
                raise Held(_SOON)
        self.remaining -= 1
        self.outgoing += 1

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
