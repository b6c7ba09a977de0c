"""The way to Discord: one discord.py client, its log-in, and bare calls to its API."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from adapters.platforms.discord.budget import A_SECOND, MOST, Budget, Second
from adapters.platforms.discord.outcomes import BANNED, Answered, Held, Lost, seconds, span
from adapters.platforms.discord.ways import connector

if TYPE_CHECKING:
    import aiohttp
    import discord

_PATIENCE = 5.0  # seconds that a call which may wait waits for a pause of the token
_VERSION = re.compile(r"/v\d+$")
_FREE = re.compile(r"/(?:interactions|webhooks)/")


@dataclass
class Trail:
    """How far a call came."""

    left: bool = False  # something of the request left this machine
    rest: float | None = None  # seconds until its bucket, which it emptied, is full again


_trail: ContextVar[Trail | None] = ContextVar("discord_trail", default=None)


class Wire:
    """Calls to Discord's API through discord.py, which keeps the rate limits' buckets.

    Nothing leaves, of whatever kind, while too many calls of the last minutes were refused.

    The client logs in when it is first needed: the bot starts also while Discord cannot be
    reached.
    """

    def __init__(
        self,
        token: str,
        api_url: str | None,
        *,
        most_invalid: int = MOST,
        most_calls: int = A_SECOND,
        hears: bool = False,
    ) -> None:
        self.hears = hears  # messages that people write, where Discord tells of them
        self._token = token
        self._ahead = 0.0  # seconds that Discord's clock is ahead of ours
        self._budget = Budget(most_invalid)
        self._second = Second(most_calls)
        self._paused = 0.0  # instant on the loop's clock; the token may go on then
        self._api_url = base(api_url) if api_url else None
        self._restore: list[Callable[[], None]] = []
        self._prepare: Callable[[discord.AutoShardedClient], None] | None = None
        self._client: discord.AutoShardedClient | None = None
        self._login = asyncio.Lock()

    def __repr__(self) -> str:
        return "Wire()"

    def open(self) -> None:
        """Point discord.py to `api_url`, for the whole process until `close`."""
        if self._api_url:
            from discord.http import Route

            self._restore.append(partial(setattr, Route, "BASE", Route.BASE))
            Route.BASE = self._api_url

    async def close(self) -> None:
        """Close the client and its connections."""
        await self.drop()
        while self._restore:
            self._restore.pop()()

    async def drop(self) -> None:
        """Close the client; the next call makes a new one."""
        client, self._client = self._client, None
        if client is None:
            return
        if client.user is not None:
            await client.close()
        else:
            await client.http.close()  # never logged in: nothing else is open

    @property
    def client(self) -> discord.AutoShardedClient:
        """The client, logged in or not.

        No privileged intent, no cache of members and messages: what people write is told only
        where it is said to the bot, and not at all unless the wire `hears`.
        """
        if self._client is None:
            import discord

            from adapters.platforms.discord.buckets import watch

            discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nobody speaks
            intents = discord.Intents.none()
            intents.guilds = True
            intents.messages = self.hears
            self._client = discord.AutoShardedClient(
                intents=intents,
                member_cache_flags=discord.MemberCacheFlags.none(),
                max_messages=None,
                chunk_guilds_at_startup=False,
                allowed_mentions=discord.AllowedMentions.none(),
                http_trace=self._trace(),
            )
            watch(self._client.http, lambda: _trail.get() is not None)
            if self._prepare is not None:
                self._prepare(self._client)
        return self._client

    def prepare(self, prepare: Callable[[discord.AutoShardedClient], None]) -> None:
        """Let `prepare` see the client, and every one that takes its place."""
        self._prepare = prepare
        if self._client is not None:
            prepare(self._client)

    async def logged_in(self) -> discord.AutoShardedClient:
        """The client, logged in. Raises what discord.py and aiohttp raise."""
        async with self._login:
            client = self.client
            if client.user is None:
                client.http.connector = connector()
                try:
                    await client.login(self._token)
                except BaseException:
                    await client.http.close()
                    self._client = None  # its session is spent
                    raise
        return client

    async def find_gateway(self) -> None:
        """Where an own API has its gateway; discord.py knows only Discord's when it begins anew."""
        if self._api_url is None:
            return
        from discord.gateway import DiscordWebSocket
        from yarl import URL

        told = await self.call("GET", "/gateway/bot")
        before = DiscordWebSocket.DEFAULT_GATEWAY
        self._restore.append(partial(setattr, DiscordWebSocket, "DEFAULT_GATEWAY", before))
        DiscordWebSocket.DEFAULT_GATEWAY = URL(told["url"])

    async def call(
        self,
        method: str,
        path: str,
        payload: dict[str, Any] | list[Any] | None = None,
        *,
        file: tuple[str, bytes] | None = None,
        params: dict[str, Any] | None = None,
        **places: Any,
    ) -> Any:
        """One call; `places` fill the path. Raises what discord.py and aiohttp raise, and Held
        while the token has to pause for long."""
        from discord.http import Route

        if _trail.get() is None and (pause := self.paused) > 0:
            if pause > _PATIENCE:
                raise Held(pause, everywhere=True)
            await asyncio.sleep(pause)
        client = await self.logged_in()
        route = Route(method, path, **places)
        if file is not None and isinstance(payload, dict):
            form, files = form_of(payload, file)
            return await client.http.request(route, form=form, files=files)
        more: dict[str, Any] = {}
        if payload is not None:
            more["json"] = payload
        if params:
            more["params"] = params
        return await client.http.request(route, **more)

    async def call_once(
        self,
        trail: Trail,
        method: str,
        path: str,
        payload: dict[str, Any] | None = None,
        *,
        file: tuple[str, bytes] | None = None,
        params: dict[str, Any] | None = None,
        **places: Any,
    ) -> Any:
        """One call that leaves at once and at most once; `trail` tells how far it came.

        By itself discord.py waits for rate limits inside a call, and tries again after 429, 5xx
        and some broken connections, up to five times: a second forum post could come of it, and
        nobody would learn that the chat is to be left alone. Raises Held where it would have to
        wait, Answered for 429 and 5xx, Lost instead of leaving twice.
        """
        await self.logged_in()  # its calls are none of this trail
        if (pause := self.paused) > 0:
            raise Held(pause, everywhere=True)
        mark = _trail.set(trail)
        try:
            return await self.call(method, path, payload, file=file, params=params, **places)
        finally:
            _trail.reset(mark)

    @property
    def paused(self) -> float:
        """Seconds until the token may go on; 0: it may now."""
        return max(0.0, self._paused - asyncio.get_running_loop().time(), self._budget.wait)

    @property
    def connected(self) -> bool:
        """Whether every shard is connected to the gateway."""
        shards = self._client.shards if self._client is not None else {}
        return bool(shards) and not any(one.is_closed() for one in shards.values())

    @property
    def ahead(self) -> float:
        """Seconds that Discord's clock is ahead of this machine's, by its last answer."""
        return self._ahead

    def _trace(self) -> aiohttp.TraceConfig:
        import aiohttp

        async def starts(session: Any, context: Any, params: Any) -> None:
            if params.url.scheme in ("ws", "wss"):
                return  # the gateway's own connection
            if (wait := self._budget.wait) > 0:
                raise Held(wait, everywhere=True)
            if (trail := _trail.get()) and trail.left:
                raise Lost
            if not _FREE.search(params.url.path):
                context.began = await self._second.begin()

        def ends(context: Any) -> None:
            if (began := getattr(context, "began", None)) is not None:
                context.began = None
                self._second.end(began)

        async def fails(session: Any, context: Any, params: Any) -> None:
            ends(context)

        async def leaves(session: Any, context: Any, params: Any) -> None:
            if trail := _trail.get():
                trail.left = True

        async def answered(session: Any, context: Any, params: Any) -> None:
            ends(context)
            response = params.response
            self._note(response.status, response.headers)
            if response.status == 429 or response.status >= 500:
                said = answer_of(response.status, response.headers, await response.read())
                if said.everywhere:
                    self._pause(said.retry_after or BANNED)
                if _trail.get() is not None:
                    raise said
            elif trail := _trail.get():
                trail.rest = rest_of(response.headers)

        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(starts)
        trace.on_request_headers_sent.append(leaves)
        trace.on_request_end.append(answered)
        trace.on_request_exception.append(fails)
        return trace

    def _note(self, status: int, headers: Mapping[str, str]) -> None:
        self._budget.count(status, headers)
        with suppress(KeyError, ValueError, TypeError):
            told = parsedate_to_datetime(headers["Date"])
            self._ahead = (told - datetime.now(UTC)).total_seconds()

    def _pause(self, seconds: float) -> None:
        self._paused = max(self._paused, asyncio.get_running_loop().time() + seconds)


