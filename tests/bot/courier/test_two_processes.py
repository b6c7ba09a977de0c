"""Two processes on one PostgreSQL: what one does between the other's reading and writing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.channels import Address, Delivery, DeliveryState, Drawn, Outcome, Verdict
from bot.courier import drop_stale, recover
from bot.courier.settling import Landed, accepted, settle
from bot.desk import Desk
from bot.moving import move
from bot.outbox import give_all_back
from bot.rounds import open_round
from storage import open_store
from storage.repositories.deliveries import SqlDeliveries
from tests.bot.conftest import ADMIN, MONDAY, Town, at
from tests.wires.databases import database
from tests.wires.lists import ScriptedSource, a_paper
from tests.wires.mail import Mail

if TYPE_CHECKING:
    from bot.ports import Store

TUESDAY = at("2026-01-06 09:00")
NOT_SENT = Outcome(Verdict.NOT_SENT, error="No connection.")


@dataclass
class Pair:
    """One process's town, and the store of another process."""

    town: Town
    other: Store

    async def state(self) -> Delivery:
        """The one delivery, as it stands."""
        async with self.other.snapshot() as tx:
            found = await tx.deliveries.get(1)
        assert found is not None
        return found

    async def claims(self) -> list[int]:
        """The other one claims what it can, without waiting for locks."""
        real = datetime.now(UTC)
        async with self.other.transaction() as tx:
            until = real + timedelta(seconds=30)
            taken = await tx.deliveries.claim([1], at=real, lease_until=until)
        return [delivery.id for delivery, _, _ in taken]


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    source, mail = ScriptedSource(), Mail()
    source.show(MONDAY, a_paper(1, upvotes=1))
    with database("postgresql", tmp_path) as url:
        async with open_store(url) as store, open_store(url) as other:
            desk = Desk(
                store, {source.name: source}, {source.name: source}, {"mail": mail}, admins=(ADMIN,)
            )
            town = Town(desk, source, mail)
            await town.subscribe()
            await open_round(desk, TUESDAY)
            yield Pair(town, other)


def between(
    monkeypatch: pytest.MonkeyPatch, reading: str, meanwhile: Callable[[], Awaitable[Any]]
) -> list[Any]:
    """Once, right after the outbox was read so: what the other one does; gives what it gave."""
    done: list[Any] = []
    original = getattr(SqlDeliveries, reading)

    async def read(self: SqlDeliveries, *words: Any, **more: Any) -> Any:
        found = await original(self, *words, **more)
        if not done:
            done.append(None)
            done[0] = await meanwhile()
        return found

    monkeypatch.setattr(SqlDeliveries, reading, read)
    return done


async def dropped(pair: Pair) -> None:
    await drop_stale(pair.town.desk, at("2026-01-08 09:00"), ["mail"])


async def given_back(pair: Pair) -> None:
    async with pair.town.desk.store.transaction() as tx:
        await give_all_back(tx, 1)


@pytest.mark.parametrize("reading", ["overdue", "unsettled", "get"])
@pytest.mark.parametrize("what", [dropped, given_back])
async def test_what_is_claimed_is_not_given_back(
    pair: Pair,
    monkeypatch: pytest.MonkeyPatch,
    what: Callable[[Pair], Awaitable[None]],
    reading: str,
) -> None:
    claimed = between(monkeypatch, reading, pair.claims)
    await what(pair)
    if claimed:
        expected = DeliveryState.IN_FLIGHT if claimed[0] else DeliveryState.STALE
        assert (await pair.state()).state is expected


@pytest.mark.parametrize("reading", ["unsettled", "get"])
async def test_what_is_claimed_while_its_chat_moves_is_not_claimed_again(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, reading: str
) -> None:
    async with pair.town.desk.store.transaction() as tx:  # it answers one that was sent
        first = await tx.deliveries.get(1)
        assert first is not None
        body, _ = await tx.deliveries.body(1)
        [second] = await tx.deliveries.add(
            [(replace(first, id=0, order=1, papers=(), waits_for=1), Drawn(body))]
        )
        await tx.deliveries.sent([accepted(first, Outcome(Verdict.ACCEPTED, ("m1",)), TUESDAY)])

    async def claims() -> bool:
        real = datetime.now(UTC)
        async with pair.other.transaction() as tx:
            until = real + timedelta(seconds=30)
            return bool(await tx.deliveries.claim([second], at=real, lease_until=until))

    claimed = between(monkeypatch, reading, claims)
    async with pair.town.desk.store.transaction() as tx:
        await move(tx, Address("mail", "lab"), Address("mail", "hall"), TUESDAY)
    async with pair.other.snapshot() as tx:
        found = await tx.deliveries.get(second)
    assert found is not None
    assert found.state is (DeliveryState.IN_FLIGHT if claimed[0] else DeliveryState.READY)
    assert found.not_before is None


async def test_an_acceptance_that_comes_while_the_lease_is_found_to_be_over_stands(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pair.claims()
    claimed = await pair.state()

    async def settles() -> None:
        async with pair.other.transaction() as tx:
            done = accepted(claimed, Outcome(Verdict.ACCEPTED, ("m1",)), TUESDAY)
            assert await tx.deliveries.sent([done])

    between(monkeypatch, "in_flight", settles)
    await recover(pair.town.desk, TUESDAY, alone=True)
    assert (await pair.state()).state is DeliveryState.SENT


async def test_a_pause_that_comes_while_a_call_is_settled_holds(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pair.claims()
    claimed = await pair.state()

    async def pauses() -> None:
        async with pair.other.transaction() as tx:
            channel = await tx.channels.get(1)
            assert channel is not None
            await tx.channels.put(replace(channel, paused=True, next_due=None))
            await give_all_back(tx, 1)

    async def meanwhile() -> asyncio.Task[None]:
        task = asyncio.create_task(pauses())
        await asyncio.wait({task}, timeout=0.3)  # it may have to wait for the settling
        return task

    done = between(monkeypatch, "get", meanwhile)
    async with pair.town.desk.store.transaction() as tx:
        landed = Landed(claimed, NOT_SENT)
        await settle(tx, pair.town.mail, landed, TUESDAY, datetime.now(UTC))
    await done[0]
    assert (await pair.state()).state is DeliveryState.STALE
