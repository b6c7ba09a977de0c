"""An HTTP server on a loopback socket that can misbehave below HTTP: what fakes are made of."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from contextlib import suppress
from http import HTTPStatus
from typing import Self


class Head:
    """The head of a request."""

    def __init__(self, raw: bytes) -> None:
        first, *lines = raw.decode("latin-1").split("\r\n")
        self.method, self.target, _ = first.split(" ")
        pairs = (line.partition(":") for line in lines if line)
        self.headers = {name.strip().lower(): value.strip() for name, _, value in pairs}


class Socket:
    """`async with` starts and stops it; a subclass gives `respond`."""

    def __init__(self, port: int = 0) -> None:
        self.base = ""  # http://127.0.0.1:…
        self.connections = 0  # ever opened
        self.together = 0  # most requests that were under way at once
        self.came = asyncio.Event()  # set once a request has come
        self._port = port
        self._busy = 0
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    @abstractmethod
    async def respond(self, head: Head, body: bytes, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; false: the connection is closed behind it."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._greet, "127.0.0.1", self._port)
        self.base = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
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
        head = Head(await reader.readuntil(b"\r\n\r\n"))
        body = await reader.readexactly(int(head.headers.get("content-length", "0")))
        self._busy += 1
        self.together = max(self.together, self._busy)
        try:
            return await self.respond(head, body, writer)
        finally:
            self._busy -= 1


def head_of(status: int, headers: dict[str, str]) -> bytes:
    """The head of an answer."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{lines}\r\n".encode("latin-1")
