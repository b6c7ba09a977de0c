"""Turns: who is carried first among the channels that are due together, over the days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import log, sqrt

from bot.digest.turns import turn

NINE = datetime(2026, 1, 9, 9, tzinfo=UTC)
DAYS = 30
CHANNELS = range(1, 1001)
_GOLDEN = (sqrt(5) - 1) / 2

# How far a share of days or of channels can be from the length of the ring that they stand on.
# Of 1,000 places that are thrown, by the Dvoretzky-Kiefer-Wolfowitz inequality, but once in a
# million throws:
_OF_CHANNELS = sqrt(log(2 / 1e-6) / (2 * len(CHANNELS)))


def of_days(days: int) -> float:
    """The discrepancy of `days` steps of the golden section: over every arc of the ring, by how
    much the share of days on it is off its length."""
    places = sorted(day * _GOLDEN % 1 for day in range(days))
    worst = 0.0
    for first in range(days):
        for held in range(1, days):
            closed = (places[(first + held - 1) % days] - places[first]) % 1  # ends included
            open_ = (places[(first + held) % days] - places[first]) % 1  # ends not included
            worst = max(worst, held / days - closed, open_ - (held - 1) / days)
    return worst


def orders() -> list[list[int]]:
    """The channels in the order of their turns, day by day."""
    days = [NINE + timedelta(days=day) for day in range(DAYS)]
    return [sorted(CHANNELS, key=lambda channel: turn(channel, day)) for day in days]


def test_over_a_month_every_channel_is_in_the_middle_on_the_average():
    ranks = dict.fromkeys(CHANNELS, 0)
    for order in orders():
        for rank, channel in enumerate(order):
            ranks[channel] += rank
    off = of_days(DAYS) + _OF_CHANNELS
    assert off < 0.2
    means = [total / DAYS / (len(CHANNELS) - 1) for total in ranks.values()]
    assert 0.5 - off < min(means) <= max(means) < 0.5 + off


def test_over_a_month_every_channel_is_early_about_as_often_as_late():
    early = dict.fromkeys(CHANNELS, 0)
    for order in orders():
        for channel in order[: len(order) // 2]:
            early[channel] += 1
    off = of_days(DAYS) + _OF_CHANNELS
    assert DAYS * (0.5 - off) < min(early.values())
    assert max(early.values()) < DAYS * (0.5 + off)


def test_nobody_is_late_for_three_days_in_a_row():
    """Three steps of the golden section leave no gap of the ring longer than 0.39."""
    last_third: dict[int, int] = dict.fromkeys(CHANNELS, 0)
    for order in orders():
        late = set(order[len(order) * 2 // 3 :])
        for channel in CHANNELS:
            last_third[channel] = last_third[channel] + 1 if channel in late else 0
        assert max(last_third.values()) < 3


def test_what_was_opened_in_an_earlier_minute_goes_first():
    latest = max(turn(channel, NINE + timedelta(seconds=59)) for channel in CHANNELS)
    soonest = min(turn(channel, NINE + timedelta(seconds=60)) for channel in CHANNELS)
    assert latest < soonest


def test_within_a_minute_the_second_of_opening_changes_nothing():
    for channel in CHANNELS:
        assert turn(channel, NINE) == turn(channel, NINE + timedelta(seconds=59))


def test_a_turn_fits_a_column_for_centuries():
    far = datetime(2999, 12, 31, 23, 59, tzinfo=UTC)
    assert 0 <= turn(2**63 - 1, far) < 2**63
