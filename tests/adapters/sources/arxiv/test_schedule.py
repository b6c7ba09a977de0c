"""Promises of the schedule: arXiv's published table, in New York time all year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from adapters.sources.arxiv.schedule import closes, expects, new_york, submitted


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2026, 3, 2), "2026-02-26T19:00", "2026-02-27T19:00"),  # Monday: Thursday to Friday
        (date(2026, 3, 3), "2026-02-27T19:00", "2026-03-02T19:00"),  # Tuesday: Friday to Monday
        (date(2026, 3, 4), "2026-03-02T19:00", "2026-03-03T19:00"),
        (date(2026, 3, 5), "2026-03-03T19:00", "2026-03-04T19:00"),
        (date(2026, 3, 6), "2026-03-04T19:00", "2026-03-05T19:00"),
        (date(2026, 3, 10), "2026-03-06T19:00", "2026-03-09T18:00"),  # clocks went forward
        (date(2026, 11, 3), "2026-10-30T18:00", "2026-11-02T19:00"),  # clocks went back
    ],
)
def test_what_was_submitted_for_a_list(day: date, start: str, end: str) -> None:
    assert submitted(day) == (utc(start), utc(end))


def test_weekends_have_no_list() -> None:
    assert submitted(date(2026, 3, 7)) is None
    assert submitted(date(2026, 3, 8)) is None
    assert [expects(date(2026, 3, 2) + timedelta(days=n)) for n in range(7)] == [
        *[True] * 5,
        *[False] * 2,
    ]


def test_the_windows_of_a_year_follow_each_other_without_gap_or_overlap() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(366)]
    windows = [window for day in days if (window := submitted(day))]
    for before, after in pairwise(windows):
        assert before[1] == after[0]


def test_a_list_closes_at_two_in_new_york_after_its_submissions_ended() -> None:
    assert closes(date(2026, 1, 15)) == utc("2026-01-15T07:00")
    assert closes(date(2026, 7, 15)) == utc("2026-07-15T06:00")
    for n in range(366):
        day = date(2026, 1, 1) + timedelta(days=n)
        assert closes(day).astimezone(new_york()).date() == day
        if window := submitted(day):
            assert window[1] < closes(day)
