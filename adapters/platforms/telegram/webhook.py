"""Updates that Telegram brings by itself: a small HTTP server with a secret at its door.

https://core.telegram.org/bots/api#setwebhook
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from adapters.platforms.telegram.polling import persist
from adapters.platforms.telegram.updates import ALLOWED
from adapters.serving import open_door, served
from bot.errors import SetUpWrong

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

    from adapters.platforms.telegram.connection import Connection

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_BIGGEST = 1_000_000  # bytes of an update
_AT_ONCE = 40  # connections that Telegram may open, its own default

Take = Callable[[dict[str, Any]], Awaitable[None]]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram brings updates, and where we listen for them."""

    url: str  # https, as Telegram sees it; its path is the one that is served
    secret: str = field(repr=False)  # 1-256 of A-Z a-z 0-9 _ -
    host: str
    port: int


def application(webhook: Webhook, take: Take) -> Starlette:
    """The server's one page. A call without the secret gets 401, what is no update 400."""
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    async def bring(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), webhook.secret.encode()):
            return PlainTextResponse("wrong secret", 401)
        content = b""
        async for chunk in request.stream():
            content += chunk
            if len(content) > _BIGGEST:
                return PlainTextResponse("too big", 413)
        try:
            raw = json.loads(content)
        except (ValueError, RecursionError):
            return PlainTextResponse("no JSON", 400)
        if not isinstance(raw, dict):
            return PlainTextResponse("no update", 400)
        await take(raw)
        return PlainTextResponse("")

    path = urlsplit(webhook.url).path or "/"
    return Starlette(routes=[Route(path, bring, methods=["POST"])])


async def serve(connection: Connection, webhook: Webhook, take: Take) -> None:
    """Listen until cancelled, and tell Telegram where. Raises SetUpWrong when the port is not to
    be had or Telegram does not take the address, Refused when the token is refused.
    """
    door = _door(webhook)
    async with served(application(webhook, take), door, "telegram: webhook") as serving:
        await persist(connection, lambda: _tell(connection, webhook))
        log.info("Telegram brings updates to port %d", door.getsockname()[1])
        await asyncio.shield(serving)


async def _tell(connection: Connection, webhook: Webhook) -> None:
    from telegram.error import BadRequest

    try:
        await connection.bot.set_webhook(
            webhook.url,
            secret_token=webhook.secret,
            allowed_updates=ALLOWED,
            max_connections=_AT_ONCE,
        )
    except BadRequest as error:
        raise SetUpWrong(
            f"Telegram does not take the webhook's address (PAPERBOY_TELEGRAM_WEBHOOK_URL): {error}"
        ) from error


def _door(webhook: Webhook) -> socket.socket:
    try:
        return open_door(webhook.host, webhook.port)
    except OSError as error:
        raise SetUpWrong(
            f"The webhook's port {webhook.port} on {webhook.host} cannot be used: {error.strerror}."
        ) from error
