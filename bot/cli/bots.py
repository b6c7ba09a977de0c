"""Whose token it is: asked of Telegram or Discord, before or without the bot."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.channels import Address, Outcome, Verdict
from bot.errors import PaperboyError

_PATIENCE = 10.0  # seconds for an answer
_NOWHERE = Address("", "")


@dataclass(frozen=True, slots=True)
class Bot:
    """The bot of a token."""

    name: str  # "@lab_bot" on Telegram, "Lab Bot" on Discord
    link: str  # to its chat, or to invite it
    reads: bool | None = None  # whether what people write reaches it; None: unknown


class TokenRefused(PaperboyError):
    """The platform does not take the token."""


class NotReached(PaperboyError):
    """The platform did not answer, so nothing is known about the token."""


async def telegram_bot(token: str, api_url: str | None = None) -> Bot:
    """The bot of a token of Telegram. Raises TokenRefused, NotReached."""
    from adapters.platforms.telegram.connection import Connection
    from adapters.platforms.telegram.outcomes import outcome

    connection = Connection(token, api_url)
    try:
        async with asyncio.timeout(_PATIENCE), connection:
            me = await connection.me()
    except Exception as error:  # also what the library makes of a strange answer
        raise _told("Telegram", outcome(error, _NOWHERE, connection.clean)) from None
    return Bot(f"@{me.username}", f"https://t.me/{me.username}", me.can_read_all_group_messages)


async def discord_bot(token: str, api_url: str | None = None) -> Bot:
    """The bot of a token of Discord. Raises TokenRefused, NotReached."""
    from adapters.platforms.discord.invitation import invitation
    from adapters.platforms.discord.outcomes import outcome_of
    from adapters.platforms.discord.wire import Wire

    wire = Wire(token, api_url)
    wire.open()
    try:
        async with asyncio.timeout(_PATIENCE):
            client = await wire.logged_in()
            user, application = client.user, client.application_id
            flags = client.application_flags
            assert user is not None  # logged in
        return Bot(
            user.name,
            invitation(str(application or user.id)),
            flags.gateway_message_content or flags.gateway_message_content_limited,
        )
    except Exception as error:
        raise _told("Discord", outcome_of(error, left=False)) from None
    finally:
        await wire.close()


def _told(platform: str, outcome: Outcome) -> PaperboyError:
    if outcome.verdict is Verdict.TOKEN_REFUSED:
        return TokenRefused(f"{platform} refuses this token.")
    if outcome.verdict is Verdict.NOT_SENT:
        return NotReached(f"{platform} did not answer: there is no connection to it.")
    said = (outcome.error or outcome.verdict.value).rstrip(".")
    return NotReached(f"{platform} did not answer ({said}).")
