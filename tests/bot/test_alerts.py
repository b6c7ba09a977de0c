"""Alerts: once for each incident and its end, to every operator, whatever their chats do."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.alerts import Values, end_alert, raise_alert, tell
from bot.channels import Address, Outcome, Verdict
from bot.desk import Defaults
from tests.bot.conftest import ADMIN, at
from tests.wires.mail import Call

if TYPE_CHECKING:
    from tests.bot.conftest import Town

NOW = at("2026-01-06 09:00")
FAILS = "The source {source} fails since {since}: {reason}"
ANSWERS = "The source {source} answers again."
VALUES: Values = {"source": "arXiv", "since": NOW, "reason": "HTTP 503 {}"}


async def trouble(town: Town, *, lasts: bool = True) -> None:
    async with town.desk.store.transaction() as tx:
        await raise_alert(tx, "source:arxiv", FAILS, VALUES, lasts=lasts)


async def over(town: Town) -> None:
    async with town.desk.store.transaction() as tx:
        await end_alert(tx, "source:arxiv", ANSWERS, {"source": "arXiv"})


async def noted(town: Town) -> int:
    async with town.desk.store.snapshot() as tx:
        return len(await tx.notes.starting("alert:"))


async def test_an_incident_is_told_once_and_so_is_its_end(town: Town) -> None:
    for _ in range(2):
        await trouble(town)
        await tell(town.desk, NOW)
    assert town.told() == ["The source arXiv fails since Tue 6 Jan 09:00: HTTP 503 {}"]
    for _ in range(2):
        await over(town)
        await tell(town.desk, NOW)
    assert town.told()[1:] == ["The source arXiv answers again."]
    assert await noted(town) == 0


async def test_what_ended_before_anybody_heard_of_it_is_dropped(town: Town) -> None:
    await trouble(town)
    await over(town)
    await tell(town.desk, NOW)
    assert town.told() == []
    assert await noted(town) == 0


async def test_an_end_that_was_no_end_is_not_told(town: Town) -> None:
    await trouble(town)
    await tell(town.desk, NOW)
    await over(town)
    await trouble(town)
    await tell(town.desk, NOW)
    assert len(town.told()) == 1


async def test_every_operator_is_told_though_one_does_not_answer(town: Town) -> None:
    second = Address("mail", "@2")
    desk = replace(town.desk, admins=(ADMIN, second, Address("elsewhere", "@3")))
    blocked = Outcome(Verdict.CHAT_GONE, error="blocked")
    town.mail.answer = lambda call: blocked if call.address == ADMIN else None
    await trouble(town, lasts=False)
    for minute in range(5):
        await tell(desk, NOW + timedelta(minutes=minute))
    assert len(town.mail.texts("@2")) == 1
    assert len([one for one in town.mail.calls if one.address == ADMIN]) == 2  # at 0 and 1
    town.mail.answer = lambda _: None
    await tell(desk, NOW + timedelta(minutes=10))
    assert len(town.told()) == 1
    assert await noted(town) == 0


async def test_an_operator_who_never_answers_is_given_up(town: Town) -> None:
    town.mail.answer = lambda _: Outcome(Verdict.CHAT_GONE)
    await trouble(town, lasts=False)
    for hour in range(24 * 8):
        await tell(town.desk, NOW + timedelta(hours=hour))
    assert 5 < len(town.mail.calls) < 15
    assert await noted(town) == 0


async def test_an_error_of_ours_or_silence_holds_nobody_up(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.alerts._PATIENCE", 0.01)

    async def forever(*_: object, **__: object) -> Outcome:
        await asyncio.Event().wait()
        raise AssertionError

    def mistaken(call: Call) -> Outcome | None:
        raise ZeroDivisionError

    await trouble(town)
    town.mail.answer = mistaken
    assert await tell(town.desk, NOW) == 0
    monkeypatch.setattr(town.mail, "send", forever)
    assert await tell(town.desk, NOW + timedelta(hours=1)) == 0


async def test_without_operators_nothing_piles_up(town: Town) -> None:
    desk = replace(town.desk, admins=())
    await trouble(town, lasts=False)
    await tell(desk, NOW)
    assert await noted(town) == 0
    await trouble(town)
    await over(town)
    assert await noted(town) == 0


async def test_of_very_many_alerts_in_a_day_the_first_are_told_and_that_there_are_more(
    town: Town,
) -> None:
    for number in range(100):
        async with town.desk.store.transaction() as tx:
            name, now = f"refused:{number}", NOW + timedelta(minutes=number)
            await raise_alert(tx, name, "No {n}", {"n": number}, lasts=False, now=now)
    for minute in range(30):
        await tell(town.desk, NOW + timedelta(minutes=minute))
    said = town.told()
    assert len(said) == 21
    assert "20 alerts of one kind today (refused); the rest stands in the log." in said
    async with town.desk.store.transaction() as tx:
        tomorrow = NOW + timedelta(days=1)
        await raise_alert(tx, "refused:x", "Again", lasts=False, now=tomorrow)
    await tell(town.desk, NOW + timedelta(days=1))
    assert town.told()[-1] == "Again"


async def test_a_source_that_fails_for_a_day_is_told_privately_and_so_is_its_end(
    town: Town,
) -> None:
    town.source.outages = [(at("2026-01-05 13:00"), at("2026-01-08 00:00"))]
    await town.subscribe()
    now = at("2026-01-05 14:00")
    while now < at("2026-01-08 06:00"):
        await town.round(f"{now:%Y-%m-%d %H:%M}")
        now += timedelta(hours=2)
    first, last = town.told()
    assert first.startswith("The source Hugging Face fails since Mon 5 Jan 14:00: ")
    assert last == "The source Hugging Face answers again."


@pytest.mark.parametrize(("zone", "said"), [("UTC", "09:00"), ("Asia/Seoul", "18:00")])
async def test_instants_are_told_on_the_operators_clock(town: Town, zone: str, said: str) -> None:
    await trouble(town)
    await tell(replace(town.desk, defaults=Defaults(zone=zone)), NOW)
    assert said in town.told()[0]
