"""A process that has imported everything and forks a bot for every order: a start takes no time.

`python -m tests.proofs.forks SOCKET` listens there. One connection is one bot: it brings an order
as a line of JSON, is told the process's id, and at its end the exit code (minus the signal's
number). Every bot is a process of its own, in which the real `main()` runs with its own
arguments, surroundings and output. When the standard input ends, everything ends.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_HEAVY = (
    "aiosqlite alembic.command apscheduler.schedulers.asyncio apscheduler.triggers.interval "
    "discord httpx procrastinate psycopg rich.console sqlalchemy.dialects.postgresql.psycopg "
    "telegram telegram.ext telegram.request uvicorn"
).split()


@dataclass(frozen=True)
class Order:
    """One bot to be started."""

    arguments: tuple[str, ...]
    surroundings: dict[str, str] = field(repr=False)
    folder: str
    log: str  # file of its output
    death: dict[str, Any] | None = None  # tests.proofs.deaths.Death, as a dict
    constants: dict[str, float] = field(default_factory=dict)  # "bot.x:NAME": seconds


class Bot:
    """A bot that was forked, as its starter sees it."""

    def __init__(self, order: Order, pid: int, reader: asyncio.StreamReader, writer: Any) -> None:
        self.order = order
        self.pid = pid
        self._reader = reader
        self._writer = writer
        self.ended: asyncio.Task[int] = asyncio.create_task(self._end(), name=f"bot {pid}")

    @property
    def log(self) -> str:
        """What it has written so far."""
        return Path(self.order.log).read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL, if it still lives."""
        self.signal(signal.SIGKILL)

    def signal(self, sign: signal.Signals) -> None:
        """Send a signal, if it still lives."""
        if not self.ended.done():
            os.kill(self.pid, sign)

    async def says(self, words: str, seconds: float = 30.0) -> None:
        """Until its log holds the words. Raises AssertionError."""
        for _ in range(round(seconds * 20)):
            if words in self.log:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"it does not say {words!r}:\n{self.log}")

    async def end(self, seconds: float = 60.0) -> int:
        """Its exit code, once it ended by itself. Raises AssertionError with its log."""
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(self.ended)
        except TimeoutError:
            raise AssertionError(f"the bot did not end:\n{self.log}") from None

    async def _end(self) -> int:
        try:
            return int(json.loads(await self._reader.readline())["code"])
        finally:
            self._writer.close()


async def start(where: str, order: Order) -> Bot:
    """Ask the process at the socket for a bot."""
    reader, writer = await asyncio.open_unix_connection(where)
    writer.write(json.dumps(asdict(order)).encode() + b"\n")
    return Bot(order, int(json.loads(await reader.readline())["pid"]), reader, writer)


def _import_all() -> None:
    for package in ("bot", "adapters", "storage"):
        module = importlib.import_module(package)
        for found in pkgutil.walk_packages(module.__path__, f"{package}."):
            if "migrations" not in found.name and not found.name.endswith("__main__"):
                importlib.import_module(found.name)
    for name in (*_HEAVY, "bot.__main__", "tests.proofs.deaths"):
        importlib.import_module(name)
    from bot.cli import application

    application()


class Forks:
    """Listens, forks, and tells of ends."""

    def __init__(self, where: str) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(where)
        self._listener.listen(64)
        self._bell, ringing = os.pipe()
        os.set_blocking(ringing, False)
        self._ringing = ringing
        self._running: dict[int, socket.socket] = {}

    def serve(self) -> None:
        """Until the standard input ends."""
        signal.set_wakeup_fd(self._ringing)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with selectors.DefaultSelector() as selector:
            for watched in (self._listener, self._bell, sys.stdin):
                selector.register(watched, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._listener:
                        self._fork(selector)
                    elif key.fileobj is sys.stdin:
                        for pid in self._running:
                            os.kill(pid, signal.SIGKILL)
                        return
                    else:
                        os.read(self._bell, 4096)
                        self._bury()

    def _fork(self, selector: selectors.BaseSelector) -> None:
        connection, _ = self._listener.accept()
        with connection.makefile("r") as lines:
            order = json.loads(lines.readline())
        pid = os.fork()
        if pid == 0:
            for one in (connection, self._listener, *self._running.values()):
                one.close()
            selector.close()
            os.close(self._bell)
            signal.set_wakeup_fd(-1)
            os.close(self._ringing)
            _become(Order(**order))
        self._running[pid] = connection
        connection.sendall(json.dumps({"pid": pid}).encode() + b"\n")

    def _bury(self) -> None:
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            code = os.waitstatus_to_exitcode(status)
            with self._running.pop(pid) as connection, suppress(OSError):  # its starter went away
                connection.sendall(json.dumps({"code": code}).encode() + b"\n")


def _become(order: Order) -> None:
    """Be the bot; never returns."""
    code = 70
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.clear()
        os.environ.update(order.surroundings)
        os.chdir(order.folder)
        sys.argv = ["paperboy", *order.arguments]
        from bot.__main__ import main
        from tests.proofs.deaths import arm, shorten

        shorten(order.constants)
        arm(order.death)
        code = main()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _import_all()
    gc.collect()
    gc.freeze()
    forks = Forks(sys.argv[1])
    print("ready", flush=True)
    forks.serve()
