"""Rates: ten commands at once, twenty a minute, and the refusal says how long to wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels import Address
from bot.ports import Person, Request, Rights
from bot.replies.dispatch import reply
from bot.replies.rate import Rates, too_fast
from bot.texts import texts
from tests.bot.conftest import at
from tests.bot.replies.conftest import Chat

NOW = at("2026-01-06 09:00")


def asks(person: str = "7", platform: str = "mail", *, pressed: bool = False) -> Request:
    where = Address(platform, "lab")
    return Request("help", "", where, Person(person), NOW, Rights(True), pressed=pressed)


def test_after_ten_at_once_a_person_waits_as_long_as_told() -> None:
    rates = Rates()
    assert [rates.wait(asks(), NOW) for _ in range(10)] == [0.0] * 10
    wait = rates.wait(asks(), NOW)
    assert wait == pytest.approx(3.0)
    later = NOW + timedelta(seconds=1)
    assert rates.wait(asks(), later) == pytest.approx(2.0)  # a refusal costs nothing
    assert rates.wait(asks(), NOW + timedelta(seconds=wait)) == 0
    assert rates.wait(asks(), NOW + timedelta(seconds=wait)) > 0


def test_twenty_a_minute_go_on_for_ever() -> None:
    rates = Rates()
    now = NOW
    for _ in range(200):
        assert rates.wait(asks(), now) == 0
        now += timedelta(seconds=3)


def test_buttons_cost_half() -> None:
    rates = Rates()
    assert [rates.wait(asks(pressed=True), NOW) for _ in range(20)] == [0.0] * 20
    assert rates.wait(asks(pressed=True), NOW) == pytest.approx(1.5)


def test_typing_has_a_bucket_of_its_own() -> None:
    rates = Rates()
    assert [rates.wait(asks(), NOW, typing=True) for _ in range(60)] == [0.0] * 60
    assert rates.wait(asks(), NOW, typing=True) > 0
    assert rates.wait(asks(), NOW) == 0


def test_links_posted_to_others_leave_room_for_questions() -> None:
    rates = Rates()
    link = replace(asks(), command="linked")
    assert [rates.wait(link, NOW) for _ in range(10)] == [0.0] * 10
    assert rates.wait(link, NOW) > 0
    assert rates.wait(asks(), NOW) == 0


def test_nobody_pays_for_another() -> None:
    rates = Rates()
    for _ in range(11):
        rates.wait(asks(), NOW)
    assert rates.wait(asks("8"), NOW) == 0
    assert rates.wait(asks("7", "letter"), NOW) == 0


def test_a_clock_that_goes_back_gives_and_takes_nothing() -> None:
    rates = Rates()
    for _ in range(10):
        rates.wait(asks(), NOW)
    assert rates.wait(asks(), NOW - timedelta(hours=1)) == pytest.approx(3.0)
    assert rates.wait(asks(), NOW + timedelta(seconds=3)) == 0


def test_memory_is_bounded_and_the_last_who_asked_are_remembered() -> None:
    rates = Rates(people=3)
    for person in ("1", "2", "3", "1", "4"):
        rates.wait(asks(person), NOW)
    assert len(rates) == 3
    for _ in range(8):
        rates.wait(asks("1"), NOW)
    assert rates.wait(asks("1"), NOW) > 0


async def test_commands_of_other_bots_are_neither_counted_nor_refused(chat: Chat) -> None:
    rates = Rates()
    here = replace(asks(), address=chat.address, now=chat.now, private=False)
    for _ in range(20):
        told = await reply(chat.desk, replace(here, command="play"), rates)
        assert (told.blocks, told.toast, told.failed) == ((), None, False)
    assert not (await reply(chat.desk, replace(here, command="help"), rates)).failed


@pytest.mark.parametrize(
    ("wait", "said"), [(0.2, "in 1 second."), (1.0, "in 1 second."), (2.1, "in 3 seconds.")]
)
def test_the_refusal_says_how_long(wait: float, said: str) -> None:
    assert too_fast(wait, texts("en")).endswith(said)
