"""The judge of paces: it counts as a platform would, and lets exactly the allowed pass."""

from __future__ import annotations

import pytest

from tests.wires.limits import TelegramLimits


def test_thirty_chats_pass_in_any_second_and_the_next_waits_for_the_first() -> None:
    limits = TelegramLimits()
    assert [limits.admit(n, 0.01 * n) for n in range(30)] == [None] * 30
    assert limits.admit(99, 0.5) == pytest.approx(0.5)
    assert limits.admit(99, 0.999) == pytest.approx(0.001)
    assert limits.admit(99, 1.0) is None
    assert (limits.admitted, [one.which for one in limits.violations]) == (31, ["token"] * 2)


def test_a_window_slides_so_a_burst_over_the_turn_of_a_second_is_seen() -> None:
    limits = TelegramLimits()
    for n in range(20):
        assert limits.admit(n, 0.9) is None
    assert [limits.admit(100 + n, 1.1) is None for n in range(20)] == [True] * 10 + [False] * 10


def test_a_chat_has_one_a_second_and_others_are_not_held_up() -> None:
    limits = TelegramLimits(slack=0.05)
    assert limits.admit("7", 10.0) is None
    assert limits.admit("7", 10.9) == pytest.approx(0.05)
    assert limits.admit("8", 10.9) is None
    assert limits.admit("7", 10.96) is None
    assert [one.which for one in limits.violations] == ["chat"]


def test_a_group_has_twenty_a_minute_and_a_person_more() -> None:
    limits = TelegramLimits()
    for n in range(20):
        assert limits.admit("-1005", 2.0 * n) is None
        assert limits.admit("5", 2.0 * n) is None
    assert limits.admit("-1005", 40.0) == pytest.approx(20.0)
    assert limits.admit("5", 40.0) is None
    assert limits.admit("-1005", 60.0) is None
    assert [one.which for one in limits.violations] == ["group"]


def test_a_refused_call_takes_no_place() -> None:
    limits = TelegramLimits(slack=0)
    assert limits.admit("7", 0.0) is None
    for n in range(1, 10):
        assert limits.admit("7", n / 10) is not None
    assert limits.admit("7", 1.0) is None


def test_time_that_runs_twenty_times_faster_shortens_all_of_it() -> None:
    limits = TelegramLimits(scale=20, slack=0)
    for n in range(30):
        assert limits.admit(n, 0.0) is None
    assert limits.admit(99, 0.0) == pytest.approx(1 / 20)
    assert limits.admit(99, 1 / 20) is None
    for n in range(20):
        assert limits.admit("-1", 1 + n / 20) is None
    assert limits.admit("-1", 3.0) == pytest.approx(1.0)
    assert limits.admit("-1", 4.0) is None
