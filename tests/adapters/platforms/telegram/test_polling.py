"""Long polling: what the network does, a second instance, a refused token, the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from adapters.platforms.telegram import Telegram, polling
from bot.errors import Refused
from tests.wires.talks import Answering
from tests.wires.telegram import FakeTelegram, Trouble, echo, served


@pytest.fixture
def quickly(monkeypatch):
    """Attempts follow one another without a pause."""
    monkeypatch.setattr(polling, "_FIRST_PAUSE", 0.0)


async def test_a_refused_token_ends_it_with_a_sentence():
    async with FakeTelegram() as wire, Telegram("1:wrong", api_url=wire.url) as platform:
        with pytest.raises(Refused, match="PAPERBOY_TELEGRAM_TOKEN") as caught:
            await platform.serve(Answering(echo))
    assert "1:wrong" not in str(caught.value)


async def test_a_token_that_is_withdrawn_later_ends_it_too():
    async with served() as at:
        ann = at.wire.person("Ann")
        at.wire.type(at.wire.private(ann), ann, "/help")
        await at.wire.hear(at.wire.private(ann))
        at.wire.always["getUpdates"] = Trouble(401, "Unauthorized")
        at.wire.type(at.wire.private(ann), ann, "/help")
        with pytest.raises(Refused):
            await at.listening


async def test_a_second_instance_is_borne_for_a_while_only():
    wire = FakeTelegram()
    wire.always["getUpdates"] = Trouble(409, "Conflict: terminated by other getUpdates request")
    async with served(wire=wire, patience=0.05) as at:
        with pytest.raises(Refused, match="same Telegram bot token"):
            await at.listening
    assert len(wire.made("getUpdates")) > 2


async def test_a_predecessor_that_ends_in_time_is_no_trouble():
    wire = FakeTelegram()
    wire.fail("getUpdates", *[Trouble(409, "Conflict: terminated by other request")] * 2)
    async with served(wire=wire, patience=0.2) as at:
        ann = wire.person("Ann")
        wire.type(wire.private(ann), ann, "/help")
        assert (await wire.hear(wire.private(ann))).text == "help:"
        assert not at.listening.done()


async def test_a_real_second_instance_makes_one_of_the_two_stop():
    async with (
        served(patience=0.1) as at,
        Telegram(at.wire.token, api_url=at.wire.url, patience=0.5) as other,
    ):
        second = asyncio.create_task(other.serve(Answering(echo)))
        with pytest.raises(Refused):
            await at.listening
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(502, "Bad Gateway"),
        Trouble(cut=True),
        Trouble(429, "Too Many Requests", {"retry_after": 1}),
        Trouble(400, "Bad Request: strange"),
        Trouble(502, raw=b"<html>"),
    ],
    ids=["502", "cut", "429", "400", "html"],
)
@pytest.mark.parametrize("method", ["getMe", "deleteWebhook", "getUpdates"])
async def test_whatever_goes_wrong_it_goes_on(quickly, method, trouble):
    wire = FakeTelegram()
    wire.fail(method, trouble)
    async with served(wire=wire) as at:
        ann = wire.person("Ann")
        wire.type(wire.private(ann), ann, "/help")
        assert (await wire.hear(wire.private(ann))).text == "help:"
        assert not at.listening.done()


async def test_it_tells_whether_it_hears(quickly):
    wire = FakeTelegram()
    wire.always["getUpdates"] = Trouble(502, "Bad Gateway")
    async with served(wire=wire) as at:
        await until(lambda: at.platform.deaf() == "Telegram does not answer.")
        wire.always["getUpdates"] = Trouble(409, "Conflict: terminated by other request")
        await until(lambda: "Another program" in (at.platform.deaf() or ""))
        del wire.always["getUpdates"]
        ann = wire.person("Ann")
        wire.type(wire.private(ann), ann, "/help")
        await until(lambda: at.platform.deaf() is None)


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not so():  # noqa: ASYNC110 - a sentence changes, and nobody tells
            await asyncio.sleep(0.01)


async def test_a_webhook_of_earlier_is_taken_away():
    wire = FakeTelegram()
    wire.methods.webhook = {"url": "https://example.org/"}
    async with served(wire=wire):
        ann = wire.person("Ann")
        wire.type(wire.private(ann), ann, "/help")
        assert (await wire.hear(wire.private(ann))).text == "help:"


async def test_only_what_is_read_is_asked_for():
    async with served() as at:
        await at.wire.until(lambda: bool(at.wire.made("getUpdates")))
        assert set(at.wire.made("getUpdates")[0].params["allowed_updates"]) == {
            "message",
            "channel_post",
            "callback_query",
            "my_chat_member",
            "inline_query",
        }


async def test_what_was_taken_is_not_told_again_after_a_restart():
    wire = FakeTelegram()
    async with wire:
        for count in (1, 2):
            async with Telegram(wire.token, api_url=wire.url) as platform:
                talk = Answering(echo)
                serving = asyncio.create_task(platform.serve(talk))
                ann = wire.person("Ann")
                wire.type(wire.private(ann), ann, f"/help {count}")
                await wire.hear(wire.private(ann))
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)
                assert [request.text for request in talk.asked] == [str(count)]


async def test_an_update_that_nobody_can_read_does_not_hold_up_the_next(caplog):
    async with served() as at:
        at.wire.tell("message", {"strange": True})
        at.wire.tell("callback_query", {"id": 5})
        ann = at.wire.person("Ann")
        at.wire.type(at.wire.private(ann), ann, "/help")
        assert (await at.wire.hear(at.wire.private(ann))).text == "help:"
    assert sum("could not be read" in each.getMessage() for each in caplog.records) == 2
