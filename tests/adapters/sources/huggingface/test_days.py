"""Promises of the days: when a list is final, and which records are of which list."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from adapters.sources.huggingface.days import closes, expects, of_day

FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2026, 6, day) for day in (12, 13, 14, 15))


def stamp(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (date(2026, 1, 15), "2026-01-16T02:45"),  # winter
        (date(2026, 7, 15), "2026-07-16T01:45"),  # summer
        (date(2026, 3, 6), "2026-03-07T02:45"),  # the Friday before clocks go forward
        (date(2026, 3, 9), "2026-03-10T01:45"),  # the Monday after
        (date(2026, 10, 30), "2026-10-31T01:45"),  # the Friday before clocks go back
        (date(2026, 11, 2), "2026-11-03T02:45"),  # the Monday after
    ],
)
def test_a_list_closes_at_a_quarter_to_ten_in_new_york(day: date, instant: str) -> None:
    assert closes(day) == stamp(instant)


def test_lists_are_expected_from_monday_to_friday() -> None:
    week = [expects(MONDAY + timedelta(days=n)) for n in range(7)]
    assert week == [True] * 5 + [False] * 2


def test_a_list_without_stamps_is_taken_at_its_word() -> None:
    assert of_day([None, None], FRIDAY) == [True, True]
    assert of_day([], FRIDAY) == []


@pytest.mark.parametrize("text", ["2026-06-12T00:00:00", "2026-06-12T00:16:55", "2026-06-12T23:59"])
def test_records_stamped_on_the_day_are_its_own(text: str) -> None:
    assert of_day([stamp(text)], FRIDAY) == [True]


@pytest.mark.parametrize("asked", [SATURDAY, SUNDAY, MONDAY, date(2026, 6, 11)])
def test_fridays_list_is_taken_for_no_other_day(asked: date) -> None:
    friday = [stamp("2026-06-12T00:00"), stamp("2026-06-12T00:00"), None]
    assert of_day(friday, asked) == [False, False, False]


def test_what_comes_after_midnight_utc_and_before_the_closing_is_not_lost() -> None:
    late = stamp("2026-06-13T01:12:00")
    assert of_day([stamp("2026-06-12T03:00"), late], FRIDAY) == [True, True]
    assert of_day([stamp("2026-06-12T03:00"), stamp("2026-06-13T01:46")], FRIDAY) == [True, False]


def test_midnight_sharp_is_the_date_of_the_next_list_and_no_late_addition() -> None:
    mixed = [stamp("2026-06-11T00:00"), stamp("2026-06-12T00:00")]
    assert of_day(mixed, date(2026, 6, 11)) == [True, False]
    assert of_day(mixed, FRIDAY) == [False, True]


def test_what_was_submitted_at_the_weekend_is_mondays() -> None:
    weekend = [stamp("2026-06-13T15:00"), stamp("2026-06-14T20:00"), stamp("2026-06-15T00:10")]
    assert of_day(weekend, MONDAY) == [True, True, True]


def test_of_a_mixed_answer_each_record_goes_to_one_list_exactly() -> None:
    mixed = [stamp(f"2026-06-{day:02d}T05:00") for day in (10, 11, 12, 15, 16)]
    days = [date(2026, 6, day) for day in range(8, 20)]
    taken = [of_day(mixed, day) for day in days]
    assert [sum(row[n] for row in taken) for n in range(len(mixed))] == [1] * len(mixed)
