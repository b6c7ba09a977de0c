"""Whether the process lives and is ready: by its own signs, its platforms and its memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.desk import Desk
from bot.errors import StoreBusy
from bot.health import BELL, CHAT, COURIER, Pulse, Vitals
from bot.ports import Check, Meter, Standing
from tests.wires.mail import Mail
from tests.wires.meter import Recording

NOW = datetime(2026, 1, 6, 9, tzinfo=UTC)
MAIL = "mail"


@dataclass
class Hands:
    """A clock that never goes back."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Memory:
    """A store that answers, or does not; it is asked for the note of the last round."""

    noted: str | None = None
    error: Exception | None = None
    hangs: bool = False
    counted: int = 0
    standing_: Standing = field(default_factory=lambda: Standing(NOW, papers=7))

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Memory]:
        if self.hangs:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        yield self

    @property
    def notes(self) -> Memory:
        return self

    @property
    def figures(self) -> Memory:
        return self

    async def get(self, name: str) -> str | None:
        assert name == "last-round"
        return self.noted

    async def standing(self, now: datetime) -> Standing:
        assert now == NOW
        self.counted += 1
        return self.standing_


class Deaf(Mail):
    """A platform that says whether it hears."""

    why: str | None = None

    def deaf(self) -> str | None:
        return self.why


@dataclass
class Ward:
    """What is looked at."""

    hands: Hands
    memory: Memory
    platform: Deaf
    vitals: Vitals
    stop: asyncio.Event

    @property
    def pulse(self) -> Pulse:
        return self.vitals.pulse

    async def not_ready(self) -> dict[str, str]:
        """The checks of /readyz that fail."""
        return {one.name: one.said for one in await self.vitals.ready() if not one.ok}


@pytest.fixture
def ward() -> Iterator[Ward]:
    hands, memory, platform = Hands(), Memory(), Deaf()
    store: Any = memory
    desk = Desk(store, {}, {}, {"mail": platform})
    vitals = Vitals(Pulse(now=hands), lambda: NOW, hands)
    stop = asyncio.Event()
    with vitals.watching(desk, stop):
        yield Ward(hands, memory, platform, vitals, stop)


@contextmanager
def at_work(ward: Ward, *tasks: str) -> Iterator[None]:
    """These tasks are at work, and no other."""
    if not tasks:
        yield
        return
    with ward.pulse.at(tasks[0]), at_work(ward, *tasks[1:]):
        yield


def failed(checks: tuple[Check, ...]) -> set[str]:
    return {one.name for one in checks if not one.ok}


def test_a_pulse_passes_everything_on() -> None:
    meter = Recording()
    pulse: Meter = Pulse(meter)
    told: list[tuple[Any, ...]] = [
        ("listed", "arxiv", "open"),
        ("opened", "mail", 3),
        ("called", "mail", "accepted", 0.1),
        ("settled", "mail", "post", "sent", timedelta(1)),
        ("doubted", "mail", 2),
        ("held_up", "mail", "chat"),
        ("made", "full-text", "en", 2.0),
        ("spent", "reading", 5),
        ("answered", "mail", "help", 0.2, "done"),
        ("rang", 0.1, 0.0),
        ("lagged", 0.01),
    ]
    for verb, *words in told:
        getattr(pulse, verb)(*words)
    assert meter.told == told


async def test_who_begins_lives_and_is_not_ready(ward: Ward) -> None:
    vitals = Vitals(Pulse(), lambda: NOW)
    assert failed(vitals.live()) == set()
    assert [one.said for one in await vitals.ready()] == ["It is starting."]
    assert await vitals.standing() is None


async def test_who_is_to_stop_lives_and_is_not_ready(ward: Ward) -> None:
    ward.memory.noted = NOW.isoformat()
    assert await ward.not_ready() == {}
    ward.stop.set()
    assert await ward.not_ready() == {"running": "It is stopping."}
    assert failed(ward.vitals.live()) == set()


async def test_who_has_closed_everything_is_not_ready(ward: Ward) -> None:
    with ward.vitals.watching(Desk(ward.memory, {}, {}), ward.stop):  # type: ignore[arg-type]
        pass
    assert await ward.not_ready() == {"running": "It is stopping."}


async def test_a_bell_that_gives_no_sign_is_first_not_ready_and_then_not_alive(ward: Ward) -> None:
    with at_work(ward, BELL):
        for silence, ready, lives in ((60, True, True), (200, False, True), (700, False, False)):
            ward.pulse.rang(0.1, 0.0)
            ward.hands.at += silence
            ward.pulse.lagged(0.0)
            assert ("tick" not in await ward.not_ready()) is ready
            assert ("bell" not in failed(ward.vitals.live())) is lives


async def test_a_long_round_that_goes_on_is_well(ward: Ward) -> None:
    with at_work(ward, BELL):
        for _ in range(30):
            ward.hands.at += 60
            ward.pulse.opened("mail", 1000)
            ward.pulse.lagged(0.0)
        assert failed(ward.vitals.live()) == set()
        assert "tick" not in await ward.not_ready()


