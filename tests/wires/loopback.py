"""A small HTTP server on loopback whose faults can be switched on; it counts what it is asked."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit


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


class Loopback:
    """`async with` starts and stops it; a subclass gives `answer`.

    `faults` are used up one by one by the next requests, `always` by every one. Every good answer
    has an ETag and is turned into 304 when the asker knows it, unless `tags` is false.
    """

    def __init__(self, port: int = 0) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.faults: deque[Fault] = deque()
        self.always: Fault | None = None
        self.came = asyncio.Event()  # set once a request has come
        self.tags = True
        self.connections = 0  # ever opened
        self.together = 0  # most requests that were under way at once
        self._port = port
        self._busy = 0
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    def answer(self, asked: Asked) -> Said:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._greet, "127.0.0.1", self._port)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._server.wait_closed()

    def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        talk = asyncio.create_task(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass  # the asker is gone
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        asked = _parse((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
        sent = await reader.readexactly(int(asked.headers.get("content-length", "0")))
        asked = replace(asked, body=sent)
        self._busy += 1
        self.together = max(self.together, self._busy)
        try:
            return await self._reply(asked, writer)
        finally:
            self._busy -= 1

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
        phrase = HTTPStatus(status).phrase
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {status} {phrase}\r\n{lines}\r\n".encode("latin-1"))
        if fault.drip:
            for byte in body:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.write(body if fault.cut is None else body[: fault.cut])
        await writer.drain()
        return fault.cut is None


def _parse(head: str) -> Asked:
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ")
    parts = urlsplit(target)
    pairs = (line.partition(":") for line in lines if line)
    return Asked(
        method,
        target,
        unquote(parts.path),
        {name: values[-1] for name, values in parse_qs(parts.query, True).items()},
        {name.strip().lower(): value.strip() for name, _, value in pairs},
    )
