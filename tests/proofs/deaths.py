"""How a bot dies at a named point: the right functions are wrapped before `main()` runs.

The product knows nothing of it. The process sends itself SIGKILL, which nothing can catch, at
the n-th time that it passes the point.
"""

from __future__ import annotations

import importlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any

# What the process itself can tell; that the platform recorded a message is known to the platform.
POINTS = (
    "opened",  # the transaction that opened the digest is committed
    "claimed",  # the attempt is committed, the call has not begun
    "answered",  # the call has returned, its settlement has not begun
    "settling",  # the outcome is written, its transaction is not committed
)


@dataclass(frozen=True)
class Death:
    """Where a bot dies."""

    point: str
    nth: int = 1
    kind: str | None = None  # only passes with a delivery of this kind are counted


def shorten(constants: Mapping[str, float]) -> None:
    """Give constants of the product ("module:NAME") other seconds, before anything runs.

    Raises AttributeError for one that is not there (any more).
    """
    for where, seconds in constants.items():
        name, _, constant = where.partition(":")
        module = importlib.import_module(name)
        old = getattr(module, constant)
        new = timedelta(seconds=seconds) if isinstance(old, timedelta) else type(old)(seconds)
        setattr(module, constant, new)


def arm(death: Mapping[str, Any] | None) -> None:
    """Wrap what has to be wrapped for this death."""
    if death is None:
        return
    found = Death(**death)
    count = _Count(found)
    if found.point == "answered":
        _watch_calls(count.passed)
    elif found.point == "migrating":
        _watch_migration(count.passed)
    elif found.point in POINTS:
        _watch_transactions(found.point, count.passed)
    else:
        raise ValueError(f"there is no point {found.point}")


class _Count:
    def __init__(self, death: Death) -> None:
        self._death = death
        self._left = death.nth

    def passed(self, kinds: Collection[str]) -> None:
        """It was passed with deliveries of these kinds."""
        if kinds and (self._death.kind is None or self._death.kind in kinds):
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def _watch_transactions(point: str, passed: Callable[[Collection[str]], None]) -> None:
    from storage.repositories.deliveries import SqlDeliveries
    from storage.store import SqlStore

    def noted(name: str, kinds: Callable[[tuple[Any, ...], Any], list[str]]) -> None:
        original = getattr(SqlDeliveries, name)

        @wraps(original)
        async def call(self: Any, *args: Any, **named: Any) -> Any:
            done = await original(self, *args, **named)
            notes = self.__dict__.setdefault("proofs", {})
            notes.setdefault(name, []).extend(kinds(args, done))
            return done

        setattr(SqlDeliveries, name, call)

    noted("add", lambda given, _: [drawn.kind.value for one, drawn in given[0] if one.digest_id])
    noted("claim", lambda _, claimed: [one.kind.value for one, *_ in claimed])
    noted("settle", lambda given, _: [given[0].kind.value] if given[0].attempts else [])
    noted("sent", lambda given, _: [one.kind.value for one in given[0]])
    wanted = {"opened": ("add",), "claimed": ("claim",), "settling": ("settle", "sent")}[point]
    original = SqlStore.transaction

    def kinds(tx: Any) -> list[str]:
        notes = tx.deliveries.__dict__.get("proofs", {})
        return [kind for name in wanted for kind in notes.get(name, ())]

    @asynccontextmanager
    async def transaction(self: Any) -> AsyncIterator[Any]:
        async with original(self) as tx:
            yield tx
            if point == "settling":
                passed(kinds(tx))
        if point != "settling":
            passed(kinds(tx))

    SqlStore.transaction = transaction  # type: ignore[method-assign]


def _watch_migration(passed: Callable[[Collection[str]], None]) -> None:
    """The schema is changed, its transaction is not committed."""
    from storage import schema

    original = schema._run

    def run(connection: Any) -> None:
        original(connection)
        passed(["migration"])

    schema._run = run


def _watch_calls(passed: Callable[[Collection[str]], None]) -> None:
    from adapters.platforms.discord import Discord
    from adapters.platforms.discord.frozen import thaw
    from adapters.platforms.telegram import Telegram

    def watched(platform: Any, kind_of: Callable[[Any], str]) -> None:
        original = platform.send

        @wraps(original)
        async def send(self: Any, address: Any, body: Any, *args: Any, **named: Any) -> Any:
            outcome = await original(self, address, body, *args, **named)
            passed([kind_of(body)])
            return outcome

        platform.send = send

    watched(Discord, lambda body: thaw(body).kind.value)
    watched(Telegram, lambda _: "post")
