"""What the doctor sees of how updates come: whose token it is, webhook, privacy, intents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.cli.bots import discord_bot
from bot.cli.doctor.finding import Finding
from bot.settings import Settings

_MANY = 100  # updates that wait
_LATELY = timedelta(days=1)


async def look_at_listening(settings: Settings, platform: str) -> list[Finding]:
    """The platform's token is taken; how does the bot hear from it?"""
    return await (_telegram if platform == "telegram" else _discord)(settings)


async def _telegram(settings: Settings) -> list[Finding]:
    """https://core.telegram.org/bots/api#webhookinfo"""
    from adapters.platforms.telegram.connection import Connection
    from adapters.platforms.telegram.outcomes import outcome
    from bot.channels import Address

    assert settings.telegram_token is not None
    token = settings.telegram_token.get_secret_value()
    connection = Connection(token, settings.telegram_api_url)
    try:
        async with connection:
            me = await connection.me()
            info: dict[str, Any] = dict(await connection.call("getWebhookInfo", {}))
    except Exception as error:  # also what the library makes of a strange answer
        said = outcome(error, Address("telegram", ""), connection.clean).error
        return [Finding("updates", "warn", f"Telegram did not tell: {said}")]
    hears = "everything in groups" if me.can_read_all_group_messages else "commands in groups"
    found = [Finding("updates", "ok", f"@{me.username} hears {hears} (privacy mode).")]
    return [*found, *webhook_findings(settings.telegram_webhook_url, info, datetime.now(UTC))]


def webhook_findings(wanted: str | None, info: dict[str, Any], now: datetime) -> list[Finding]:
    """What is wrong with the webhook, by what Telegram tells of it."""
    found = []
    there = str(info.get("url") or "")
    host = urlsplit(there).hostname or "?"
    if there and wanted is None:
        says = f"Telegram brings updates to a webhook at {host}, but PAPERBOY_TELEGRAM_WEBHOOK_URL"
        todo = "If another program uses this token, give the bot its own; else run takes it away."
        found.append(Finding("updates", "warn", f"{says} is not set.", todo))
    elif wanted is not None and there.rstrip("/") != wanted:
        says = f"The webhook at Telegram is {host if there else 'not set'}, not the one set here."
        found.append(Finding("updates", "warn", says, "paperboy run sets it when it starts."))
    waiting = int(info.get("pending_update_count") or 0)
    if waiting > _MANY:
        says = f"{waiting:,} updates wait at Telegram: nobody takes them."
        found.append(Finding("updates", "warn", says, "Is paperboy run at work?"))
    at, said = info.get("last_error_date"), str(info.get("last_error_message") or "?")
    if at and now - datetime.fromtimestamp(int(at), UTC) < _LATELY:
        says = f"Telegram could not bring an update at {datetime.fromtimestamp(int(at), UTC):%H:%M}"
        todo = "Look at the web server in front of PAPERBOY_LISTEN, and at its certificate."
        found.append(Finding("updates", "warn", f"{says} UTC: {said.rstrip('.')}.", todo))
    return found


async def _discord(settings: Settings) -> list[Finding]:
    from bot.errors import PaperboyError

    assert settings.discord_token is not None
    try:
        bot = await discord_bot(settings.discord_token.get_secret_value(), settings.discord_api_url)
    except PaperboyError as error:
        return [Finding("updates", "warn", str(error))]
    more = " Message Content is switched on, but not needed." if bot.reads else ""
    says = f"{bot.name} on Discord asks for no privileged intent.{more}"
    return [Finding("updates", "ok", says)]
