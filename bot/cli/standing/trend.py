"""What changes between two looks: how fast messages go, how the outbox fills, what went wrong."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from bot.cli.standing.hints import Hint, View, hints, platform_name
from bot.papers import source_name

if TYPE_CHECKING:
    from bot.ports import Standing

_LOOKS = 120  # that are kept for the curve
_OVER = 15.0  # seconds that a rate is the mean of, where there are so many
_EVENTS = 50
_BARS = " ▁▂▃▄▅▆▇█"


@dataclass(slots=True)
class Trend:
    """The looks of one sitting, the newest last."""

    looks: deque[tuple[float, int, int]] = field(default_factory=lambda: deque(maxlen=_LOOKS))
    # (seconds of a steady clock, messages that are open, messages ever written)
    events: deque[tuple[datetime, str]] = field(default_factory=lambda: deque(maxlen=_EVENTS))
    # what went wrong or right while somebody looked: when, one sentence
    _before: Standing | None = None
    _troubles: dict[str, Hint] = field(default_factory=dict)

    def add(self, standing: Standing, view: View, seconds: float) -> None:
        """One more look, at `seconds` of a steady clock."""
        self.looks.append((seconds, sum(standing.outbox.values()), standing.written))
        troubles = {one.key: one for one in hints(standing, view)}
        if self._before is not None:  # what is wrong from the beginning stands above
            for key, one in troubles.items():
                if key not in self._troubles:
                    self.events.append((standing.at, one.said))
            for key in self._troubles.keys() - troubles.keys():
                self.events.append((standing.at, f"over: {self._troubles[key].said}"))
            self._grown(self._before, standing, troubles.keys())
        self._troubles, self._before = troubles, standing

    def _grown(self, before: Standing, now: Standing, said: Collection[str]) -> None:
        failing = {one.source for one in before.failing}
        for one in now.failing:
            if one.source not in failing and f"source:{one.source}" not in said:
                name = source_name(one.source)
                self.events.append((now.at, f"{name} could not be read: {one.why}"))
        for kind, old, new, more_of in (
            ("unknown", before.outbox, now.outbox, "messages that may have arrived or not"),
            ("suspended", before.channels, now.channels, "channels out of reach"),
        ):
            for (platform, state), count in sorted(new.items()):
                if state == kind and (more := count - old.get((platform, state), 0)) > 0:
                    self.events.append(
                        (now.at, f"{platform_name(platform)}: {more:,} more {more_of}")
                    )

    @property
    def settled(self) -> float | None:
        """Messages a second that were sent or given up, lately; None after one look."""
        return self._rate(lambda open_, written: written - open_)

    @property
    def added(self) -> float | None:
        """Messages a second that were put into the outbox, lately; None after one look."""
        return self._rate(lambda open_, written: written)

    def _rate(self, of: Callable[[int, int], int]) -> float | None:
        if len(self.looks) < 2:
            return None
        last, open_, written = self.looks[-1]
        first = next(
            look for look in self.looks if last - look[0] <= _OVER or look is self.looks[-2]
        )
        lasted = last - first[0]
        grown = of(open_, written) - of(*first[1:])
        return max(0.0, grown / lasted) if lasted > 0 else None

    def curve(self, width: int) -> str:
        """The open messages of the last looks, one character each, the highest eight eighths."""
        shown = [open_ for _, open_, _ in self.looks][-width:]
        most = max(shown, default=0)
        if not most:
            return _BARS[1] * len(shown)
        return "".join(_BARS[max(1, round(one / most * 8)) if one else 1] for one in shown)
