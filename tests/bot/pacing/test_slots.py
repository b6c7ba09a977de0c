"""How many calls are on their way at once: as many as the pace needs, and no more."""

from __future__ import annotations

from bot.channels import Address, Pace
from bot.pacing import Schedule
from bot.pacing.latency import Latency
from tests.bot.pacing.world import TELEGRAM, Way, World, people


def after(seconds: float, pace: Pace = TELEGRAM, least: float = 0.02) -> World:
    world = World(pace=pace, way=Way(least / 2, least / 2))
    world.waiting = people()
    world.run(seconds)
    return world


def test_at_rest_two_are_enough():
    assert Schedule(TELEGRAM, lambda: 0.0).slots == 2


def test_slots_grow_with_the_time_that_calls_take_and_end_at_eight():
    slots = [after(10, least=least).schedule.slots for least in (0.002, 0.05, 0.15, 0.4, 3.0)]
    assert slots == sorted(slots)
    assert slots[0] <= 3
    assert slots[-2:] == [8, 8]


def test_the_time_until_a_call_is_settled_counts():
    schedule = after(10, least=0.01).schedule
    before = schedule.slots
    for _ in range(100):
        schedule.settled(0.2)
    assert schedule.slots > before


def test_a_faster_pace_has_more_but_never_over_sixty_four():
    assert after(10, Pace(1000.0, 1000), least=0.5).schedule.slots == 64
    assert after(10, Pace(100.0, 100), least=0.5).schedule.slots == 29


def test_without_a_pace_they_double_while_all_are_used_and_halve_when_few_are():
    world = World(pace=Pace(), way=Way(0.01, 0.01))
    assert world.schedule.slots == 8
    world.waiting = people()
    world.run(5)
    assert world.schedule.slots == 64
    world.waiting = iter(())
    for one in range(40):
        world.at(world.clock + one, lambda: setattr(world, "waiting", people(1)))
    world.run(45)
    assert world.schedule.slots == 8


def test_the_least_time_is_of_the_last_half_minute_to_minute_and_of_enough_calls():
    latency = Latency()
    for one in range(19):
        latency.add(0.1 + one, 1000.0)
    assert latency.least(1000.0) == 0.0
    latency.add(0.3, 1000.0)
    assert latency.least(1000.0) == 0.1
    for one in range(100):
        latency.add(0.5, 1005.0 + one)
    assert latency.least(1105.0) == 0.5
    assert latency.least(1200.0) == 0.0


def test_a_sender_that_hears_nothing_is_not_given_more_places_than_there_are():
    schedule = Schedule(TELEGRAM, lambda: 0.0)
    for one in range(40):
        schedule.ask(Address("telegram", str(one)), digest=False)
    begun = 0
    while schedule.next():
        begun += 1
    assert begun == 29
    assert schedule.due() == float("inf")
