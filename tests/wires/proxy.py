"""A proxy on loopback that writes down whom it was asked for: CONNECT, and whole addresses.

Hosts have names that no resolver knows; `routes` says which server of a test each one is. So what
went round the proxy would have gone nowhere.
"""

from __future__ import annotations

import asyncio
import base64
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Passed:
    """One request to the proxy."""

    method: str
    host: str
    port: int
    login: str  # "user:password", "" without


@dataclass
class Proxy:
    """`async with` starts and stops it.

    `routes` gives to a host's name the address of a server ("http://127.0.0.1:8080"); a host
    without one is answered with 502. With `login` ("user:password") others get 407.
    """

    routes: dict[str, str] = field(default_factory=dict)
    login: str = ""
    written: str = ""  # the login as it stands in the address; "": as it is
    asked: list[Passed] = field(default_factory=list)
    _talks: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    @property
    def hosts(self) -> set[str]:
        """Whom it was asked for."""
        return {one.host for one in self.asked}

    @property
    def url(self) -> str:
        """Its address, with the login that it wants."""
        assert self._server is not None
        who = f"{self.written or self.login}@" if self.login else ""
        return f"http://{who}127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._greet, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._server.wait_closed()

    def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.create_task(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back: asyncio.Task[None] | None = None
        onward: asyncio.StreamWriter | None = None
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.rstrip("\r\n").split("\r\n")
                method, target, _ = first.split(" ")
                told = {name.lower(): value.strip() for name, _, value in map(_pair, lines)}
                if (refusal := self._refused(method, target, told)) is not None:
                    writer.write(f"HTTP/1.1 {refusal}\r\nContent-Length: 0\r\n\r\n".encode())
                    await writer.drain()
                    return
                if onward is None:
                    answers, onward = await self._onward()
                    back = asyncio.create_task(_pipe(answers, writer))
                if method == "CONNECT":
                    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    await _pipe(reader, onward)
                    return
                parts = urlsplit(target)
                path = target.removeprefix(f"{parts.scheme}://{parts.netloc}") or "/"
                kept = [line for line in lines if not line.lower().startswith("proxy-")]
                sent = "\r\n".join([f"{method} {path} HTTP/1.1", *kept])
                onward.write(f"{sent}\r\n\r\n".encode("latin-1"))
                if "upgrade" in told:
                    await _pipe(reader, onward)
                    return
                await _body(reader, onward, told)
        except (OSError, asyncio.IncompleteReadError):
            pass  # one of the two is gone
        finally:
            if back is not None:
                back.cancel()
            for end in (writer, onward):
                if end is not None:
                    end.close()

    def _refused(self, method: str, target: str, told: dict[str, str]) -> str | None:
        parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
        word = told.get("proxy-authorization", "").partition(" ")[2]
        login = base64.b64decode(word).decode()
        self.asked.append(Passed(method, parts.hostname or "", parts.port or 80, login))
        if login != self.login:
            return "407 Proxy Authentication Required"
        return None if self.asked[-1].host in self.routes else "502 Bad Gateway"

    async def _onward(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        there = urlsplit(self.routes[self.asked[-1].host])
        return await asyncio.open_connection(there.hostname, there.port)


def _pair(line: str) -> tuple[str, str, str]:
    return line.partition(":")


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while some := await reader.read(65_536):
            writer.write(some)
            await writer.drain()
    writer.close()


async def _body(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, told: dict[str, str]
) -> None:
    if "chunked" in told.get("transfer-encoding", ""):
        while True:
            size = await reader.readline()
            writer.write(size + await reader.readexactly(int(size, 16) + 2))
            if int(size, 16) == 0:
                break
    else:
        writer.write(await reader.readexactly(int(told.get("content-length", 0))))
    await writer.drain()
