"""What the doctor sees of Telegram and Discord: tokens, operators, webhook."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

from bot.channels import Address, Verdict
from bot.cli.doctor.finding import Finding
from bot.cli.doctor.patience import LOOK, within
from bot.errors import PaperboyError
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.ports import Platform

_NAMES = {"telegram": "Telegram", "discord": "Discord"}
_NEW_TOKEN = {
    "telegram": "Ask @BotFather for the token (/token), and set PAPERBOY_TELEGRAM_TOKEN.",
    "discord": "Reset it in the Developer Portal (Bot, Reset Token), and set "
    "PAPERBOY_DISCORD_TOKEN.",
}
_REACH = {
    "telegram": "They open the bot's chat in Telegram and press Start.",
    "discord": "They share a server with the bot and allow its direct messages.",
}
_NOWHERE = "0"  # no platform has such a chat: only the token is tried
_NO_ANSWER = (Verdict.NOT_SENT, Verdict.UNKNOWN, Verdict.TOO_FAST)


async def look_at_chats(settings: Settings) -> list[Finding]:
    """Whether each token is taken, and whether its operators can be written to."""
    from bot.app import open_platforms

    if settings.telegram_token is None and settings.discord_token is None:
        says = "No token is set, so only the terminal is served; docs/platforms.md tells how."
        return [Finding("chats", "ok", says)]
    found: list[Finding] = []
    try:
        async with AsyncExitStack() as stack:
            platforms = await open_platforms(settings, stack, now=lambda: datetime.now(UTC))
            for platform in platforms.values():
                found += await within(
                    platform.name,
                    _look(platform, settings),
                    seconds=LOOK * (1 + len(settings.admins)),
                    todo=f"Check the network and PAPERBOY_{platform.name.upper()}_API_URL.",
                )
    except PaperboyError as error:
        found.append(Finding("chats", "bad", str(error)))
    if not any(not one.startswith("console:") for one in settings.admins):
        found.append(
            Finding(
                "operators",
                "warn",
                "Nobody is told when something fails for long: it is only logged.",
                "Set PAPERBOY_ADMINS, as telegram:12345.",
            )
        )
    return found


async def _look(platform: Platform, settings: Settings) -> list[Finding]:
    name, word = platform.name, _NAMES[platform.name]
    began = monotonic()
    outcome = await platform.probe(Address(name, _NOWHERE))
    seconds = monotonic() - began
    if outcome.verdict is Verdict.TOKEN_REFUSED:
        return [Finding(name, "bad", f"{word} refuses the token.", _NEW_TOKEN[name], seconds)]
    if outcome.verdict in _NO_ANSWER:
        says = f"{word} did not answer: {(outcome.error or outcome.verdict.value).rstrip('.')}."
        todo = f"Check the network and PAPERBOY_{name.upper()}_API_URL."
        return [Finding(name, "bad", says, todo, seconds)]
    way = " Updates come to the webhook." if _by_webhook(name, settings) else ""
    found = [Finding(name, "ok", f"{word} takes the token.{way}", seconds=seconds)]
    for admin in settings.admins:
        where, _, person = admin.partition(":")
        if where == name:
            outcome = await platform.probe(Address(name, f"@{person}"))
            if outcome.verdict is not Verdict.ACCEPTED:
                says = f"The operator {admin} cannot be written to: {outcome.error}"
                found.append(Finding("operators", "warn", says, _REACH[name]))
    return found


def _by_webhook(name: str, settings: Settings) -> bool:
    return name == "telegram" and settings.telegram_webhook_url is not None
