"""When arXiv's lists come out, and what was submitted for each.

Submissions are announced in the evening (New York) and stand in the feed of the next day
(https://info.arxiv.org/help/availability.html):

    submitted (New York)        announced        feed of
    Thu 14:00 to Fri 14:00      Sun 20:00        Monday
    Fri 14:00 to Mon 14:00      Mon 20:00        Tuesday
    Mon 14:00 to Tue 14:00      Tue 20:00        Wednesday
    Tue 14:00 to Wed 14:00      Wed 20:00        Thursday
    Wed 14:00 to Thu 14:00      Thu 20:00        Friday
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# Feeds are made at midnight in New York (https://info.arxiv.org/help/rss.html; recorded ones
# were made within 20 seconds of it); two hours cover a slow night and caches.
MADE = time(0, 0)
MARGIN = timedelta(hours=2)
DEADLINE = time(14, 0)

# Weekday (Monday = 0) of the feed: days before it on which its submissions begin and end.
_WINDOWS = {0: (4, 3), 1: (4, 1), 2: (2, 1), 3: (2, 1), 4: (2, 1)}


@lru_cache(maxsize=1)
def new_york() -> ZoneInfo:
    """The zone of arXiv's clock."""
    return ZoneInfo("America/New_York")


def closes(day: date) -> datetime:
    """The instant (UTC) after which a read of the list of `day` is final."""
    return (datetime.combine(day, MADE, new_york()) + MARGIN).astimezone(UTC)


def expects(day: date) -> bool:
    """Lists are made from Monday to Friday; a few holidays have none either."""
    return day.weekday() in _WINDOWS


def submitted(day: date) -> tuple[datetime, datetime] | None:
    """From when until when (UTC, the end excluded) the papers of `day` were submitted.

    None at weekends. Papers held by moderators and cross-lists made later fall out of it; only
    the feed of the day itself knows those.
    """
    if (window := _WINDOWS.get(day.weekday())) is None:
        return None
    start, end = (
        datetime.combine(day - timedelta(days=back), DEADLINE, new_york()).astimezone(UTC)
        for back in window
    )
    return start, end
