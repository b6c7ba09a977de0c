"""How long calls take, and how many must be on their way at once for the pace."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf

_KEPT = 30.0  # seconds of each of the two halves of "lately"
_FEWEST = 20  # calls after which the least of them says something
_WEIGHT = 0.1  # of the newest call in the mean

REST = 2  # slots of a pace that nothing is known of yet
MOST_SLOW = 8  # slots of Telegram's pace, 28 a second; a faster one has more in proportion
MOST = 64
_SETTLING = 0.05  # seconds between the end of a call and the commit, before they were measured
_ROUND = 0.25  # seconds after which the slots of an unbounded pace are thought over


class Latency:
    """The least and the usual time of the calls seen lately, in seconds."""

    def __init__(self) -> None:
        self._now = self._before = _Half()
        self._since = -inf
        self.usual: float | None = None

    def add(self, seconds: float, now: float) -> None:
        """A call ended."""
        self._turn(now)
        self._now.least = min(self._now.least, seconds)
        self._now.calls += 1
        self.usual = seconds if self.usual is None else _mean(self.usual, seconds)

    def least(self, now: float) -> float:
        """No call of the last half minute was quicker; 0 when too few are known to say it."""
        self._turn(now)
        if self._now.calls + self._before.calls < _FEWEST:
            return 0.0
        return min(self._now.least, self._before.least)

    def _turn(self, now: float) -> None:
        if now - self._since >= _KEPT:
            long_ago = now - self._since >= 2 * _KEPT
            self._before = _Half() if long_ago else self._now
            self._now = _Half()
            self._since = now


@dataclass(slots=True)
class _Half:
    least: float = inf
    calls: int = 0


class Slots:
    """How many calls are to be on their way at once.

    For a pace: as many as it starts in the time that a call and its settling take, and one that
    waits; 2 at rest, at most 8 at 28 a second, in proportion for more, never over 64. Without a
    pace: 8; twice as many whenever all were on their way in the last quarter of a second, half as
    many when less than a quarter of them were; at most 64.
    """

    def __init__(self, per_second: float | None) -> None:
        self._most = MOST
        if per_second is not None:
            self._most = min(MOST, max(MOST_SLOW, ceil(MOST_SLOW * per_second / 28)))
        self._settling = _SETTLING
        self._free = MOST_SLOW  # of an unbounded pace
        self._peak = 0
        self._since = 0.0

    def wanted(self, per_second: float | None, usual: float | None) -> int:
        """The number now, for calls that take `usual` seconds."""
        if per_second is None:
            return self._free
        if usual is None:
            return REST
        return min(self._most, max(REST, ceil(per_second * (usual + self._settling)) + 1))

    def settled(self, seconds: float) -> None:
        """So long after its end a call was settled and its slot free."""
        self._settling = _mean(self._settling, seconds)

    def on_way(self, calls: int, now: float) -> None:
        """So many are on their way."""
        self._peak = max(self._peak, calls)
        if now - self._since < _ROUND:
            return
        if self._peak >= self._free:
            self._free = min(MOST, 2 * self._free)
        elif self._peak < self._free / 4:
            self._free = max(MOST_SLOW, self._free // 2)
        self._peak, self._since = calls, now


def _mean(old: float, new: float) -> float:
    return old + _WEIGHT * (new - old)
