"""The webhook: Telegram brings updates, nobody else can, and the end is clean."""

from __future__ import annotations

import asyncio
import socket

import httpx
import pytest

from adapters.platforms.telegram import Telegram, Webhook
from adapters.platforms.telegram.webhook import SECRET_HEADER
from bot.errors import Refused, SetUpWrong
from tests.wires.talks import Answering
from tests.wires.telegram import FakeTelegram, Trouble, echo, served

SECRET = "a-secret-word-for-tests"


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@pytest.fixture
def hook():
    port = free_port()
    return Webhook(f"http://127.0.0.1:{port}/telegram/updates", SECRET, "127.0.0.1", port)


async def test_updates_are_brought_and_answered(hook):
    async with served(webhook=hook) as at:
        ann = at.wire.person("Ann")
        for text in ("/help", "/status"):
            at.wire.type(at.wire.private(ann), ann, text)
            assert (await at.wire.hear(at.wire.private(ann))).text == f"{text[1:]}:"
        assert not at.wire.made("getUpdates")
        params = at.wire.made("setWebhook")[0].params
        assert params["secret_token"] == SECRET
        assert params["url"] == hook.url


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], "ü"])
async def test_without_the_secret_nobody_gets_in(hook, secret):
    async with served(webhook=hook) as at:
        await at.wire.until(lambda: bool(at.wire.made("setWebhook")))
        headers = {} if secret is None else {SECRET_HEADER: secret.encode()}
        update = {"update_id": 1, "message": {}}
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(hook.url, json=update, headers=headers)
        assert answer.status_code == 401
        assert at.asked == []


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"{", 400), (b"[]", 400), (b" " * 1_000_001, 413), (b"{}", 200), (b'{"update_id": 3}', 200)],
)
async def test_what_is_no_update_is_turned_away(hook, content, status):
    async with served(webhook=hook) as at:
        await at.wire.until(lambda: bool(at.wire.made("setWebhook")))
        async with httpx.AsyncClient(trust_env=False) as client:
            headers = {SECRET_HEADER: SECRET}
            answer = await client.post(hook.url, content=content, headers=headers)
            assert answer.status_code == status
            assert (await client.get(hook.url)).status_code == 405
            assert (await client.get(hook.url + "/other")).status_code == 404
        assert at.asked == []


async def test_the_same_update_brought_twice_is_answered_once(hook):
    async with served(webhook=hook) as at:
        ann = at.wire.person("Ann")
        at.wire.type(at.wire.private(ann), ann, "/help")
        update = at.wire.updates[-1]
        await at.wire.hear(at.wire.private(ann))
        async with httpx.AsyncClient(trust_env=False) as client:
            headers = {SECRET_HEADER: SECRET}
            assert (await client.post(hook.url, json=update, headers=headers)).is_success
        at.wire.type(at.wire.private(ann), ann, "/status")
        assert (await at.wire.hear(at.wire.private(ann))).text == "status:"


async def test_a_port_that_is_taken_is_named(hook):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", hook.port))
        taken.listen()
        async with served(webhook=hook) as at:
            with pytest.raises(SetUpWrong, match=str(hook.port)):
                await at.listening


async def test_an_address_that_telegram_does_not_take_is_named(hook):
    wire = FakeTelegram()
    wire.fail("setWebhook", Trouble(400, "Bad Request: bad webhook: HTTPS url must be provided"))
    async with served(wire=wire, webhook=hook) as at:
        with pytest.raises(SetUpWrong, match=r"(?i)https url must be provided"):
            await at.listening


async def test_a_refused_token_ends_it():
    port = free_port()
    hook = Webhook("http://127.0.0.1/", SECRET, "127.0.0.1", port)
    async with (
        FakeTelegram() as wire,
        Telegram("1:wrong", api_url=wire.url, webhook=hook) as platform,
    ):
        with pytest.raises(Refused):
            await platform.serve(Answering(echo))


async def test_after_the_end_the_port_is_free_and_signals_are_the_processes(hook):
    import signal

    before = signal.getsignal(signal.SIGTERM)
    async with served(webhook=hook) as at:
        await at.wire.until(lambda: bool(at.wire.made("setWebhook")))
        assert signal.getsignal(signal.SIGTERM) is before
        at.listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await at.listening
        with socket.socket() as door:
            door.bind(("127.0.0.1", hook.port))


def test_the_secret_is_in_no_repr(hook):
    assert SECRET not in repr(hook)
    assert SECRET not in repr(Telegram("1:token", webhook=hook))
