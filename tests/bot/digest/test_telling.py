"""What reading lists and opening digests tells those who watch, and the log."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from bot.errors import StoreBusy
from bot.rounds import open_round, run_bell
from tests.bot.digest.conftest import Village, at
from tests.wires.lists import a_paper
from tests.wires.meter import Recording

MONDAY = date(2026, 1, 5)
TUESDAY = "2026-01-06 09:00"


@pytest.fixture
def meter(village: Village) -> Recording:
    meter = Recording()
    village.desk = replace(village.desk, meter=meter)
    return meter


def lines(caplog: pytest.LogCaptureFixture, said: str) -> list[dict[str, Any]]:
    """The facts of the lines that say this."""
    return [vars(one) for one in caplog.records if one.getMessage() == said]


async def test_every_read_of_a_list_is_told_and_only_what_changed_is_logged(
    village: Village, meter: Recording, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="bot")
    village.source.show(MONDAY, a_paper(1))
    for minute in (0, 20, 40):
        await open_round(village.desk, at(f"2026-01-05 13:{minute:02}"))
    assert meter.counted("listed")["huggingface", "open"] >= 3
    [read] = [one for one in lines(caplog, "list read") if one["day"] == "2026-01-05"]
    facts = {name: read[name] for name in ("source", "state", "papers", "new", "broken")}
    assert facts == {"source": "huggingface", "state": "open", "papers": 1, "new": 1, "broken": 0}
    await open_round(village.desk, at("2026-01-06 04:00"))
    closed = [one for one in lines(caplog, "list read") if one["day"] == "2026-01-05"][1:]
    assert [one["state"] for one in closed] == ["closed"]
    assert ("huggingface", "closed") in meter.counted("listed")


async def test_a_list_that_cannot_be_read_is_told_each_time_and_logged_once(
    village: Village, meter: Recording, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="bot")
    village.source.outages = [(at("2026-01-05 00:00"), at("2026-01-06 00:00"))]
    for minute in (0, 20, 40):
        await open_round(village.desk, at(f"2026-01-05 13:{minute:02}"))
    assert set(meter.counted("listed")) == {("huggingface", "failed")}
    failed = [one for one in lines(caplog, "list not read") if one["day"] == "2026-01-05"]
    assert [one["error"] for one in failed] == ["huggingface did not answer (HTTP 503)."]


async def test_a_digest_that_is_opened_is_told_and_is_one_line_with_its_facts(
    village: Village, meter: Recording, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="bot")
    village.source.show(MONDAY, a_paper(1, title="Agents at work"))
    village.source.show(MONDAY, a_paper(2, title="Something else"))
    for chat in ("a", "b"):
        await village.subscribe(at("2026-01-05 12:00"), "agents", chat=chat)
    await open_round(village.desk, at("2026-01-06 09:01"))
    assert meter.of("opened") == [("board", 2)]
    opened = lines(caplog, "digest opened")
    assert [one["channel"] for one in opened] == ["board:a", "board:b"]
    names = ("date", "papers", "matched", "shown", "hidden", "messages", "late")
    told = {name: opened[0][name] for name in names}
    assert told == {
        "date": "2026-01-06",
        "papers": 2,
        "matched": 1,
        "shown": 1,
        "hidden": 1,
        "messages": 1,
        "late": 60.0,
    }


async def test_a_batch_that_is_rolled_back_is_not_told(
    village: Village, meter: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    village.source.show(MONDAY, a_paper(1))
    await village.subscribe(at("2026-01-05 12:00"))
    from bot.digest import opening

    async def busy(*_: object) -> list[int]:
        raise StoreBusy("locked")

    with monkeypatch.context() as broken:
        broken.setattr(opening, "write", busy)
        with pytest.raises(StoreBusy):
            await open_round(village.desk, at(TUESDAY))
    assert not meter.of("opened")
    await open_round(village.desk, at(TUESDAY))
    assert meter.of("opened") == [("board", 1)]


async def test_each_bell_is_told_with_how_long_it_took_even_where_the_database_is_busy(
    village: Village, meter: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = asyncio.Event()

    async def busy(*_: object, **__: object) -> None:
        stop.set()
        raise StoreBusy("locked")

    def clock() -> datetime:
        return at(TUESDAY)

    monkeypatch.setattr("bot.rounds.open_round", busy)
    await asyncio.wait_for(run_bell(village.desk, clock, stop, wake=lambda: None), 10)
    [(seconds, late)] = meter.of("rang")
    assert 0 <= seconds < 10
    assert late == 0.0


async def test_a_bell_that_a_long_round_held_up_is_told_as_late(
    village: Village, meter: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = asyncio.Event()
    rounds = under_way = 0

    async def slow(*_: object, **__: object) -> None:
        nonlocal rounds, under_way
        rounds += 1
        under_way += 1
        assert under_way == 1  # never two at once, the first one included
        await asyncio.sleep(0.3)
        under_way -= 1
        if rounds == 2:
            stop.set()
        raise StoreBusy("locked")

    monkeypatch.setattr("bot.rounds._PERIOD", 0.1)
    monkeypatch.setattr("bot.rounds.open_round", slow)
    bell = run_bell(village.desk, lambda: at(TUESDAY), stop, wake=lambda: None)
    await asyncio.wait_for(bell, 20)
    first, second = meter.of("rang")[:2]
    assert first[1] == 0.0
    assert second[1] >= 0.2  # it was due 0.1 s after the first one began
    assert min(first[0], second[0]) >= 0.3
