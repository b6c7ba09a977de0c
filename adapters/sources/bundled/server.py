"""The bundled edition over HTTP on loopback, in the shape of Hugging Face's papers API."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from importlib.resources import files
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

DAY = date(2025, 12, 26)
_DEFAULT_LIMIT = 50
_MOST = 100
_NOTHING = (  # a feed without entries
    b'<feed xmlns="http://www.w3.org/2005/Atom">'
    b'<totalResults xmlns="http://a9.com/-/spec/opensearch/1.1/">0</totalResults></feed>'
)
_PATIENCE = 10.0  # seconds for a request to arrive


@dataclass(frozen=True, slots=True)
class _Reply:
    status: HTTPStatus
    value: object = None  # bytes as they are, anything else as JSON
    headers: Mapping[str, str] = field(default_factory=dict)


class BundledServer:
    """`async with BundledServer() as server:` serves `server.url` until the block is left.

    Answers `/api/daily_papers`, `/api/papers/<id>` and `/api/papers/search`, with ETags; and
    `/api/query` as arXiv does that knows no paper. On the loopback interface only, at a port
    that the system chooses.
    """

    def __init__(self) -> None:
        self.url = ""  # known inside the block
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self._records: list[dict[str, Any]] = []

    async def __aenter__(self) -> Self:
        text = files(__package__).joinpath(f"edition_{DAY.isoformat()}.json").read_text("utf-8")
        self._records = json.loads(text)
        self._server = await asyncio.start_server(self._greet, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
            for talk in self._talks:
                talk.cancel()
            await asyncio.gather(*self._talks, return_exceptions=True)
            await self._server.wait_closed()
        self._server = None

    def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: asyncio (3.11) reports one that it made itself when it is cancelled.
        talk = asyncio.create_task(self._talk(reader, writer), name="bundled edition")
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
            writer.write(self._message(head.decode("latin-1")))
            await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the asker went away, or never asked
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _message(self, head: str) -> bytes:
        first, *lines = head.split("\r\n")
        method, _, rest = first.partition(" ")
        target = rest.rpartition(" ")[0]
        asked = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        if method != "GET":
            reply = _Reply(HTTPStatus.METHOD_NOT_ALLOWED, {"error": "Only GET is answered"})
        else:
            reply = self._answer(target)
        value = reply.value
        body = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", **reply.headers}
        status = reply.status
        if status is HTTPStatus.OK:
            tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            headers["ETag"] = tag
            if asked.get("if-none-match") == tag:
                status, body = HTTPStatus.NOT_MODIFIED, b""
        headers |= {"Content-Length": str(len(body)), "Connection": "close"}
        if status is HTTPStatus.NOT_MODIFIED:
            del headers["Content-Length"]
        said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {status.value} {status.phrase}\r\n{said}\r\n".encode("latin-1") + body

    def _answer(self, target: str) -> _Reply:
        parts = urlsplit(target)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        path = unquote(parts.path).rstrip("/")
        if path == "/api/daily_papers":
            return self._list(asked)
        if path == "/api/papers/search":
            return self._search(asked)
        if path.startswith("/api/papers/"):
            return self._paper(path.removeprefix("/api/papers/"))
        if path == "/api/query":
            return _Reply(HTTPStatus.OK, _NOTHING, {"Content-Type": "application/atom+xml"})
        return _Reply(HTTPStatus.NOT_FOUND, {"error": "There is nothing at this path"})

    def _list(self, asked: Mapping[str, str]) -> _Reply:
        try:
            day = date.fromisoformat(asked.get("date", DAY.isoformat()))
            limit = int(asked.get("limit", _DEFAULT_LIMIT))
            page = int(asked.get("p", 0))
        except ValueError:
            return _Reply(HTTPStatus.BAD_REQUEST, {"error": "Invalid date, limit or p"})
        if not 1 <= limit <= _MOST or page < 0:
            return _Reply(HTTPStatus.BAD_REQUEST, {"error": "Invalid limit or p"})
        records = self._records if day == DAY else []
        return _Reply(HTTPStatus.OK, records[page * limit : (page + 1) * limit])

    def _paper(self, paper_id: str) -> _Reply:
        for record in self._records:
            if record["paper"]["id"] == paper_id:
                return _Reply(HTTPStatus.OK, record["paper"])
        return _Reply(HTTPStatus.NOT_FOUND, {"error": "Paper not found"})

    def _search(self, asked: Mapping[str, str]) -> _Reply:
        words = asked.get("q", "").casefold().split()
        if not words:
            return _Reply(HTTPStatus.BAD_REQUEST, {"error": "q is missing"})
        limit = asked.get("limit", "")
        most = int(limit) if limit.isdigit() else _MOST
        found = [
            record
            for record in self._records
            if all(
                word in f"{record['paper']['title']} {record['paper']['summary']}".casefold()
                for word in words
            )
        ]
        return _Reply(HTTPStatus.OK, found[:most])
