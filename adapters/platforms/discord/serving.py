"""Listening until the end: commands registered, the gateway held, breaks mended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from adapters.platforms.discord.menu import register
from adapters.platforms.discord.outcomes import outcome_of
from bot.errors import Refused

if TYPE_CHECKING:
    from adapters.platforms.discord.listening import Listener
    from adapters.platforms.discord.wire import Wire
    from bot.channels import Limits

_PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)  # seconds between attempts; the last one is kept
_REGISTERING = (0.0, 10.0, 120.0)  # seconds before each attempt
_GRACE = 3.0  # seconds for answers that are being given when it ends
_REFUSED = {  # https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway
    4004: "Discord refused the token: PAPERBOY_DISCORD_TOKEN takes the one of Bot, Reset Token.",
    4014: "Discord refused the intents of the bot, though it asks for no privileged one.",
}
log = logging.getLogger(__name__)


async def serve(wire: Wire, listener: Listener, limits: Limits) -> None:
    """Hold the gateway until cancelled. Raises Refused when the token is refused."""
    failures = 0
    while True:
        try:
            await _once(wire, listener, limits)
            failures = 0
        except Exception as error:
            if (refused := refusal(error)) is not None:
                raise Refused(refused) from None  # the cause may show the call with its token
            log.warning("Discord cannot be reached: %s", outcome_of(error).error)
        await wire.drop()
        await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])
        failures += 1


async def _once(wire: Wire, listener: Listener, limits: Limits) -> None:
    client = await wire.logged_in()
    await wire.find_gateway()
    registering = asyncio.create_task(register_patiently(wire, limits), name="discord: register")
    try:
        await client.connect()
    except asyncio.CancelledError:
        with suppress(asyncio.CancelledError):
            await listener.finish(_GRACE)
        for shard in client.shards.values():
            await shard.disconnect()
        raise
    finally:
        registering.cancel()
        await asyncio.wait((registering,))


async def register_patiently(
    wire: Wire, limits: Limits, *, pauses: Sequence[float] = _REGISTERING
) -> None:
    """Register the commands; the bot runs with the old ones where that fails."""
    for pause in pauses:
        await asyncio.sleep(pause)
        try:
            await register(wire, limits)
            return
        except Exception as error:
            log.warning("slash commands were not registered: %s", outcome_of(error).error)


def refusal(error: BaseException) -> str | None:
    """Why the operator has to act, when listening ended in this error."""
    import discord

    if isinstance(error, discord.LoginFailure):
        return _REFUSED[4004]
    if isinstance(error, discord.HTTPException) and error.status == 401:
        return _REFUSED[4004]
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return _REFUSED[4014]
    if isinstance(error, discord.ConnectionClosed):
        return _REFUSED.get(error.code)
    return None
