"""One channel's, list's, source's or message's trouble is nobody else's."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.channels import DeliveryState, Outcome, Verdict
from bot.errors import SourceFailed, StoreBusy
from bot.ports import Fetched, Transaction
from bot.rounds import run_bell
from tests.bot.digest.conftest import at
from tests.wires.lists import a_paper

if TYPE_CHECKING:
    from tests.bot.digest.conftest import Village

MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)


async def test_a_channel_with_an_unknown_zone_stops_no_other(village: Village) -> None:
    village.source.show(MONDAY, a_paper(1))
    bad = await village.subscribe(at("2026-01-05 12:00"), chat="bad")
    await village.put(replace(await village.channel(bad.id), zone="Mars/Olympus"))
    await village.subscribe(at("2026-01-05 12:00"), chat="good")
    done = await village.round(at("2026-01-06 09:00"))
    assert (done.opened, village.board.shown("good")) == (1, ["2601.00001"])
    assert (await village.channel(bad.id)).next_due == at("2026-01-06 10:00")
    await village.put(replace(await village.channel(bad.id), zone="UTC"))
    await village.round(at("2026-01-06 10:00"))
    assert village.board.shown("bad") == ["2601.00001"]
    (digest,) = await village.digests(bad.id)
    assert digest.due == at("2026-01-06 09:00")


async def test_rows_that_cannot_be_written_stop_only_their_channel(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage.repositories.digests import SqlDigests

    village.source.show(MONDAY, a_paper(1))
    channels = [await village.subscribe(at("2026-01-05 12:00"), chat=f"chat{n}") for n in range(5)]
    add = SqlDigests.add

    async def refusing(self: SqlDigests, digests: Any) -> list[int]:
        if any(one.channel_id == channels[2].id for one in digests):
            raise ValueError("a channel has a digest of that local date already")
        return await add(self, digests)

    monkeypatch.setattr(SqlDigests, "add", refusing)
    done = await village.round(at("2026-01-06 09:00"))
    assert done.opened == 4
    for n in range(5):
        assert village.board.shown(f"chat{n}") == ([] if n == 2 else ["2601.00001"])
    monkeypatch.undo()
    await village.round(at("2026-01-06 10:00"))
    assert village.board.shown("chat2") == ["2601.00001"]


async def test_one_list_that_fails_for_days_while_others_are_read_is_not_lost(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition = village.source.edition

    async def failing(day: date, validator: str | None, *, now: datetime) -> Fetched:
        if day == MONDAY and now < at("2026-01-14 00:00"):
            raise SourceFailed("huggingface did not answer (HTTP 500).")
        return await edition(day, validator, now=now)

    monkeypatch.setattr(village.source, "edition", failing)
    village.source.show(MONDAY, a_paper(1))
    village.source.show(TUESDAY, a_paper(2))
    channel = await village.subscribe(at("2026-01-05 12:00"))
    for day in range(6, 17):
        await village.round(at(f"2026-01-{day:02} 09:00"))
    assert village.board.shown() == ["2601.00002", "2601.00001"]
    assert (await village.channel(channel.id)).previous_due == at("2026-01-16 09:00")


async def test_a_source_with_a_mistake_of_ours_is_a_failed_source(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition = village.source.edition

    async def mistaken(day: date, validator: str | None, *, now: datetime) -> Fetched:
        if now < at("2026-01-06 09:05"):
            raise KeyError("paper")
        return await edition(day, validator, now=now)

    monkeypatch.setattr(village.source, "edition", mistaken)
    village.source.show(MONDAY, a_paper(1))
    await village.subscribe(at("2026-01-05 12:00"))
    first = await village.round(at("2026-01-06 09:00"))
    assert first.failed_sources == {
        "huggingface": "huggingface could not be understood (KeyError)."
    }
    await village.round(at("2026-01-06 09:10"))
    assert village.board.shown() == ["2601.00001"]


async def test_a_store_that_is_busy_during_a_read_is_said_as_such(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage.repositories.editions import SqlEditions

    async def busy(self: SqlEditions, edition: Any) -> None:
        raise StoreBusy("The database is locked.")

    monkeypatch.setattr(SqlEditions, "put", busy)
    await village.subscribe(at("2026-01-05 12:00"))
    with pytest.raises(StoreBusy):
        await village.round(at("2026-01-06 09:00"))


async def test_a_busy_store_ends_no_run(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.schedule import bell

    rung = asyncio.Event()
    calls = 0

    async def ring(callback: Any, *, seconds: float, stop: asyncio.Event) -> None:
        nonlocal calls
        while not stop.is_set():
            await callback()
            calls += 1
            if calls == 3:
                rung.set()
                stop.set()

    snapshot = village.desk.store.snapshot
    asked = 0

    def sometimes() -> AbstractAsyncContextManager[Transaction]:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise StoreBusy("The database is locked.")
        return snapshot()

    monkeypatch.setattr(bell, "ring", ring)
    monkeypatch.setattr(village.desk.store, "snapshot", sometimes)
    village.source.show(MONDAY, a_paper(1))
    await village.subscribe(at("2026-01-05 12:00"))
    woken: list[bool] = []
    await run_bell(
        village.desk,
        lambda: at("2026-01-06 09:00"),
        asyncio.Event(),
        wake=lambda: woken.append(True),
    )
    assert rung.is_set()
    assert woken == [True]


async def test_an_attempt_whose_lease_ended_is_taken_up_without_a_new_start(
    village: Village,
) -> None:
    village.source.show(MONDAY, a_paper(1))
    village.board.answer = lambda _: Outcome(Verdict.NOT_SENT, error="No.")
    await village.subscribe(at("2026-01-05 12:00"))
    await village.round(at("2026-01-06 09:00"))
    async with village.desk.store.transaction() as tx:
        (lost,) = await tx.deliveries.unsettled()
        assert lost.state is DeliveryState.READY
        ended = datetime.now(UTC) - timedelta(seconds=1)
        await tx.deliveries.settle(replace(lost, state=DeliveryState.IN_FLIGHT, leased_until=ended))
    village.board.answer = lambda _: Outcome(Verdict.ACCEPTED)
    await village.round(at("2026-01-06 09:30"))
    assert village.board.shown() == ["2601.00001"]


async def test_a_call_that_raises_holds_up_no_other_channel(village: Village) -> None:
    village.source.show(MONDAY, a_paper(1))

    def answer(call: int) -> Outcome:
        if call == 1:
            raise TypeError("a mistake of ours")
        return Outcome(Verdict.ACCEPTED)

    village.board.answer = answer
    for chat in ("one", "two"):
        await village.subscribe(at("2026-01-05 12:00"), chat=chat)
    first = await village.round(at("2026-01-06 09:00"))
    assert (first.sent, first.unsettled) == (1, 1)
    await village.round(at("2026-01-06 09:30"))
    assert village.board.shown("one") == village.board.shown("two") == ["2601.00001"]


async def test_a_catch_up_waits_for_the_network_as_a_digest_on_time_does(
    village: Village,
) -> None:
    village.source.show(MONDAY, a_paper(1))
    village.source.outages = [(at("2026-01-06 15:00"), at("2026-01-06 15:05"))]
    channel = await village.subscribe(at("2026-01-05 12:00"))
    first = await village.round(at("2026-01-06 15:00"))
    assert (first.opened, len(first.put_off)) == (0, 1)
    await village.round(at("2026-01-06 15:10"))
    (digest,) = await village.digests(channel.id)
    assert (digest.local_date, digest.missing, digest.shown) == (TUESDAY, (), 1)
