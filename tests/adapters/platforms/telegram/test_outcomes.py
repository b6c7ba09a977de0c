"""What a failed call means, for every error of the library and every answer of the server."""

from __future__ import annotations

import asyncio
import logging
import socket
from datetime import timedelta

import pytest

from adapters.platforms.telegram import Telegram, connection, frozen
from adapters.platforms.telegram.outcomes import outcome
from bot.channels import Address, Verdict
from tests.wires.telegram import FakeTelegram, Trouble

HERE = Address("telegram", "-100", "7")
BODY = frozen.freeze(["Hi"], [], marked=True)
FILE = frozen.freeze_file("a.bib", "@a")
RETRY_WARNING = "ignore:.*retry_after"  # the library warns of its own exception

MEANT = {
    "BadRequest": Verdict.CONTENT_REFUSED,
    "ChatMigrated": Verdict.MOVED,
    "Conflict": Verdict.SECOND_INSTANCE,
    "EndPointNotFound": Verdict.CONTENT_REFUSED,
    "Forbidden": Verdict.CHAT_GONE,
    "InvalidCallbackData": Verdict.UNKNOWN,  # of telegram.ext, which no call goes through
    "InvalidToken": Verdict.TOKEN_REFUSED,
    "NetworkError": Verdict.UNKNOWN,
    "PassportDecryptionError": Verdict.CONTENT_REFUSED,
    "RetryAfter": Verdict.TOO_FAST,
    "TelegramError": Verdict.UNKNOWN,
    "TimedOut": Verdict.UNKNOWN,
}


def made(kind: type[Exception]) -> Exception:
    if kind.__name__ == "ChatMigrated":
        return kind(-1009)
    if kind.__name__ == "RetryAfter":
        return kind(7)
    return kind("something")


def below(kind: type[Exception]) -> set[type[Exception]]:
    """The class and all that are made from it."""
    return {kind}.union(*(below(one) for one in kind.__subclasses__()))


@pytest.mark.filterwarnings(RETRY_WARNING)
def test_every_error_of_the_library_has_a_meaning():
    import telegram.ext  # whatever it brings along
    import telegram.request  # noqa: F401
    from telegram.error import TelegramError

    kinds = [one for one in below(TelegramError) if one.__module__.startswith("telegram")]
    assert {kind.__name__: outcome(made(kind), HERE).verdict for kind in kinds} == MEANT


@pytest.mark.filterwarnings(RETRY_WARNING)
def test_details_of_an_answer_are_kept():
    from telegram.error import ChatMigrated

    assert outcome(ChatMigrated(-1009), HERE).moved_to == Address("telegram", "-1009", "7")


@pytest.mark.filterwarnings(RETRY_WARNING)
@pytest.mark.parametrize("as_span", ["true", "false"])
@pytest.mark.parametrize("seconds", [7, 43_200])
def test_a_pause_is_kept_whole_however_it_is_told(monkeypatch, seconds, as_span):
    from telegram.error import RetryAfter

    monkeypatch.setenv("PTB_TIMEDELTA", as_span)
    for told in (seconds, timedelta(seconds=seconds)):
        assert outcome(RetryAfter(told), HERE).retry_after == seconds


NOT_SENT = {  # the connection was never had, or the address is none
    "ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "ProxyError",
    "InvalidURL",
}  # fmt: skip
MAY_BE_SENT = {
    "CloseError", "CookieConflict", "DecodingError", "HTTPError", "HTTPStatusError",
    "LocalProtocolError", "NetworkError", "ProtocolError", "ReadError", "ReadTimeout",
    "RemoteProtocolError", "RequestError", "RequestNotRead", "ResponseNotRead", "StreamClosed",
    "StreamConsumed", "StreamError", "TimeoutException", "TooManyRedirects", "TransportError",
    "WriteError", "WriteTimeout",
}  # fmt: skip


def causes() -> list[Exception]:
    """One of each exception of httpx."""
    kinds = [
        one
        for one in below(Exception)
        if one.__module__.split(".")[0] == "httpx" and not one.__name__.startswith("_")
    ]
    made = []
    for kind in sorted(kinds, key=lambda one: one.__name__):
        cause = Exception.__new__(kind)
        cause.args = ("x",)
        made.append(cause)
    return made


def test_each_error_of_httpx_is_known_to_be_sent_perhaps_or_not():
    assert {type(one).__name__ for one in causes()} == NOT_SENT | MAY_BE_SENT


@pytest.mark.parametrize(
    "cause",
    [*causes(), ValueError("x"), RuntimeError("x"), OSError("x"), TimeoutError("x"), None],
    ids=lambda one: type(one).__name__,
)
def test_how_far_a_lost_call_came_decides_whether_it_was_sent(cause):
    from telegram.error import NetworkError, TimedOut

    wanted = Verdict.NOT_SENT if type(cause).__name__ in NOT_SENT else Verdict.UNKNOWN
    for kind in (NetworkError, TimedOut):
        error = kind("lost")
        error.__cause__ = cause
        assert outcome(error, HERE).verdict is wanted


