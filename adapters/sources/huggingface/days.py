"""Which day a list of Hugging Face belongs to, and when it is complete."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# Seen over 580 weekdays: the list of a day takes its last papers at about 21:30 in New York
# (01:30 UTC of the next day in summer, 02:30 in winter). The margin covers caches and clocks.
LAST_ADDITION = time(21, 30)
MARGIN = timedelta(minutes=15)


@lru_cache(maxsize=1)
def _new_york() -> ZoneInfo:
    return ZoneInfo("America/New_York")


def closes(day: date) -> datetime:
    """The instant (UTC) after which a read of the list of `day` is final."""
    wall = datetime.combine(day, LAST_ADDITION) + MARGIN
    return wall.replace(tzinfo=_new_york()).astimezone(UTC)


def expects(day: date) -> bool:
    """Lists are made from Monday to Friday; with `date=`, the API is empty at weekends."""
    return day.weekday() < 5


def of_day(stamps: Sequence[datetime | None], day: date) -> list[bool]:
    """Which records of an answer belong to the list of `day`, told by their stamps.

    A stamp is `submittedOnDailyAt`. Its UTC date is the list's day in all 897 recorded records
    that carry it, also for the three papers that were listed twice (the stamp moves on); since
    2026-05-14 it is that date at midnight sharp. Some servers repeat Friday's list at weekends,
    or ignore `date`. Hence:

    - a list without any stamp (before March 2025) is taken at its word;
    - a list that has stamps, but none of `day`, is another day's: nothing of it is taken;
    - in a list of `day`, records stamped for another list are left to that one, which is read
      on its own; records without a stamp stay, and so do those added between midnight UTC and
      the closing of the list, and on a Monday those of the weekend before.
    """
    if not any(stamps):
        return [True] * len(stamps)
    first = datetime.combine(_after_previous_list(day), time(), UTC)
    midnight = datetime.combine(day, time(), UTC) + timedelta(days=1)
    end = closes(day)
    if not any(stamp is not None and first <= stamp < midnight for stamp in stamps):
        return [False] * len(stamps)
    # At midnight sharp it is not an instant but the date of the next list.
    return [
        stamp is None or first <= stamp < midnight or midnight < stamp <= end for stamp in stamps
    ]


def _after_previous_list(day: date) -> date:
    """The day after the last one before `day` that has a list of its own."""
    if not expects(day):
        return day
    while not expects(day - timedelta(days=1)):
        day -= timedelta(days=1)
    return day
