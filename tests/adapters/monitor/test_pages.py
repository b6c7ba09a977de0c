"""The pages: health in words, numbers that Prometheus reads, and a port that is not to be had."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.monitor import Counted, ask, serve
from bot.ports import Check
from tests.adapters.monitor.conftest import NOW, STANDING, Patient

ILL = Check("database", False, "It does not answer.")


@asynccontextmanager
async def watched(
    patient: Patient, counted: Counted | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    async with serve(patient, counted or Counted(), "1.2.3", "127.0.0.1", 0) as port:
        assert port
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as client:
            yield client


async def numbers(
    client: httpx.AsyncClient,
) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample by its name and labels, as Prometheus' own parser reads them."""
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


def of(found: dict[Any, float], name: str, **labels: str) -> float | None:
    return found.get((name, tuple(sorted(labels.items()))))


@pytest.mark.parametrize("page", ["/healthz", "/readyz"])
async def test_health_names_every_check_and_503_the_one_that_fails(
    patient: Patient, page: str
) -> None:
    async with watched(patient) as client:
        well = await client.get(page)
        assert well.status_code == 200
        assert well.json()["ok"] is True
        assert (await client.head(page)).status_code == 200
        patient.checks = (*patient.checks, ILL)
        patient.ready_ = (*patient.ready_, ILL)
        ill = await client.get(page)
        assert ill.status_code == 503
        assert ill.json()["ok"] is False
        assert ill.json()["checks"][1] == {
            "name": "database",
            "ok": False,
            "said": "It does not answer.",
        }
        head = await client.head(page)
        assert (head.status_code, head.content) == (503, b"")


async def test_nothing_else_is_served_and_nothing_can_be_changed(patient: Patient) -> None:
    async with watched(patient) as client:
        assert (await client.get("/")).status_code == 404
        assert (await client.post("/healthz")).status_code == 405
        assert "server" not in (await client.get("/healthz")).headers


async def test_what_the_memory_holds_is_told_as_gauges(patient: Patient) -> None:
    async with watched(patient) as client:
        found = await numbers(client)
    assert of(found, "paperboy_build_info", version="1.2.3") == 1
    assert of(found, "paperboy_memory_answers") == 1
    assert of(found, "paperboy_editions", source="huggingface", state="closed") == 20
    assert of(found, "paperboy_papers") == 412
    assert of(found, "paperboy_readings", rung="full text") == 40
    assert of(found, "paperboy_day_tokens") == 12_345
    assert of(found, "paperboy_day_model_calls") == 17
    assert of(found, "paperboy_channels", platform="telegram", state="suspended") == 2
    assert of(found, "paperboy_day_digests", platform="telegram") == 88
    assert of(found, "paperboy_outbox_messages", platform="telegram", state="unknown") == 1
    assert of(found, "paperboy_outbox_age_seconds", platform="telegram") == 90
    due = of(found, "paperboy_next_due_timestamp_seconds")
    assert due == (NOW + timedelta(hours=1)).timestamp()
    assert of(found, "paperboy_source_failing", source="arxiv") == 1
    assert of(found, "paperboy_task_at_work", task="bell") == 1
    assert of(found, "paperboy_task_at_work", task="courier:telegram") == 0
    assert of(found, "process_resident_memory_bytes")
    assert not any("secret" in str(key) for key in found)


async def test_what_is_there_no_more_is_not_told_any_more(patient: Patient) -> None:
    async with watched(patient) as client:
        await numbers(client)
        patient.standing_ = replace(STANDING, outbox={}, next_due=None, failing=())
        found = await numbers(client)
        names = {name for name, _ in found}
        assert not names & {
            "paperboy_outbox_messages",
            "paperboy_next_due_timestamp_seconds",
            "paperboy_source_failing",
        }


async def test_a_memory_that_does_not_answer_is_told_and_the_process_still_seen(
    patient: Patient,
) -> None:
    patient.standing_ = None
    counted = Counted()
    counted.opened("telegram", 5)
    async with watched(patient, counted) as client:
        found = await numbers(client)
    assert of(found, "paperboy_memory_answers") == 0
    assert of(found, "paperboy_papers") is None
    assert of(found, "paperboy_digests_opened_total", platform="telegram") == 5


