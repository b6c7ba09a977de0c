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
A_SECOND = 50  # calls of a token
_SECOND = 1.01
_SLOWEST = 1.0  # seconds
_A_BIT = 0.02  # seconds
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
    """Lets at most so many calls go in any second, as Discord counts them: a digest's pace does
    not count the questions that come with a message, nor those of people.

    When a call arrives is not known: it counts from its start until a second after it can have
    arrived, which is half of the quickest call's time before its end.
    """

    def __init__(self, most: int = A_SECOND) -> None:
        self._most = most
        self._under_way = 0
        self._over: deque[float] = deque()  # when calls that ended do not count any more
        self._quickest = _SLOWEST

    async def begin(self) -> float:
        """Wait until one more may go; the instant for `end`."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            while self._over and self._over[0] <= now:
                self._over.popleft()
            if self._under_way + len(self._over) < self._most:
                self._under_way += 1
                return now
            await asyncio.sleep(self._over[0] - now if self._over else _A_BIT)

    def end(self, began: float) -> None:
        """The call that began then is answered, or lost."""
        now = asyncio.get_running_loop().time()
        self._under_way -= 1
        self._quickest = min(self._quickest, now - began)
        self._over.append(now - self._quickest / 2 + _SECOND)
