"""One endpoint: asked over the openai package, its troubles told in our words.

The key is in no error, log or repr: what the SDK raises holds the request with its headers, so
nothing of it is handed on, not even as a cause.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from adapters.proxies import direct
from adapters.readers.openai.answers import Answer, answer_of
from adapters.readers.openai.patience import Patience, told_pause
from adapters.readers.openai.refusals import Meaning, Refusal, error_of, understood
from bot.errors import GiveUp, SetUpWrong, SourceFailed, TooLong, Unusable

if TYPE_CHECKING:
    from openai import AsyncOpenAI

DEFAULT = "https://api.openai.com/v1"
_NO_KEY = "none"  # what is sent when there is no key: local servers want none, and look at none
_CHECK = "check OPENAI_BASE_URL (most end in /v1) and the proxy"


class Declined(Exception):
    """The question is refused in this form; without `what` it may be taken."""

    def __init__(self, what: str, sentence: str) -> None:
        super().__init__(what)
        self.what = what
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What came instead of an answer."""

    refusal: Refusal
    sentence: str
    status: int = 0
    pause: float | None = None


class Endpoint:
    """The service of one model. `open` before asking; `close` after the last question.

    Proxies are taken from the environment; loopback is never behind one. Redirects are not
    followed: they would carry key and text elsewhere. Raises SetUpWrong for an address or a key
    that cannot be used.
    """

    def __init__(
        self,
        model: str,
        key: str | None,
        base: str | None,
        *,
        patience: Patience,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.model = model
        self.base, self._login = _address((base or "").strip().rstrip("/") or DEFAULT)
        self._key = _usable((key or "").strip())
        if not self._key and self._login is None and self.base == DEFAULT:
            raise SetUpWrong(
                "A model is set, but no key for it: set OPENAI_API_KEY, or OPENAI_BASE_URL to a "
                "service that wants none (example: http://127.0.0.1:11434/v1)."
            )
        self._patience = patience
        self._clock = clock
        self._wait = wait
        self._rest_until = 0.0  # by the clock; a service that asks for rest gets it from all
        self._ready = False
        self._making = asyncio.Lock()
        self._client: AsyncOpenAI | None = None
        parts = urlsplit(self.base)
        self._where = f"The model's service ({parts.netloc})"

    async def open(self) -> None:
        """Be ready; the SDK waits for the first question, for most days are read already."""
        self._ready = True

    async def close(self) -> None:
        """Close the connections."""
        self._ready = False
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _connected(self) -> AsyncOpenAI:
        """The client, made for the first question. Raises GiveUp."""
        if not self._ready:
            raise RuntimeError("the reader is asked outside `async with`")
        async with self._making:
            if self._client is None:
                await asyncio.to_thread(importlib.import_module, "openai")  # takes a second
                self._client = self._made()
            return self._client

    def _made(self) -> AsyncOpenAI:
        import openai

        try:
            over = openai.DefaultAsyncHttpxClient(
                auth=self._login,
                follow_redirects=False,
                timeout=openai.Timeout(self._patience.attempt, connect=15.0),
                mounts=direct(),
            )
        except (ImportError, ValueError, OSError) as error:
            raise GiveUp(
                "The proxy or certificate settings of the environment cannot be used: check"
                " HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE"
                " (example: HTTPS_PROXY=http://proxy.example:3128)."
            ) from error
        return openai.AsyncOpenAI(
            api_key=self._key or _NO_KEY,
            base_url=self.base,
            timeout=self._patience.attempt,
            max_retries=0,
            http_client=over,
        )

    async def ask(self, question: Mapping[str, Any], until: float) -> Answer:
        """The answer to one question, by that instant of the clock; tried as patience allows.

        Raises Declined when another form of the question may be taken, TooLong, Unusable,
        GiveUp, SourceFailed.
        """
        number = 0
        while True:
            number += 1
            await self._rest(until)
            got = await self._once(question, min(self._patience.attempt, until - self._clock()))
            if isinstance(got, Answer):
                return got
            if got.refusal.meaning is not Meaning.PASSING:
                raise self._error(got)
            pause = got.pause
            if pause is not None:
                self._rest_until = max(self._rest_until, self._clock() + pause)
            else:
                pause = self._patience.pause_before(number + 1)
            out_of_time = self._clock() + pause >= until
            if number >= self._patience.tries or out_of_time or pause > self._longest:
                raise SourceFailed(got.sentence, retry_after=got.pause)
            await self._wait(pause)

    @property
    def _longest(self) -> float:
        return self._patience.longest_pause

    async def _rest(self, until: float) -> None:
        left = self._rest_until - self._clock()
        if left <= 0:
            return
        if left > self._longest or self._clock() + left >= until:
            raise SourceFailed(
                f"{self._where} asked us to slow down; it is asked again in {left:.0f} s.",
                retry_after=left,
            )
        await self._wait(left)

    async def _once(self, question: Mapping[str, Any], seconds: float) -> Answer | _Trouble:
        client = await self._connected()
        import openai

        passing = Refusal(Meaning.PASSING)
        create: Any = client.chat.completions.with_raw_response.create
        try:
            async with asyncio.timeout(max(seconds, 0.01)):
                raw = await create(**question)
                status, headers, text = raw.status_code, raw.headers, raw.text
        except openai.APIStatusError as error:
            return self._refused(error.status_code, error.response.headers, error.response.text)
        except (TimeoutError, openai.APITimeoutError):
            return _Trouble(
                passing, f"{self._where} did not answer in time; it is asked again later."
            )
        except openai.APIConnectionError as error:
            reached = type(error.__cause__).__name__
            if reached == "ProxyError":
                return _Trouble(passing, f"The proxy refused the way to {self._there}; {_CHECK}.")
            if reached == "ConnectError":
                return _Trouble(passing, f"{self._where} could not be reached; {_CHECK}.")
            return _Trouble(
                passing, f"{self._where} broke off its answer; it is asked again later."
            )
        except (openai.OpenAIError, ValueError):
            return _Trouble(Refusal(Meaning.NOWHERE), f"{self._where} cannot be asked; {_CHECK}.")
        return self._understood(status, headers, text)

    @property
    def _there(self) -> str:
        return self._where[0].lower() + self._where[1:]

    def _understood(self, status: int, headers: Mapping[str, str], text: str) -> Answer | _Trouble:
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            body = None
        if (answer := answer_of(body)) is not None:
            return answer
        if isinstance(body, dict) and body.get("error"):  # a gateway hands its trouble on as 200
            code = error_of(body).get("code")
            if not isinstance(code, int) or not 400 <= code < 600:
                code = 502
            return self._refused(code, headers, text)
        return _Trouble(
            Refusal(Meaning.PASSING),
            f"{self._where} sent something that is no answer of a model; {_CHECK}.",
        )

    def _refused(self, status: int, headers: Mapping[str, str], text: str) -> _Trouble:
        try:
            body: Any = json.loads(text)
        except (ValueError, RecursionError):
            body = text[:2000]
        refusal = understood(status, body)
        message = str(error_of(body).get("message") or "")
        pause = told_pause(headers, message)
        return _Trouble(refusal, self._sentence(refusal, status, message, pause), status, pause)

    def _sentence(self, refusal: Refusal, status: int, message: str, pause: float | None) -> str:
        code = f"(HTTP {status})"
        match refusal.meaning:
            case Meaning.KEY if self._key or self._login:
                return f"{self._where} refuses the key {code}; correct OPENAI_API_KEY."
            case Meaning.KEY:
                return f"{self._where} wants a key {code}; set OPENAI_API_KEY."
            case Meaning.MODEL:
                return (
                    f"{self._where} does not let this key use the model {self.model} {code}; "
                    "check OPENAI_API_KEY and PAPERBOY_LLM_MODEL."
                )
            case Meaning.NOWHERE:
                return (
                    f"{self._where} has no model {self.model}, or no chat completions at that "
                    f"address {code}; check PAPERBOY_LLM_MODEL and OPENAI_BASE_URL (most end in "
                    "/v1)."
                )
            case Meaning.SPENT:
                return (
                    f"The quota or the credit at {self._there} is used up {code}; "
                    "it has to be filled up there."
                )
            case Meaning.TOO_LONG:
                takes = f", which takes {refusal.takes} tokens" if refusal.takes else ""
                return f"The text is too long for the model {self.model}{takes}."
            case Meaning.FILTERED:
                return f"{self._where} does not answer this text: its filter stopped it."
            case Meaning.PASSING | Meaning.LATER:
                what = "asks us to slow down" if status == 429 else "has trouble"
                when = f"in {pause:.0f} s" if pause is not None else "later"
                return f"{self._where} {what} {code}; it is asked again {when}."
        return f"{self._where} does not take the question {code}{self._told(message)}."

    def _told(self, message: str) -> str:
        """What the service says about it, in one short line without the key."""
        line = " ".join(message.split())
        for secret in (self._key, *(self._login or ())):
            if secret:
                line = line.replace(secret, "***")
        line = "".join(sign for sign in line if sign.isprintable()).rstrip(".")
        return f": {line[:160]}" if line else ""

    def _error(self, trouble: _Trouble) -> Exception:
        match trouble.refusal.meaning:
            case Meaning.OTHERWISE:
                return Declined(trouble.refusal.what, trouble.sentence)
            case Meaning.TOO_LONG:
                return TooLong(trouble.sentence, takes=trouble.refusal.takes)
            case Meaning.FILTERED:
                return Unusable(trouble.sentence)
            case Meaning.LATER:
                return SourceFailed(trouble.sentence, retry_after=trouble.pause)
        return GiveUp(trouble.sentence)


def _address(base: str) -> tuple[str, tuple[str, str] | None]:
    """The address without name and password; and those. Raises SetUpWrong."""
    try:
        parts = urlsplit(base)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise SetUpWrong(f"OPENAI_BASE_URL is not the address of a service (example: {DEFAULT}).")
    if not base.isascii() or not base.isprintable() or " " in base:
        raise SetUpWrong(f"OPENAI_BASE_URL is not the address of a service (example: {DEFAULT}).")
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if parts.username is None:
        return bare, None
    return bare, (unquote(parts.username), unquote(parts.password or ""))


def _usable(key: str) -> str:
    if not key.isascii() or not key.isprintable() or " " in key:
        raise SetUpWrong(
            "OPENAI_API_KEY is no key: it has signs that a header cannot hold; copy it again."
        )
    return key
