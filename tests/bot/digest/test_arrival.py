"""Arrival: what is usual, counted over whole digests."""

from __future__ import annotations

from datetime import timedelta

from bot.digest.arrival import usual


def minutes(*many: float) -> list[timedelta]:
    return [timedelta(minutes=one) for one in many]


def test_four_of_five_digests_were_there_by_then():
    assert usual(minutes(2, 4, 3, 50, 5)) == timedelta(minutes=5)
    assert usual(minutes(*range(1, 11))) == timedelta(minutes=8)


def test_it_is_rounded_up_to_the_minute():
    assert usual(minutes(1.1, 1.2, 5.01)) == timedelta(minutes=6)
    assert usual(minutes(6, 6, 6)) == timedelta(minutes=6)


def test_within_the_minute_is_on_time():
    assert usual(minutes(0.2, 0.9, 0.99)) is None
    assert usual(minutes(1, 1, 1)) == timedelta(minutes=1)


def test_two_digests_make_no_habit():
    assert usual(minutes(6, 6)) is None
    assert usual([]) is None
