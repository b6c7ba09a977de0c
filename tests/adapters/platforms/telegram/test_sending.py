"""Where a frozen body goes and what becomes of its buttons."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.platforms.telegram import Telegram, frozen
from adapters.platforms.telegram.sandbox import Chat, Member
from bot.cards import Button
from bot.channels import Address, Body, Outcome, Verdict
from tests.wires.telegram import FakeTelegram, Trouble

BODY = frozen.freeze(["<b>Hi</b>"], [], marked=True)
ASK = Button("Abstract", "abstract 2512.15716")
NEXT = Button("Next", "today 2025-12-26 2")
CODE = Button("Code", url="https://github.com/x/y")
ROWS = ((ASK, NEXT), (CODE,))
PRESSABLE = frozen.freeze(["Hi"], [], marked=True, rows=ROWS)


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
def ann(wire):
    ann = wire.person("Ann")
    wire.private(ann).members[wire.bot.id] = "member"
    return ann


def group(wire: FakeTelegram, ann: Member, **options: Any) -> Chat:
    chat = wire.supergroup("Lab", ann, **options)
    chat.members[wire.bot.id] = "member"
    return chat


async def send(
    platform: Telegram,
    chat: Any,
    body: Body = BODY,
    *,
    thread: str | None = None,
    silent: bool = False,
    reply_to: str | None = None,
) -> Outcome:
    address = Address("telegram", str(getattr(chat, "id", chat)), thread)
    return await platform.send(address, body, "pb1", silent=silent, reply_to=reply_to)


async def test_a_message_arrives_and_its_id_comes_back(wire, platform, ann):
    found = await send(platform, ann)
    message = await wire.hear(wire.private(ann))
    assert found.verdict is Verdict.ACCEPTED
    assert found.platform_ids == (str(message.id),)
    assert message.text == "Hi"


async def test_a_persons_private_chat_can_be_named_by_the_person(wire, platform, ann):
    assert (await send(platform, f"@{ann.id}")).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("silent", [True, False])
async def test_a_silent_message_rings_nobody(wire, platform, ann, silent):
    await send(platform, ann, silent=silent)
    assert wire.made("sendMessage")[0].params.get("disable_notification", False) is silent


async def test_the_general_topic_is_never_named(wire, platform, ann):
    forum = group(wire, ann, topics=("Papers",))
    assert (await send(platform, forum, thread="1")).verdict is Verdict.ACCEPTED
    assert "message_thread_id" not in wire.made("sendMessage")[0].params


async def test_a_topic_gets_its_own_messages(wire, platform, ann):
    forum = group(wire, ann, topics=("Papers",))
    (topic,) = forum.topics
    assert (await send(platform, forum, thread=str(topic))).verdict is Verdict.ACCEPTED
    assert (await wire.hear(forum)).thread == topic
    assert (await send(platform, forum, thread="777")).verdict is Verdict.THREAD_GONE


async def test_an_answer_is_sent_even_when_its_question_was_deleted(wire, platform, ann):
    assert (await send(platform, ann, reply_to="999")).verdict is Verdict.ACCEPTED


async def test_alone_with_the_bot_all_buttons_are_pressed(wire, platform, ann):
    await send(platform, ann, PRESSABLE)
    assert (await wire.hear(wire.private(ann))).buttons == [
        [
            {"text": "Abstract", "callback_data": "abstract 2512.15716"},
            {"text": "Next", "callback_data": "today 2025-12-26 2"},
        ],
        [{"text": "Code", "url": "https://github.com/x/y"}],
    ]
    assert not wire.made("getMe")  # nothing is asked that is not needed


async def test_in_groups_what_concerns_the_asker_alone_leads_into_the_private_chat(
    wire, platform, ann
):
    chat = group(wire, ann)
    await send(platform, chat, PRESSABLE)
    await send(platform, chat, PRESSABLE)
    (abstract, follow), _ = (await wire.hear(chat)).buttons
    assert abstract["url"] == ("https://t.me/paperboy_sandbox_bot?start=YWJzdHJhY3QgMjUxMi4xNTcxNg")
    assert follow["callback_data"] == "today 2025-12-26 2"
    assert len(wire.made("getMe")) == 1


async def test_a_button_that_telegram_could_not_carry_is_left_out(wire, platform, ann):
    long = frozen.freeze(["Hi"], [], marked=True, rows=((Button("Long", "x" * 65),),))
    assert (await send(platform, ann, long)).verdict is Verdict.ACCEPTED
    assert (await wire.hear(wire.private(ann))).buttons == []


async def test_a_file_is_sent_as_a_document(wire, platform, ann):
    found = await send(platform, ann, frozen.freeze_file("saved.bib", "@misc{ü}"), silent=True)
    assert found.verdict is Verdict.ACCEPTED
    assert (await wire.hear(wire.private(ann))).file == ("saved.bib", "@misc{ü}".encode())


async def test_a_body_of_nobody_knows_whom_is_refused_without_a_call(wire, platform):
    found = await send(platform, 1, Body((b"?",)))
    assert found.verdict is Verdict.CONTENT_REFUSED
    assert wire.calls == []


async def test_an_address_that_is_none_is_no_crash(wire, platform):
    found = await send(platform, "nonsense", reply_to="x")
    assert found.verdict is not Verdict.ACCEPTED


async def test_an_accepted_message_counts_even_when_the_library_cannot_read_the_answer(
    wire, platform, ann
):
    strange = b'{"ok": true, "result": {"message_id": 7, "poll": {"id": "1"}}}'
    wire.fail("sendMessage", Trouble(200, raw=strange))
    found = await send(platform, ann)
    assert (found.verdict, found.platform_ids) == (Verdict.ACCEPTED, ("7",))


async def test_a_message_whose_links_cannot_be_made_was_not_sent(wire, platform, ann):
    chat = group(wire, ann)
    wire.fail("getMe", Trouble(502, "Bad Gateway"))
    assert (await send(platform, chat, PRESSABLE)).verdict is Verdict.NOT_SENT
    assert not wire.made("sendMessage")
    assert (await send(platform, chat, PRESSABLE)).verdict is Verdict.ACCEPTED
