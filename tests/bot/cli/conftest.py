"""The real command, in this process: its own home, the bundled edition as the only source."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from adapters.sources.bundled import BundledServer
from bot.__main__ import main
from tests.wires.loopback import Fault
from tests.wires.replay import Replay

ROOT = Path(__file__).resolve().parents[3]


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


T = TypeVar("T")


@contextmanager
def beside(server: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Keep a server open in a thread with its own event loop while commands run in theirs."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="server beside the tests")
    thread.start()
    try:
        opened = asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
        try:
            yield opened
        finally:
            leaving = server.__aexit__(None, None, None)
            asyncio.run_coroutine_threadsafe(_whole(leaving), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _whole(leaving: Awaitable[Any]) -> None:
    await leaving


@pytest.fixture(scope="session")
def edition_url() -> Iterator[str]:
    """The bundled edition over HTTP."""
    with beside(BundledServer()) as server:
        yield server.url


@pytest.fixture(scope="session")
def empty_arxiv_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An arXiv that knows no paper."""
    with beside(Replay(tmp_path_factory.mktemp("nothing recorded"))) as server:
        yield server.url


@pytest.fixture(scope="session")
def refusing_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A source that refuses every question at once."""
    server = Replay(tmp_path_factory.mktemp("nothing recorded"))
    server.always = Fault(status=403)
    with beside(server):
        yield server.url


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The recordings beside the checkout; a test that needs them is skipped without."""
    folder = ROOT.parent / "shared" / "recordings"
    if not folder.is_dir():
        pytest.skip("the recordings beside the checkout are missing (../shared/recordings)")
    return folder


@pytest.fixture(scope="session")
def replay_url(recordings: Path) -> Iterator[str]:
    """The recorded services over HTTP."""
    with beside(Replay(recordings)) as server:
        yield server.url


@pytest.fixture
def home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edition_url: str, empty_arxiv_url: str
) -> Path:
    """The home of this test's commands; their sources are the bundled server."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAPERBOY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_ENDPOINT", edition_url)
    monkeypatch.setenv("PAPERBOY_ARXIV_URL", empty_arxiv_url)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PAPERBOY_MONITOR", "off")
    return tmp_path / "home"


@pytest.fixture(autouse=True, scope="session")
def built_once() -> Iterator[None]:
    """Typer reads every command's signature anew for every call; once is enough here."""
    import typer.main

    from bot import cli

    build, one = typer.main.get_command, cli.application()
    command = build(one)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "application", lambda: one)
        patch.setattr(typer.main, "get_command", lambda app: command if app is one else build(app))
        yield


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
