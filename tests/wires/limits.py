"""Telegram's limits as a platform counts them: nothing sleeps here, time is handed in.

https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: about 30 messages
per second, one per second in a chat, 20 per minute in a group. A group is known by its id, which
begins with "-".
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Violation:
    """A call that came too early."""

    chat: str
    at: float  # real seconds, as it was handed in
    which: str  # "token", "chat" or "group"
    retry_after: float  # real seconds


@dataclass
class TelegramLimits:
    """What one token may do. `scale`: the platform's time runs so many times faster.

    Every window slides: at most 30 in *any* second. Chats may be a `slack` early: the platform
    bears short bursts there, and a network brings two calls nearer than they left.
    """

    scale: float = 1.0
    per_second: int = 30
    per_minute: int = 20  # of a group
    slack: float = 0.05  # of the platform's seconds
    admitted: int = 0
    violations: list[Violation] = field(default_factory=list)
    _token: deque[float] = field(default_factory=deque, repr=False)
    _chats: dict[str, float] = field(default_factory=dict, repr=False)
    _groups: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque), repr=False)

    def admit(self, chat: str | int, at: float) -> float | None:
        """Count a call that arrives at `at` (real seconds of any steady clock, never going back).

        None: it may pass. Otherwise it is a violation and counts for no window; gives the real
        seconds after which it would pass.
        """
        chat, now = str(chat), at * self.scale
        waits = {
            "token": _wait(self._token, self.per_second, 1.0, now),
            "chat": self._chats.get(chat, now - 1) + 1 - self.slack - now,
            "group": 0.0,
        }
        if group := chat.startswith("-"):
            waits["group"] = _wait(self._groups[chat], self.per_minute, 60.0, now)
        which, wait = max(waits.items(), key=lambda one: one[1])
        if wait > 1e-9:
            self.violations.append(Violation(chat, at, which, wait / self.scale))
            return wait / self.scale
        self._token.append(now)
        self._chats[chat] = now
        if group:
            self._groups[chat].append(now)
        self.admitted += 1
        return None


def _wait(times: deque[float], most: int, seconds: float, now: float) -> float:
    """How long until one more may come into the sliding window."""
    while times and times[0] <= now - seconds:
        times.popleft()
    return times[0] + seconds - now if len(times) >= most else 0.0
