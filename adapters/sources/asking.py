"""Ask a web service: bounded in time and size, a few tries, its troubles told in our words."""

from __future__ import annotations

import asyncio
import os
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import TracebackType
from typing import Self

import httpx

from adapters.proxies import direct
from bot.errors import SetUpWrong, SourceFailed

MOST_BYTES = 20_000_000  # of one answer; the largest list on record has 0.4 MB
_HOPS = 3  # redirects followed for one question
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})  # worth another try at once

Turn = Callable[[], AbstractAsyncContextManager[object]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often to ask before giving up for now."""

    tries: int = 3
    total: float = 20.0  # seconds, over all tries and the waits between them
    attempt: float = 10.0  # seconds for one try, from asking to the last byte
    pause: float = 0.5  # seconds before the second try; doubled for each further one


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said: a status that is no fault of theirs, and the whole body."""

    status: int
    headers: httpx.Headers
    body: bytes
    url: str = ""  # where it came from, after redirects


class Passing(SourceFailed):
    """A trouble that may be over in a moment."""

    took = 0.0  # seconds that the try went on, without waiting for its turn


class Web:
    """One service on the web, with its one HTTP client; an async context manager.

    `service` is its name for people, `setting` the name of what the operator can check, `turn`
    makes the context in which each single request is made. Proxies are taken from the
    environment. Redirects are followed only among `hosts`, never from https to http.
    """

    def __init__(
        self,
        service: str,
        *,
        hosts: frozenset[str],
        setting: str | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        token_setting: str | None = None,
        patience: Patience | None = None,
        most_bytes: int = MOST_BYTES,
        connections: int = 10,
        turn: Turn | None = None,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.service = service
        self._hosts = hosts
        self._setting = setting
        self._headers = dict(headers or {})
        self._auth = auth
        self._token_setting = token_setting
        self._patience = patience or Patience()
        self._most = most_bytes
        self._connections = connections
        self._turn: Turn = turn or nullcontext
        self._clock = clock
        self._wait = wait
        self._open = AsyncExitStack()
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        try:
            client = httpx.AsyncClient(
                headers={"User-Agent": user_agent(), **self._headers},
                auth=self._auth,
                timeout=self._patience.attempt,
                limits=httpx.Limits(
                    max_connections=self._connections,
                    max_keepalive_connections=self._connections,
                ),
                mounts=direct(),
                follow_redirects=False,
                verify=_trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")),
            )
        except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
            raise SetUpWrong(
                "The proxy or certificate settings of the environment cannot be used: check"
                " HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE"
                " (example: HTTPS_PROXY=http://proxy.example:3128)."
            ) from error
        self._client = await self._open.enter_async_context(client)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client = None
        await self._open.aclose()

    async def ask(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to one GET: status 200, 304, or a 4xx that is about the question itself.

        Raises SourceFailed, with `retry_after` when the service said so, after as many tries as
        patience allows. A `Retry-After` that would outlast it is not waited for here.
        """
        target = httpx.URL(url, params=dict(params)) if params else httpx.URL(url)
        spent = 0.0
        for number in range(1, self._patience.tries + 1):
            try:
                return await self._once(target, headers or {}, spent)
            except Passing as trouble:
                pause = trouble.retry_after
                if pause is None:
                    pause = self._patience.pause * 2 ** (number - 1) * random.uniform(0.75, 1.25)
                spent += trouble.took + pause
                if number == self._patience.tries or spent >= self._patience.total:
                    raise
                await self._wait(pause)
        raise AssertionError("unreachable: patience allows no try")

    async def _once(self, target: httpx.URL, headers: Mapping[str, str], spent: float) -> Answer:
        took = 0.0
        for _ in range(_HOPS + 1):
            left = max(self._patience.total - spent - took, 0.01)
            async with self._turn():  # waiting for one's turn is not the service's slowness
                started = self._clock()
                try:
                    answer = await self._read(target, headers, min(self._patience.attempt, left))
                except Passing as trouble:
                    trouble.took = took + self._clock() - started
                    raise
                took += self._clock() - started
            if answer.status not in _REDIRECTS:
                return answer
            target = self._onward(target, answer)
        raise SourceFailed(f"{self._where(target)} redirects in a circle; {self._check()}.")

    async def _read(self, target: httpx.URL, headers: Mapping[str, str], seconds: float) -> Answer:
        if self._client is None:
            raise RuntimeError(f"{self.service}: ask inside `async with`")
        try:
            async with (
                asyncio.timeout(seconds),
                self._client.stream("GET", target, headers=dict(headers)) as response,
            ):
                body = bytearray()
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > self._most:
                        raise SourceFailed(
                            f"{self._where(target)} sent more than {self._most // 1_000_000} MB,"
                            f" which no list has; {self._check()}."
                        )
        except (TimeoutError, httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise self._trouble(target, error, seconds) from error
        answer = Answer(response.status_code, response.headers, bytes(body), str(target))
        self._judge(target, answer)
        return answer

    def _judge(self, target: httpx.URL, answer: Answer) -> None:
        status = answer.status
        if status in (200, 304) or status in _REDIRECTS:
            return
        where = self._where(target)
        if status == 429 or status in _PASSING or status >= 500:
            after = retry_after(answer.headers)
            when = f"in {after:.0f} s" if after is not None else "later"
            what = "asks us to slow down" if status == 429 else "has trouble"
            sentence = f"{where} {what} (HTTP {status}); it is asked again {when}."
            kind = Passing if status in _PASSING else SourceFailed
            raise kind(sentence, retry_after=after)
        if status in (401, 403, 407):
            if status == 401 and self._token_setting and "Authorization" in self._headers:
                raise SourceFailed(
                    f"{where} refuses the token (HTTP 401); correct or remove"
                    f" {self._token_setting}."
                )
            raise SourceFailed(f"{where} refuses to answer (HTTP {status}); {self._check()}.")
        if status < 400:
            raise SourceFailed(f"{where} answered HTTP {status}; {self._check()}.")

    def _trouble(self, target: httpx.URL, error: Exception, seconds: float) -> SourceFailed:
        where = self._where(target)
        match error:
            case httpx.ConnectTimeout() | httpx.ConnectError():
                return Passing(f"{where} could not be reached; {self._check()}.")
            case TimeoutError() | httpx.TimeoutException():
                return Passing(
                    f"{where} did not answer within {seconds:.3g} s; it is asked again later."
                )
            case httpx.ProxyError():
                return Passing(
                    f"The proxy on the way to {where} refused; check HTTP_PROXY and HTTPS_PROXY."
                )
            case httpx.InvalidURL() | httpx.UnsupportedProtocol() | httpx.LocalProtocolError():
                return SourceFailed(f"{where} cannot be asked at that address; {self._check()}.")
            case _:
                return Passing(f"{where} broke off its answer; it is asked again later.")

    def _onward(self, target: httpx.URL, answer: Answer) -> httpx.URL:
        try:
            onward = target.join(answer.headers.get("Location", ""))
        except httpx.InvalidURL:
            onward = httpx.URL("")
        downgrade = target.scheme == "https" and onward.scheme != "https"
        if onward.host not in self._hosts or onward.scheme not in ("http", "https") or downgrade:
            raise SourceFailed(
                f"{self._where(target)} redirects to {onward.host or 'nowhere'}, which is not"
                f" followed; {self._check()}."
            )
        return onward

    def _where(self, target: httpx.URL) -> str:
        port = f":{target.port}" if target.port else ""
        return f"{self.service} ({target.host}{port})"

    def _check(self) -> str:
        if self._setting:
            return f"check the network and {self._setting}; it is asked again later"
        return "check the network; it is asked again later"


@lru_cache(maxsize=4)
def _trusted(file: str | None, folder: str | None) -> ssl.SSLContext:
    """Whom to trust, as the environment says: read once, for it takes longer than all the rest."""
    return httpx.create_ssl_context()


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds that `Retry-After` asks to wait, from either of its forms (RFC 9110, 10.2.3).

    A date is measured from the answer's own `Date`, so that a wrong clock here does no harm.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), 86_400 * 7))
    then = _http_date(text)
    if then is None:
        return None
    sent = _http_date(headers.get("Date", "")) or datetime.now(UTC)
    return min(max((then - sent).total_seconds(), 0.0), 86_400.0 * 7)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def user_agent() -> str:
    """Who asks: the program, its version and, when its package names one, its home."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        about = metadata("paperboy-bot")
    except PackageNotFoundError:
        return "paperboy-bot (self-hosted digest of research papers)"
    homes = [line.partition(",")[2].strip() for line in about.get_all("Project-URL") or []]
    home = f"+{homes[0]}" if homes else "self-hosted digest of research papers"
    return f"paperboy-bot/{about['Version']} ({home})"
