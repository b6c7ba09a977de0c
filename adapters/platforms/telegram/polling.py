"""Updates fetched by long polling, through everything that a network does.

https://core.telegram.org/bots/api#getupdates
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from adapters.platforms.telegram.connection import CONNECT_TIMEOUT
from adapters.platforms.telegram.outcomes import outcome
from adapters.platforms.telegram.updates import ALLOWED
from bot.channels import Address, Verdict
from bot.errors import Refused, Stop

if TYPE_CHECKING:
    from adapters.platforms.telegram.connection import Connection

LONG = 30  # seconds that Telegram may keep a poll open
PATIENCE = 60.0  # seconds in which a predecessor may still be polling
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds between attempts
_CONFLICT_PAUSE = 3.0  # seconds
_BREATH = 0.001  # seconds between updates: the first one's answer leaves before the last is read,
# and a thousand a second are far more than may be answered
_LAST_WORD = 2.0  # seconds for telling which updates were taken
_NOWHERE = Address("telegram", "")

Take = Callable[[dict[str, Any]], Awaitable[None]]
T = TypeVar("T")
log = logging.getLogger(__name__)


class Polling:
    """Fetches updates and hands each to `take`; raises Refused when it is of no use to go on.

    `patience`: seconds for which a second instance is borne.
    """

    def __init__(self, connection: Connection, take: Take, patience: float = PATIENCE) -> None:
        self._connection = connection
        self._take = take
        self._patience = patience
        self._offset = 0
        self._conflicts: tuple[float, float] | None = None  # first and last one

    async def run(self) -> None:
        """Until cancelled. What Telegram keeps for a webhook comes too: that is taken away."""
        await persist(self._connection, self._connection.bot.delete_webhook, self.conflict)
        while True:
            for raw in await persist(self._connection, self._fetch, self.conflict):
                await self._take(raw)
                self._offset = max(self._offset, int(raw.get("update_id", 0)) + 1)
                await asyncio.sleep(_BREATH)

    async def acknowledge(self) -> None:
        """Say at the end which updates were taken, so that the next start does not get them."""
        if not self._offset:
            return
        with suppress(Exception):
            async with asyncio.timeout(_LAST_WORD):
                await self._fetch(seconds=0, limit=1)

    async def conflict(self) -> None:
        """Bear with a second instance for a while. Raises Refused."""
        now = asyncio.get_running_loop().time()
        first, last = self._conflicts or (now, now)
        if now - last > max(self._patience, 2 * _CONFLICT_PAUSE):
            first = now  # the earlier one is over
        elif self._conflicts is None:
            self._connection.trouble = "Another program listens with this bot's token."
            log.warning("another instance listens with this bot's token; waiting for its end")
        self._conflicts = (first, now)
        if now - first >= self._patience:
            raise Refused(
                "Another program uses the same Telegram bot token. Stop it, or give this one a "
                "token of its own (PAPERBOY_TELEGRAM_TOKEN)."
            )
        await asyncio.sleep(min(_CONFLICT_PAUSE, self._patience / 4))

    async def _fetch(self, seconds: int = LONG, limit: int = 100) -> list[dict[str, Any]]:
        """Raw updates: one that the library cannot read must not hold up the others."""
        asked = {"timeout": seconds, "limit": limit, "allowed_updates": json.dumps(ALLOWED)}
        if self._offset:
            asked["offset"] = self._offset
        address = f"{self._connection.bot.base_url}/getUpdates?{urlencode(asked)}"
        found: Any = await self._connection.updates.post(
            address, read_timeout=seconds + CONNECT_TIMEOUT
        )
        if not isinstance(found, list):
            raise TypeError(f"getUpdates gave {type(found).__name__}, not a list")
        return [raw for raw in found if isinstance(raw, dict)]


async def persist(
    connection: Connection,
    call: Callable[[], Awaitable[T]],
    conflict: Callable[[], Awaitable[None]] | None = None,
) -> T:
    """The result of `call`, tried until it comes. Raises Refused when the token is no good."""
    failures = 0
    while True:
        try:
            result = await call()
        except Stop:
            raise
        except Exception as error:  # also what the library stumbles over in a strange answer
            meant = outcome(error, _NOWHERE, connection.clean)
            if meant.verdict is Verdict.TOKEN_REFUSED:
                raise Refused(_refusal(connection)) from error
            if meant.verdict is Verdict.SECOND_INSTANCE and conflict is not None:
                await conflict()
                continue
            failures += 1
            if failures == 1:
                connection.trouble = "Telegram does not answer."
                log.warning("Telegram does not answer, trying on: %s", meant.error)
            await asyncio.sleep(_pause(failures, meant.retry_after))
        else:
            if failures:
                log.warning("Telegram answers again, after %d attempts", failures)
            connection.trouble = None
            return result


def _refusal(connection: Connection) -> str:
    said = (
        "Telegram refuses the bot's token: take the one that @BotFather shows now "
        "(PAPERBOY_TELEGRAM_TOKEN)."
    )
    if connection.official:
        return said
    return f"{said} Or no Bot API server is at PAPERBOY_TELEGRAM_API_URL."


def _pause(failures: int, retry_after: float | None) -> float:
    if retry_after is not None:
        return retry_after
    longest: float = min(_FIRST_PAUSE * 2 ** min(failures - 1, 10), _LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1)
