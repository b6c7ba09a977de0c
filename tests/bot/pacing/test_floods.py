"""What follows when a platform says that it is too fast: waiting, then slower, then as before."""

from __future__ import annotations

from random import Random

import pytest

from bot.channels import Address
from bot.pacing import Schedule
from tests.bot.pacing.world import TELEGRAM, Way, World, people


class Clock:
    """A clock that a test moves."""

    time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def schedule(clock) -> Schedule:
    return Schedule(TELEGRAM, clock)


def chat(number: int, thread: str | None = None) -> Address:
    return Address("telegram", str(number), thread)


def test_one_chat_that_is_told_to_wait_holds_nobody_else(schedule, clock):
    schedule.too_fast(chat(1), 12 * 3600.0)
    assert schedule.free_in(chat(1, "9")) == 12 * 3600.0
    assert schedule.free_in(chat(2)) == 0.0
    assert schedule.paused == 0.0
    assert schedule.per_second == 28.0
    clock.time += 12 * 3600.0
    assert schedule.free_in(chat(1)) == 0.0


def test_three_chats_at_once_mean_the_token_and_it_waits_for_the_longest(schedule):
    for one, seconds in ((1, 4.0), (2, 31.0), (3, 7.0)):
        assert schedule.paused == 0.0
        schedule.too_fast(chat(one), seconds)
    assert schedule.paused == 31.0
    assert schedule.per_second == pytest.approx(0.7 * 28)
    assert schedule.slots == 2


def test_after_a_pause_two_calls_go_ahead_until_one_is_accepted():
    world = World(way=Way(0.1, 0.1))
    world.waiting = people(100)
    world.run(20)
    slots = world.schedule.slots
    assert slots > 4
    world.schedule.too_fast(chat(1), 1.0, everywhere=True)
    world.run(2)
    assert world.schedule.slots == 2
    world.schedule.accepted()
    assert world.schedule.slots > 2


def test_a_guess_is_never_longer_than_a_minute_but_what_is_said_is_kept(schedule):
    for one in range(3):
        schedule.too_fast(chat(one), 7200.0)
    assert schedule.paused == 60.0
    schedule.too_fast(chat(9), 7200.0, everywhere=True)
    assert schedule.paused == 7200.0


@pytest.mark.parametrize("between", ["time", "acceptance", "the-same-chat"])
def test_chats_that_are_told_so_one_by_one_are_no_flood(schedule, clock, between):
    for one in range(10):
        schedule.too_fast(chat(one % 2 if between == "the-same-chat" else one), 3.0)
        if between == "time":
            clock.time += 2.6
        elif between == "acceptance" and one % 2:
            schedule.accepted()
    assert schedule.paused == 0.0
    assert schedule.per_second == 28.0


def test_what_was_on_its_way_at_the_pause_makes_it_no_slower_still(schedule, clock):
    for one in range(8):
        schedule.too_fast(chat(one), 5.0, everywhere=True)
    assert schedule.per_second == pytest.approx(0.7 * 28)
    for _ in range(30):
        clock.time += 6.0
        schedule.too_fast(chat(1), 5.0, everywhere=True)
    assert schedule.per_second == pytest.approx(2.8)  # a tenth, never less


def test_the_pace_comes_back_step_by_step(schedule, clock):
    schedule.too_fast(chat(1), 1.0, everywhere=True)
    clock.time += 2.0
    paces = []
    for _ in range(400):
        schedule.accepted()
        paces.append(schedule.per_second)
    assert paces == sorted(paces)
    assert paces[0] < 20
    assert paces[-1] == 28.0


def test_a_chat_that_is_left_alone_is_no_flood(schedule):
    for one in range(9):
        schedule.rest(chat(one), 600.0)
    assert schedule.free_in(chat(4)) == 600.0
    assert schedule.paused == 0.0


def test_nobody_begins_while_the_token_is_paused_and_then_all_go_on():
    world = World()
    world.waiting = people(200)
    world.run(1)
    world.schedule.too_fast(chat(1), 20.0, everywhere=True)
    pause = world.clock
    world.answer(chat(5))
    world.run(60)
    assert not [call for call in world.calls if pause < call.begun < pause + 20]
    assert len(world.digests) == 200
    assert len(world.answers) == 1


def test_storms_end_in_waiting_and_never_in_a_loss():
    world = World(seed=5)
    chance = Random(5)
    started = world.clock
    told = []

    def refuse(call):
        time = world.clock - started
        if 5 < time < 65:  # every call, for a minute
            told.append(time)
            return chance.uniform(1.0, 9.0), False
        return None

    world.refuse = refuse
    world.waiting = people(2_000)
    world.run(65)
    assert len(told) < 60  # it asked seldom: a pause after two or three
    accepted = len(world.digests) - len(told)
    world.run(120)
    assert len(world.digests) == 2_000
    assert len(world.digests) - len(told) > accepted + 120 * 10
