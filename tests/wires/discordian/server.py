"""A Discord on loopback: REST v10 and the gateway over real sockets, for unmodified clients.

What Discord would make of a call (permissions, limits, the shapes of answers) is simcord's
model of it; the wire is ours: tokens, rate limits, nonces, faults, lost answers.
"""

from __future__ import annotations

import asyncio
import fnmatch
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Self

from aiohttp import web
from simcord.backend import Backend
from simcord.backend.errors import BackendError
from simcord.http import RouteNotImplemented, UnsupportedField, dispatch

from tests.wires.discordian.forms import Upload, read
from tests.wires.discordian.gateway import Gateway
from tests.wires.discordian.nonces import Nonces
from tests.wires.discordian.pace import Pace

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.Fake00.not-a-token-of-anybody"
_VERSION = re.compile(r"^(?:/api)?(?:/v\d+)?(?=/)")
_OPEN_TO_ALL = re.compile(r"^/(?:interactions/\d+/[^/]+/callback|webhooks/\d+/[^/]+.*)$")


@dataclass(frozen=True)
class Call:
    """One request of the bot."""

    method: str
    path: str  # without "/api/v10"
    query: dict[str, str]
    body: Any
    files: dict[str, bytes] = field(default_factory=dict)  # name of the file: its content
    errors: tuple[str, ...] = ()  # what the specification finds wrong


@dataclass
class Fault:
    """What goes wrong with the calls it fits; the fields that are unset change nothing."""

    method: str = "*"
    path: str = "*"  # a pattern such as "/channels/*/messages"
    times: int | None = 1  # None: always
    status: int | None = None
    code: int = 0  # Discord's own number of the error
    message: str = "A fault of the test"
    retry_after: float | None = None  # with status 429
    everywhere: bool = False  # a global 429
    shared: bool = False  # a 429 of the resource, that does not count against the bot
    banned: bool = False  # a 429 of Cloudflare's, who keeps the address of the bot out
    hang: bool = False  # never answers
    drop: bool = False  # the connection is cut before the call is taken
    lose: bool = False  # the call is taken, and its answer is lost
    mute: bool = False  # the call is taken, and never answered


class Clock:
    """The real time, and what the test adds to it."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    def now(self) -> datetime:
        """UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.elapsed)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.elapsed += seconds