async def test_a_standby_lives_without_a_bell_of_its_own(ward: Ward) -> None:
    ward.pulse.works.update({BELL: False, CHAT + MAIL: False, COURIER + MAIL: False})
    ward.memory.noted = (NOW - timedelta(minutes=2)).isoformat()
    ward.platform.why = "It was never asked."
    ward.hands.at += 5000
    ward.pulse.lagged(0.0)
    assert failed(ward.vitals.live()) == set()
    assert await ward.not_ready() == {}
    said = {one.name: one.said for one in await ward.vitals.ready()}
    assert "Another process" in said["mail"]
    assert "2 minutes ago" in said["tick"]


@pytest.mark.parametrize("noted", [None, NOW - timedelta(minutes=11)])
async def test_no_round_of_any_process_is_not_ready(ward: Ward, noted: datetime | None) -> None:
    ward.memory.noted = noted.isoformat() if noted else None
    assert set(await ward.not_ready()) == {"tick"}


async def test_an_event_loop_that_nobody_looks_at_does_not_live(ward: Ward) -> None:
    with at_work(ward, COURIER + MAIL):
        ward.hands.at += 61
        assert failed(ward.vitals.live()) == {"loop"}


async def test_the_loop_is_looked_at_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.health._LAG", 0.01)
    meter = Recording()
    stop = asyncio.Event()
    feeling = asyncio.create_task(Pulse(meter).feel(stop))
    async with asyncio.timeout(10):
        while len(meter.of("lagged")) < 3:  # noqa: ASYNC110 - it only tells a meter
            await asyncio.sleep(0.01)
    stop.set()
    await asyncio.wait_for(feeling, 10)
    assert all(0 <= seconds < 10 for (seconds,) in meter.of("lagged"))


@pytest.mark.parametrize("error", [StoreBusy("/secret/place is locked"), RuntimeError("x")])
async def test_a_database_that_does_not_answer_is_not_ready_and_its_place_is_not_told(
    ward: Ward, error: Exception
) -> None:
    ward.memory.error = error
    wrong = await ward.not_ready()
    assert set(wrong) == {"database", "tick"}
    assert "secret" not in str(wrong)
    assert await ward.vitals.standing() is None
    assert failed(ward.vitals.live()) == set()


async def test_a_database_that_hangs_is_waited_for_only_so_long(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.health._PATIENCE", 0.01)
    monkeypatch.setattr("bot.health._COUNTING", 0.01)
    ward.memory.hangs = True
    assert set(await asyncio.wait_for(ward.not_ready(), 10)) == {"database", "tick"}
    assert await asyncio.wait_for(ward.vitals.standing(), 10) is None


async def test_a_platform_that_does_not_hear_is_not_ready_while_this_process_listens(
    ward: Ward,
) -> None:
    ward.memory.noted = NOW.isoformat()
    ward.platform.why = "Mail does not answer."
    with at_work(ward, CHAT + MAIL):
        assert await ward.not_ready() == {"mail": "Mail does not answer."}
        ward.platform.why = None
        assert await ward.not_ready() == {}


async def test_three_calls_in_a_row_that_did_not_arrive_are_a_platform_that_is_not_reached(
    ward: Ward,
) -> None:
    ward.memory.noted = NOW.isoformat()
    with at_work(ward, COURIER + MAIL):
        for verdict in ("not-sent", "unknown"):
            ward.pulse.called(MAIL, verdict, 1.0)
        assert await ward.not_ready() == {}
        ward.pulse.called(MAIL, "not-sent", 1.0)
        assert "3 messages" in (await ward.not_ready())["mail"]
        ward.hands.at += 1000  # long ago: nothing was to be sent since
        assert await ward.not_ready() == {}
        ward.pulse.called(MAIL, "not-sent", 1.0)
        assert set(await ward.not_ready()) == {"mail"}
        ward.pulse.called(MAIL, "chat-gone", 1.0)  # it answered
        assert await ward.not_ready() == {}


async def test_what_is_counted_is_told_for_ten_seconds(ward: Ward) -> None:
    for after, times in ((0, 1), (9, 1), (2, 2)):
        ward.hands.at += after
        told = await asyncio.gather(*(ward.vitals.standing() for _ in range(5)))
        assert {one.papers for one in told if one} == {7}
        assert ward.memory.counted == times


async def test_what_failed_to_be_counted_is_not_told_from_before(ward: Ward) -> None:
    assert await ward.vitals.standing() is not None
    ward.hands.at += 11
    ward.memory.error = StoreBusy("locked")
    assert await ward.vitals.standing() is None
    ward.memory.error = None
    ward.memory.standing_ = replace(ward.memory.standing_, papers=8)
    told = await ward.vitals.standing()
    assert told is not None
    assert told.papers == 8
