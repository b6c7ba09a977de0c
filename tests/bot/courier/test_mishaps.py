"""What goes wrong inside a courier costs one message a while, and nobody else anything."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.channels import Allowance, Body, DeliveryState, Kind, Outcome, Pace, Verdict
from bot.courier import Courier, carry
from bot.courier.picking import Picking
from bot.errors import StoreBusy
from bot.rounds import open_round
from tests.bot.conftest import at
from tests.bot.courier.test_loop import Gate, opened, running
from tests.bot.courier.test_table import add_edit
from tests.wires.mail import Call, Part

if TYPE_CHECKING:
    from tests.bot.conftest import Town

TUESDAY = at("2026-01-06 09:00")
REFUSED = Outcome(Verdict.CONTENT_REFUSED, error="can't parse entities")
LOST = Outcome(Verdict.UNKNOWN, error="No answer in time.")
THREAD_GONE = Outcome(Verdict.THREAD_GONE, error="Unknown Channel")


@pytest.fixture
def gate(town: Town) -> Gate:
    found = Gate()
    town.mail = found
    town.desk.platforms["mail"] = found  # type: ignore[index]
    return found


async def drained(town: Town, now: datetime = TUESDAY) -> Courier:
    """A courier that has carried what there is."""
    courier = Courier(town.desk, "mail", lambda: now)
    async with asyncio.timeout(15):
        await courier.drain()
    return courier


async def test_a_call_that_a_library_cancels_by_itself_frees_its_place(town: Town) -> None:
    def answer(call: Call) -> Outcome | None:
        if call.address.chat == "chat0":
            raise asyncio.CancelledError
        return None

    town.mail.answer = answer
    await opened(town, 3)
    await drained(town)
    [waiting] = await town.unsettled()
    assert waiting.address.chat == "chat0"
    assert (waiting.state, waiting.unknowns) == (DeliveryState.READY, 1)


async def test_an_outcome_that_cannot_be_settled_holds_up_no_other(town: Town) -> None:
    def split(body: Body) -> Any:
        raise ZeroDivisionError

    town.mail.split = split  # type: ignore[method-assign]
    town.mail.answer = lambda call: REFUSED if call.address.chat == "chat0" else None
    await opened(town, 4)
    await drained(town)
    assert {one.address.chat for one in town.mail.accepted} == {"chat1", "chat2", "chat3"}


async def test_more_messages_than_are_put_aside_at_once_hide_nobody_behind_them(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.courier.picking._ASIDE_AT_ONCE", 4)
    await opened(town, 30)
    async with town.desk.store.snapshot() as tx:
        first = [one.address for one in await tx.deliveries.next("mail", limit=20)]
    pacer = town.desk.pacer("mail")
    for address in first:
        pacer.rest(address, 600.0)
    await drained(town)
    assert len(town.mail.accepted) == 10


async def test_a_clock_that_jumps_ahead_doubles_nothing_that_is_on_its_way(
    town: Town, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.courier.loop._SWEEP", 0.02)
    await opened(town, 1)
    async with running(town) as (courier, _, _):
        await gate.until(lambda: gate.under_way == 1)
        [waiting] = await town.unsettled()
        async with town.desk.store.transaction() as tx:  # the lease is long over by this clock
            past = datetime.now(UTC) - timedelta(hours=1)
            await tx.deliveries.settle(replace(waiting, leased_until=past))
        for _ in range(10):
            courier.wake()
            await asyncio.sleep(0.02)
        assert gate.under_way == 1
        gate.open.set()
        await gate.until(lambda: len(gate.accepted) == 1)
    assert gate.most == 1


async def test_what_slept_until_its_lease_was_over_is_not_sent(
    town: Town, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.courier.picking.LEASE", timedelta(seconds=-1))  # as after a sleep
    gate.open.set()
    await opened(town, 1)
    async with running(town):
        await asyncio.sleep(0.2)
        assert gate.accepted == []
    [waiting] = await town.unsettled()
    assert (waiting.state, waiting.attempts) == (DeliveryState.READY, 0)


async def test_a_look_that_takes_long_holds_up_no_message(
    town: Town, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.courier.loop._SWEEP", 0.05)
    gate.bounded(verbs={"find"})
    gate.open.set()
    gate.answer = lambda call: LOST if call.address.chat == "chat0" else None
    await opened(town, 1)
    await drained(town)
    [lost] = await town.unsettled()
    assert lost.state is DeliveryState.UNKNOWN
    async with town.desk.store.transaction() as tx:
        await tx.deliveries.settle(replace(lost, not_before=None))
    looking = asyncio.Event()

    async def find(*_: Any, **__: Any) -> Outcome | None:
        looking.set()
        await asyncio.Event().wait()
        return None

    gate.find = find  # type: ignore[method-assign]
    for number in (1, 2, 3):
        await town.subscribe(f"chat{number}")
    async with running(town) as (courier, stop, task):
        await looking.wait()
        await open_round(town.desk, TUESDAY)
        courier.wake()
        async with asyncio.timeout(3):
            await gate.until(lambda: len(gate.accepted) == 3)
            stop.set()
            await task  # nor does it hold up a stop


async def test_refusals_that_come_together_leave_no_call_unfinished(town: Town, gate: Gate) -> None:
    """Each of them sends back those that wait for their turn."""
    failures: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: failures.append(context))
    gate.limits = replace(gate.limits, pace=Pace(any_second=4))
    gate.answer = lambda _: Outcome(Verdict.TOO_FAST, retry_after=30.0, everywhere=True)
    await opened(town, 8)
    async with running(town):
        await gate.until(lambda: gate.under_way == 4)
        gate.open.set()
        await gate.until(lambda: gate.under_way == 0)
        await asyncio.sleep(0.2)
    gc.collect()
    assert failures == []
    assert {one.state for one in await town.unsettled()} == {DeliveryState.READY}


async def test_a_card_whose_forum_post_was_deleted_comes_with_a_later_digest(town: Town) -> None:
    town.mail.parts = (Part(Kind.FORUM_POST), Part(waits_for=0))
    bare = Outcome(Verdict.CONTENT_REFUSED, error="Cannot send messages in a non-text channel")

    def answer(call: Call) -> Outcome | None:
        if call.text.startswith("forum-post"):
            return None
        return THREAD_GONE if call.address.thread else bare

    town.mail.answer = answer
    channel = await town.subscribe()
    await town.round("2026-01-06 09:00")
    assert await town.ledger(channel) == {"1": "shown"}
    assert await town.unsettled() == []
    assert not (await town.channel(channel)).paused


async def test_an_edit_that_is_refused_brings_no_new_messages(town: Town) -> None:
    channel = await town.subscribe()
    await town.round("2026-01-06 09:00")
    await add_edit(town, channel, plain="better 2601.00001 2601.00002 plain")
    town.mail.answer = lambda call: REFUSED if call.edits else None
    before = len(town.mail.accepted)
    await town.round("2026-01-06 09:10")
    assert len(town.mail.accepted) == before
    assert await town.unsettled() == []


@pytest.mark.parametrize("outcome", [LOST, Outcome(Verdict.NOT_SENT), Outcome(Verdict.TOO_FAST)])
@pytest.mark.parametrize("how", ["paused", "suspended_at"])
async def test_what_comes_back_from_its_call_does_not_go_again_to_a_chat_that_rests_by_then(
    town: Town, gate: Gate, outcome: Outcome, how: str
) -> None:
    await opened(town, 1)
    channel = await town.at_address("chat0")
    assert channel is not None
    gate.answer = lambda _: outcome
    async with running(town):
        await gate.until(lambda: gate.under_way == 1)
        rests: Any = True if how == "paused" else TUESDAY
        await town.change(channel, **{how: rests}, next_due=None)
        gate.open.set()
        await gate.until(lambda: gate.under_way == 0)
    assert await town.unsettled() == []
    assert await town.ledger(channel) == {}


async def test_many_that_are_out_of_date_are_not_given_back_in_one_transaction(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.courier.picking._ASIDE_AT_ONCE", 4)
    await opened(town, 20)
    given: list[int] = []
    original = Picking.pick

    async def pick(self: Any, *words: Any) -> Any:
        found = await original(self, *words)
        given.append(found[1])
        return found

    monkeypatch.setattr(Picking, "pick", pick)
    courier = await drained(town, at("2026-01-07 09:00"))
    assert courier.carried.stale == 20
    assert max(given) < 20
    assert await town.unsettled() == []


async def test_a_claim_that_was_not_committed_costs_its_chat_none_of_its_pace(
    town: Town, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.limits = replace(gate.limits, pace=Pace(of_chat=lambda _: (Allowance(1, 1800.0),)))
    gate.open.set()
    await opened(town, 3)
    original, failures = Picking.pick, [0]

    async def pick(self: Any, *words: Any) -> Any:
        found = await original(self, *words)
        failures[0] += 1
        if failures[0] == 1:
            raise StoreBusy("The database restarts.")
        return found

    monkeypatch.setattr(Picking, "pick", pick)
    monkeypatch.setattr("bot.courier.loop._FIRST_PAUSE", 0.01)
    async with running(town):
        async with asyncio.timeout(5):
            await gate.until(lambda: len(gate.accepted) == 3)


async def test_a_pause_of_the_token_is_no_longer_than_it_was_when_the_clock_goes_back(
    town: Town, gate: Gate
) -> None:
    gate.open.set()
    gate.answer = lambda _: Outcome(Verdict.TOO_FAST, retry_after=600.0, everywhere=True)
    await opened(town, 1)
    await drained(town)
    town.desk.pacers.clear()
    await drained(town, TUESDAY - timedelta(days=400))
    assert 0 < town.desk.pacer("mail").paused <= 600.0


async def test_a_chat_whose_zone_is_not_known_any_more_holds_up_no_other(town: Town) -> None:
    await opened(town, 3)
    channel = await town.at_address("chat0")
    assert channel is not None
    await town.change(
        channel, zone="Mars/Olympus", quiet_from=time(22), quiet_to=time(7), next_due=None
    )
    await drained(town)
    assert {one.address.chat for one in town.mail.accepted} == {"chat1", "chat2"}
    assert len(await town.unsettled()) == 1


async def test_what_waits_for_a_platform_without_a_token_is_not_waited_for(town: Town) -> None:
    await opened(town, 2)
    town.desk.platforms["other"] = replace(town.mail, name="other")  # type: ignore[index]
    carried = await carry(town.desk, TUESDAY, platforms=["other"])
    assert carried.waiting == 0


@pytest.mark.parametrize("error", [ZeroDivisionError, StoreBusy])
@pytest.mark.parametrize("how", ["run", "drain"])
async def test_a_courier_that_fails_settles_what_is_on_its_way(
    town: Town, gate: Gate, monkeypatch: pytest.MonkeyPatch, error: type[Exception], how: str
) -> None:
    await opened(town, 4)
    original, failures = Picking.pick, [0]

    async def pick(self: Any, tx: Any, free: int, now: datetime) -> Any:
        failures[0] += 1
        if failures[0] == 2:
            await gate.until(lambda: gate.under_way == 2)
            gate.open.set()
            raise error("The database restarts.")
        return await original(self, tx, 2, now)

    monkeypatch.setattr(Picking, "pick", pick)
    courier = Courier(town.desk, "mail", lambda: TUESDAY)
    stop = asyncio.Event()
    work = asyncio.create_task(courier.drain() if how == "drain" else courier.run(stop))
    await gate.until(lambda: failures[0] >= 2 and gate.under_way == 0)
    stop.set()
    await asyncio.wait({work}, timeout=10)
    states = {one.state for one in await town.unsettled()}
    assert states <= {DeliveryState.READY}
    assert not work.done() or work.exception() is None or isinstance(work.exception(), error)
    assert len(gate.accepted) + len(await town.unsettled()) == 4


async def test_a_settling_that_fails_gives_no_chat_more_than_its_pace(
    town: Town, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    pacer = town.desk.pacer("mail")
    left: list[object] = []
    monkeypatch.setattr(pacer, "leave", left.append)
    store, original, failures = town.desk.store, town.desk.store.transaction, [0]

    @asynccontextmanager
    async def transaction() -> AsyncIterator[Any]:
        if gate.accepted and not failures[0]:
            failures[0] += 1
            raise StoreBusy("The database restarts.")
        async with original() as tx:
            yield tx

    monkeypatch.setattr(store, "transaction", transaction)
    monkeypatch.setattr("bot.courier.loop._FIRST_PAUSE", 0.01)
    await opened(town, 3)
    async with running(town):
        await gate.until(lambda: gate.under_way == 3)
        gate.open.set()
        await gate.until(lambda: len(gate.accepted) == 3)
    assert failures == [1]
    assert left == []
