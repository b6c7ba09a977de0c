"""`paperboy read` and `paperboy paper` with a model: what they cost, and that they cost it once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from adapters.readers.openai import reader as openai
from adapters.readers.openai.patience import Patience
from adapters.sources.arxiv import source as arxiv
from adapters.sources.arxiv.politeness import Politeness
from tests.bot.cli.conftest import beside
from tests.wires.llm.server import FakeModel

DAY = ("--date", "2025-12-26", "--now", "2025-12-27T09:00Z")


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """arXiv's three seconds and the waits between tries are short here; the rest stays."""
    monkeypatch.setattr(arxiv, "Politeness", partial(Politeness, 0.01))
    monkeypatch.setattr(openai, "Patience", partial(Patience, pause=0.01))


@pytest.fixture
def model(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeModel]:
    """A model that fills in every form."""
    with beside(FakeModel()) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-nobody")
        monkeypatch.setenv("PAPERBOY_LLM_MODEL", "fake-1")
        yield server


def test_a_day_is_read_once(model: FakeModel, command) -> None:
    done = command("read", *DAY, "--lang", "en", "--json")
    assert done.code == 0, done.err
    (told,) = done.objects
    assert (told["kind"], told["papers"]) == ("read", 7)
    assert (
        sum(told["rungs"][rung] for rung in ("abstract", "full-text") if rung in told["rungs"]) == 7
    )
    assert told["tokens"] > 0
    calls = len(model.calls)
    assert calls == 7
    (again,) = command("read", *DAY, "--lang", "en", "--json").objects
    assert again["tokens"] == 0
    assert again["rungs"] == told["rungs"]
    assert len(model.calls) == calls


def test_a_dry_run_tells_the_cost_and_asks_no_model(model: FakeModel, command, monkeypatch) -> None:
    monkeypatch.setenv("PAPERBOY_LLM_DAILY_TOKENS", "203000")
    (cost,) = command("read", *DAY, "--lang", "zh", "--dry-run", "--json").objects
    assert (cost["papers"], cost["unread"], cost["tokens"]) == (7, 7, 7 * 14_500)
    assert cost["share"] == 0.5
    assert "50.0%" in command("read", *DAY, "--lang", "zh", "--dry-run").out
    assert not model.calls


def test_a_day_that_is_spent_is_said_and_code_1(model: FakeModel, command, monkeypatch) -> None:
    monkeypatch.setenv("PAPERBOY_LLM_DAILY_TOKENS", "6000")
    done = command("read", *DAY, "--lang", "en")
    assert done.code == 1
    assert "6,000 tokens are spent" in done.err
    assert len(model.calls) < 7


def test_without_a_model_nothing_is_read(home: Path, command) -> None:
    done = command("read", *DAY)
    assert done.code == 2
    assert "PAPERBOY_LLM_MODEL" in done.err
    assert command("read", *DAY, "--dry-run").code == 0


def test_a_paper_is_read_for_its_card(model: FakeModel, command) -> None:
    now = DAY[2:]
    (card,) = command("paper", "2512.15716", *now, "--json").objects
    assert card["rung"] == "abstract"
    calls = len(model.calls)
    assert calls == 1
    (again,) = command("paper", "2512.15716", *now, "--json").objects
    assert again["lines"] == card["lines"]
    assert len(model.calls) == calls


def test_a_model_that_is_away_leaves_the_card_as_it_was(home, command, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("PAPERBOY_LLM_MODEL", "fake-1")
    command("digest", *DAY)
    done = command("paper", "2512.15716", *DAY[2:], "--json")
    assert done.code == 0
    assert done.objects[0]["rung"] == "ready-made"
