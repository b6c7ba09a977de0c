"""The courier at work: groups, places in flight, stopping, a database that comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from bot.channels import (
    Address,
    Allowance,
    Body,
    DeliveryState,
    Kind,
    Outcome,
    Pace,
    Verdict,
)
from bot.courier import Courier, recover
from bot.errors import FenceLost, Refused, StoreBusy
from bot.rounds import open_round
from tests.bot.conftest import at
from tests.wires.mail import Call, Mail, Part

if TYPE_CHECKING:
    from bot.ports import Transaction
    from tests.bot.conftest import Town

TUESDAY = at("2026-01-06 09:00")


class Gate(Mail):
    """A platform whose calls wait until they are let through."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()
        self.under_way = 0
        self.most = 0
        self.before: Callable[[], Any] | None = None
        self.hold: str | None = None  # a chat whose calls wait longer

    async def send(
        self,
        address: Address,
        body: Body,
        key: str,
        *,
        silent: bool,
        reply_to: str | None = None,
    ) -> Outcome:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            if self.before is not None:
                await self.before()
            await self.open.wait()
            while self.hold == address.chat:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            return await super().send(address, body, key, silent=silent, reply_to=reply_to)
        finally:
            self.under_way -= 1

    async def until(self, what: Callable[[], bool]) -> None:
        """Wait for it."""
        async with asyncio.timeout(20):
            while not what():  # noqa: ASYNC110
                await asyncio.sleep(0.005)


class OneFence:
    """A fence that a test takes away."""

    def __init__(self) -> None:
        self.had = True

    async def check(self, tx: Transaction) -> None:
        """As the test says."""
        if not self.had:
            raise FenceLost("Another process sends.")

    async def lost(self) -> None:
        """Never by itself."""
        await asyncio.Event().wait()


@pytest.fixture
def gate(town: Town) -> Gate:
    found = Gate()
    town.mail = found
    town.desk.platforms["mail"] = found  # type: ignore[index]
    return found


async def opened(town: Town, chats: int, **choices: Any) -> None:
    """Channels whose digests are opened and wait."""
    for number in range(chats):
        await town.subscribe(f"chat{number}", **choices)
    await open_round(town.desk, TUESDAY)


@asynccontextmanager
async def running(town: Town, **words: Any) -> AsyncIterator[tuple[Courier, asyncio.Event, Any]]:
    """A courier at work; it is asked to stop at the end."""
    stop = asyncio.Event()
    courier = Courier(town.desk, "mail", lambda: TUESDAY, **words)
    task = asyncio.create_task(courier.run(stop))
    try:
        yield courier, stop, task
    finally:
        stop.set()
        town.mail.open.set()  # type: ignore[attr-defined]
        async with asyncio.timeout(20):
            await asyncio.gather(task, return_exceptions=True)


async def test_stopping_waits_for_what_is_in_flight_and_begins_nothing_new(
    town: Town, gate: Gate
) -> None:
    await opened(town, 30)
    async with running(town) as (_, stop, task):
        await gate.until(lambda: gate.under_way > 1)
        stop.set()
        await asyncio.sleep(0.05)
        assert not task.done()
        begun = gate.under_way
        gate.open.set()
        await task
    assert len(gate.accepted) == begun
    waiting = await town.unsettled()
    assert len(waiting) == 30 - begun
    assert {one.state for one in waiting} == {DeliveryState.READY}
    assert {one.attempts for one in waiting} == {0}


async def test_no_call_leaves_before_its_attempt_is_committed(town: Town, gate: Gate) -> None:
    seen: list[tuple[str, int]] = []

    async def look() -> None:
        async with town.desk.store.snapshot() as tx:
            seen.append(
                next(
                    (one.state.value, one.attempts)
                    for one in await tx.deliveries.in_flight(limit=100)
                )
            )

    gate.before = look
    gate.open.set()
    await opened(town, 5)
    async with running(town):
        await gate.until(lambda: len(gate.accepted) == 5)
    assert set(seen) == {("in-flight", 1)}


async def test_there_are_never_more_calls_than_places(town: Town, gate: Gate) -> None:
    gate.limits = replace(gate.limits, pace=Pace(per_second=28.0, any_second=29))
    await opened(town, 20)
    async with running(town):
        await gate.until(lambda: gate.under_way == town.desk.pacer("mail").slots)
        await asyncio.sleep(0.2)
        assert gate.most <= 8
        gate.open.set()
        await gate.until(lambda: len(gate.accepted) == 20)
    assert gate.most <= 8


