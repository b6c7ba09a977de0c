"""What Discord's errors mean in our words."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import socket
import ssl
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from yarl import URL

from adapters.platforms.discord.outcomes import Answered, Held, Lost, outcome_of
from bot.channels import Verdict


def http(status: int, code: int = 0, after: str | None = None) -> discord.HTTPException:
    headers = {"Retry-After": after} if after else {}
    response: Any = SimpleNamespace(status=status, reason="x", headers=headers)
    return discord.HTTPException(response, {"code": code, "message": "said"})


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (400, 50014, Verdict.TOKEN_REFUSED),
        (400, 40066, Verdict.NOT_SENT),
        (400, 10087, Verdict.NOT_SENT),
        (404, 10013, Verdict.CHAT_GONE),
        (403, 50008, Verdict.CONTENT_REFUSED),
        (400, 40058, Verdict.CONTENT_REFUSED),
        (403, 50009, Verdict.CHAT_GONE),
        (400, 50033, Verdict.CHAT_GONE),
        (403, 50278, Verdict.CHAT_GONE),
        (403, 40007, Verdict.CHAT_GONE),
        (403, 60003, Verdict.CHAT_GONE),
        (404, 10008, Verdict.CONTENT_REFUSED),
        (400, 20009, Verdict.CONTENT_REFUSED),
        (403, 20009, Verdict.CONTENT_REFUSED),
        (403, 50003, Verdict.CONTENT_REFUSED),
        (403, 50005, Verdict.CONTENT_REFUSED),
        (403, 50021, Verdict.CONTENT_REFUSED),
        (400, 50006, Verdict.CONTENT_REFUSED),
        (400, 50024, Verdict.CONTENT_REFUSED),
        (400, 200001, Verdict.CONTENT_REFUSED),
        (400, 240000, Verdict.CONTENT_REFUSED),
        (403, 400001, Verdict.CONTENT_REFUSED),
        (400, 20016, Verdict.TOO_FAST),
        (403, 20028, Verdict.TOO_FAST),
        (403, 20029, Verdict.TOO_FAST),
        (400, 20022, Verdict.TOO_FAST),
        (400, 30046, Verdict.TOO_FAST),
        (403, 40003, Verdict.TOO_FAST),
        (400, 130000, Verdict.TOO_FAST),
        (503, 130000, Verdict.UNKNOWN),
        (403, 40002, Verdict.NOT_SENT),
        (400, 40004, Verdict.NOT_SENT),
        (403, 40006, Verdict.NOT_SENT),
        (403, 40333, Verdict.NOT_SENT),
        (400, 160006, Verdict.NOT_SENT),
        (400, 160007, Verdict.NOT_SENT),
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
        (502, 0, Verdict.UNKNOWN),
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


@pytest.mark.parametrize("code", [20016, 20028, 20029])
def test_a_limit_of_a_channel_says_how_long_and_holds_there_alone(code: int) -> None:
    told = outcome_of(http(403, code, after="12"))
    assert (told.retry_after, told.everywhere) == (12.0, False)
    assert outcome_of(http(403, code)).retry_after  # never a hammering


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


LOST = "lost"  # UNKNOWN when something had left, else NOT_SENT
HTTP = "http"  # as its status and code say
NEVER_OF_A_CALL = LOST  # of voice, commands, the gateway: no call ends so; nothing is claimed of it

# Every class of errors that discord.py and aiohttp have, and what it means of a call. A class that
# is not named here is new in a new version: look at where it is raised, then name it.
DISCORD: dict[str, str | Verdict] = {
    "discord.errors.DiscordException": LOST,
    "discord.errors.ClientException": LOST,
    "discord.errors.GatewayNotFound": NEVER_OF_A_CALL,
    "discord.errors.HTTPException": HTTP,
    "discord.errors.Forbidden": HTTP,
    "discord.errors.NotFound": HTTP,
    "discord.errors.DiscordServerError": HTTP,
    "discord.errors.RateLimited": Verdict.TOO_FAST,
    "discord.errors.LoginFailure": Verdict.TOKEN_REFUSED,
    "discord.errors.InvalidData": NEVER_OF_A_CALL,
    "discord.errors.ConnectionClosed": NEVER_OF_A_CALL,
    "discord.errors.PrivilegedIntentsRequired": NEVER_OF_A_CALL,
    "discord.errors.InteractionResponded": NEVER_OF_A_CALL,
    "discord.errors.MissingApplicationID": NEVER_OF_A_CALL,
    "discord.errors.FFmpegProcessError": NEVER_OF_A_CALL,
    "discord.oggparse.OggError": NEVER_OF_A_CALL,
    "discord.opus.OpusError": NEVER_OF_A_CALL,
    "discord.opus.OpusNotLoaded": NEVER_OF_A_CALL,
    "discord.app_commands.errors.CommandSyncFailure": HTTP,
    **dict.fromkeys(
        (
            f"discord.app_commands.errors.{name}"
            for name in (
                "AppCommandError BotMissingPermissions CheckFailure CommandAlreadyRegistered "
                "CommandInvokeError CommandLimitReached CommandNotFound CommandOnCooldown "
                "CommandSignatureMismatch MissingAnyRole MissingPermissions MissingRole "
                "NoPrivateMessage TransformerError TranslationError"
            ).split()
        ),
        NEVER_OF_A_CALL,
    ),
    **dict.fromkeys(
        (
            f"discord.ext.commands.errors.{name}"
            for name in (
                "ArgumentParsingError BadArgument BadBoolArgument BadColourArgument "
                "BadFlagArgument BadInviteArgument BadLiteralArgument BadTimestampArgument "
                "BadUnionArgument BotMissingAnyRole BotMissingPermissions BotMissingRole "
                "ChannelNotFound ChannelNotReadable CheckAnyFailure CheckFailure CommandError "
                "CommandInvokeError CommandNotFound CommandOnCooldown CommandRegistrationError "
                "ConversionError DisabledCommand EmojiNotFound ExpectedClosingQuoteError "
                "ExtensionAlreadyLoaded ExtensionError ExtensionFailed ExtensionNotFound "
                "ExtensionNotLoaded FlagError GuildNotFound GuildStickerNotFound "
                "HybridCommandError InvalidEndOfQuotedStringError MaxConcurrencyReached "
                "MemberNotFound MessageNotFound MissingAnyRole MissingFlagArgument "
                "MissingPermissions MissingRequiredArgument MissingRequiredAttachment "
                "MissingRequiredFlag MissingRole NSFWChannelRequired NoEntryPointError "
                "NoPrivateMessage NotOwner ObjectNotFound PartialEmojiConversionFailure "
                "PrivateMessageOnly RangeError RoleNotFound ScheduledEventNotFound "
                "SoundboardSoundNotFound ThreadNotFound TooManyArguments TooManyFlags "
                "UnexpectedQuoteError UserInputError UserNotFound"
            ).split()
        ),
        NEVER_OF_A_CALL,
    ),
}
AIOHTTP: dict[str, str | Verdict] = {
    # before anything of a request leaves
    "ClientConnectorError": Verdict.NOT_SENT,
    "ClientConnectorDNSError": Verdict.NOT_SENT,
    "ClientConnectorSSLError": Verdict.NOT_SENT,
    "ClientConnectorCertificateError": Verdict.NOT_SENT,
    "ClientSSLError": Verdict.NOT_SENT,
    "ClientProxyConnectionError": Verdict.NOT_SENT,
    "ClientHttpProxyError": Verdict.NOT_SENT,
    "UnixClientConnectorError": Verdict.NOT_SENT,
    "ConnectionTimeoutError": Verdict.NOT_SENT,
    "ServerFingerprintMismatch": Verdict.NOT_SENT,
    "InvalidURL": Verdict.NOT_SENT,
    "InvalidUrlClientError": Verdict.NOT_SENT,
    "NonHttpUrlClientError": Verdict.NOT_SENT,
    # at any time
    "ClientError": LOST,
    "ClientConnectionError": LOST,
    "ClientConnectionResetError": LOST,
    "ClientOSError": LOST,
    "ClientPayloadError": LOST,
    "ClientResponseError": LOST,
    "ContentTypeError": LOST,
    "InvalidUrlRedirectClientError": LOST,
    "NonHttpUrlRedirectClientError": LOST,
    "RedirectClientError": LOST,
    "ServerConnectionError": LOST,
    "ServerDisconnectedError": LOST,
    "ServerTimeoutError": LOST,
    "SocketTimeoutError": LOST,
    "TooManyRedirects": LOST,
    "UploadAbortedError": LOST,
    "WSServerHandshakeError": LOST,
}
SINCE = {"UploadAbortedError"}  # not in every version that we run with


def family(first: type[BaseException]) -> set[type[BaseException]]:
    """The class and all that come of it."""
    return {first}.union(*(family(one) for one in first.__subclasses__()))


def loaded(package: Any) -> None:
    """Import the whole of it, so that every class is there."""
    for one in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not one.name.endswith("__main__"):
            with suppress(ImportError):  # what an optional dependency would bring
                importlib.import_module(one.name)


def discords() -> dict[str, type[BaseException]]:
    loaded(discord)
    loaded(importlib.import_module("discord.ext.commands"))  # no package finds it
    every = {f"{one.__module__}.{one.__name__}": one for one in family(discord.DiscordException)}
    return {name: one for name, one in every.items() if name.startswith("discord.")}


def aiohttps() -> dict[str, type[BaseException]]:
    loaded(aiohttp)
    every = family(aiohttp.ClientError)
    return {one.__name__: one for one in every if one.__module__.startswith("aiohttp.")}


def test_no_class_of_errors_of_the_libraries_is_without_a_meaning() -> None:
    assert set(discords()) == set(DISCORD)
    assert set(aiohttps()) | SINCE == set(AIOHTTP)


def made(kind: type[BaseException]) -> BaseException:
    """An error of that class, whatever it asks for."""
    error = kind.__new__(kind)
    if isinstance(error, discord.HTTPException):
        error.status, error.code, error.text = 500, 0, ""
        error.response = SimpleNamespace(headers={})
    if isinstance(error, discord.RateLimited):
        error.retry_after = 1.0
    return error


def check(kind: type[BaseException], meaning: str | Verdict) -> None:
    for left in (True, False):
        told = outcome_of(made(kind), left=left)
        lost = Verdict.UNKNOWN if left else Verdict.NOT_SENT
        assert told.verdict is (lost if meaning in (LOST, HTTP) else meaning), f"{kind} {left}"
        assert told.error


def test_every_error_of_discord_py_is_an_outcome() -> None:
    for name, kind in discords().items():
        check(kind, DISCORD[name])


def test_every_error_of_aiohttp_is_an_outcome() -> None:
    for name, kind in aiohttps().items():
        check(kind, AIOHTTP[name])


def test_every_error_of_the_system_is_unknown_once_something_left() -> None:
    every = {one for one in family(OSError) if one.__module__ == "builtins"}
    assert {one.__name__ for one in every} == {
        "BlockingIOError", "BrokenPipeError", "ChildProcessError", "ConnectionAbortedError",
        "ConnectionError", "ConnectionRefusedError", "ConnectionResetError", "FileExistsError",
        "FileNotFoundError", "InterruptedError", "IsADirectoryError", "NotADirectoryError",
        "OSError", "PermissionError", "ProcessLookupError", "TimeoutError",
    }  # fmt: skip
    for kind in (*every, asyncio.TimeoutError, ssl.SSLError, socket.gaierror, RuntimeError):
        check(kind, LOST)


def test_what_did_not_leave_is_told_with_its_time() -> None:
    told = outcome_of(Held(3.5))
    assert (told.verdict, told.retry_after, told.everywhere) == (Verdict.TOO_FAST, 3.5, False)
    assert outcome_of(Held(3.5, everywhere=True)).everywhere
    for left, verdict in ((True, Verdict.UNKNOWN), (False, Verdict.NOT_SENT)):
        assert outcome_of(Answered(502, None, everywhere=False), left=left).verdict is verdict
        assert outcome_of(Lost(), left=left).verdict is verdict
