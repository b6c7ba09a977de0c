"""The buckets of Discord's rate limits, in the place of discord.py's.

discord.py waits inside a call until there is room, gives an answer only once the bucket that it
emptied is full again, and takes the first answer's word for all calls that are under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from adapters.platforms.discord.outcomes import Held

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from discord.http import HTTPClient

_BLIND = 5  # calls under way at once in a bucket that Discord has told nothing of yet
_SOON = 0.25  # seconds; when calls under way have taken all that is left
_MARGIN = 0.02  # seconds, for the clocks
_IDLE = 300.0  # seconds


class Bucket:
    """One bucket, with the face that discord.py's has for its client.

    A call that must not wait raises Held, with the seconds until there is room; others wait. The
    headers: https://discord.com/developers/docs/topics/rate-limits#header-format
    """

    def __init__(self, hurried: Callable[[], bool]) -> None:
        self._hurried = hurried
        self._now = asyncio.get_running_loop().time
        self._used = self._now()
        self._limit: int | None = None  # None: Discord told nothing yet
        self._under_way = 0
        self._full_at: float | None = None
        self.remaining = 1

    async def __aenter__(self) -> None:
        self._used = self._now()
        while (wait := self._wait()) > 0:
            if self._hurried():
                raise Held(wait)
            await asyncio.sleep(wait)
        self.remaining -= 1
        self._under_way += 1

    async def __aexit__(self, *_: object) -> None:
        self._under_way -= 1
        if not self._under_way and self._full_at is None:
            self._fill()  # nothing is known any more: all its answers were lost

    def update(self, response: ClientResponse, *, use_clock: bool = False) -> None:
        """Take what an answer tells; calls under way may not be in it yet and stay counted."""
        try:
            limit = int(response.headers.get("X-RateLimit-Limit", 1))
            left = int(response.headers["X-RateLimit-Remaining"])
            after = float(response.headers["X-RateLimit-Reset-After"])
        except (KeyError, ValueError):
            return
        counted = limit - self._under_way if self._limit is None else self.remaining
        self._limit = limit
        self.remaining = min(left, counted)
        self._full_at = self._now() + after

    def is_inactive(self) -> bool:
        """Whether it may be forgotten."""
        return not self._under_way and self._now() - self._used >= _IDLE

    def _wait(self) -> float:
        if self._full_at is not None and self._now() > self._full_at:
            self._fill()
        if self.remaining > 0:
            return 0.0
        if self._full_at is not None:
            return self._full_at - self._now() + _MARGIN
        most = _BLIND if self._limit is None else self._limit
        return _SOON if self._under_way >= most else 0.0

    def _fill(self) -> None:
        self.remaining = (self._limit or 1) - self._under_way
        self._full_at = None


def watch(http: HTTPClient, hurried: Callable[[], bool]) -> None:
    """Let the client keep its limits in such buckets; `hurried` tells whether the call that is
    being made must not wait."""
    known: dict[str, Any] = vars(http)["_buckets"]
    hashes: dict[str, str] = vars(http)["_bucket_hashes"]  # by route

    def bucket(key: str) -> Any:
        if key not in known:
            # Until Discord told the bucket of a route, discord.py names it by the route; then it
            # forgets what other channels have spent.
            told, _, where = key.rpartition(":")
            routes = (route for route, name in hashes.items() if name == told)
            before = (known.pop(f"{route}:{where}", None) for route in routes)
            known[key] = next((one for one in before if one is not None), None) or Bucket(hurried)
            http._try_clear_expired_ratelimits()
        return known[key]

    vars(http)["get_ratelimit"] = bucket
