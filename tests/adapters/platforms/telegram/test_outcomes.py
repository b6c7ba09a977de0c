"""What a failed call means, for every error of the library and every answer of the server."""

from __future__ import annotations

import asyncio
import inspect
import logging
import socket

import httpx
import pytest

from adapters.platforms.telegram import Telegram, frozen
from adapters.platforms.telegram.outcomes import outcome
from bot.channels import Address, Verdict
from tests.wires.telegram import FakeTelegram, Trouble

HERE = Address("telegram", "-100", "7")
BODY = frozen.freeze(["Hi"], [], marked=True)
RETRY_WARNING = "ignore:.*retry_after"  # the library warns of its own exception

MEANT = {
    "BadRequest": Verdict.CONTENT_REFUSED,
    "ChatMigrated": Verdict.MOVED,
    "Conflict": Verdict.SECOND_INSTANCE,
    "EndPointNotFound": Verdict.CONTENT_REFUSED,
    "Forbidden": Verdict.CHAT_GONE,
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


@pytest.mark.filterwarnings(RETRY_WARNING)
def test_every_error_of_the_library_has_a_meaning():
    import telegram.error

    kinds = [
        kind
        for _, kind in inspect.getmembers(telegram.error, inspect.isclass)
        if issubclass(kind, telegram.error.TelegramError)
    ]
    assert {kind.__name__: outcome(made(kind), HERE).verdict for kind in kinds} == MEANT


@pytest.mark.filterwarnings(RETRY_WARNING)
def test_details_of_an_answer_are_kept():
    from telegram.error import ChatMigrated, RetryAfter

    assert outcome(ChatMigrated(-1009), HERE).moved_to == Address("telegram", "-1009", "7")
    assert outcome(RetryAfter(7), HERE).retry_after == 7


@pytest.mark.parametrize(
    ("cause", "verdict"),
    [
        (httpx.ConnectError("x"), Verdict.NOT_SENT),
        (httpx.ConnectTimeout("x"), Verdict.NOT_SENT),
        (httpx.PoolTimeout("x"), Verdict.NOT_SENT),
        (httpx.UnsupportedProtocol("x"), Verdict.NOT_SENT),
        (httpx.ReadTimeout("x"), Verdict.UNKNOWN),
        (httpx.WriteTimeout("x"), Verdict.UNKNOWN),
        (httpx.ReadError("x"), Verdict.UNKNOWN),
        (httpx.WriteError("x"), Verdict.UNKNOWN),
        (httpx.RemoteProtocolError("x"), Verdict.UNKNOWN),
        (ValueError("x"), Verdict.UNKNOWN),
    ],
)
def test_how_far_a_lost_call_came_decides_whether_it_was_sent(cause, verdict):
    from telegram.error import NetworkError, TimedOut

    for kind in (NetworkError, TimedOut):
        error = kind("lost")
        error.__cause__ = cause
        assert outcome(error, HERE).verdict is verdict


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
