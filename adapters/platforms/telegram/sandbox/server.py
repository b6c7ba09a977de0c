"""The sandbox's HTTP: it reads calls as the Bot API server does, and brings webhooks."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import HTTP
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from adapters.platforms.telegram.sandbox.chats import JSON
from adapters.platforms.telegram.sandbox.methods import Files, Methods
from adapters.platforms.telegram.sandbox.refusals import Refusal
from adapters.platforms.telegram.sandbox.world import World

TOKEN = "4242:AAFakeTokenOfTheSandboxNotASecretAtAll_"
_BIGGEST = 60_000_000  # bytes of a call
_WORDS = frozenset(
    "text caption parse_mode description url secret_token title language_code "
    "callback_query_id inline_query_id file_id".split()
)


@dataclass(frozen=True)
class Call:
    """One call of the bot, as it was understood."""

    method: str
    params: JSON
    files: Files


class Sandbox(World):
    """A Telegram of its own: `async with Sandbox() as telegram: ...`, its address is `url`.

    `calls` are all calls in order. `meddle` may be overridden to make things go wrong.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        token: str = TOKEN,
        username: str = "paperboy_sandbox_bot",
        reads_all: bool = False,
    ) -> None:
        super().__init__(username=username, reads_all=reads_all)
        self.url = ""
        self.token = token
        self.calls: list[Call] = []
        self.methods = Methods(self)
        self._port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._greet, "127.0.0.1", self._port)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self._start(self._bring(), "sandbox: webhook")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is None:
            return
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def meddle(self, call: Call, writer: asyncio.StreamWriter) -> bool:
        """What a test puts between call and answer; true: the connection is to be closed.

        It may raise Refusal.
        """
        return False

    async def after(self, call: Call, writer: asyncio.StreamWriter) -> bool:
        """The same, once the call was carried out."""
        return False

    def made(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in self.calls if call.method.lower() == method.lower()]

    # HTTP

    def _start(self, work: Any, name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._start(self._talk(reader, writer), "sandbox: connection")

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, ValueError, LookupError):
            pass  # the bot is gone, or it was no HTTP
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        target = first.split(" ")[1]
        headers = {
            name.strip().lower(): value.strip()
            for name, colon, value in (line.partition(":") for line in lines)
            if colon
        }
        length = int(headers.get("content-length", 0))
        if length > _BIGGEST:
            return False
        body = await reader.readexactly(length)
        parts = urlsplit(target)
        path = unquote(parts.path)
        try:
            if path.startswith(f"/file/bot{self.token}/"):
                return await self._file(path, writer)
            method = self._method(path)
            params, files = _parameters(parts.query, headers.get("content-type", ""), body)
            call = Call(method, params, files)
            self.calls.append(call)
            self.changed()
            if await self.meddle(call, writer):
                return False
            result = await self.methods.call(method, params, files)
            if await self.after(call, writer):
                return False
        except Refusal as refusal:
            await respond(writer, refusal.code, refusal.json())
        else:
            await respond(writer, 200, {"ok": True, "result": result})
        return headers.get("connection", "").lower() != "close"

    def _method(self, path: str) -> str:
        _, bot, method = [*path.split("/", 2), "", ""][:3]
        if not bot.startswith("bot") or ":" not in bot:
            raise Refusal(404, "Not Found")
        if bot.removeprefix("bot") != self.token:
            raise Refusal(401, "Unauthorized")
        return method

    async def _file(self, path: str, writer: asyncio.StreamWriter) -> bool:
        number = path.rpartition("/")[2]
        for chat in self.chats.values():
            message = chat.messages.get(int(number)) if number.isdigit() else None
            if message is not None and message.file is not None:
                content = message.file[1]
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content))
                writer.write(content)
                await writer.drain()
                return True
        raise Refusal(404, "Not Found")

    async def _bring(self) -> None:
        """Post updates to the bot's webhook while it has one; what it refuses comes again."""
        import httpx

        async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
            while True:
                hook = self.methods.webhook
                waiting = [each for each in self.updates if self.methods.wanted(each)]
                if not hook.get("url") or not waiting:
                    await self.news(60)
                    continue
                secret = hook.get("secret_token")
                headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
                try:
                    answer = await client.post(hook["url"], json=waiting[0], headers=headers)
                except httpx.HTTPError:
                    await asyncio.sleep(0.2)
                    continue
                if answer.is_success:
                    self.updates.remove(waiting[0])
                else:
                    await asyncio.sleep(0.2)


async def respond(
    writer: asyncio.StreamWriter, status: int, body: JSON, *, raw: bytes | None = None
) -> None:
    """Write one answer; `raw` instead of JSON."""
    content = json.dumps(body).encode() if raw is None else raw
    writer.write(
        f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n".encode()
    )
    writer.write(content)
    await writer.drain()


def _parameters(query: str, kind: str, body: bytes) -> tuple[JSON, Files]:
    """Parameters from the address, a form, JSON or multipart, as the Bot API takes them."""
    given: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True))
    files: Files = {}
    if kind.startswith("application/json"):
        given |= json.loads(body or b"{}")
    elif kind.startswith("multipart/form-data"):
        head = f"Content-Type: {kind}\r\n\r\n".encode()
        for part in message_from_bytes(head + body, policy=HTTP).iter_parts():
            name = str(part.get_param("name", header="content-disposition"))
            content = part.get_payload(decode=True) or b""
            assert isinstance(content, bytes)
            if (filename := part.get_filename()) is not None:
                files[name] = (filename, content)
            else:
                given[name] = content.decode()
    else:
        given |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    return {name: _value(name, value) for name, value in given.items()}, files


def _value(name: str, value: Any) -> Any:
    """Forms carry numbers, flags and objects as their JSON."""
    if not isinstance(value, str) or name in _WORDS:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
