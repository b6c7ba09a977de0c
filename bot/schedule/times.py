"""The next time of a channel, computed from local wall time and never from +24 hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_TOO_NEAR = timedelta(hours=6)  # a missed digest this close to the next one is left to it
_LONGEST_WAIT = 400  # days; a set of weekdays comes round within 7, a skipped date adds one


@lru_cache(maxsize=1024)
def zone_info(zone: str) -> ZoneInfo:
    """The zone of an IANA name. Raises KeyError or ValueError for no name of tzdata."""
    return ZoneInfo(zone)


def local_date(zone: str, instant: datetime) -> date:
    """The calendar date on the wall of `zone` at `instant`."""
    return instant.astimezone(zone_info(zone)).date()


@lru_cache(maxsize=65536)
def wall(zone: str, day: date, hour: time) -> datetime | None:
    """The instant (UTC) at which the wall of `zone` first shows `hour` on `day`.

    A time that a clock change skips is the first valid minute after the gap; one that it
    repeats is its first showing. None when the whole rest of the day is skipped (a zone that
    crosses the date line drops a date: Pacific/Apia has no 2011-12-30).
    """
    there = zone_info(zone)
    local = datetime.combine(day, hour.replace(tzinfo=None), there)  # fold=0: the first showing
    instant = local.astimezone(UTC)
    back = instant.astimezone(there)
    if back.replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    # Inside a gap: the change itself is the first valid instant after the skipped wall time.
    change = _change_near(there, instant)
    return change if change.astimezone(there).date() == day else None


def _change_near(there: ZoneInfo, instant: datetime) -> datetime:
    """The instant of the clock change that skipped a wall time resolved to `instant`."""
    early, late = instant - 2 * _DAY, instant + 2 * _DAY
    before = early.astimezone(there).utcoffset()
    # With fold=0 a skipped wall time is read with the offset before the change, so the change
    # lies at or before `instant`; look for the last offset change up to it.
    low, high = early, min(instant, late)
    if high.astimezone(there).utcoffset() == before:
        return instant
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        middle = middle.replace(microsecond=0)
        if middle in (low, high):
            break
        if middle.astimezone(there).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def next_due(
    zone: str,
    hour: time,
    days: frozenset[int],
    after: datetime,
    *,
    taken: date | None = None,
) -> datetime:
    """The first instant (UTC) later than `after` at `hour` on one of the weekdays `days`.

    Dates up to `taken`, the local date of the newest digest, are passed over, so that no local
    day ever gets a second one. Raises ValueError when `days` is empty.
    """
    if not days:
        raise ValueError("no weekday is chosen")
    day = local_date(zone, after) - _DAY
    if taken is not None:
        day = max(day, taken + _DAY)
    for _ in range(_LONGEST_WAIT):
        if day.weekday() in days:
            instant = wall(zone, day, hour)
            if instant is not None and instant > after:
                return instant
        day += _DAY
    raise ValueError(f"no {hour} on these weekdays in {zone}")


def latest_due(
    zone: str,
    hour: time,
    days: frozenset[int],
    until: datetime,
    *,
    after: datetime,
) -> datetime | None:
    """The last instant at `hour` on one of `days` with after < instant <= until, or None."""
    day = local_date(zone, until) + _DAY
    earliest = local_date(zone, after) - _DAY
    while day >= earliest:
        if day.weekday() in days:
            instant = wall(zone, day, hour)
            if instant is not None and after < instant <= until:
                return instant
        day -= _DAY
    return None


@lru_cache(maxsize=65536)  # channels of one zone and hour share their times
def following_due(
    zone: str, hour: time, days: frozenset[int], due: datetime, now: datetime
) -> tuple[datetime | None, datetime]:
    """Which of the missed times is to be opened now, and the next one after it.

    `due` (at or before `now`) may lie far back after a down-time. Of several missed times only
    the latest is opened, under its own local date, and none when the next one is less than 6
    hours away; then the first value is None.
    """
    latest = latest_due(zone, hour, days, now, after=due) or due
    following = next_due(zone, hour, days, latest, taken=local_date(zone, latest))
    return (None if following - now < _TOO_NEAR else latest), following


def next_good_hour(
    zone: str, hour: time, day: date, closes: Callable[[date], datetime]
) -> time | None:
    """The local hour to be recommended instead of a too early one; None when `hour` is good.

    An hour is too early when a list closes within the 4 hours after it: waiting that long would
    bring today's papers instead of yesterday's. The recommended one holds in summer and winter:
    it is the latest local time of a closing within the next year, up to the next quarter.
    """
    at = wall(zone, day, hour)
    if at is None:
        return None
    nearby = [closes(day + timedelta(days=n)) for n in (-2, -1, 0, 1)]
    if not any(at < closing <= at + timedelta(hours=4) for closing in nearby):
        return None
    walls = []
    for week in range(53):
        closing = closes(day + timedelta(weeks=week)).astimezone(zone_info(zone))
        walls.append(closing.hour * 60 + closing.minute)
    if max(walls) - min(walls) > 12 * 60:  # round midnight: count the small hours as late ones
        walls = [minutes + 24 * 60 if minutes < 12 * 60 else minutes for minutes in walls]
    minutes = -(-max(walls) // 15) * 15 % (24 * 60)
    return time(minutes // 60, minutes % 60)
