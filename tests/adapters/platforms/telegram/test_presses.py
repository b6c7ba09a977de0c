"""Buttons: every press is answered, by the rights of whoever presses, in the message's place."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from adapters.platforms.telegram.sandbox import Chat, Member, Message
from bot.cards import Button, Buttons, File, Paragraph
from bot.ports import Reply, Request
from tests.wires.telegram import FakeTelegram, Served, Trouble, served

MENU = Buttons(
    ((Button("Nine", "settings hour 09:00"), Button("Ten", "settings hour 10:00")),
     (Button("Abstract", "abstract 2512.15716"),))
)  # fmt: skip


def menu(text: str, **more: Any) -> Reply:
    return Reply((Paragraph.of(text), MENU), "en", **more)


async def settings(request: Request) -> Reply:
    """A menu that shows what was chosen last."""
    if not request.pressed:
        return menu("Choose")
    if not request.rights.manage:
        return Reply((Paragraph.of("Only administrators may do that."),), "en", failed=True)
    return menu(f"Chosen: {request.text}", replaces=True, toast="Saved")


async def opened(
    at: Served, chat: Chat, person: Member, text: str = "/settings", **options: Any
) -> Message:
    at.wire.type(chat, person, text, **options)
    return await at.wire.hear(chat)


async def test_a_menu_is_edited_in_place_and_the_press_answered():
    async with served(settings) as at:
        ann = at.wire.person("Ann")
        chat = at.wire.private(ann)
        message = await opened(at, chat, ann)
        tap = at.wire.press(ann, message, "Nine")
        assert (await at.wire.answered(tap)).said == "Saved"
        changed = await at.wire.hear(chat)
        assert changed.id == message.id
        assert changed.text == "Chosen: hour 09:00"
        assert changed.button("Ten")
        assert at.asked[-1].pressed


async def test_pressing_what_is_chosen_already_is_no_error(caplog):
    async with served(settings) as at:
        ann = at.wire.person("Ann")
        chat = at.wire.private(ann)
        message = await opened(at, chat, ann)
        for _ in range(2):
            tap = at.wire.press(ann, message, "Nine")
            assert (await at.wire.answered(tap)).said == "Saved"
            await at.wire.until(lambda: len(at.wire.made("editMessageText")) == len(at.asked) - 1)
        assert message.edits == 1
        assert len(at.wire.made("sendMessage")) == 1
    assert [each for each in caplog.records if each.name.startswith("adapters")] == []


async def test_another_persons_press_is_refused_to_that_person_alone():
    async with served(settings) as at:
        ann, bob = at.wire.person("Ann"), at.wire.person("Bob")
        chat = at.wire.supergroup("Lab", ann, bob)
        chat.members[at.wire.bot.id] = "member"
        message = await opened(at, chat, ann)
        tap = await at.wire.answered(at.wire.press(bob, message, "Nine"))
        assert tap.said == "Only administrators may do that."
        assert tap.parameters["show_alert"]
        tap = await at.wire.answered(at.wire.press(ann, message, "Nine"))
        assert (tap.said, tap.parameters.get("show_alert")) == ("Saved", None)
        await at.wire.hear(chat)
        assert len(chat.spoken) == 2  # the menu and its one change
        assert [request.person.name for request in at.asked] == ["Ann", "Bob", "Ann"]


@pytest.mark.parametrize("data", ["p1|of|another|time", "nonsense 1", "", None])
async def test_a_stale_button_says_so(data):
    async with served(settings) as at:
        ann = at.wire.person("Ann", language="en-GB")
        message = await opened(at, at.wire.private(ann), ann)
        tap = await at.wire.answered(at.wire.tap(ann, message, data))
        assert tap.said == "This button is out of date. The command opens a new one."
        assert len(at.asked) == 1


async def test_a_button_without_its_message_says_that_it_is_out_of_date():
    async with served(settings) as at:
        ann = at.wire.person("Ann")
        tap = await at.wire.answered(at.wire.tap(ann, None, "settings"))
        assert "out of date" in tap.said


async def test_a_message_out_of_reach_is_answered_by_a_new_one():
    async with served(settings) as at:
        ann = at.wire.person("Ann")
        chat = at.wire.private(ann)
        message = await opened(at, chat, ann)
        at.wire.tap(ann, message, "settings hour 09:00", old=True)
        answer = await at.wire.hear(chat)
        assert answer.id != message.id
        assert answer.text == "Chosen: hour 09:00"


@pytest.mark.parametrize(
    "said", ["Bad Request: message to edit not found", "Bad Request: message can't be edited"]
)
async def test_a_message_that_cannot_be_edited_is_answered_by_a_new_one(said):
    async with served(settings) as at:
        ann = at.wire.person("Ann")
        chat = at.wire.private(ann)
        message = await opened(at, chat, ann)
        at.wire.fail("editMessageText", Trouble(400, said))
        at.wire.press(ann, message, "Nine")
        assert (await at.wire.hear(chat)).text == "Chosen: hour 09:00"
        assert len(at.wire.made("sendMessage")) == 2


async def test_a_file_comes_as_a_new_message():
    async def answer(request):
        if request.pressed:
            return Reply((File("a.bib", "@misc{}"),), "en", replaces=True)
        return menu("Choose")

    async with served(answer) as at:
        ann = at.wire.person("Ann")
        chat = at.wire.private(ann)
        at.wire.press(ann, await opened(at, chat, ann), "Nine")
        assert (await at.wire.hear(chat)).file == ("a.bib", b"@misc{}")


async def test_in_groups_an_old_button_for_one_person_opens_the_private_chat():
    async with served(settings) as at:
        ann, bob = at.wire.person("Ann"), at.wire.person("Bob")
        chat = at.wire.supergroup("Lab", ann, bob)
        chat.members[at.wire.bot.id] = "member"
        message = await opened(at, chat, ann)
        assert message.button("Abstract")["url"].startswith("https://t.me/paperboy_sandbox_bot?")
        tap = await at.wire.answered(at.wire.tap(bob, message, "abstract 2512.15716"))
        assert tap.parameters["url"] == message.button("Abstract")["url"]
        assert len(at.asked) == 1


async def test_the_deep_link_asks_in_private_for_what_the_button_says():
    async with served(settings) as at:
        ann = at.wire.person("Ann")
        chat = at.wire.supergroup("Lab", ann)
        chat.members[at.wire.bot.id] = "member"
        link = (await opened(at, chat, ann)).button("Abstract")["url"]
        payload = link.partition("start=")[2]
        await opened(at, at.wire.private(ann), ann, f"/start {payload}")
        assert (at.asked[-1].command, at.asked[-1].text) == ("abstract", "2512.15716")
        assert not at.asked[-1].pressed


async def test_a_readers_press_in_a_channel_is_answered_in_private():
    async def answer(request):
        return menu("Papers") if request.private else Reply((Paragraph.of("For you"),), "en")

    async with served(answer) as at:
        ann, bob = at.wire.person("Ann"), at.wire.person("Bob")
        channel = at.wire.channel("News", ann)
        channel.members[at.wire.bot.id] = "administrator"
        at.wire.private(bob).members[at.wire.bot.id] = "member"
        post = at.wire.post(channel, "Papers")
        await at.wire.answered(at.wire.tap(bob, post, "today 2025-12-26 2"))
        assert (await at.wire.hear(at.wire.private(bob))).text == "For you"
        assert channel.spoken == []


async def test_a_press_is_answered_even_when_the_bot_fails(caplog):
    async def answer(request):
        if request.pressed:
            raise RuntimeError("broken on purpose")
        return menu("Choose")

    async with served(answer) as at:
        ann = at.wire.person("Ann")
        message = await opened(at, at.wire.private(ann), ann)
        tap = await at.wire.answered(at.wire.press(ann, message, "Nine"))
        assert "Something went wrong" in tap.said
        assert tap.parameters["show_alert"]
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert vars(record)["id"] in tap.said


async def test_a_press_whose_answer_came_too_late_still_does_its_work():
    async with served(settings) as at:
        ann = at.wire.person("Ann")
        chat = at.wire.private(ann)
        message = await opened(at, chat, ann)
        at.wire.fail("answerCallbackQuery", Trouble(400, "Bad Request: query is too old"))
        at.wire.press(ann, message, "Nine")
        assert (await at.wire.hear(chat)).text == "Chosen: hour 09:00"


async def test_a_long_refusal_is_a_message():
    async def answer(request):
        return Reply((Paragraph.of("no " * 100),), "en", failed=True)

    async with served(answer) as at:
        ann = at.wire.person("Ann")
        chat = at.wire.private(ann)
        message = await opened(at, chat, ann)
        tap = at.wire.tap(ann, message, "settings")
        assert len((await at.wire.hear(chat)).text) > 200
        assert (await at.wire.answered(tap)).said == ""


async def test_two_people_press_at_once_and_neither_waits_for_the_other():
    wire = FakeTelegram()
    go = asyncio.Event()

    async def answer(request):
        if not request.pressed:
            return menu("Choose")
        if request.person.name == "Ann":
            await go.wait()
        return Reply((), "en", toast=f"Done, {request.person.name}")

    async with served(answer, wire=wire) as at:
        ann, bob = wire.person("Ann"), wire.person("Bob")
        chat = wire.supergroup("Lab", ann, bob)
        chat.members[wire.bot.id] = "member"
        message = await opened(at, chat, ann)
        first, second = wire.press(ann, message, "Nine"), wire.press(bob, message, "Ten")
        assert (await wire.answered(second)).said == "Done, Bob"
        assert first.answer is None
        go.set()
        assert (await wire.answered(first)).said == "Done, Ann"


async def test_a_press_that_takes_long_is_answered_before_its_query_expires(monkeypatch):
    from adapters.platforms.telegram import listening

    monkeypatch.setattr(listening, "_AGAIN", 0.0)
    wire = FakeTelegram()

    async def answer(request):
        if not request.pressed:
            return menu("Choose")
        await wire.until(lambda: bool(wire.made("answerCallbackQuery")))
        return Reply((), "en", toast="Saved after all")

    async with served(answer, wire=wire, slow=0.0) as at:
        ann = wire.person("Ann")
        chat = wire.private(ann)
        tap = wire.press(ann, await opened(at, chat, ann), "Nine")
        assert (await wire.hear(chat)).text == "Saved after all"
        assert tap.said == ""
        assert len(wire.made("answerCallbackQuery")) == 1
