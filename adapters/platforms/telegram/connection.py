"""The connection to the Bot API: opened once, the bot's own name asked for when it is needed."""

from __future__ import annotations

import asyncio
import logging
import ssl
import warnings
from typing import TYPE_CHECKING, Any, Self

from adapters.platforms.telegram.spread import POOL, spread
from adapters.proxies import direct

if TYPE_CHECKING:
    from telegram import Bot, User
    from telegram.request import BaseRequest, HTTPXRequest

LONGEST_CALL = 18.0  # seconds of a call from its beginning to its end
READ_TIMEOUT = 16.0  # seconds; python-telegram-bot's own 5 are too short for a busy server
CONNECT_TIMEOUT = 6.0  # seconds, for the connection and once more for TLS: before a call is broken
POOL_TIMEOUT = 3.0  # off for its length it either began or is known not to have been sent
POLL_TIMEOUT = 10.0  # seconds behind those of the long poll
CONNECTIONS = 64
OFFICIAL = "https://api.telegram.org"

# All of them write addresses, and the Bot API's addresses hold the token.
_TALKATIVE = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.proxy",
    "telegram.Bot",
    "telegram.request.BaseRequest",
    "telegram.request.HTTPXRequest",
    "telegram._bot",
    "telegram.request._baserequest",
    "telegram.request._httpxrequest",
)


class Connection:
    """python-telegram-bot's `Bot` with our time limits; nothing is asked before it is needed.

    An async context manager. It repeats nothing: what an answer leads to is the caller's.
    """

    def __init__(self, token: str, api_url: str | None = None, secrets: tuple[str, ...] = ()):
        self._longest = LONGEST_CALL
        self._token = token
        self._api_url = (api_url or OFFICIAL).rstrip("/")
        self._mask = _Mask((token, *secrets))
        self._bot: Bot | None = None
        self._updates: HTTPXRequest | None = None
        self._calls: BaseRequest | None = None
        self._me: User | None = None
        self._asking = asyncio.Lock()
        self.trouble: str | None = None  # why updates do not come, in one sentence

    def __repr__(self) -> str:
        return f"Connection({self._api_url!r})"

    async def __aenter__(self) -> Self:
        from telegram import Bot
        from telegram.request import HTTPXRequest
        from telegram.warnings import PTBDeprecationWarning, PTBUserWarning

        # The first is of the library's own constructor of its own exception, the second against
        # calls whose answer is not made into its objects: see `call`.
        warnings.filterwarnings(
            "ignore", r"(?s).*attribute `retry_after`", category=PTBDeprecationWarning
        )
        warnings.filterwarnings(
            "ignore", r"(?s).*instead of 'Bot\.do_api_request", category=PTBUserWarning
        )
        for name in _TALKATIVE:
            logging.getLogger(name).addFilter(self._mask)
        shared = {"verify": _trust(self._api_url), "mounts": direct()}
        pools = [
            HTTPXRequest(
                connection_pool_size=POOL,
                read_timeout=READ_TIMEOUT,
                write_timeout=READ_TIMEOUT,
                media_write_timeout=READ_TIMEOUT,
                connect_timeout=CONNECT_TIMEOUT,
                pool_timeout=POOL_TIMEOUT,
                httpx_kwargs=shared,
            )
            for _ in range(CONNECTIONS // POOL)
        ]
        self._calls = spread(pools)
        self._updates = HTTPXRequest(
            connection_pool_size=2,
            read_timeout=POLL_TIMEOUT,
            connect_timeout=CONNECT_TIMEOUT,
            pool_timeout=POOL_TIMEOUT,
            httpx_kwargs=shared,
        )
        self._bot = Bot(
            self._token,
            base_url=f"{self._api_url}/bot",
            base_file_url=f"{self._api_url}/file/bot",
            request=self._calls,
            get_updates_request=self._updates,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        for request in (self._updates, self._calls):
            if request is not None:
                await request.shutdown()
        self._bot = None
        for name in _TALKATIVE:
            logging.getLogger(name).removeFilter(self._mask)

    @property
    def official(self) -> bool:
        """Whether it leads to Telegram's own server."""
        return self._api_url == OFFICIAL

    @property
    def bot(self) -> Bot:
        """The open bot. Raises RuntimeError before it is entered."""
        if self._bot is None:
            raise RuntimeError("Telegram is not connected: use `async with`")
        return self._bot

    async def call(self, method: str, params: dict[str, Any]) -> Any:
        """The raw result of a call. Raises telegram.error.TelegramError, TimedOut at the latest
        after `LONGEST_CALL` seconds, whatever is on the wire.

        A message that was accepted must not count as lost because the library cannot read the
        answer: its classes refuse what an older Bot API server sends.
        """
        from telegram.error import TimedOut

        try:
            async with asyncio.timeout(self._longest):
                return await self.bot.do_api_request(method, api_kwargs=params)
        except TimeoutError as error:
            raise TimedOut(f"no answer within {self._longest:g} seconds") from error

    @property
    def updates(self) -> HTTPXRequest:
        """The connections of the long poll alone, so that answers never wait for it."""
        if self._updates is None:
            raise RuntimeError("Telegram is not connected: use `async with`")
        return self._updates

    @property
    def known(self) -> User | None:
        """Who the bot is, when it has been asked already."""
        return self._me

    async def me(self) -> User:
        """Who the bot is: asked once. Raises telegram.error.TelegramError."""
        async with self._asking:
            if self._me is None:
                self._me = await self.bot.get_me()
            return self._me

    def clean(self, text: str) -> str:
        """The text without the token."""
        return self._mask.clean(text)


def _trust(api_url: str) -> ssl.SSLContext:
    """Whom to believe. To load the authorities takes a tenth of a second: once for all, and not
    for a server that is spoken to without TLS.
    """
    import httpx

    if api_url.startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # it believes nobody
    return httpx.create_ssl_context()


class _Mask(logging.Filter):
    """Takes secrets out of what other libraries log, whatever the level and the handler."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__()
        self._secrets = tuple(secret for secret in secrets if secret)

    def clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            return False
        record.msg, record.args = self.clean(text), ()
        return True
