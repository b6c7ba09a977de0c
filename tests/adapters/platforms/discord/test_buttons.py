"""Buttons of answers and digests, pressed within simcord's Discord."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from simcord import Env

from adapters.platforms.discord import Discord
from bot.cards import Button, Buttons, Paragraph
from bot.channels import Address, Layout, Place
from bot.ports import Reply, Request
from tests.adapters.platforms.discord.test_commands import Lab
from tests.wires.talks import Answering

MENU = (Paragraph.of("menu"), Buttons(((Button("Nine", "settings hour 9"),),)))


@pytest.fixture
def lab(env: Env) -> Lab:
    return Lab(env)


@pytest.fixture
async def posted(heard: Discord, lab: Lab) -> Any:
    """A public message with a button."""
    drawn = heard.draw(MENU, Layout.PACKED, "en", Place())
    sent = await heard.send(
        Address("discord", str(lab.channel.id)), drawn[0].body, "pb1", silent=True
    )
    assert sent.platform_ids
    return lab.channel.last_message


async def test_a_pressed_button_asks_with_the_rights_of_who_presses(
    lab: Lab, talk: Answering, posted: Any
) -> None:
    for who, may in ((lab.ada, True), (lab.bob, False)):
        result = await who.click(posted, label="Nine")
        assert result.ephemeral
        request = talk.asked[-1]
        assert (request.command, request.text) == ("settings", "hour 9")
        assert request.pressed
        assert request.rights.manage is may
        assert request.person.id == str(who.id)
    assert len(lab.channel.history()) == 1  # nobody else sees the answers


async def test_an_answer_takes_the_place_of_its_menu(lab: Lab, talk: Answering) -> None:
    async def menu(request: Request) -> Reply:
        if request.pressed:
            return Reply((Paragraph.of("at nine"),), "en", replaces=True, toast="Saved")
        return Reply(MENU, "en")

    talk.answer = menu
    shown = await lab.ada.slash(lab.channel, "settings")
    assert shown.response is not None
    pressed = await lab.ada.click(shown.response, label="Nine")
    assert shown.response.content == "at nine"
    assert shown.response.components == []
    assert [(one.content, one.ephemeral) for one in pressed.followups] == [("Saved", True)]


async def test_a_slow_answer_takes_its_place_too(lab: Lab, talk: Answering, env: Env) -> None:
    async def menu(request: Request) -> Reply:
        if request.pressed:
            await asyncio.sleep(20)
            return Reply((Paragraph.of("at nine"),), "en", replaces=True)
        return Reply(MENU, "en")

    talk.answer = menu
    shown = await lab.ada.slash(lab.channel, "settings")
    assert shown.response is not None
    pressed = await lab.ada.click(shown.response, label="Nine")
    assert pressed.acknowledged
    await env.advance_time(20)
    assert shown.response.content == "at nine"


async def test_a_refusal_never_takes_the_place_of_what_others_see(
    lab: Lab, talk: Answering, posted: Any
) -> None:
    async def refuse(request: Request) -> Reply:
        return Reply((Paragraph.of("not you"),), "en", failed=True, replaces=True)

    talk.answer = refuse
    result = await lab.bob.click(posted, label="Nine")
    assert result.ephemeral
    assert lab.channel.history()[0].content == "menu"


async def test_a_toast_is_for_the_presser_alone(lab: Lab, talk: Answering, posted: Any) -> None:
    async def toast(request: Request) -> Reply:
        return Reply((), "en", toast="Saved")

    talk.answer = toast
    result = await lab.bob.click(posted, label="Nine")
    assert result.ephemeral
    assert result.response is not None
    assert result.response.content == "Saved"


async def test_nothing_to_say_is_answered_all_the_same(
    lab: Lab, talk: Answering, posted: Any
) -> None:
    async def nothing(request: Request) -> Reply:
        return Reply((), "en")

    talk.answer = nothing
    result = await lab.bob.click(posted, label="Nine")
    assert result.acknowledged
    assert len(lab.channel.history()) == 1


async def test_shared_is_for_everybody(lab: Lab, talk: Answering) -> None:
    async def paper(request: Request) -> Reply:
        if request.command == "share":
            return Reply((Paragraph.of("bob shares a paper"),), "en", shared=True)
        share = Buttons(((Button("Share", "share 2512.15716"),),))
        return Reply((Paragraph.of("a card"), share), "en")

    talk.answer = paper
    shown = await lab.bob.slash(lab.channel, "paper", paper="2512.15716")
    assert shown.ephemeral
    assert shown.response is not None
    shared = await lab.bob.click(shown.response, label="Share")
    assert not shared.ephemeral
    assert lab.channel.last_message is not None
    assert lab.channel.last_message.content == "bob shares a paper"


@pytest.mark.parametrize("mark", ["p:nonsense 1", "old", "c:12345:settings"])
async def test_a_button_that_nobody_knows_says_so(
    lab: Lab, talk: Answering, heard: Discord, mark: str
) -> None:
    row = {"type": 1, "components": [{"type": 2, "style": 2, "label": "Old", "custom_id": mark}]}
    await heard._wire.call(
        "POST",
        "/channels/{channel_id}/messages",
        {"content": "x", "components": [row]},
        channel_id=str(lab.channel.id),
    )
    message = lab.channel.last_message
    assert message is not None
    result = await lab.bob.click(message, label="Old")
    assert result.ephemeral
    assert result.response is not None
    assert "out of date" in result.response.content
    assert talk.asked == []


async def test_a_button_for_another_channel_is_nothing_to_who_cannot_see_it(
    lab: Lab, talk: Answering, heard: Discord, env: Env
) -> None:
    import discord

    hidden = lab.guild.create_text_channel(
        "hidden",
        overwrites={lab.guild.default_role: discord.PermissionOverwrite(view_channel=False)},
    )
    row = {"type": 1, "components": [
        {"type": 2, "style": 2, "label": "Go", "custom_id": f"c:{hidden.id}:settings"}
    ]}  # fmt: skip
    await heard._wire.call(
        "POST",
        "/channels/{channel_id}/messages",
        {"content": "x", "components": [row]},
        channel_id=str(lab.channel.id),
    )
    message = lab.channel.last_message
    assert message is not None
    result = await lab.bob.click(message, label="Go")
    assert result.ephemeral
    assert talk.asked == []


async def test_one_pressers_error_is_told_to_them_alone(
    lab: Lab, talk: Answering, posted: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(request: Request) -> Reply:
        raise RuntimeError("a bug")

    talk.answer = broken
    result = await lab.bob.click(posted, label="Nine")
    assert result.ephemeral
    assert result.response is not None
    assert "number" in result.response.content
    assert lab.channel.history()[0].content == "menu"
