"""`paperboy health`: one line and an exit code, for a container's check."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.monitor import Counted, serve
from bot.ports import Check
from tests.adapters.monitor.conftest import Patient
from tests.bot.cli.conftest import Command, beside

ILL = Check("database", False, "The database did not answer within 3 s.")


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> Iterator[Patient]:
    """A bot that lives and is not ready, at PAPERBOY_MONITOR."""
    patient = Patient(ready_=(ILL,))
    with beside(serve(patient, Counted(), "1", "127.0.0.1", 0)) as port:
        monkeypatch.setenv("PAPERBOY_MONITOR", f"0.0.0.0:{port}")
        yield patient


def test_who_lives_is_well(command: Command, patient: Patient) -> None:
    done = command("health")
    assert (done.code, done.out, done.err) == (0, "It lives.\n", "")


def test_who_is_not_ready_says_why(command: Command, patient: Patient) -> None:
    done = command("health", "--ready")
    assert (done.code, done.out) == (1, f"database: {ILL.said}\n")
    [told] = command("health", "--ready", "--json").objects
    assert (told["kind"], told["ok"]) == ("health", False)
    assert told["checks"] == [{"name": "database", "ok": False, "said": ILL.said}]
    patient.ready_ = ()
    assert command("health", "--ready").out == "Ready.\n"


def test_where_nobody_answers_it_is_not_well(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERBOY_MONITOR", "127.0.0.1:1")
    done = command("health")
    assert done.code == 1
    assert "No answer from 127.0.0.1:1" in done.out
    monkeypatch.setenv("PAPERBOY_MONITOR", "off")
    done = command("health")
    assert (done.code, done.out) == (1, "Not watched: PAPERBOY_MONITOR is off.\n")


def test_something_else_at_the_port_is_not_the_bot(
    command: Command, monkeypatch: pytest.MonkeyPatch, edition_url: str
) -> None:
    monkeypatch.setenv("PAPERBOY_MONITOR", edition_url.removeprefix("http://"))
    done = command("health")
    assert done.code == 1
    assert done.out.startswith("No answer from")


@pytest.mark.parametrize("word", ["nowhere", "127.0.0.1", ":0", "host:99999"])
def test_an_address_that_is_none_is_said_at_the_start(
    command: Command, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setenv("PAPERBOY_MONITOR", word)
    for name in ("health", "run"):
        done = command(name)
        assert done.code == 2
        assert "PAPERBOY_MONITOR" in done.err
        assert "127.0.0.1:9464" in done.err
