"""Heavy work keeps out of the event loop, and those who watch are told what is made and paid."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SourceFailed
from bot.papers import Paper
from bot.ports import Store, Unwatched
from bot.reading import answering, making
from bot.reading.answering import answered
from bot.reading.money import Budget
from bot.reading.shelf import Room
from storage import open_store
from tests.wires.readers import REPORT, ScriptedReader, ScriptedTexts

NOW = datetime(2026, 1, 6, 9, tzinfo=UTC)
PAPER = Paper("2512.00001", "A Map", "We keep a map and reach 61.4 points.", summary="It maps.")
TOLD = {"answered": True, "answer": "It uses 8 GPUs.", "quotations": []}


class Watched(Unwatched):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def made(self, rung: str, language: str, seconds: float) -> None:
        assert seconds >= 0
        self.told.append(("made", rung, language))

    def spent(self, purpose: str, tokens: int) -> None:
        self.told.append(("spent", purpose, tokens))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(f"sqlite:///{tmp_path / 'p.sqlite3'}") as opened:
        yield opened


class Threads:
    """Where functions run that are called through it, and how many at once."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.running = self.most = 0

    def through(self, name: str, called: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*words: Any, **more: Any) -> Any:
            home = threading.current_thread() is threading.main_thread()
            self.seen.append(f"{name} {'in the loop' if home else 'in a thread'}")
            self.running += 1
            self.most = max(self.most, self.running)
            try:
                return called(*words, **more)
            finally:
                self.running -= 1

        return noting


async def test_fitting_and_checking_run_in_a_thread_one_at_a_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = Threads()
    for module, name in (
        (making, "fit"),
        (making, "Against"),
        (answering, "Numbers"),
        (answering, "plain"),
    ):
        monkeypatch.setattr(module, name, threads.through(name, getattr(module, name)))
    room = Room(store, ScriptedReader(REPORT, TOLD), ScriptedTexts())
    await room.read(PAPER, "en", NOW)
    await answered(room.maker, PAPER, "How many?", "en", NOW, None)
    assert {*threads.seen} == {
        f"{name} in a thread" for name in ("fit", "Against", "Numbers", "plain")
    }
    wanted = [(Paper(f"2512.0001{n}", "A", "We keep a map."), "en") for n in range(8)]
    again = Room(store, ScriptedReader(), ScriptedTexts())
    await again.read_all(wanted, lambda: NOW)
    assert threads.most == 1


async def test_a_reading_and_an_answer_are_told_to_the_meter(store: Store) -> None:
    meter = Watched()
    room = Room(store, ScriptedReader(REPORT, TOLD), ScriptedTexts(), meter=meter)
    await room.read(PAPER, "en", NOW)
    assert meter.told == [("spent", "reading", 1_100), ("made", "full-text", "en")]
    await room.read(PAPER, "en", NOW)
    assert len(meter.told) == 2  # it stands already
    await answered(room.maker, PAPER, "How many?", "en", NOW, None)
    assert meter.told[2:] == [("spent", "answer", 1_100)]


@pytest.mark.parametrize(
    ("reader", "budget", "rung"),
    [
        (ScriptedReader(SourceFailed("away")), Budget(), "ready-made"),
        (ScriptedReader(), Budget(daily=100), "ready-made"),
    ],
)
async def test_a_step_down_is_told_and_what_cost_nothing_is_not_paid_for(
    store: Store, reader: ScriptedReader, budget: Budget, rung: str
) -> None:
    meter = Watched()
    await Room(store, reader, ScriptedTexts(), budget=budget, meter=meter).read(PAPER, "zh", NOW)
    assert meter.told == [("made", rung, "zh")]


async def test_without_a_full_text_the_abstract_is_told(store: Store) -> None:
    meter, texts = Watched(), ScriptedTexts()
    texts.lack()
    await Room(store, ScriptedReader(), texts, meter=meter).read(PAPER, "en", NOW)
    assert ("made", "abstract", "en") in meter.told
