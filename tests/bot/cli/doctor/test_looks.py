"""What the doctor looks at besides: model, monitor, webhook, proxy, secrets; each look bounded."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.doctor.finding import Finding
from bot.cli.doctor.listening import webhook_findings
from bot.cli.doctor.machine import look_at_disk, look_at_proxy, look_at_secrets
from bot.cli.doctor.model import look_at_model
from bot.cli.doctor.patience import within
from bot.cli.doctor.running import look_at_bot, look_at_monitor
from bot.cli.fence import alone
from bot.errors import SourceFailed
from bot.settings import Settings
from tests.wires.llm.behaviours import ALL
from tests.wires.llm.server import FakeModel

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOOK = "https://bot.example.org/telegram"


async def test_a_model_is_asked_one_small_question_and_its_cost_is_told() -> None:
    async with FakeModel() as model:
        settings = Settings.alone(llm_model="a-model", openai_base_url=model.url)
        [found] = await look_at_model(settings)
    assert (found.name, found.state) == ("model", "ok")
    assert "answers by a JSON schema" in found.says
    assert "this look cost" in found.says
    assert len(model.calls) == 1


@pytest.mark.parametrize(
    ("trouble", "state", "says"),
    [
        ("401", "bad", "OPENAI_API_KEY"),
        ("404", "bad", "has no model a-model"),
        ("quota exhausted", "bad", "used up"),
        ("no formats", "warn", "answers by free text"),
    ],
)
async def test_a_model_that_refuses_or_heeds_no_form_is_told(
    trouble: str, state: str, says: str
) -> None:
    async with FakeModel(always=ALL[trouble]) as model:
        settings = Settings.alone(llm_model="a-model", openai_base_url=model.url)
        [found] = await look_at_model(settings)
    assert (found.name, found.state) == ("model", state)
    assert says in found.says
    assert found.todo


async def test_without_a_model_nothing_is_asked() -> None:
    [found] = await look_at_model(Settings.alone())
    assert (found.state, found.says[:9]) == ("ok", "No model:")


async def test_a_look_that_hangs_is_left_and_one_that_fails_is_told() -> None:
    async def hangs() -> list[Finding]:
        await asyncio.Event().wait()
        return []

    async def fails() -> list[Finding]:
        raise SourceFailed("It did not answer.")

    [left] = await within("sky", hangs(), seconds=0.01)
    assert (left.name, left.state) == ("sky", "bad")
    assert "was left" in left.says
    [told] = await within("sky", fails())
    assert (told.state, told.says) == ("bad", "It did not answer.")


@pytest.fixture
def port() -> Iterator[int]:
    """A port where somebody listens who never says a word."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def test_the_monitors_port_is_free_or_somebody_elses(port: int) -> None:
    [taken] = await look_at_monitor(Settings.alone(monitor=f"127.0.0.1:{port}"))
    assert (taken.state, "PAPERBOY_MONITOR" in taken.todo) == ("bad", True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    [found] = await look_at_monitor(Settings.alone(monitor=f"127.0.0.1:{number}"))
    assert (found.state, found.says) == ("ok", f"127.0.0.1:{number} is free for the bot.")
    [off] = await look_at_monitor(Settings.alone(monitor="off"))
    assert off.state == "ok"


async def test_a_bot_that_works_with_the_database_is_named(tmp_path: Path) -> None:
    settings = Settings.alone(home=tmp_path)
    [nobody] = await look_at_bot(settings, memory=True)
    assert "No bot works" in nobody.says
    with alone(settings, "paperboy run"):
        [there] = await look_at_bot(settings, memory=True)
    assert "At work with this database: paperboy run, process" in there.says
    with alone(settings, "paperboy run"):  # looking at it did not take it
        pass


@pytest.mark.parametrize(
    ("wanted", "info", "says"),
    [
        (None, {"url": ""}, None),
        (HOOK, {"url": HOOK}, None),
        (None, {"url": HOOK}, "webhook at bot.example.org"),
        (HOOK, {"url": ""}, "is not set, not the one"),
        (None, {"url": "", "pending_update_count": 101}, "101 updates wait"),
        (None, {"url": "", "pending_update_count": 100}, None),
        (
            HOOK,
            {"url": HOOK, "last_error_date": int(NOW.timestamp()), "last_error_message": "No."},
            "could not bring an update at 12:00 UTC: No.",
        ),
        (
            HOOK,
            {"url": HOOK, "last_error_date": int((NOW - timedelta(days=2)).timestamp())},
            None,
        ),
    ],
)
def test_a_webhook_is_told_only_where_something_is_wrong(
    wanted: str | None, info: dict[str, Any], says: str | None
) -> None:
    found = webhook_findings(wanted, info, NOW)
    assert [one.state for one in found] == ([] if says is None else ["warn"])
    if says is not None:
        assert says in found[0].says


def test_the_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert look_at_proxy() == []
    monkeypatch.setenv("HTTPS_PROXY", "http://ada:secret@proxy.example.org:3128")
    monkeypatch.setenv("NO_PROXY", "localhost")
    [found] = look_at_proxy()
    assert "proxy.example.org:3128, but not to localhost" in found.says
    assert "ada" not in found.says
    assert "secret" not in found.says


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such rights")
def test_a_file_with_tokens_that_others_can_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    assert look_at_secrets(path) == []
    path.write_text("A=1")
    path.chmod(0o600)
    assert look_at_secrets(path) == []
    path.chmod(0o644)
    assert look_at_secrets(path)[0].todo == f"chmod 600 {path}"


def test_the_room_that_full_texts_take_is_told(tmp_path: Path) -> None:
    (tmp_path / "fulltexts").mkdir()
    (tmp_path / "fulltexts" / "a").write_bytes(b"x" * 3_000_000)
    [found] = look_at_disk(Settings.alone(home=tmp_path))
    assert "1 full texts take 3 MB" in found.says