class DiscordWire:
    """`async with` starts and stops it. `api_url` is the base to give a bot.

    `judge(method, path, body)` names what the specification finds wrong with a call. Calls that
    the model does not know stand in `strange`. With `enforce` the limits of pace hold: 50 calls a
    second, 5 writes in 5 seconds per route and channel, and `violations` names every call beyond.
    """

    def __init__(
        self,
        port: int = 0,
        judge: Callable[[str, str, Any], list[str]] | None = None,
        *,
        enforce: bool = False,
    ) -> None:
        self.token: str | None = TOKEN
        self.url = ""
        self.calls: list[Call] = []
        self.strange: list[str] = []
        self.faults: list[Fault] = []
        self.shards = 1
        self.backend = Backend(clock=Clock())  # type: ignore[arg-type]
        self._changed = asyncio.Event()
        self.gateway = Gateway(self.backend, lambda token: token == self.token, self._changed.set)
        self._judge = judge
        self._port = port
        self.pace = Pace()
        self.enforce = enforce  # may be switched while it runs
        self.nonces = Nonces()
        self._runner: web.AppRunner | None = None

    @property
    def api_url(self) -> str:
        """Where REST v10 is."""
        return f"{self.url}/api/v10"

    @property
    def errors(self) -> list[str]:
        """Everything that was wrong with any call so far."""
        found = [
            f"{call.method} {call.path}: {error}" for call in self.calls for error in call.errors
        ]
        return found + self.strange

    @property
    def violations(self) -> list[str]:
        """Every call so far that was faster than Discord allows; counted with `enforce`."""
        return self.pace.violations

    def called(self, method: str, path: str) -> list[Call]:
        """The calls so far that fit a pattern such as "/channels/*/messages"."""
        return [
            call
            for call in self.calls
            if call.method == method and fnmatch.fnmatchcase(call.path, path)
        ]

    async def until(self, what: Callable[[], Any], seconds: float = 20.0) -> Any:
        """Wait until `what()` is true, looking again after every call; gives what it gave."""
        async with asyncio.timeout(seconds):
            while not (found := what()):
                self._changed.clear()
                await self._changed.wait()
        return found

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=32 * 2**20)
        app.router.add_get("/gateway/", self._meet)
        app.router.add_get("/gateway", self._meet)
        self._more_routes(app)
        app.router.add_route("*", "/{rest:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        self.gateway.url = f"ws://127.0.0.1:{port}/gateway/"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        for session in self.gateway.sessions.values():
            await session.socket.close(code=1001)
        await self._runner.cleanup()

    def _more_routes(self, app: web.Application) -> None:
        """Nothing more here."""

    async def _meet(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self.gateway.serve(request)
        finally:
            self._changed.set()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        path = _VERSION.sub("", request.rel_url.raw_path)
        body, uploads = await read(request)
        query = dict(request.query)
        errors = self._judge(request.method, path, body) if self._judge else []
        files = {one.filename: one.fp.getvalue() for one in uploads}
        self.calls.append(Call(request.method, path, query, body, files, tuple(errors)))
        self._changed.set()
        answer: web.StreamResponse | None = None
        try:
            answer = await self._answered(request, path, body, query, uploads)
            return answer
        finally:
            if answer is not None:
                shared = answer.headers.get("X-RateLimit-Scope") == "shared"
                self.pace.answered(answer.status, shared)
                answer.headers["Date"] = format_datetime(self.backend.clock.now(), usegmt=True)
            self._changed.set()

    async def _answered(
        self,
        request: web.Request,
        path: str,
        body: Any,
        query: dict[str, str],
        uploads: list[Upload],
    ) -> web.StreamResponse:
        limits: dict[str, str] = {}
        if self.enforce:
            slower, limits = self.pace.take(request.method, path)
            if slower is not None:
                return slower
        fault = self._fault(request.method, path)
        if fault.drop:
            return _cut(request)
        if fault.hang:
            await asyncio.Event().wait()
        if fault.status is not None:
            return _failed(fault)
        if not _OPEN_TO_ALL.match(path) and (
            self.token is None or request.headers.get("Authorization") != f"Bot {self.token}"
        ):
            return _said(401, {"message": "401: Unauthorized", "code": 0})
        status, said = self._answer(request.method, path, body, query, uploads)
        if fault.mute:
            self._changed.set()
            await asyncio.Event().wait()
        if fault.lose:
            return _cut(request)
        answer = _said(status, said, request.method, path)
        answer.headers.update(limits)
        return answer

    def _fault(self, method: str, path: str) -> Fault:
        for fault in self.faults:
            if fault.method in ("*", method) and fnmatch.fnmatchcase(path, fault.path):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.faults.remove(fault)
                return fault
        return Fault()

    def _answer(
        self, method: str, path: str, body: Any, query: dict[str, str], uploads: list[Upload]
    ) -> tuple[int, Any]:
        own = self._of_the_wire(method, path)
        if own is not None:
            return 200, own
        known = self._known_nonce(method, path, body)
        if known is not None:
            return 200, known
        if refused := self._refused(method, path, body):
            return refused
        try:
            said = self._page(path, query) if method == "GET" else None
            if said is None:
                said = dispatch(self.backend, method, path, json=body, params=query, files=uploads)
        except (RouteNotImplemented, UnsupportedField) as error:
            self.strange.append(f"{method} {path}: {error.message}")
            return 404, {"message": "404: Not Found", "code": 0}
        except BackendError as error:
            return error.status, error.to_json()
        if path.endswith("/callback") and query.get("with_response") not in ("1", "true", "True"):
            return 204, None
        if method == "POST" and path.endswith("/threads") and isinstance(said.get("message"), dict):
            said = self._one_id(said)
        said = self._retold(method, path, body, said)
        return (204, None) if said is None else (200, self.gateway.flagged(said))

    def _one_id(self, post: dict[str, Any]) -> dict[str, Any]:
        """The first message of a forum post has the id of its thread; simcord gives it another."""
        messages, first = self.backend.messages[int(post["id"])], int(post["message"]["id"])
        message = messages.pop(first)
        message.id = int(post["id"])
        messages[message.id] = message
        return {**post, "message": {**post["message"], "id": post["id"]}}

    def _of_the_wire(self, method: str, path: str) -> Any:
        if method != "GET":
            return None
        if path == "/gateway":
            return {"url": self.gateway.url}
        if path == "/gateway/bot":
            limit = {"total": 1000, "remaining": 999, "reset_after": 1, "max_concurrency": 16}
            return {"url": self.gateway.url, "shards": self.shards, "session_start_limit": limit}
        if path == "/applications/@me":
            return dispatch(self.backend, "GET", "/oauth2/applications/@me")
        return None

    def _known_nonce(self, method: str, path: str, body: Any) -> Any:
        return self.nonces.known(path, body) if method == "POST" else None

    def _retold(self, method: str, path: str, body: Any, said: Any) -> Any:
        """What simcord says, as Discord says it."""
        if path.endswith("/commands"):  # rights are said as text, whatever they were sent as
            rights = "default_member_permissions"
            return [{**one, rights: str(one[rights])} if one.get(rights) else one for one in said]
        if isinstance(said, list) and path.endswith("/messages"):
            return [self.nonces.told(one) for one in said]
        if method == "POST" and path.endswith("/messages"):
            return self.nonces.keep(path, body, said)
        return said

    def forget_nonces(self) -> None:
        """As when the window is over."""
        self.nonces.forget()

    def _page(self, path: str, query: dict[str, str]) -> Any:
        """The messages just behind one, newest first: simcord's model gives the newest of all."""
        found = re.fullmatch(r"/channels/(\d+)/messages", path)
        if found is None or "after" not in query:
            return None
        limit = int(query.get("limit", 50))
        every = dict(query) | {"limit": str(10**9)}
        said = dispatch(self.backend, "GET", path, json=None, params=every, files=[])
        return said[-limit:]

    def _refused(self, method: str, path: str, body: Any) -> tuple[int, Any] | None:
        """What simcord's model lets pass and Discord does not."""
        found = re.fullmatch(r"/channels/(\d+)/(?:messages/(\d+)/)?threads", path)
        if method != "POST" or not found:
            return None
        if found[2] and int(found[2]) in self.backend.channels:
            said = "A thread has already been created for this message"
            return 400, {"code": 160004, "message": said}
        asks = self.gateway.flags.get(int(found[1]), 0) & 1 << 4
        if asks and not (body or {}).get("applied_tags"):
            return 400, {"code": 40067, "message": "A tag is required to create a forum post"}
        return None


def _said(status: int, said: Any, method: str = "", path: str = "") -> web.Response:
    bucket = re.sub(r"\d{6,}", "id", f"{method} {path}")
    headers = {
        "Via": "1.1 fake",
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "49",
        "X-RateLimit-Reset": f"{time.time() + 1:.3f}",
        "X-RateLimit-Reset-After": "1.000",
        "X-RateLimit-Bucket": f"{hash(bucket) & 0xFFFFFFFF:08x}",
    }
    if status == 204:
        return web.Response(status=204, headers=headers)
    body = json.dumps(said).encode()
    return web.Response(
        status=status, body=body, headers={**headers, "Content-Type": "application/json"}
    )


def _failed(fault: Fault) -> web.Response:
    assert fault.status is not None
    if fault.banned:
        headers = {"Content-Type": "text/html"}
        if fault.retry_after is not None:
            headers["Retry-After"] = str(max(1, round(fault.retry_after)))
        return web.Response(status=429, body=b"error code: 1015", headers=headers)
    if fault.status != 429:
        return _said(fault.status, {"code": fault.code, "message": fault.message})
    after = fault.retry_after if fault.retry_after is not None else 0.1
    told = {
        "message": "You are being rate limited.",
        "retry_after": after,
        "global": fault.everywhere,
        "code": fault.code,
    }
    answer = _said(429, told)
    answer.headers["Retry-After"] = str(max(1, round(after)))
    scope = "global" if fault.everywhere else "shared" if fault.shared else "user"
    answer.headers["X-RateLimit-Scope"] = scope
    answer.headers["X-RateLimit-Remaining"] = "0"
    answer.headers["X-RateLimit-Reset-After"] = f"{after:.3f}"
    if fault.everywhere:
        answer.headers["X-RateLimit-Global"] = "true"
    return answer


def _cut(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
