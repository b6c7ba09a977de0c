"""The Bot API of the benches as a process: started, told how to answer, asked what came."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

HERE = Path(__file__).parent
TOKEN = "4242:AAFakeTokenOfTheBenchNotASecretAtAllXX"


@dataclass(frozen=True)
class Came:
    """What the Bot API took since it was told to begin."""

    times: list[float]  # seconds of its steady clock
    chats: dict[str, int]  # how many chats (values) got how many messages (keys)
    violations: list[str]  # calls that came too early: of "token", "chat" or "group"
    last: str  # the path before "/bot" of the last call

    def in_the_first(self, seconds: float) -> int:
        """Messages within so many seconds of the first."""
        return sum(at - self.times[0] < seconds for at in self.times)

    def longest_gap(self, first: int | None = None) -> float:
        """Seconds without a message among the first so many, or all."""
        return max(after - before for before, after in pairwise(self.times[:first]))


class Office:
    """The process; talk to it from one task."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "_botapi.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.url = self._line()

    def begin(self, *, latency: tuple[float, float] = (0.0, 0.0), limits: bool = False) -> None:
        """Count afresh; `latency` in seconds, from and to."""
        self._ask(json.dumps({"latency": latency, "limits": limits}))

    def came(self) -> Came:
        """What came since the beginning."""
        told = self._ask("")
        return Came(told["times"], told["chats"], told["violations"], told["last"])

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def _ask(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._line())
        return told


@contextmanager
def office() -> Iterator[Office]:
    """A Bot API while the body runs."""
    one = Office()
    try:
        yield one
    finally:
        one.close()


class _Hammer(asyncio.Protocol):
    """A connection that sends the next call as soon as the last was answered."""

    def __init__(self, calls: Iterator[int], done: asyncio.Semaphore, size: int) -> None:
        self._calls = calls
        self._done = done
        self._text = b"&text=" + b"x" * size
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._next()

    def _next(self) -> None:
        chat = next(self._calls, None)
        if chat is None:
            self._transport.close()
            self._done.release()
            return
        body = b"chat_id=%d" % chat + self._text
        path = f"/bot{TOKEN}/sendMessage".encode()
        head = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (path, len(body))
        self._transport.write(head + body)


async def ceiling(url: str, calls: int, *, connections: int, size: int) -> float:
    """Messages of `size` bytes a second that the Bot API takes from a client that does nothing."""
    host, _, port = url.removeprefix("http://").partition(":")
    numbers, done = iter(range(1, calls + 1)), asyncio.Semaphore(0)
    began = perf_counter()
    for _ in range(connections):
        await asyncio.get_running_loop().create_connection(
            lambda: _Hammer(numbers, done, size), host, int(port)
        )
    for _ in range(connections):
        await done.acquire()
    return calls / (perf_counter() - began)
