"""What a running courier finds by itself: dead leases, old messages, outcomes nobody knows."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.channels import DeliveryState, Outcome, Verdict
from bot.courier import Courier
from tests.bot.courier.test_loop import TUESDAY, Gate, gate, opened, running

if TYPE_CHECKING:
    from bot.channels import Delivery
    from tests.bot.conftest import Town

__all__ = ["gate"]  # a fixture
LOST = Outcome(Verdict.UNKNOWN, error="No answer in time.")
LONG_AGO = timedelta(hours=1)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The courier looks several times a second."""
    monkeypatch.setattr("bot.courier.loop._SWEEP", 0.1)


async def change(town: Town, **fields: object) -> Delivery:
    """The one delivery, with other fields."""
    async with town.desk.store.transaction() as tx:
        [one] = await tx.deliveries.unsettled()
        after = replace(one, **fields)  # type: ignore[arg-type]
        await tx.deliveries.settle(after)
    return after


async def settled(town: Town) -> None:
    """Wait until nothing is open."""
    async with asyncio.timeout(20):
        while await town.unsettled():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_what_another_process_left_in_flight_is_taken_up_when_its_lease_ends(
    town: Town, gate: Gate
) -> None:
    gate.open.set()
    await opened(town, 1)
    real = datetime.now(UTC)
    await change(
        town,
        state=DeliveryState.IN_FLIGHT,
        attempts=1,
        tried_at=real,
        leased_until=real + timedelta(seconds=0.3),
    )
    async with running(town):
        await gate.until(lambda: len(gate.accepted) == 1)
    assert await town.unsettled() == []


async def test_what_is_out_of_date_is_given_back_though_it_is_put_aside(
    town: Town, gate: Gate
) -> None:
    gate.open.set()
    await opened(town, 1)
    await change(town, not_before=TUESDAY + LONG_AGO, stale_at=TUESDAY - LONG_AGO)
    async with running(town):
        await settled(town)
    assert not gate.calls


async def test_a_message_of_which_nobody_knows_is_looked_for(town: Town, gate: Gate) -> None:
    gate.open.set()
    gate.limits = replace(gate.limits, verbs=frozenset({"find"}))
    gate.look = lambda _: Outcome(Verdict.ACCEPTED, ("m9",))
    await opened(town, 1)
    await change(town, state=DeliveryState.UNKNOWN, unknowns=1, tried_at=datetime.now(UTC))
    async with running(town):
        await settled(town)
    assert gate.asked
    assert not gate.calls


async def test_a_key_that_the_platform_has_forgotten_is_not_trusted(town: Town, gate: Gate) -> None:
    gate.open.set()
    gate.limits = replace(gate.limits, verbs=frozenset({"find"}), remembers=120.0)
    gate.look = lambda _: Outcome(Verdict.ACCEPTED, ("m9",))
    await opened(town, 1)
    await change(town, unknowns=1, tried_at=datetime.now(UTC) - timedelta(seconds=121))
    async with running(town):
        await gate.until(lambda: bool(gate.asked))
    assert not gate.calls


async def test_one_that_it_knows_is_sent_again_without_a_look(town: Town, gate: Gate) -> None:
    gate.open.set()
    gate.limits = replace(gate.limits, verbs=frozenset({"find"}), remembers=120.0)
    await opened(town, 1)
    await change(town, unknowns=1, tried_at=datetime.now(UTC) - timedelta(seconds=60))
    async with running(town):
        await gate.until(lambda: len(gate.accepted) == 1)
    assert not gate.asked


async def test_a_message_that_lost_a_part_in_the_database_holds_up_no_other(
    town: Town, gate: Gate, tmp_path: Path
) -> None:
    gate.open.set()
    await opened(town, 3)
    with closing(sqlite3.connect(tmp_path / "paperboy.db")) as file, file:
        first = file.execute("SELECT body FROM deliveries WHERE id = 2").fetchone()[0]
        assert first
        file.execute("UPDATE deliveries SET body = ? WHERE id = 2", (bytes([0x7F]),))
    await Courier(town.desk, "mail", lambda: TUESDAY).drain()
    assert sorted(one.address.chat for one in gate.accepted) == ["chat0", "chat2"]


async def test_an_attempt_that_surely_did_not_arrive_is_not_the_first_in_doubt(
    town: Town, gate: Gate
) -> None:
    gate.open.set()
    gate.answer = lambda _: Outcome(Verdict.NOT_SENT, error="No connection.")
    await opened(town, 1)
    async with running(town):
        await gate.until(lambda: len(gate.calls) == 1)
    [waiting] = await town.unsettled()
    assert (waiting.attempts, waiting.unknowns, waiting.tried_at) == (1, 0, None)


async def test_a_call_that_never_ends_is_one_of_which_nobody_knows(
    town: Town, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.courier.calls.LONGEST", 0.1)
    await opened(town, 1)
    async with running(town):
        async with asyncio.timeout(20):
            while [one.unknowns for one in await town.unsettled()] != [1]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    assert not gate.accepted
