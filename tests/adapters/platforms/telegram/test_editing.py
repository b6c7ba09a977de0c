"""Messages that are put in the place of others: twice is once, and what is gone is said."""

from __future__ import annotations

import pytest

from adapters.platforms.telegram import Telegram, frozen
from bot.cards import Button
from bot.channels import Address, Body, Verdict
from tests.wires.telegram import FakeTelegram, Trouble

BODY = frozen.freeze(["<b>Hi</b>"], [], marked=True)
BETTER = frozen.freeze(["<b>Hello</b>"], [], marked=True, rows=((Button("A", "card 2512.1"),),))


@pytest.fixture
async def wire():
    async with FakeTelegram() as wire:
        yield wire
        assert wire.problems() == []


@pytest.fixture
async def platform(wire):
    async with Telegram(wire.token, api_url=wire.url) as platform:
        yield platform


@pytest.fixture
def chat(wire):
    chat = wire.private(wire.person("Ann"))
    chat.members[wire.bot.id] = "member"
    return chat


async def sent(platform, chat) -> tuple[Address, str]:
    address = Address("telegram", str(chat.id))
    found = await platform.send(address, BODY, "pb1", silent=False)
    return address, found.platform_ids[0]


async def test_an_edit_takes_the_place_of_the_message_however_often_it_is_made(
    wire, platform, chat
):
    address, number = await sent(platform, chat)
    for _ in range(3):
        found = await platform.edit(address, number, BETTER)
        assert (found.verdict, found.platform_ids) == (Verdict.ACCEPTED, (number,))
    message = chat.messages[int(number)]
    assert (message.text, message.edits) == ("Hello", 1)
    assert len(wire.made("editMessageText")) == 3


@pytest.mark.parametrize("number", ["99999", "0", "-4", "", "m7"])
async def test_a_message_that_is_no_more_is_content_that_is_refused(platform, chat, number):
    address, _ = await sent(platform, chat)
    found = await platform.edit(address, number, BETTER)
    assert found.verdict is Verdict.CONTENT_REFUSED
    assert found.error


async def test_a_file_takes_no_messages_place(wire, platform, chat):
    address, number = await sent(platform, chat)
    found = await platform.edit(address, number, frozen.freeze_file("a.bib", "@a"))
    assert found.verdict is Verdict.CONTENT_REFUSED
    assert wire.made("editMessageText") == []


@pytest.mark.parametrize(
    ("trouble", "verdict"),
    [
        (Trouble(429, "Too Many Requests", {"retry_after": 9}), Verdict.TOO_FAST),
        (Trouble(502, "Bad Gateway", late=True), Verdict.UNKNOWN),
        (Trouble(403, "Forbidden: bot was blocked by the user"), Verdict.CHAT_GONE),
        (Trouble(400, "Bad Request: message can't be edited"), Verdict.CONTENT_REFUSED),
        (Trouble(400, "Bad Request: message is not modified"), Verdict.ACCEPTED),
    ],
)
async def test_what_an_edit_came_to_is_told_as_of_a_message(wire, platform, chat, trouble, verdict):
    address, number = await sent(platform, chat)
    wire.fail("editMessageText", trouble)
    assert (await platform.edit(address, number, BETTER)).verdict is verdict


async def test_a_body_of_nobody_knows_whom_edits_nothing(wire, platform, chat):
    address, number = await sent(platform, chat)
    found = await platform.edit(address, number, Body((b"?",)))
    assert found.verdict is Verdict.CONTENT_REFUSED
    assert wire.made("editMessageText") == []
