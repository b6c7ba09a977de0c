"""A channel, where nobody types commands, is looked after from its admin's private chat."""

from __future__ import annotations

import pytest

from bot.channels import Address, PlaceKind
from bot.ports import Found, Person, Rights
from tests.bot.replies.conftest import Chat, text_of
from tests.bot.replies.test_buttons import actions

CHANNEL = Found(Address("board", "-100777"), "Lab Papers", PlaceKind.BROADCAST)


@pytest.fixture
async def admin(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> Chat:
    """The private chat of a person who manages one channel."""
    chat.with_buttons(verbs=frozenset({"rights", "look_up"}))
    await chat.read()

    async def look_up(text: str) -> Found | None:
        return CHANNEL if text == "@lab_papers" else None

    async def rights(address: Address, person: Person) -> Rights:
        return Rights(manage=person.id == "7", missing="Administrator")

    monkeypatch.setattr(chat.board, "look_up", look_up)
    monkeypatch.setattr(chat.board, "rights", rights)
    return chat


async def test_commands_are_for_the_channel_until_told_otherwise(admin: Chat):
    await admin.say("/manage @lab_papers")
    said = await admin.say("/subscribe agents")
    assert said.startswith("For Lab Papers:")
    assert await admin.channel() is None
    there = admin.elsewhere("-100777")
    channel = await there.channel()
    assert channel is not None
    assert channel.kind is PlaceKind.BROADCAST
    assert channel.name == "Lab Papers"
    await admin.say("/manage off")
    assert not (await admin.say("/subscribe diffusion")).startswith("For")
    assert await admin.followed() == ["diffusion"]
    assert await there.followed() == ["agents"]


async def test_what_offers_a_subscription_speaks_of_the_place_that_would_get_it(admin: Chat):
    await admin.say("/subscribe diffusion")
    await admin.say("/manage @lab_papers")
    begun = await admin.say("/start")
    assert begun.startswith("For Lab Papers:")
    assert "is subscribed" not in begun
    assert "(agents" in begun
    meant = await admin.say("/hint world models")
    assert meant.startswith("For Lab Papers:")
    assert "subscribe world models" in meant


async def test_a_button_stays_with_the_place_whose_answer_it_stands_under(admin: Chat):
    await admin.say("/subscribe diffusion")
    own = await admin.ask("/settings hour")
    await admin.say("/manage @lab_papers")
    await admin.say("/subscribe agents")
    there = admin.elsewhere("-100777")
    hours = actions(await admin.ask("/settings hour"))
    ten = next(one for one in hours if one.endswith(" settings hour 10:00"))
    await admin.say("/manage off")
    pressed = await admin.press(ten)
    assert text_of(pressed.blocks).startswith("For Lab Papers:")
    assert ten in actions(pressed)
    await admin.say("/manage @lab_papers")
    eleven = await admin.press(next(one for one in actions(own) if one.endswith(" 11:00")))
    assert not text_of(eleven.blocks).startswith("For")
    here, channel = await admin.channel(), await there.channel()
    assert here is not None
    assert channel is not None
    assert (here.hour.hour, channel.hour.hour) == (11, 10)
    stranger = admin.elsewhere("@8", person=Person("8"))
    assert "out of date" in ((await stranger.press(ten)).toast or "")


async def test_what_is_not_of_a_place_stays_with_the_person(admin: Chat):
    await admin.say("/manage @lab_papers")
    await admin.say("/save 2601.00003")
    assert "2601.00003" in await admin.say("/saved")
    await admin.say("/manage off")
    assert "2601.00003" in await admin.say("/saved")


async def test_forgetting_a_channel_leaves_what_is_the_persons_own(admin: Chat):
    await admin.say("/subscribe diffusion")
    await admin.say("/save 2601.00003")
    await admin.say("/manage @lab_papers")
    await admin.say("/subscribe agents")
    await admin.say("/forget yes")
    assert await admin.elsewhere("-100777").channel() is None
    assert await admin.followed() == ["diffusion"]
    assert "2601.00003" in await admin.say("/saved")


async def test_rights_are_those_of_the_moment(admin: Chat):
    await admin.say("/manage @lab_papers")
    await admin.say("/subscribe agents")
    admin.person = Person("8")
    assert "do not manage" in await admin.refused("/manage @lab_papers")


async def test_who_is_no_admin_any_more_sees_and_changes_nothing(admin: Chat, monkeypatch):
    await admin.say("/manage @lab_papers")
    await admin.say("/subscribe agents")

    async def rights(address: Address, person: Person) -> Rights:
        return Rights(manage=False, missing="Administrator")

    monkeypatch.setattr(admin.board, "rights", rights)
    for line in ("/topics add diffusion", "/topics", "/settings", "/status", "/today", "/start"):
        said = await admin.refused(line)
        assert said.startswith("You do not manage Lab Papers")
        assert said.endswith("/manage off")
    assert await admin.elsewhere("-100777").followed() == ["agents"]


async def test_a_channel_that_nobody_knows_is_said_with_the_next_step(admin: Chat):
    assert "make me an administrator" in await admin.refused("/manage @nowhere")


async def test_without_a_name_it_tells_what_is_managed_and_how_to_begin(admin: Chat):
    assert "administrator of your channel" in await admin.say("/manage")
    await admin.say("/manage @lab_papers")
    assert "Lab Papers" in await admin.say("/manage")


async def test_it_is_there_only_alone_with_the_bot(admin: Chat):
    admin.private = False
    assert "private chat" in await admin.refused("/manage @lab_papers")
    assert "/manage" not in text_of((await admin.ask("/help")).blocks)
