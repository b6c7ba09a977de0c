"""The clock of a soak: it goes faster than the real one, stands when it is held, and jumps.

Two processes read the same one: what `told` gives to the other is all there is to know.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import monotonic

Told = tuple[str, float, float]  # the instant, when it was (monotonic, seconds), the speed


class Clock:
    """Gives the instant when it is called. `speed`: simulated seconds of a real one."""

    def __init__(self, begin: datetime, speed: float = 0.0) -> None:
        self._at = begin.astimezone(UTC)
        self._since = monotonic()
        self.speed = speed

    def __call__(self) -> datetime:
        return self._at + timedelta(seconds=(monotonic() - self._since) * self.speed)

    def go(self, speed: float) -> None:
        """From now on so fast; 0: it stands."""
        self._at, self._since, self.speed = self(), monotonic(), speed

    def jump(self, by: timedelta) -> None:
        """Set it forward, or back."""
        self._at += by

    def told(self) -> Told:
        """What another process needs to know."""
        return self._at.isoformat(), self._since, self.speed

    def hear(self, told: Told) -> None:
        """Be the clock that this is told of; on Linux all processes share the monotonic one."""
        at, self._since, self.speed = told
        self._at = datetime.fromisoformat(at)
