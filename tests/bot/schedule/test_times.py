"""The next time of a channel, over every clock change of a year in every zone of tzdata."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.schedule import following_due, latest_due, local_date, next_due, next_good_hour, wall

ZONES = sorted(available_timezones())
EVERY_DAY = frozenset(range(7))
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def changes(zone: str, start: datetime, days: int) -> list[date]:
    """Local dates near which the offset of the zone changes."""
    there = ZoneInfo(zone)
    found = []
    for n in range(days):
        at = start + timedelta(days=n)
        if (
            at.astimezone(there).utcoffset()
            != (at + timedelta(days=1)).astimezone(there).utcoffset()
        ):
            found.append(at.astimezone(there).date())
    return found


def first_showing(zone: str, day: date, hour: time) -> datetime | None:
    """Found by walking through the day minute by minute: the first minute at or past `hour`."""
    there = ZoneInfo(zone)
    at = datetime.combine(day, time(0), UTC) - timedelta(hours=15)
    for _ in range(55 * 60):
        here = at.astimezone(there)
        if here.date() == day and here.time() >= hour:
            return at
        at += timedelta(minutes=1)
    return None


def test_around_every_clock_change_of_a_year_the_time_is_the_first_showing_on_the_wall() -> None:
    seen: set[tuple[object, ...]] = set()
    for zone in ZONES:
        for day in changes(zone, NEW_YEAR, 365):
            there = ZoneInfo(zone)
            offsets = tuple(
                datetime.combine(day + timedelta(days=n), time(0), there).utcoffset()
                for n in range(-1, 3)
            )
            if (day, offsets) in seen:
                continue  # many zones change alike
            seen.add((day, offsets))
            for near in (day, day + timedelta(days=1)):
                for hour in (time(0, 30), time(1, 30), time(2, 30), time(3, 15)):
                    assert wall(zone, near, hour) == first_showing(zone, near, hour), (
                        zone,
                        near,
                        hour,
                    )
    assert len(seen) > 20


def test_a_year_in_every_zone_has_exactly_one_time_for_each_date() -> None:
    for zone in ZONES:
        at, dates = NEW_YEAR, []
        end = NEW_YEAR + timedelta(days=365)
        while at < end:
            at = next_due(zone, time(2, 30), EVERY_DAY, at)
            dates.append(local_date(zone, at))
        first = dates[0]
        assert dates == [first + timedelta(days=n) for n in range(len(dates))], zone


def test_a_date_that_a_zone_skips_has_no_time() -> None:
    assert wall("Pacific/Apia", date(2011, 12, 30), time(9)) is None
    after = wall("Pacific/Apia", date(2011, 12, 29), time(9))
    assert after is not None
    due = next_due("Pacific/Apia", time(9), EVERY_DAY, after)
    assert local_date("Pacific/Apia", due) == date(2011, 12, 31)


def test_a_time_in_a_gap_runs_at_the_first_minute_after_it() -> None:
    at = wall("America/New_York", date(2026, 3, 8), time(2, 30))
    assert at == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_a_time_in_a_fold_runs_once_at_its_first_showing() -> None:
    first = wall("America/New_York", date(2026, 11, 1), time(1, 30))
    assert first == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    following = next_due("America/New_York", time(1, 30), EVERY_DAY, first)
    assert local_date("America/New_York", following) == date(2026, 11, 2)


@given(
    zone=st.sampled_from(ZONES),
    hour=st.times().map(lambda t: t.replace(second=0, microsecond=0, tzinfo=None, fold=0)),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    after=st.integers(0, 5_000_000).map(
        lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=n)
    ),
)
@settings(max_examples=300)
def test_the_next_time_is_later_and_none_lies_between(
    zone: str, hour: time, days: frozenset[int], after: datetime
) -> None:
    due = next_due(zone, hour, days, after)
    assert due > after
    assert local_date(zone, due).weekday() in days
    assert latest_due(zone, hour, days, due - timedelta(microseconds=1), after=after) is None
    assert latest_due(zone, hour, days, due, after=after) == due


def test_a_date_that_has_its_digest_gets_no_second_one_when_the_hour_moves() -> None:
    now = datetime(2026, 6, 12, 10, tzinfo=UTC)
    due = next_due("UTC", time(18), EVERY_DAY, now, taken=date(2026, 6, 12))
    assert due == datetime(2026, 6, 13, 18, tzinfo=UTC)


def test_no_chosen_weekday_is_refused() -> None:
    with pytest.raises(ValueError, match="weekday"):
        next_due("UTC", time(9), frozenset(), NEW_YEAR)


def test_of_several_missed_times_only_the_latest_is_opened() -> None:
    due = datetime(2026, 6, 8, 9, tzinfo=UTC)
    opened, following = following_due(
        "UTC", time(9), EVERY_DAY, due, datetime(2026, 6, 12, 12, tzinfo=UTC)
    )
    assert opened == datetime(2026, 6, 12, 9, tzinfo=UTC)
    assert following == datetime(2026, 6, 13, 9, tzinfo=UTC)


def test_a_missed_time_is_dropped_when_the_next_is_less_than_six_hours_away() -> None:
    due = datetime(2026, 6, 8, 9, tzinfo=UTC)
    opened, following = following_due(
        "UTC", time(9), EVERY_DAY, due, datetime(2026, 6, 9, 3, 1, tzinfo=UTC)
    )
    assert opened is None
    assert following == datetime(2026, 6, 9, 9, tzinfo=UTC)


def closes(day: date) -> datetime:
    """A list that closes at 21:45 in New York."""
    return datetime.combine(day, time(21, 45), ZoneInfo("America/New_York")).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "hour", "good"),
    [
        ("Asia/Seoul", time(9), time(11, 45)),
        ("Asia/Seoul", time(11, 45), None),
        ("UTC", time(0), time(2, 45)),
        ("UTC", time(9), None),
        ("America/New_York", time(20), time(21, 45)),
        ("America/New_York", time(9), None),
    ],
)
def test_a_too_early_hour_is_answered_with_the_next_good_one(
    zone: str, hour: time, good: time | None
) -> None:
    for day in (date(2026, 1, 14), date(2026, 7, 15)):
        assert next_good_hour(zone, hour, day, closes) == good
