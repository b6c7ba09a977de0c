"""Leaks that are planted in a bot, to see that a soak finds them."""

from __future__ import annotations

import asyncio
import importlib
import socket
from typing import Any

_held: list[Any] = []  # what is never let go


def plant(kind: str) -> None:
    """Every round of the bell holds on to something more: memory, a task or a socket."""
    rounds = importlib.import_module("bot.rounds")
    original = rounds.open_round

    async def round_that_leaks(*given: Any, **named: Any) -> Any:
        if kind == "memory":
            _held.append(bytes(100_000))
        elif kind == "socket":
            _held.append(socket.socket())
        elif kind == "task":
            _held.append(asyncio.create_task(asyncio.Event().wait(), name="planted"))
        return await original(*given, **named)

    rounds.open_round = round_that_leaks  # type: ignore[attr-defined]
