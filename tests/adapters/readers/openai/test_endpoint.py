"""Promises of asking: no secret anywhere, no more at once than allowed, proxies obeyed."""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from typing import Any

import pytest

from adapters.readers.openai import OpenAIReader, Patience
from bot.errors import GiveUp, PaperboyError, SetUpWrong, SourceFailed, Unusable
from bot.ports.reading import Form
from tests.wires.llm import behaviours
from tests.wires.llm.behaviours import Behaviour
from tests.wires.llm.server import FakeModel
from tests.wires.loopback import Asked, Fault, Loopback, Said

KEY = "sk-secret-of-the-operator-0123456789"
FORM = Form("Answer.", "A text.", {"type": "object", "properties": {"field": {"type": "string"}}})
QUICK = Patience(tries=2, attempt=5, total=10, pause=0.001)


def reader(base: str, **more: Any) -> OpenAIReader:
    return OpenAIReader("fake", KEY, base, patience=more.pop("patience", QUICK), **more)


@pytest.mark.parametrize(
    "behaviour",
    [
        behaviours.GOOD,
        behaviours.UNAUTHORIZED,
        behaviours.FORBIDDEN,
        behaviours.BROKEN,
        behaviours.HTML,
        behaviours.CUT,
        Behaviour("echo", status=400, error={"message": "Bad header: Bearer {key}"}),
        Behaviour("echo later", status=500, error={"message": "Bearer {key} failed"}),
    ],
    ids=lambda value: value.name,
)
async def test_the_key_is_in_no_log_error_or_traceback(
    behaviour: Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx2", "httpcore2", "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    shown, causes = "", []
    async with FakeModel(always=behaviour) as model, reader(model.url) as asked:
        try:
            await asked.fill(FORM)
        except PaperboyError as error:
            shown = "".join(traceback.format_exception(error))
            causes = [type(one).__module__ for one in (error.__cause__, error.__context__)]
        shown += repr(asked) + str(asked)
        sent = model.calls[0].headers["authorization"]
    assert sent == f"Bearer {KEY}"
    assert KEY not in shown
    assert not any(module.startswith("openai") for module in causes)  # they hold the request
    assert caplog.records
    assert KEY not in "".join(f"{one.getMessage()} {vars(one)}" for one in caplog.records)


async def test_no_more_than_eight_are_asked_at_once() -> None:
    async with FakeModel(latency=0.02) as model, reader(model.url) as asked:
        await asyncio.gather(*(asked.fill(FORM) for _ in range(20)))
    assert model.together == 8
    assert len(model.calls) == 20


async def test_waiting_for_a_turn_is_not_the_models_time() -> None:
    patience = Patience(tries=1, attempt=5, total=5)
    async with (
        FakeModel(latency=0.01) as model,
        reader(model.url, patience=patience, at_once=1) as asked,
    ):
        filled = await asyncio.gather(*(asked.fill(FORM) for _ in range(5)))
    assert len(filled) == 5
    assert model.together == 1


async def test_what_many_find_out_together_is_known_to_the_next() -> None:
    refusing = FakeModel(always=behaviours.SCHEMA_REFUSED, latency=0.01)
    async with refusing as model, reader(model.url) as asked:
        await asyncio.gather(*(asked.fill(FORM) for _ in range(5)))
        assert len(model.calls) == 10
        await asked.fill(FORM)
    assert model.made()[10:] == ["json_object"]


async def test_an_unexplained_refusal_that_never_ends_teaches_nothing() -> None:
    async with FakeModel(always=behaviours.REFUSED_400) as model, reader(model.url) as asked:
        with pytest.raises(Unusable, match="Bad request"):
            await asked.fill(FORM)
        assert len(model.calls) < 8
        before = len(model.calls)
        model.always = behaviours.GOOD
        await asked.fill(FORM)
    assert model.made()[before:] == ["json_schema"]


async def test_a_redirect_is_not_followed() -> None:
    moved = Behaviour("moved", status=307, headers={"Location": "http://127.0.0.1:9/"}, raw=b"")
    async with FakeModel(always=moved) as model, reader(model.url) as asked:
        with pytest.raises(GiveUp, match="OPENAI_BASE_URL"):
            await asked.fill(FORM)


async def test_a_service_that_is_not_there_is_named_without_its_password() -> None:
    async with reader("http://me:pass-word@127.0.0.1:9/v1") as asked:
        with pytest.raises(SourceFailed, match="could not be reached") as caught:
            await asked.fill(FORM)
        assert "127.0.0.1:9" in str(caught.value)
        assert "pass-word" not in str(caught.value) + repr(asked)


async def test_name_and_password_of_an_address_are_sent_as_such() -> None:
    async with FakeModel() as model:
        base = model.url.replace("http://", "http://me:pass-word@")
        async with reader(base) as asked:
            await asked.fill(FORM)
    assert model.calls[0].headers["authorization"] == "Basic bWU6cGFzcy13b3Jk"


class Proxy(Loopback):
    """Refuses whatever is to be fetched."""

    def answer(self, asked: Asked) -> Said:
        return Said(b"", 403)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_proxy_of_the_environment_is_asked(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Proxy() as proxy:
        proxy.always = Fault(status=403)
        for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", proxy.url)
        async with reader(f"{scheme}://model.example/v1") as asked:
            with pytest.raises(PaperboyError):
                await asked.fill(FORM)
    assert "model.example" in proxy.asked[0].target


async def test_loopback_is_behind_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with FakeModel() as model, reader(model.url) as asked:
        await asked.fill(FORM)
    assert len(model.calls) == 1


@pytest.mark.parametrize(
    ("key", "base", "named"),
    [
        (None, None, "OPENAI_API_KEY"),
        ("sk one", None, "OPENAI_API_KEY"),
        ("sk-Ä", None, "OPENAI_API_KEY"),
        (KEY, "localhost:11434", "OPENAI_BASE_URL"),
        (KEY, "ftp://model.example", "OPENAI_BASE_URL"),
        (KEY, "http://model.example/v1?key=1", "OPENAI_BASE_URL"),
        (KEY, "http://[::1/v1", "OPENAI_BASE_URL"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    key: str | None, base: str | None, named: str
) -> None:
    with pytest.raises(SetUpWrong, match=named) as caught:
        OpenAIReader("fake", key, base)
    assert not key or key not in str(caught.value)


async def test_a_server_without_keys_is_told_none_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)  # of the environment, not of our settings
    async with FakeModel() as model, OpenAIReader("fake", None, model.url) as asked:
        await asked.fill(FORM)
    assert KEY not in model.calls[0].headers["authorization"]


async def test_half_a_letter_in_a_text_does_no_harm() -> None:
    async with FakeModel() as model, reader(model.url) as asked:
        await asked.fill(Form("Answer.", "A \ud835 text.", FORM.schema))
    assert model.calls[0].text == "A ? text."


async def test_who_is_not_opened_says_so() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await reader("http://127.0.0.1:9/v1").fill(FORM)


async def test_opening_a_reader_imports_nothing() -> None:
    """Most days are read already; the SDK takes most of a second."""
    script = (
        "import asyncio, sys\n"
        "from adapters.readers.openai import OpenAIReader\n"
        "async def main():\n"
        "    async with OpenAIReader('m', 'k'): pass\n"
        "asyncio.run(main())\n"
        "assert 'openai' not in sys.modules and 'httpx2' not in sys.modules\n"
    )
    ran = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    assert await ran.wait() == 0
