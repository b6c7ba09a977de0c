"""The pace in virtual time: as fast as allowed, never faster as a strict platform counts."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels import Address, Pace
from bot.pacing import Schedule
from tests.bot.pacing.world import ALLOWED, ANY_SECOND, TELEGRAM, Way, World, most_in, people

ANN = Address("telegram", "1")


def rarely_more(most: float):
    """Half of the calls take the least time; others more, by chance."""
    return lambda chance: chance.choice((0.0, 0.0, chance.random() * most, chance.random() * most))


def spread(most: float):
    """Any time up to that."""
    return lambda chance: chance.random() * most


@pytest.mark.parametrize("least", [0.005, 0.02, 0.1, 0.2, 0.25])
def test_digests_go_at_the_whole_pace_with_the_slots_it_asks_for(least):
    way = Way(least * 0.6, least * 0.4, rarely_more(0.08))
    world = World(way=way, late=spread(0.002))
    world.waiting = people()
    world.run(60)
    assert len(world.digests) >= 27 * 60
    assert most_in(world.arrivals) <= ANY_SECOND
    assert world.schedule.slots <= 8


@pytest.mark.parametrize("least", [0.005, 0.1, 0.3])
def test_jitter_does_not_make_it_slow(least):
    world = World(way=Way(least / 2, least / 2, spread(0.06)), workers=12, late=spread(0.004))
    world.waiting = people()
    world.run(60)
    assert len(world.digests) >= 27 * 60
    assert most_in(world.arrivals) <= ALLOWED


def test_digests_begin_evenly():
    world = World()
    world.waiting = people()
    world.run(10)
    gaps = world.gaps()[28:]  # once it is known how long calls take
    assert max(gaps) == pytest.approx(1 / 28, abs=1e-4)
    assert min(gaps) == pytest.approx(1 / 28, abs=1e-4)


def test_time_lost_in_a_stall_is_made_up_for_but_not_in_a_burst():
    world = World(workers=8)
    world.waiting = people()
    world.run(2)
    world.clock += 5  # nothing ran in the process
    before = len(world.digests)
    world.run(0.02)
    assert 1 < len(world.digests) - before <= 8
    world.run(10)
    assert most_in(world.arrivals) <= ANY_SECOND


@given(
    seed=st.integers(0, 10**9),
    there=st.floats(0.0, 0.2),
    back=st.floats(0.001, 0.2),
    jitter=st.floats(0.0, 1.0),
    rushes=st.lists(st.tuples(st.floats(0, 12), st.integers(1, 80)), max_size=6),
    refused=st.sampled_from([0.0, 0.0, 0.01, 0.3]),
    groups=st.booleans(),
)
@settings(max_examples=20, deadline=None)
def test_the_platform_counts_no_violation_whatever_comes(
    seed, there, back, jitter, rushes, refused, groups
):
    world = World(seed, way=Way(there, back, rarely_more(jitter)), late=spread(0.01))
    chance = Random(seed)
    begun_while_closed = []

    def refuse(call):
        since, until = waits.get(call.ticket.address.chat, (0.0, 0.0))
        if call.ticket.digest and since < call.asked and call.begun < until:
            begun_while_closed.append(call)
        if chance.random() < refused:
            seconds = chance.choice((1.0, 3.0))
            waits[call.ticket.address.chat] = world.clock, world.clock + seconds
            return seconds, chance.random() < 0.1
        return None

    waits: dict[str, tuple[float, float]] = {}  # since when and until when chats are closed
    world.refuse = refuse
    few = [Address("telegram", f"{'-' if groups else ''}{one}") for one in range(40)]
    world.waiting = iter(chance.choices(few, k=500))
    for start, many in rushes:
        for _ in range(many):
            world.at(world.clock + start, lambda: world.answer(chance.choice(few)))
    world.run(15)
    assert most_in(world.arrivals) <= ANY_SECOND
    assert world.chat_problems() == []
    assert begun_while_closed == []
    world.run(1_200)  # and nobody is forgotten
    assert len(world.digests) == 500
    assert len(world.answers) == sum(many for _, many in rushes)
    assert most_in(world.arrivals) <= ANY_SECOND
    assert world.chat_problems() == []


def test_a_rush_of_answers_at_rest_goes_at_once_and_in_its_order():
    world = World()
    for one in range(60):
        world.answer(Address("telegram", str(one)))
    world.run(5)
    assert [call.begun for call in world.answers[:28]] == [world.answers[0].begun] * 28
    assert [int(call.ticket.address.chat) for call in world.answers] == [*range(60)]
    assert most_in(world.arrivals) <= ANY_SECOND


def test_an_answer_gets_the_next_place_however_many_digests_wait():
    world = World(workers=8)
    world.waiting = people()
    chance = Random(3)
    for _ in range(300):  # ten a second
        world.at(world.clock + 5 + chance.random() * 30, lambda: world.answer(ANN))
    world.run(60)
    assert len(world.answers) == 300
    waits = sorted(call.waited for call in world.answers)
    assert waits[150] < 0.05
    assert waits[-1] < 0.5
    assert most_in(world.arrivals) <= ANY_SECOND


def test_digests_keep_half_of_the_pace_whatever_people_ask():
    world = World(workers=8)
    world.waiting = people()
    for one in range(60 * 100):
        world.at(world.clock + one / 100, lambda: world.answer(ANN))
    world.run(60)
    digests = [call.begun for call in world.digests]
    begun = [call.begun for call in world.answers]
    assert len(digests) >= 13.5 * 60
    assert len(begun) >= 13.5 * 60
    assert most_in(begun) <= 29  # when no digest waited
    assert most_in([one for one in begun if one > begun[0] + 1]) <= 15


def test_answers_are_never_held_by_what_their_chat_may_get_but_digests_keep_off():
    world = World()
    for one in range(10):
        world.at(world.clock + one * 0.3, lambda: world.answer(ANN))
    world.run(2.85)
    assert [call.waited for call in world.answers] == [0.0] * 10
    assert world.schedule.free_in(ANN) > 0.8
    world.run(2)
    assert world.schedule.free_in(ANN) == 0.0


def test_two_topics_of_one_chat_do_not_go_together():
    schedule = Schedule(TELEGRAM, lambda: 5.0)
    schedule.take(Address("telegram", "-100", "7"))
    assert schedule.free_in(Address("telegram", "-100", "8")) == 1.0
    assert schedule.free_in(Address("telegram", "-200", "8")) == 0.0
    schedule.leave(Address("telegram", "-100", "7"))
    assert schedule.free_in(Address("telegram", "-100", "8")) == 0.0


def test_an_answer_stands_for_no_message_that_was_taken():
    now = 0.0
    schedule = Schedule(TELEGRAM, lambda: now)
    schedule.take(ANN)
    schedule.ask(ANN, digest=False)
    answer = schedule.next()
    assert answer is not None
    schedule.ended(answer)
    now = 20.0
    assert schedule.free_in(ANN) == 1.0


def test_who_gives_up_waiting_leaves_the_chat_free():
    schedule = Schedule(TELEGRAM, lambda: 5.0)
    schedule.take(ANN)
    schedule.cancel(schedule.ask(ANN, digest=True))
    assert schedule.free_in(ANN) == 0.0
    assert schedule.due() == float("inf")


def test_a_group_gets_twenty_in_a_minute_and_a_person_one_in_a_second():
    for prefix, most in (("-", 40), ("", 100)):
        world = World()
        world.waiting = iter([Address("telegram", f"{prefix}5")] * 200)
        world.run(119)
        assert 0.9 * most <= len(world.digests) <= 1.2 * most
        assert world.chat_problems() == []


def test_a_call_without_an_end_keeps_its_place_and_others_go_on():
    world = World(way=Way(jitter=lambda chance: 18.0 if chance.random() < 0.1 else 0.0), workers=64)
    world.waiting = people()
    world.run(60)
    assert most_in(world.arrivals) <= ANY_SECOND
    assert len(world.digests) > 60


def test_without_a_pace_nothing_waits():
    world = World(pace=Pace(), workers=10)
    world.waiting = people(1000)
    world.answer(ANN)
    world.run(1000 / 10 * 0.041)
    assert len(world.digests) == 1000
    assert {call.waited for call in world.calls} == {0.0}


def test_a_million_chats_leave_nothing_behind():
    world = World(pace=Pace(1000.0, 1000, TELEGRAM.of_chat), workers=64, way=Way(0.01, 0.01))
    world.waiting = people(20_000)
    world.run(30)
    assert len(world.digests) == 20_000
    assert len(world.schedule._chats) < 3_000
    world.answer(ANN)
    world.run(100)
    world.answer(ANN)
    assert len(world.schedule._chats) == 1


def test_what_was_taken_and_never_called_is_forgotten_after_a_minute():
    now = 0.0
    schedule = Schedule(TELEGRAM, lambda: now)
    schedule.take(ANN)
    now = 30.0
    assert schedule.free_in(ANN) > 0
    now = 61.0
    assert schedule.free_in(ANN) == 0


def test_a_person_is_one_chat_under_both_names():
    schedule = Schedule(TELEGRAM, lambda: 5.0)
    schedule.take(Address("telegram", "@77"))
    assert schedule.free_in(Address("telegram", "77")) == 1.0


def test_a_process_that_does_one_of_the_two_has_a_fixed_part_and_both_keep_the_whole():
    worlds = [World(seed=one, workers=12) for one in (1, 2)]
    worlds[0].schedule.share(courier=True, chat=False)
    worlds[1].schedule.share(courier=False, chat=True)
    worlds[0].waiting = people()
    for one in range(60 * 20):
        worlds[1].at(worlds[1].clock + one / 20, lambda: worlds[1].answer(ANN))
    for world in worlds:
        world.run(60)
    assert len(worlds[0].digests) >= 21.5 * 60
    assert len(worlds[1].answers) >= 5.5 * 60
    assert most_in([*worlds[0].arrivals, *worlds[1].arrivals]) <= ANY_SECOND


def test_a_call_that_never_began_does_not_end():
    schedule = Schedule(TELEGRAM, lambda: 5.0)
    with pytest.raises(ValueError, match="never began"):
        schedule.ended(schedule.ask(ANN, digest=True))
