"""The real command, in this process: its own home, the bundled edition as the only source."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.sources.bundled import BundledServer
from bot.__main__ import main


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Command = Callable[..., Ended]


@pytest.fixture(scope="session")
def edition_url() -> Iterator[str]:
    """The bundled edition over HTTP, served beside the tests."""
    ready, url, stop = threading.Event(), "", asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        nonlocal url
        async with BundledServer() as server:
            url = server.url
            ready.set()
            await stop.wait()

    def work() -> None:
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=work, name="bundled edition")
    thread.start()
    assert ready.wait(10)
    yield url
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edition_url: str) -> Path:
    """The home of this test's commands; their sources are the bundled server."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAPERBOY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_ENDPOINT", edition_url)
    monkeypatch.setenv("PAPERBOY_ARXIV_URL", edition_url)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path / "home"


@pytest.fixture
def command(home: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Run `paperboy …` in this process."""
    root = logging.getLogger()
    handlers, level = [*root.handlers], root.level

    def run(*arguments: str) -> Ended:
        capsys.readouterr()
        code = main(arguments)
        out, err = capsys.readouterr()
        return Ended(code, out, err)

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
