"""How fast the fake Discord lets a bot go, where it is asked to enforce its limits.

https://discord.com/developers/docs/topics/rate-limits
"""

from __future__ import annotations

import json
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

EVERYWHERE = 50  # calls of a token in any second
WRITES = (5, 5.0)  # calls, seconds: of one method and path in one channel
READS = (50, 1.0)
MOST_INVALID = 10_000  # answers of 401, 403, 429 in ten minutes
_NUMBER = re.compile(r"\d{5,}")
_MAJOR = re.compile(r"^/(?:channels|guilds)/(\d+)")
_FREE = re.compile(r"^/(?:interactions|webhooks)/")  # not bound to the token's own limit


@dataclass(slots=True)
class _Bucket:
    name: str
    most: int
    seconds: float
    ends: float = 0.0
    left: int = 0


class Pace:
    """Counts calls as Discord does, and what was too fast as a violation."""

    def __init__(
        self, *, most_invalid: int = MOST_INVALID, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.violations: list[str] = []
        self.most_invalid = most_invalid
        self._clock = clock
        self._calls: deque[float] = deque()
        self._invalid: deque[float] = deque()
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}
        self._paused = 0.0  # the token is, until then

    def take(self, method: str, path: str) -> tuple[web.Response | None, dict[str, str]]:
        """What is said to a call that is too fast, or None; the headers of its bucket."""
        now = self._clock()
        while self._invalid and self._invalid[0] <= now - 600:
            self._invalid.popleft()
        if len(self._invalid) >= self.most_invalid:
            self.violations.append(f"banned: {len(self._invalid)} invalid calls in 600 s")
            headers = {"Retry-After": "600", "Content-Type": "text/html"}  # Cloudflare: no Via
            return web.Response(status=429, body=b"error code: 1015", headers=headers), {}
        if (answer := self._everywhere(now, path)) is not None:
            return answer, {}
        bucket = self._bucket(method, path)
        if now >= bucket.ends:
            bucket.ends, bucket.left = now + bucket.seconds, bucket.most
        after = bucket.ends - now
        if bucket.left <= 0:
            self.violations.append(f"bucket: {method} {path} beyond {bucket.most}")
            headers = {**_headers(bucket, after), "X-RateLimit-Scope": "user"}
            return _too_many(after, headers), {}
        bucket.left -= 1
        return None, _headers(bucket, after)

    def answered(self, status: int, shared: bool = False) -> None:
        """Take notice of an answer."""
        if status in (401, 403) or (status == 429 and not shared):
            self._invalid.append(self._clock())

    def _everywhere(self, now: float, path: str) -> web.Response | None:
        if _FREE.match(path):
            return None
        while self._calls and self._calls[0] <= now - 1.0:
            self._calls.popleft()
        if now < self._paused or len(self._calls) >= EVERYWHERE:
            kind = "during a pause" if now < self._paused else f"beyond {EVERYWHERE}/s"
            self.violations.append(f"token: {path} {kind}")
            if now >= self._paused:
                self._paused = self._calls[0] + 1.0
            headers = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
            return _too_many(max(0.001, self._paused - now), headers, everywhere=True)
        self._calls.append(now)
        return None

    def _bucket(self, method: str, path: str) -> _Bucket:
        found = _MAJOR.match(path)
        major = found[1] if found else ""
        route = _NUMBER.sub("id", path)
        key = (method, route, major)
        if (bucket := self._buckets.get(key)) is None:
            most, seconds = READS if method == "GET" or not found else WRITES
            name = f"{abs(hash((method, route))) & 0xFFFFFFFF:08x}"
            bucket = self._buckets[key] = _Bucket(name, most, seconds)
        return bucket


def _headers(bucket: _Bucket, after: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(bucket.most),
        "X-RateLimit-Remaining": str(bucket.left),
        "X-RateLimit-Reset": f"{time.time() + after:.3f}",
        "X-RateLimit-Reset-After": f"{after:.3f}",
        "X-RateLimit-Bucket": bucket.name,
    }


def _too_many(after: float, headers: dict[str, str], *, everywhere: bool = False) -> web.Response:
    told = {
        "message": "You are being rate limited.",
        "retry_after": round(after, 3),
        "global": everywhere,
    }
    return web.Response(
        status=429,
        body=json.dumps(told).encode(),
        headers={
            "Via": "1.1 fake",
            "Content-Type": "application/json",
            "Retry-After": str(max(1, round(after))),
            **headers,
        },
    )
