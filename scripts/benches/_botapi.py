"""A Bot API in a process of its own that takes messages as quickly as can be, and counts them.

The first line printed is its address. Each line read, a JSON object, begins afresh: `latency` (two
bounds in seconds), `limits` (whether Telegram's are enforced). An empty line is answered by a JSON
object: `times` (seconds of the steady clock at which messages came), `chats` (how many got how
many), `violations`, `last` (the path before the token's, in the last call).
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from typing import Any

_ME = (
    b'{"ok":true,"result":{"id":4242,"is_bot":true,"first_name":"Paperboy","username":"pb_bot",'
    b'"can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":false}}'
)


class Post:
    """What the process knows: how it answers, and what came."""

    def __init__(self) -> None:
        self.begin({})

    def begin(self, how: dict[str, Any]) -> None:
        """Count afresh."""
        self.latency: tuple[float, float] = tuple(how.get("latency", (0.0, 0.0)))
        self.chance = random.Random(7)
        self.times: list[float] = []
        self.chats: Counter[str] = Counter()
        self.last = b""
        self.limits = None
        if how.get("limits"):
            from tests.wires.limits import TelegramLimits

            self.limits = TelegramLimits()

    def take(self, path: bytes, body: bytes, now: float) -> bytes:
        """The whole answer to a call."""
        if not path.endswith(b"/sendMessage"):
            return _answer(200, _ME)
        start = body.find(b"chat_id=") + 8
        end = body.find(b"&", start)
        chat = (body[start:] if end < 0 else body[start:end]).decode()
        if self.limits is not None and (wait := self.limits.admit(chat, now)) is not None:
            seconds = max(1, round(wait + 0.5))
            return _answer(
                429,
                b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after %d",'
                b'"parameters":{"retry_after":%d}}' % (seconds, seconds),
            )
        self.times.append(now)
        self.last = path.partition(b"/bot")[0]
        self.chats[chat] += 1
        return _answer(
            200,
            b'{"ok":true,"result":{"message_id":%d,"date":1781339400,"chat":{"id":%s,'
            b'"type":"private","first_name":"A"},"text":"ok"}}' % (len(self.times), chat.encode()),
        )

    def report(self) -> dict[str, Any]:
        """What came since the last beginning."""
        violations = [] if self.limits is None else self.limits.violations
        return {
            "times": self.times,
            "chats": dict(Counter(self.chats.values())),
            "violations": [one.which for one in violations],
            "last": self.last.decode(),
        }


def _answer(status: int, content: bytes) -> bytes:
    return (
        b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        % (status, len(content))
    ) + content


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._loop = asyncio.get_running_loop()
        self._read = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end]
            mark = head.lower().find(b"content-length:")
            length = int(head[mark + 15 :].split(b"\r\n", 1)[0]) if mark >= 0 else 0
            whole = end + 4 + length
            if len(self._read) < whole:
                return
            body, self._read = self._read[end + 4 : whole], self._read[whole:]
            path = head.split(b" ", 2)[1]
            answer = self._post.take(path, body, self._loop.time())
            low, high = self._post.latency
            if high:
                self._loop.call_later(self._post.chance.uniform(low, high), self._write, answer)
            else:
                self._write(answer)

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


async def _serve() -> None:
    post = Post()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Line(post), "127.0.0.1", 0, backlog=512)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line.strip():
            post.begin(json.loads(line))
            print("{}", flush=True)
        else:
            print(json.dumps(post.report()), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve())
