"""What Discord's errors mean in our words."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from yarl import URL

from adapters.platforms.discord.outcomes import Answered, outcome_of
from bot.channels import Verdict


def http(status: int, code: int = 0, after: str | None = None) -> discord.HTTPException:
    headers = {"Retry-After": after} if after else {}
    response: Any = SimpleNamespace(status=status, reason="x", headers=headers)
    return discord.HTTPException(response, {"code": code, "message": "said"})


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (401, 0, Verdict.TOKEN_REFUSED),
        (404, 10003, Verdict.CHAT_GONE),
        (404, 10004, Verdict.CHAT_GONE),
        (403, 50001, Verdict.CHAT_GONE),
        (403, 50013, Verdict.CHAT_GONE),
        (403, 50007, Verdict.CHAT_GONE),
        (400, 50083, Verdict.THREAD_GONE),
        (400, 160005, Verdict.THREAD_GONE),
        (400, 50035, Verdict.CONTENT_REFUSED),
        (413, 40005, Verdict.CONTENT_REFUSED),
        (400, 200000, Verdict.CONTENT_REFUSED),
        (429, 0, Verdict.TOO_FAST),
        (500, 0, Verdict.UNKNOWN),
        (503, 0, Verdict.UNKNOWN),
        (403, 0, Verdict.NOT_SENT),
        (404, 0, Verdict.NOT_SENT),
    ],
)
def test_an_answer_of_the_api_has_one_meaning(status: int, code: int, verdict: Verdict) -> None:
    assert outcome_of(http(status, code)).verdict is verdict


def test_an_unknown_channel_is_a_thread_that_is_gone_when_the_call_went_to_a_thread() -> None:
    assert outcome_of(http(404, 10003), in_thread=True).verdict is Verdict.THREAD_GONE


def test_a_pause_says_how_long_and_whether_it_holds_everywhere() -> None:
    told = outcome_of(Answered(429, 3.5, everywhere=False))
    assert (told.verdict, told.retry_after, told.everywhere) == (Verdict.TOO_FAST, 3.5, False)
    blocked = outcome_of(http(429, after="40"))
    assert (blocked.retry_after, blocked.everywhere) == (40.0, True)
    assert outcome_of(http(429)).retry_after  # never a hammering


def test_a_missing_tag_names_it() -> None:
    told = outcome_of(http(400, 40067))
    assert told.verdict is Verdict.NOT_SENT
    assert told.missing


_KEY: Any = SimpleNamespace(host="h", port=1, ssl=None, is_ssl=False)
_REQUEST: Any = SimpleNamespace(real_url=URL("http://h/secret-token"))


@pytest.mark.parametrize(
    ("error", "left", "verdict"),
    [
        (aiohttp.ClientConnectorError(_KEY, OSError(111, "refused")), True, Verdict.NOT_SENT),
        (aiohttp.ClientConnectorDNSError(_KEY, OSError("no such name")), True, Verdict.NOT_SENT),
        (aiohttp.ConnectionTimeoutError(), True, Verdict.NOT_SENT),
        (aiohttp.SocketTimeoutError(), True, Verdict.UNKNOWN),
        (aiohttp.ServerDisconnectedError(), True, Verdict.UNKNOWN),
        (aiohttp.ServerDisconnectedError(), False, Verdict.NOT_SENT),
        (aiohttp.ClientOSError(104, "reset"), True, Verdict.UNKNOWN),
        (ConnectionResetError(104, "reset"), True, Verdict.UNKNOWN),
        (aiohttp.ClientPayloadError(), True, Verdict.UNKNOWN),
        (aiohttp.ContentTypeError(_REQUEST, ()), True, Verdict.UNKNOWN),
        (TimeoutError(), True, Verdict.UNKNOWN),
        (TimeoutError(), False, Verdict.NOT_SENT),
        (RuntimeError("Session is closed"), False, Verdict.NOT_SENT),
        (discord.RateLimited(31.0), True, Verdict.TOO_FAST),
        (discord.LoginFailure("x"), True, Verdict.TOKEN_REFUSED),
    ],
)
def test_a_broken_connection_is_unknown_only_after_something_left(
    error: Exception, left: bool, verdict: Verdict
) -> None:
    told = outcome_of(error, left=left)
    assert told.verdict is verdict
    assert "secret" not in (told.error or "")


def errors_of(package: Any) -> list[type[BaseException]]:
    """Every class of errors that a package has, wherever it stands."""
    found: dict[str, type[BaseException]] = {}
    modules = [package]
    for one in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not one.name.endswith("__main__"):
            try:
                modules.append(importlib.import_module(one.name))
            except ImportError:
                continue  # what an optional dependency would bring
    for module in modules:
        for name, value in vars(module).items():
            if (
                inspect.isclass(value)
                and issubclass(value, Exception)
                and value.__module__.startswith(package.__name__)
            ):
                found[f"{value.__module__}.{name}"] = value
    return [*dict.fromkeys(found.values())]


@pytest.mark.parametrize(
    "kind",
    [*errors_of(discord), *errors_of(aiohttp)],
    ids=lambda kind: f"{kind.__module__}.{kind.__name__}",
)
def test_every_error_of_the_libraries_is_an_outcome(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    if isinstance(error, discord.HTTPException):
        error.status, error.code, error.text = 500, 0, ""
        error.response = SimpleNamespace(headers={})
    if isinstance(error, discord.RateLimited):
        error.retry_after = 1.0
    told = outcome_of(error)
    assert told.verdict in (
        Verdict.UNKNOWN,
        Verdict.NOT_SENT,
        Verdict.TOO_FAST,
        Verdict.TOKEN_REFUSED,
    )
    assert told.error
