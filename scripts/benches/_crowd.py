"""A Telegram in a process of its own whose people all ask at once; it takes the time.

The first line printed is its address. Then each line read, a JSON list of a number of people and
of what they type, is answered by a JSON list: the seconds of each, from typing to the call that
answers, and what the last answer said.
"""

from __future__ import annotations

import asyncio
import json
import sys
from time import perf_counter
from typing import Any

from adapters.platforms.telegram.sandbox import Call, Sandbox

_PATIENCE = 60.0  # seconds


class Crowd(Sandbox):
    """Notes when each chat is first spoken to."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken: dict[int, float] = {}

    async def meddle(self, call: Call, writer: asyncio.StreamWriter) -> bool:
        if call.method == "sendMessage":
            self.spoken.setdefault(int(call.params["chat_id"]), perf_counter())
        return False

    async def ask(self, number: int, text: str) -> tuple[list[float], dict[str, Any]]:
        """Everybody new, everybody at once."""
        people = [self.person(f"Reader {one}") for one in range(number)]
        self.spoken.clear()
        self.calls.clear()
        began = perf_counter()
        for person in people:
            self.type(self.private(person), person, text)
        await self.until(lambda: len(self.spoken) == number, _PATIENCE)
        said = dict(self.made("sendMessage")[-1].params)
        del said["chat_id"]
        return [self.spoken[person.id] - began for person in people], said


async def _serve() -> None:
    async with Crowd() as telegram:
        print(telegram.url, telegram.token, flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            asked: list[Any] = json.loads(line)
            print(json.dumps(await telegram.ask(*asked)), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve())
