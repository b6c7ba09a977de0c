"""An independent model of when digests are due: slow, plain, and sharing nothing with the product.

Design, section 3: local wall time on chosen weekdays; a time that a clock change skips is the
first valid minute after it, one that it repeats is its first showing. Of several missed times only
the latest is opened, under its own local date, and none if the next is less than 6 hours away.
After a change the next time is the first chosen local time after it whose date is later than that
of every digest before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

_QUARTER = timedelta(minutes=15)  # offsets change on quarters of an hour, since 1972
_DAY = timedelta(days=1)
_NEAR = timedelta(hours=6)
EVER = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)


@cache
def showing(zone: str, day: date, hour: time) -> datetime | None:
    """When the wall of the zone first shows `hour` or later on that day; None: it never does."""
    there = ZoneInfo(zone)
    bare = datetime.combine(day, hour)
    noon = datetime.combine(day, time(12), UTC)
    offsets = {(noon + n * _DAY).astimezone(there).utcoffset() or timedelta() for n in (-2, 0, 2)}
    shown = [bare.replace(tzinfo=UTC) - offset for offset in offsets]
    if len(offsets) > 1:  # the clocks change in these days: look at them quarter by quarter
        offsets = set()
        at = noon - 40 * timedelta(hours=1)
        quarters = [at + n * _QUARTER for n in range(4 * 80)]
        offsets = {one.astimezone(there).utcoffset() or timedelta() for one in quarters}
        shown = [bare.replace(tzinfo=UTC) - offset for offset in offsets]
        later = [one for one in quarters if _wall(one, there) >= bare]
        shown += [one for one in later if _wall(one, there).date() == day][:1]
    real = [one for one in shown if _wall(one, there) >= bare and _wall(one, there).date() == day]
    exact = [one for one in real if _wall(one, there) == bare]
    return min(exact or real, default=None)


def _wall(instant: datetime, there: ZoneInfo) -> datetime:
    return instant.astimezone(there).replace(tzinfo=None)


@dataclass(frozen=True)
class Opened:
    """A digest as it must be."""

    local_date: date
    due: datetime
    opened: datetime


@dataclass
class Wall:
    """What one channel must get. Its bell is `ring`; the rest is what people do to it."""

    zone: str
    hour: time
    days: frozenset[int]
    begun: datetime
    digests: list[Opened] = field(default_factory=list)
    silent_until: datetime = EVER  # of a pause

    def __post_init__(self) -> None:
        self.change(self.begun)

    def change(
        self,
        now: datetime,
        *,
        zone: str | None = None,
        hour: time | None = None,
        days: frozenset[int] | None = None,
        silent_until: datetime | None = None,
    ) -> None:
        """New settings at `now`. A pause goes on through them, until it is ended (EVER)."""
        self.zone, self.hour = zone or self.zone, hour or self.hour
        self.days = days or self.days
        self.silent_until = silent_until or self.silent_until
        stopped = self.silent_until == NEVER
        self.next = NEVER if stopped else self._after(max(now, self.silent_until))

    def _after(self, instant: datetime) -> datetime:
        """The first chosen time after it whose date is later than any digest's."""
        last = max((one.local_date for one in self.digests), default=date.min)
        day = instant.date() - 2 * _DAY
        while True:
            if day.weekday() in self.days and day > last:
                at = showing(self.zone, day, self.hour)
                if at is not None and at > instant:
                    return at
            day += _DAY

    def ring(self, now: datetime) -> None:
        """The bell."""
        if self.next > now:
            return
        latest = self.next
        while (following := self._after(latest)) <= now:
            latest = following
        if following - now >= _NEAR:
            local = latest.astimezone(ZoneInfo(self.zone)).date()
            self.digests.append(Opened(local, latest, now))
        self.next = following
