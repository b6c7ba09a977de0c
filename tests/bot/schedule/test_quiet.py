"""Quiet hours, also past midnight and over a clock change."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from bot.channels import Address, Channel
from bot.schedule.quiet import is_quiet, quiet_end

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def a_channel(start: time | None, end: time | None, zone: str = "UTC") -> Channel:
    return Channel(Address("board", "lab"), zone, "en", SINCE, quiet_from=start, quiet_to=end)


@pytest.mark.parametrize(
    ("at", "quiet"), [(time(21, 59), False), (time(22), True), (time(3), True), (time(7), False)]
)
def test_the_hours_may_pass_midnight_and_their_end_is_outside(at: time, quiet: bool) -> None:
    assert is_quiet(a_channel(time(22), time(7)), at) is quiet


def test_hours_of_one_day_end_on_it() -> None:
    channel = a_channel(time(12), time(14))
    assert quiet_end(channel, datetime(2026, 1, 6, 13, tzinfo=UTC)) == datetime(
        2026, 1, 6, 14, tzinfo=UTC
    )
    assert quiet_end(channel, datetime(2026, 1, 6, 14, tzinfo=UTC)) is None


def test_before_midnight_the_end_is_tomorrow_and_after_it_today() -> None:
    channel = a_channel(time(22), time(7))
    end = datetime(2026, 1, 7, 7, tzinfo=UTC)
    assert quiet_end(channel, datetime(2026, 1, 6, 23, tzinfo=UTC)) == end
    assert quiet_end(channel, datetime(2026, 1, 7, 1, tzinfo=UTC)) == end


def test_an_end_that_a_clock_change_skips_is_the_first_minute_after_it() -> None:
    channel = a_channel(time(22), time(2, 30), "America/New_York")
    night = datetime(2026, 3, 8, 4, tzinfo=UTC)  # 23:00 on 7 March in New York
    assert quiet_end(channel, night) == datetime(2026, 3, 8, 7, tzinfo=UTC)


def test_without_quiet_hours_nothing_is_quiet() -> None:
    channel = a_channel(None, None)
    assert not is_quiet(channel, time(3))
    assert quiet_end(channel, SINCE) is None
