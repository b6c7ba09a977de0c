"""What a token may ask at all: so many calls a second, and so many that are refused.

All calls of a token together: 50 in a second, but for those of interactions and webhooks.
10,000 answers of 401, 403 or 429 within 10 minutes ban the address of this machine; those whose
X-RateLimit-Scope is "shared" do not count.
https://discord.com/developers/docs/topics/rate-limits
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping

MOST = 10_000
_WINDOW = 600.0  # seconds
A_SECOND = 48  # calls of a token …
_SECOND = 1.05  # … in any so many seconds: calls that left apart may arrive together
_INVALID = frozenset({401, 403, 429})
log = logging.getLogger(__name__)


class Budget:
    """Counts invalid answers: a warning at a quarter of `most`, nothing leaves from half on."""

    def __init__(
        self,
        most: int = MOST,
        *,
        window: float = _WINDOW,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._warned = max(1, most // 4)
        self._stopped = max(1, most // 2)
        self._window = window
        self._clock = clock
        self._spent: deque[float] = deque()
        self._said = 0  # the highest step that the log was told of since the window was emptier

    def count(self, status: int, headers: Mapping[str, str]) -> None:
        """Take notice of an answer."""
        if status not in _INVALID or headers.get("X-RateLimit-Scope") == "shared":
            return
        self._spent.append(self._clock())
        self._forget()
        spent = len(self._spent)
        if spent >= self._stopped and self._said < 2:
            self._said = 2
            log.error(
                "Discord refused %d calls within %d minutes: nothing is sent until there are fewer",
                spent,
                self._window // 60,
            )
        elif spent >= self._warned and self._said < 1:
            self._said = 1
            log.warning("Discord refused %d calls within %d minutes", spent, self._window // 60)

    @property
    def wait(self) -> float:
        """Seconds until a call may leave; 0: now."""
        self._forget()
        beyond = len(self._spent) - self._stopped
        if beyond < 0:
            return 0.0
        return max(0.001, self._spent[beyond] + self._window - self._clock())

    def _forget(self) -> None:
        over = self._clock() - self._window
        while self._spent and self._spent[0] <= over:
            self._spent.popleft()
        if len(self._spent) < self._warned:
            self._said = 0
        elif len(self._spent) < self._stopped:
            self._said = min(self._said, 1)


class Second:
    """Lets at most so many calls go in any second: a digest's pace does not count the questions
    that come with a message, nor those of people."""

    def __init__(self, most: int = A_SECOND) -> None:
        self._most = most
        self._gone: deque[float] = deque()

    async def turn(self) -> None:
        """Wait until one more may go."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            while self._gone and self._gone[0] <= now - _SECOND:
                self._gone.popleft()
            if len(self._gone) < self._most:
                self._gone.append(now)
                return
            await asyncio.sleep(self._gone[0] + _SECOND - now)