ANSWERS = [
    (400, "Bad Request: can't parse entities: unexpected end tag", {}, Verdict.CONTENT_REFUSED),
    (400, "Bad Request: message is too long", {}, Verdict.CONTENT_REFUSED),
    (400, "Bad Request: chat not found", {}, Verdict.CHAT_GONE),
    (400, "Bad Request: PEER_ID_INVALID", {}, Verdict.CHAT_GONE),
    (400, "Bad Request: CHAT_WRITE_FORBIDDEN", {}, Verdict.CHAT_GONE),
    (400, "Bad Request: group chat was deactivated", {}, Verdict.CHAT_GONE),
    (400, "Bad Request: need administrator rights in the channel chat", {}, Verdict.CHAT_GONE),
    (400, "Bad Request: not enough rights to send text messages", {}, Verdict.CHAT_GONE),
    (400, "Bad Request: message thread not found", {}, Verdict.THREAD_GONE),
    (400, "Bad Request: TOPIC_CLOSED", {}, Verdict.THREAD_GONE),
    (400, "Bad Request: TOPIC_DELETED", {}, Verdict.THREAD_GONE),
    (400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": -1007}, Verdict.MOVED),
    (401, "Unauthorized", {}, Verdict.TOKEN_REFUSED),
    (403, "Forbidden: bot was blocked by the user", {}, Verdict.CHAT_GONE),
    (403, "Forbidden: user is deactivated", {}, Verdict.CHAT_GONE),
    (403, "Forbidden: bot was kicked from the supergroup chat", {}, Verdict.CHAT_GONE),
    (403, "Forbidden: the group chat was deleted", {}, Verdict.CHAT_GONE),
    (404, "Not Found", {}, Verdict.TOKEN_REFUSED),
    (409, "Conflict: terminated by other getUpdates request", {}, Verdict.SECOND_INSTANCE),
    (413, "Request Entity Too Large", {}, Verdict.CONTENT_REFUSED),
    (429, "Too Many Requests: retry after 14", {"retry_after": 14}, Verdict.TOO_FAST),
    (429, "Too Many Requests", {}, Verdict.TOO_FAST),
    (500, "Internal Server Error", {}, Verdict.UNKNOWN),
    (502, "Bad Gateway", {}, Verdict.UNKNOWN),
    (504, "Gateway Timeout", {}, Verdict.UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("code", "said", "parameters", "verdict"), ANSWERS)
async def test_each_answer_of_the_server_is_understood(code, said, parameters, verdict):
    async with FakeTelegram() as wire, Telegram(wire.token, api_url=wire.url) as platform:
        wire.fail("sendMessage", Trouble(code, said, parameters))
        found = await platform.send(Address("telegram", "1"), BODY, "pb1", silent=False)
    assert found.verdict is verdict
    assert found.error
    assert len(wire.made("sendMessage")) == 1  # nothing is repeated here
    if parameters.get("retry_after"):
        assert found.retry_after == 14
    if verdict is Verdict.MOVED:
        assert found.moved_to == Address("telegram", "-1007")


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(cut=True),
        Trouble(cut=True, late=True),
        Trouble(502, "Bad Gateway", late=True),
        Trouble(502, raw=b"<html>bad gateway</html>"),
        Trouble(200, raw=b'{"ok": true, "resu'),
    ],
    ids=["cut", "accepted-then-cut", "accepted-then-502", "no-json", "half-an-answer"],
)
async def test_what_may_have_been_sent_is_unknown_and_not_sent_again(trouble, caplog):
    caplog.set_level(logging.CRITICAL, "telegram")
    async with FakeTelegram() as wire, Telegram(wire.token, api_url=wire.url) as platform:
        chat = wire.private(wire.person("Ann"))
        chat.members[wire.bot.id] = "member"
        wire.fail("sendMessage", trouble)
        found = await platform.send(Address("telegram", str(chat.id)), BODY, "pb1", silent=False)
    assert found.verdict is Verdict.UNKNOWN
    assert len(wire.made("sendMessage")) == 1
    assert len(chat.spoken) == int(trouble.late)


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (400, Verdict.UNKNOWN),
        (401, Verdict.UNKNOWN),
        (403, Verdict.UNKNOWN),
        (404, Verdict.UNKNOWN),
        (413, Verdict.CONTENT_REFUSED),
        (429, Verdict.TOO_FAST),
        (502, Verdict.UNKNOWN),
    ],
)
async def test_a_page_of_a_server_before_telegrams_says_nothing_of_chat_or_token(code, verdict):
    async with FakeTelegram() as wire, Telegram(wire.token, api_url=wire.url) as platform:
        wire.fail("sendMessage", Trouble(code, raw=b"<html>429 or 413, who knows</html>"))
        found = await platform.send(Address("telegram", "1"), BODY, "pb1", silent=False)
    assert found.verdict is verdict
    assert len(wire.made("sendMessage")) == 1


async def test_a_call_that_hangs_is_broken_off_and_nobody_knows_what_became_of_it():
    async with FakeTelegram() as wire, Telegram(wire.token, api_url=wire.url) as platform:
        platform._connection._longest = 0.05
        for body, method in ((BODY, "sendMessage"), (FILE, "sendDocument")):
            wire.fail(method, Trouble(hang=True))
            found = await platform.send(Address("telegram", "1"), body, "pb1", silent=False)
            assert found.verdict is Verdict.UNKNOWN
            assert "0.05 seconds" in (found.error or "")


def test_a_call_is_broken_off_before_the_courier_stops_waiting_but_not_while_it_connects():
    connecting = connection.POOL_TIMEOUT + 2 * connection.CONNECT_TIMEOUT
    assert connecting < connection.LONGEST_CALL
    assert 15 <= connection.LONGEST_CALL < 20


async def test_a_server_that_is_not_there_got_nothing():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        async with Telegram("1:token-of-nobody", api_url=url) as platform:
            found = await platform.send(Address("telegram", "1"), BODY, "pb1", silent=False)
    assert found.verdict is Verdict.NOT_SENT


async def test_a_cancelled_call_stays_cancelled():
    async with FakeTelegram() as wire, Telegram(wire.token, api_url=wire.url) as platform:
        wire.fail("sendMessage", Trouble(hang=True))
        call = asyncio.create_task(
            platform.send(Address("telegram", "1"), BODY, "pb1", silent=False)
        )
        await wire.hanging.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
