"""The simulation behind docs/scale.md: it keeps what a courier keeps, and gives the same again."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.channels import Address, Allowance, Pace
from scripts.scale import BEGIN, PAGE, page, seconds, spoken
from scripts.simulation import Day, Simulation, World

_PACE = Pace(28.0, 29, lambda _: (Allowance(1, 1.0), Allowance(20, 60.0)))
WORLD = World(_PACE, (0.03, 0.08))


def day(channels: int, messages: int, world: World = WORLD) -> Day:
    digests = [(Address("telegram", str(n)), messages) for n in range(1, channels + 1)]
    return Simulation(world, digests).run()


def test_everybody_gets_everything():
    whole = day(200, 3)
    assert whole.sent == 600
    assert set(whole.complete) == set(range(200))


def test_the_same_seed_gives_the_same_day():
    assert day(100, 2).accepted == day(100, 2).accepted


def test_a_token_is_never_faster_than_its_pace_and_hardly_slower():
    times = day(1000, 1).accepted
    assert 27.5 <= (len(times) - 1) / (times[-1] - times[0]) <= 28.1
    assert max(Counter(int(at) for at in times).values()) <= 30


def test_a_single_chat_gets_one_message_a_second_and_twenty_a_minute():
    times = day(1, 41).accepted
    assert all(times[n + 1] - times[n] >= 1 for n in range(40))
    assert all(times[n + 20] - times[n] >= 60 for n in range(21))


def test_every_chat_has_its_first_before_any_has_its_last():
    whole = day(100, 3)
    assert min(whole.complete.values()) > whole.accepted[199]


def test_a_pace_without_bounds_is_held_up_by_calls_and_transactions_alone():
    whole = day(2000, 1, World(Pace(), (0.02, 0.02)))
    assert 200 < whole.sent / whole.last < 64 / 0.02


def test_what_is_left_out_of_a_long_day_is_reckoned_right():
    whole = seconds(WORLD, 1000, 2, most=2000)
    assert seconds(WORLD, 1000, 2, most=500) == pytest.approx(whole, rel=0.01)


def test_times_are_spoken_as_people_do():
    assert [spoken(at) for at in (35.7, 357, 3570, 35_700, 357_000)] == [
        "36 s", "6 min", "60 min", "9.9 h", "99 h",
    ]  # fmt: skip


def test_the_page_has_the_marks_of_its_tables():
    text = PAGE.read_text(encoding="utf-8")
    assert all(text.count(BEGIN.format(name)) == 1 for name in ("arrival", "sizes"))


@pytest.mark.nightly
def test_the_page_is_what_the_simulation_gives():
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text