async def test_settlements_and_claims_are_committed_in_groups(
    town: Town, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(town, 60)
    gate.open.set()
    counted: list[int] = []
    store = town.desk.store
    original = store.transaction

    def transaction() -> Any:
        counted.append(1)
        return original()

    monkeypatch.setattr(store, "transaction", transaction)
    courier = Courier(town.desk, "mail", lambda: TUESDAY)
    carried = await courier.drain()
    assert carried.sent == 60
    assert len(counted) < 60
    assert await town.unsettled() == []


async def test_a_database_that_does_not_answer_for_a_while_loses_and_doubles_nothing(
    town: Town, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(town, 12)
    gate.open.set()
    store, failures = town.desk.store, [0]
    original = store.transaction

    @asynccontextmanager
    async def transaction() -> AsyncIterator[Any]:
        failures[0] += 1
        if failures[0] in (2, 3, 5):
            raise StoreBusy("The database restarts.")
        async with original() as tx:
            yield tx
        if failures[0] == 4:  # committed, and the connection broke before it was known
            raise StoreBusy("The database restarts.")

    monkeypatch.setattr(store, "transaction", transaction)
    monkeypatch.setattr("bot.courier.loop._SWEEP", 0.2)
    monkeypatch.setattr("bot.courier.loop._FIRST_PAUSE", 0.01)
    async with running(town):
        await gate.until(lambda: len(gate.accepted) >= 4)
        monkeypatch.setattr(store, "transaction", original)
        await gate.until(lambda: len({one.address for one in gate.accepted}) >= 4)
    chats = [one.address.chat for one in gate.accepted]
    assert len(chats) == len(set(chats))


async def test_who_lost_the_right_to_send_settles_what_is_in_flight_and_claims_nothing(
    town: Town, gate: Gate
) -> None:
    fence = OneFence()
    await opened(town, 30)
    async with running(town, fence=fence) as (courier, _, task):
        await gate.until(lambda: gate.under_way > 1)
        fence.had = False
        courier.wake()
        await asyncio.sleep(0.05)
        begun = gate.under_way
        gate.open.set()
        with pytest.raises(FenceLost):
            await task
    assert len(gate.accepted) == begun
    assert {one.state for one in await town.unsettled()} == {DeliveryState.READY}


async def test_a_refused_token_ends_the_courier_after_what_is_in_flight(
    town: Town, gate: Gate
) -> None:
    said = Outcome(Verdict.TOKEN_REFUSED, error="The token was refused.")
    gate.answer = lambda call: said if call.address.chat == "chat0" else None
    gate.open.set()
    await opened(town, 3)
    async with running(town) as (_, _, task):
        with pytest.raises(Refused, match="The token was refused"):
            await task
    waiting = await town.unsettled()
    assert {one.state for one in waiting} == {DeliveryState.READY}
    assert len(waiting) + len(gate.accepted) == 3


async def test_what_another_opened_is_seen_without_being_told(
    town: Town, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.courier.loop._IDLE", 0.05)
    gate.open.set()
    async with running(town):
        await asyncio.sleep(0.1)
        await opened(town, 2)
        await gate.until(lambda: len(gate.accepted) == 2)


async def test_waking_brings_new_messages_at_once(town: Town, gate: Gate) -> None:
    gate.open.set()
    async with running(town) as (courier, _, _):
        await asyncio.sleep(0.05)
        await opened(town, 2)
        courier.wake()
        async with asyncio.timeout(3):  # a look of its own comes after five
            await gate.until(lambda: len(gate.accepted) == 2)


async def test_the_pace_of_a_chat_puts_its_next_message_aside(town: Town, gate: Gate) -> None:
    gate.limits = replace(
        gate.limits, pace=Pace(of_chat=lambda _: (Allowance(1, 0.3),), per_second=1000.0)
    )
    gate.parts = (Part(), Part(cards=False), Part(cards=False))
    gate.open.set()
    times: dict[str, list[float]] = {}
    loop = asyncio.get_running_loop()

    def note(call: Call) -> None:
        times.setdefault(call.address.chat, []).append(loop.time())

    gate.answer = note
    await opened(town, 4)
    carried = await Courier(town.desk, "mail", lambda: TUESDAY).drain()
    assert carried.sent == 12
    for of_chat in times.values():
        assert all(later - sooner >= 0.29 for sooner, later in pairwise(of_chat))
    firsts = [min(of_chat) for of_chat in times.values()]
    seconds = [sorted(of_chat)[1] for of_chat in times.values()]
    assert max(firsts) < min(seconds)


async def test_two_topics_of_one_chat_share_its_pace(town: Town, gate: Gate) -> None:
    gate.limits = replace(gate.limits, pace=Pace(of_chat=lambda _: (Allowance(1, 0.3),)))
    gate.open.set()
    times: list[float] = []
    loop = asyncio.get_running_loop()
    gate.answer = lambda call: times.append(loop.time())
    for thread in ("1", "2"):
        await town.subscribe("forum", thread=thread)
    await open_round(town.desk, TUESDAY)
    await Courier(town.desk, "mail", lambda: TUESDAY).drain()
    assert len(times) == 2
    assert times[1] - times[0] >= 0.29


async def test_an_acceptance_that_is_learnt_late_still_counts(
    town: Town, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(town, 1)
    async with running(town):
        await gate.until(lambda: gate.under_way == 1)
        await recover(town.desk, TUESDAY, alone=True)  # as if its lease had ended
        [waiting] = await town.unsettled()
        assert waiting.state is DeliveryState.READY
        gate.open.set()
        await gate.until(lambda: len(gate.accepted) == 1)
    assert await town.unsettled() == []
    assert len(gate.accepted) == 1


@pytest.mark.parametrize("kind", [Kind.POST, Kind.FORUM_POST])
async def test_what_a_dead_process_left_in_flight_becomes_unknown(
    town: Town, gate: Gate, kind: Kind
) -> None:
    gate.parts = (Part(kind),)
    gate.limits = replace(gate.limits, verbs=frozenset({"find"}))
    await opened(town, 3)
    courier = Courier(town.desk, "mail", lambda: TUESDAY)
    task = asyncio.create_task(courier.run(asyncio.Event()))
    await gate.until(lambda: gate.under_way == 3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await gate.until(lambda: gate.under_way == 0)
    assert {one.state for one in await town.unsettled()} == {DeliveryState.IN_FLIGHT}
    assert await recover(town.desk, TUESDAY, alone=False) == 0  # their lease still runs
    assert await recover(town.desk, TUESDAY, alone=True) == 3
    waiting = await town.unsettled()
    assert {one.state for one in waiting} == {DeliveryState.UNKNOWN}
    assert {one.unknowns for one in waiting} == {1}
    assert all(one.tried_at is not None for one in waiting)
