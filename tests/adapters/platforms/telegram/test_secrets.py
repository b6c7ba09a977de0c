"""The token is the bot: it stands in every address, and in no log, error or repr."""

from __future__ import annotations

import asyncio
import logging
import socket

import pytest

from adapters.platforms.telegram import Telegram, Webhook, frozen
from adapters.platforms.telegram.connection import Connection
from bot.channels import Address
from bot.errors import Refused
from tests.wires.talks import Answering
from tests.wires.telegram import FakeTelegram, Trouble, echo

TOKEN = "123456789:AAsecretsecretsecretsecretsecretsecr"
SECRET = "the-webhooks-secret-word"
BODY = frozen.freeze(["Hi"], [], marked=True)


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def everything(caplog: pytest.LogCaptureFixture) -> str:
    """All that any handler could write, tracebacks too."""
    formatter = logging.Formatter("%(name)s %(message)s")
    return "\n".join(
        formatter.format(record)
        + repr(record.args)
        + repr(record.msg)
        + str(vars(record).get("error"))
        for record in caplog.records
    )


@pytest.mark.parametrize("by_webhook", [False, True])
async def test_nothing_that_is_logged_at_any_level_holds_a_secret(caplog, by_webhook):
    caplog.set_level(logging.DEBUG)
    port = free_port()
    hook = Webhook(f"http://127.0.0.1:{port}/", SECRET, "127.0.0.1", port) if by_webhook else None
    async with FakeTelegram(token=TOKEN) as wire:
        ann = wire.person("Ann")
        chat = wire.private(ann)
        async with Telegram(TOKEN, api_url=wire.url, webhook=hook, slow=0.0) as platform:

            async def answer(request):
                if request.command == "help":
                    raise RuntimeError("broken on purpose")
                return await echo(request)

            serving = asyncio.create_task(platform.serve(Answering(answer)))
            for text in ("/help", "/status"):
                wire.type(chat, ann, text)
                await wire.hear(chat)
            for trouble in (
                Trouble(502, "Bad Gateway"),
                Trouble(cut=True),
                Trouble(200, raw=b"half"),
                Trouble(429, "Too Many Requests", {"retry_after": 9}),
                Trouble(401, "Unauthorized"),
            ):
                wire.fail("sendMessage", trouble)
                address = Address("telegram", str(ann.id))
                outcome = await platform.send(address, BODY, "k", silent=False)
                assert TOKEN not in repr(outcome)
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            assert TOKEN not in repr(platform)
    said = everything(caplog)
    assert "getMe" in said  # the addresses are logged
    assert TOKEN not in said
    assert TOKEN.partition(":")[2] not in said
    assert SECRET not in said


async def test_a_refused_token_is_in_no_error(caplog):
    caplog.set_level(logging.DEBUG)
    async with FakeTelegram() as wire, Telegram(TOKEN, api_url=wire.url) as platform:
        with pytest.raises(Refused) as caught:
            await platform.serve(Answering(echo))
    error: BaseException | None = caught.value
    while error is not None:
        assert TOKEN not in f"{error!r} {error}"
        error = error.__cause__
    assert TOKEN not in everything(caplog)


async def test_two_bots_in_one_process_do_not_uncover_one_another(caplog):
    caplog.set_level(logging.DEBUG)
    other = TOKEN[::-1]
    async with FakeTelegram(token=TOKEN) as wire, Connection(TOKEN, wire.url) as one:
        async with Connection(other, wire.url):
            await one.me()
        await one.me()
        await one.bot.get_me()
    assert TOKEN not in everything(caplog)
