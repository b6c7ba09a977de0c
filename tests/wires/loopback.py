"""A small HTTP server on loopback whose faults can be switched on; it counts what it is asked."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from tests.wires.sockets import Head, Socket, head_of


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    target: str  # as sent
    path: str  # decoded, without the query
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    body: bytes = b""


@dataclass(frozen=True)
class Said:
    """One answer."""

    body: bytes
    status: int = 200
    kind: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one answer; fields that are None change nothing."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    kind: str | None = None
    cut: int | None = None  # bytes of the body that are sent before the connection is closed
    hang: bool = False  # never answers
    hush: bool = False  # closes without a word
    drip: bool = False  # sends the head and then a byte now and then, for ever


class Loopback(Socket):
    """`async with` starts and stops it; a subclass gives `answer`.

    `faults` are used up one by one by the next requests, `always` by every one. Every good answer
    has an ETag and is turned into 304 when the asker knows it, unless `tags` is false.
    """

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.asked: list[Asked] = []
        self.faults: deque[Fault] = deque()
        self.always: Fault | None = None
        self.tags = True

    @property
    def url(self) -> str:
        return self.base

    def answer(self, asked: Asked) -> Said:
        raise NotImplementedError

    async def respond(self, head: Head, body: bytes, writer: asyncio.StreamWriter) -> bool:
        return await self._reply(_asked(head, body), writer)

    async def _reply(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        self.asked.append(asked)
        self.came.set()
        fault = self.faults.popleft() if self.faults else self.always or Fault()
        if fault.hush:
            return False
        if fault.hang:
            await asyncio.Event().wait()
        said = self.answer(asked)
        status = fault.status or said.status
        body = said.body if fault.body is None else fault.body
        headers = {"Content-Type": fault.kind or said.kind, **said.headers}
        if status == 200 and self.tags:
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            headers["ETag"] = tag
            if asked.headers.get("if-none-match") == tag:
                status, body = 304, b""
        headers |= fault.headers
        if status != 304:
            headers["Content-Length"] = str(len(body))
        writer.write(head_of(status, headers))
        if fault.drip:
            for byte in body:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.write(body if fault.cut is None else body[: fault.cut])
        await writer.drain()
        return fault.cut is None


def _asked(head: Head, body: bytes) -> Asked:
    parts = urlsplit(head.target)
    query = {name: values[-1] for name, values in parse_qs(parts.query, True).items()}
    return Asked(head.method, head.target, unquote(parts.path), query, head.headers, body)