def form_of(
    payload: dict[str, Any], file: tuple[str, bytes]
) -> tuple[list[dict[str, Any]], list[discord.File]]:
    """A multipart form as discord.py sends it, and the files in it.

    https://discord.com/developers/docs/reference#uploading-files
    """
    from io import BytesIO

    import discord

    name, content = file
    inner = payload["data"] if isinstance(payload.get("data"), dict) else payload
    inner = inner.get("message", inner)
    if not any("id" in one for one in inner.get("attachments", ())):
        inner["attachments"] = [{"id": 0, "filename": name}]
    upload = discord.File(BytesIO(content), filename=name)
    form: list[dict[str, Any]] = [
        {"name": "payload_json", "value": json.dumps(payload, ensure_ascii=False)},
        {
            "name": "files[0]",
            "value": upload.fp,
            "filename": name,
            "content_type": "application/octet-stream",
        },
    ]
    return form, [upload]


def base(url: str) -> str:
    """The base of the API as discord.py wants it: with its version, without a slash behind."""
    url = url.strip().rstrip("/")
    if _VERSION.search(url):
        return url
    return f"{url}/v10" if url.endswith("/api") else f"{url}/api/v10"


def rest_of(headers: Mapping[str, str]) -> float | None:
    """Seconds until a bucket that is empty is full again; None while there is something in it.

    https://discord.com/developers/docs/topics/rate-limits#header-format
    """
    try:
        if int(headers["X-RateLimit-Remaining"]) > 0:
            return None
        return span(headers["X-RateLimit-Reset-After"])
    except (KeyError, ValueError):
        return None


def answer_of(status: int, headers: Mapping[str, str], body: bytes) -> Answered:
    """What a 429 or 5xx says.

    https://discord.com/developers/docs/topics/rate-limits#exceeding-a-rate-limit
    """
    try:
        told = json.loads(body)
        pause = span(told["retry_after"])
    except (ValueError, TypeError, KeyError, RecursionError):
        # Not from Discord's own gate: the address of this machine is blocked for a while.
        return Answered(status, seconds(headers), everywhere=status == 429)
    everywhere = bool(told.get("global")) or headers.get("X-RateLimit-Scope") == "global"
    return Answered(status, pause, everywhere)
