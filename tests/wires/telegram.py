"""The sandbox as a wire for tests: faults on demand, every outgoing call judged by strangers."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from adapters.platforms.telegram import Telegram
from adapters.platforms.telegram.sandbox import Call, Refusal, Sandbox
from adapters.platforms.telegram.sandbox.server import respond
from bot.cards import Paragraph
from bot.ports import Reply, Request
from tests.wires.judging import telegram_errors
from tests.wires.limits import TelegramLimits
from tests.wires.talks import Answering

NOW = datetime(2025, 12, 26, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Trouble:
    """What goes wrong with one call; the first thing that is set happens."""

    code: int = 0  # refused: 400, 401, 403, 409, 429, 502 …
    said: str = "Bad Request: refused for a test"
    parameters: dict[str, int] = field(default_factory=dict)  # retry_after, migrate_to_chat_id
    raw: bytes | None = None  # the whole body of the answer, with `code`
    hang: bool = False  # never answers
    cut: bool = False  # closes without a word
    late: bool = False  # carries the call out first; then cuts, or answers `code`


class FakeTelegram(Sandbox):
    """`troubles[method]` are used up by the next calls of the method, `always` by every one.

    With `limits` what is sent or edited too fast is refused, as Telegram refuses it.
    """

    def __init__(self, *, limits: TelegramLimits | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.limits = limits
        self.troubles: dict[str, deque[Trouble]] = defaultdict(deque)
        self.always: dict[str, Trouble] = {}
        self.hanging = asyncio.Event()  # set once a call hangs
        self._held: dict[int, Trouble] = {}  # by the call

    def fail(self, method: str, *troubles: Trouble) -> None:
        """What happens to the next calls of the method."""
        self.troubles[method].extend(troubles)

    def problems(self) -> list[str]:
        """What Telegram's parser and the Bot API's document have against any call so far."""
        return [error for call in self.calls for error in telegram_errors(call)]

    async def meddle(self, call: Call, writer: asyncio.StreamWriter) -> bool:
        """The trouble before the call is carried out."""
        self._count(call)
        queue = self.troubles[call.method]
        trouble = queue.popleft() if queue else self.always.get(call.method)
        if trouble is None:
            return False
        if trouble.late:
            self._held[id(call)] = trouble
            return False
        return await self._happen(trouble, writer)

    async def after(self, call: Call, writer: asyncio.StreamWriter) -> bool:
        """The trouble behind it."""
        trouble = self._held.pop(id(call), None)
        return trouble is not None and await self._happen(trouble, writer)

    def _count(self, call: Call) -> None:
        """Hold it against the limits. Raises Refusal."""
        if self.limits is None or not call.method.startswith(("send", "editMessage")):
            return
        if call.method == "sendChatAction":
            return
        wait = self.limits.admit(call.params.get("chat_id", ""), monotonic())
        if wait is not None:
            after = max(1, math.ceil(wait))  # Telegram names whole seconds
            raise Refusal(429, f"Too Many Requests: retry after {after}", retry_after=after)

    async def _happen(self, trouble: Trouble, writer: asyncio.StreamWriter) -> bool:
        if trouble.hang:
            self.hanging.set()
            await asyncio.Event().wait()
        if trouble.raw is not None:
            await respond(writer, trouble.code, {}, raw=trouble.raw)
            return True
        if trouble.code:
            raise Refusal(trouble.code, trouble.said, **trouble.parameters)
        return trouble.cut


@dataclass
class Served:
    """A fake Telegram, the platform that listens to it, and what it asked of the core."""

    wire: FakeTelegram
    platform: Telegram
    talk: Answering
    listening: asyncio.Task[None]

    @property
    def asked(self) -> list[Request]:
        """The requests so far."""
        return self.talk.asked


async def echo(request: Request) -> Reply:
    """A short answer that names the command."""
    return Reply((Paragraph.of(f"{request.command}: {request.text}"),), "en")


@asynccontextmanager
async def served(
    answer: Callable[[Request], Awaitable[Reply]] = echo,
    *,
    wire: FakeTelegram | None = None,
    **options: Any,
) -> AsyncIterator[Served]:
    """Telegram and the platform at work; at the end no call may have broken a rule."""
    options.setdefault("now", lambda: NOW)
    async with (
        wire or FakeTelegram() as world,
        Telegram(world.token, api_url=world.url, **options) as platform,
    ):
        talk = Answering(answer)
        listening = asyncio.create_task(platform.serve(talk), name="serve")
        try:
            yield Served(world, platform, talk, listening)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        problems = world.problems()
        assert not problems, "\n".join(problems)