async def test_all_that_happens_is_counted(patient: Patient) -> None:
    counted = Counted()
    counted.listed("arxiv", "failed")
    counted.opened("telegram", 3)
    counted.called("telegram", "accepted", 0.04)
    counted.called("telegram", "unknown", 18)
    counted.settled("telegram", "post", "sent", timedelta(minutes=7))
    counted.settled("telegram", "post", "sent", -timedelta(seconds=1))
    counted.settled("telegram", "edit", "sent", None)
    counted.doubted("telegram", 4)
    counted.held_up("telegram", "token")
    counted.made("abstract", "zh", 12)
    counted.spent("reading", 700)
    counted.spent("reading", -5)
    counted.answered("discord", "paper", 0.3, "failed")
    counted.rang(0.2, 0.01)
    counted.lagged(0.002)
    async with watched(patient, counted) as client:
        found = await numbers(client)
    for name, value, labels in [
        ("lists_read_total", 1, {"source": "arxiv", "state": "failed"}),
        ("digests_opened_total", 3, {"platform": "telegram"}),
        ("calls_total", 1, {"platform": "telegram", "verdict": "unknown"}),
        ("call_seconds_count", 2, {"platform": "telegram"}),
        ("deliveries_total", 2, {"platform": "telegram", "kind": "post", "state": "sent"}),
        ("deliveries_total", 1, {"platform": "telegram", "kind": "edit", "state": "sent"}),
        ("lateness_seconds_count", 2, {"platform": "telegram"}),
        ("lateness_seconds_bucket", 1, {"platform": "telegram", "le": "300.0"}),
        ("lateness_seconds_bucket", 2, {"platform": "telegram", "le": "600.0"}),
        ("unknown_outcomes_total", 4, {"platform": "telegram"}),
        ("rate_limited_total", 1, {"platform": "telegram", "scope": "token"}),
        ("readings_made_total", 1, {"rung": "abstract", "language": "zh"}),
        ("reading_seconds_count", 1, {"rung": "abstract"}),
        ("tokens_total", 700, {"purpose": "reading"}),
        ("answers_total", 1, {"platform": "discord", "command": "paper", "ended": "failed"}),
        ("answer_seconds_count", 1, {"platform": "discord"}),
        ("tick_seconds_count", 1, {}),
        ("tick_lag_seconds_count", 1, {}),
        ("loop_lag_seconds_count", 1, {}),
    ]:
        assert of(found, f"paperboy_{name}", **labels) == value, name
    assert not [name for name, _ in found if name.endswith("_created")]


async def test_two_processes_of_a_test_do_not_share_their_numbers(patient: Patient) -> None:
    one, other = Counted(), Counted()
    one.opened("telegram", 1)
    async with watched(patient, other) as client:
        found = await numbers(client)
    assert of(found, "paperboy_digests_opened_total", platform="telegram") is None


async def test_many_looks_at_once_are_answered(patient: Patient) -> None:
    async with watched(patient) as client:
        answers = await asyncio.gather(*(client.get("/metrics") for _ in range(10)))
    assert {one.status_code for one in answers} == {200}


async def test_a_port_that_is_taken_is_a_warning_and_the_body_runs(
    patient: Patient, caplog: pytest.LogCaptureFixture
) -> None:
    ran = False
    with socket.socket() as taken, caplog.at_level(logging.INFO):
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with serve(patient, Counted(), "1", "127.0.0.1", port) as got:
            ran = True
            assert got is None
    assert ran
    [line] = caplog.records
    assert line.levelno == logging.WARNING
    assert str(port) in line.getMessage()
    assert "PAPERBOY_MONITOR" in line.getMessage()


async def test_a_host_that_is_not_ours_is_a_warning_too(
    patient: Patient, caplog: pytest.LogCaptureFixture
) -> None:
    async with serve(patient, Counted(), "1", "192.0.2.1", 9464) as got:
        assert got is None
    assert "not watched" in caplog.text


async def test_the_command_asks_without_a_proxy(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    patient.ready_ = (ILL,)
    async with serve(patient, Counted(), "1", "127.0.0.1", 0) as port:
        assert port
        assert (await asyncio.to_thread(ask, "127.0.0.1", port, "/healthz"))[0] is True
        well, [check] = await asyncio.to_thread(ask, "127.0.0.1", port, "/readyz")
    assert not well
    assert check == {"name": "database", "ok": False, "said": "It does not answer."}
    with pytest.raises(OSError, match="refused"):
        ask("127.0.0.1", port, "/healthz")
