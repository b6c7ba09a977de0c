"""Whatever a model does: the reading that comes out of it, and the calls that were made for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.readers.openai import OpenAIReader
from adapters.readers.openai.patience import Patience
from bot.papers import Paper
from bot.ports import Store
from bot.reading.shelf import Room
from storage import open_store
from tests.wires.llm import behaviours
from tests.wires.llm.behaviours import Behaviour
from tests.wires.llm.server import FakeModel
from tests.wires.readers import ScriptedTexts

NOW = datetime(2026, 1, 6, 9, tzinfo=UTC)
PAPER = Paper(
    "2512.00001", "A Map in Mind", "We keep a map and look at it again.", summary="It keeps a map."
)
WHOLE, READY = "full-text", "ready-made"

# What comes of a model that does so for ever: the rung, and the calls until then. Each of the two
# texts (full text, abstract) is asked about once, and once more for a repair where that may help;
# an endpoint that does not answer is tried again, and not asked about the abstract besides.
OUTCOMES = {
    "good": (WHOLE, 1),
    "schema refused 400": (WHOLE, 2),
    "schema refused 422": (WHOLE, 2),
    "no formats": (WHOLE, 3),
    "max_tokens refused": (WHOLE, 2),
    "max_completion_tokens refused": (WHOLE, 2),
    "system role refused": (WHOLE, 2),
    "schema ignored": (WHOLE, 2),
    "preamble and epilogue": (WHOLE, 1),
    "fenced": (WHOLE, 1),
    "think": (WHOLE, 1),
    "reasoning field": (WHOLE, 1),
    "LaTeX": (WHOLE, 1),
    "loose JSON": (WHOLE, 1),
    "parts": (WHOLE, 1),
    "number made up": (WHOLE, 1),
    "injected": (WHOLE, 1),
    "missing key": (WHOLE, 2),
    "extra keys": (WHOLE, 1),
    "null for a string": (WHOLE, 1),
    "duplicated keys": (WHOLE, 1),
    "wrapped": (WHOLE, 1),
    "missing usage": (WHOLE, 1),
    "wrong types": (READY, 2),
    "wrong language": (READY, 4),
    "prose": (READY, 4),
    "truncated": (READY, 4),
    "truncated without a word": (READY, 4),
    "empty": (READY, 4),
    "no content": (READY, 4),
    "refusal": (READY, 2),
    "refusal in prose": (READY, 2),
    "content filter": (READY, 2),
    "context too long": (READY, 3),
    "HTML": (READY, 2),
    "broken body": (READY, 2),
    "no choices": (READY, 2),
    "error with status 200": (READY, 2),
    "429": (READY, 2),
    "500": (READY, 2),
    "503": (READY, 2),
    "hang": (READY, 2),
    "cut before the answer": (READY, 2),
    "cut connection": (READY, 2),
    "quota exhausted": (READY, 1),
    "401": (READY, 1),
    "403": (READY, 1),
    "404": (READY, 1),
    "400 without a reason": (READY, 14),
}


async def at_once(seconds: float) -> None:
    """No pause between tries."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(f"sqlite:///{tmp_path / 'p.sqlite3'}") as opened:
        yield opened


def test_every_behaviour_has_its_outcome() -> None:
    assert OUTCOMES.keys() == behaviours.ALL.keys()


@pytest.mark.parametrize("behaviour", behaviours.ALL.values(), ids=lambda one: one.name)
async def test_what_comes_of_a_model_that_does_so(behaviour: Behaviour, store: Store) -> None:
    patience = Patience(tries=2, attempt=0.2 if behaviour.hang else 10.0, pause=0.0)
    async with (
        FakeModel(always=behaviour) as model,
        OpenAIReader("fake", "k", model.url, patience=patience, wait=at_once) as reader,
    ):
        reading = await Room(store, reader, ScriptedTexts()).read(PAPER, "zh", NOW)
        calls = len(model.calls)
    async with store.snapshot() as tx:
        work = (await tx.readings.work([PAPER.id], "zh"))[PAPER.id]
        stored = await tx.readings.get([PAPER.id], "zh")
        spent = await tx.spending.of(NOW.date(), "")
    assert (str(reading.rung), calls) == OUTCOMES[behaviour.name]
    shown = "\n".join((*reading.lines, *(text for _, text in reading.sections)))
    if reading.rung == WHOLE:
        assert "本文提出了" in reading.lines[0]
        assert stored[PAPER.id] == reading
        assert work.not_before is None
        assert spent.tokens > 0
    else:
        assert reading.lines == ("It keeps a map.",)
        assert not stored
        assert work.not_before is not None  # it is tried again
    for stranger in ("evil.example", "@everyone", "<b>", "<think>", "```"):
        assert stranger not in shown
    made_up = behaviour is behaviours.NUMBER_MADE_UP
    assert (f"{behaviours.MADE_UP}%" in reading.unfound) == made_up
