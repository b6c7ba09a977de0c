"""Who may use the bot, what a chat without access is told, and what one tap of an operator does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.access import guest_of, key_of, may_use, moved, refusal
from bot.alerts import tell
from bot.cards import Buttons
from bot.channels import Address, Outcome, PlaceKind, Verdict
from bot.desk import Desk
from bot.errors import Answer
from bot.ports import Person, Reply, Request, Rights
from bot.replies.asked import load
from bot.replies.operators import access
from bot.texts import texts
from tests.bot.conftest import ADMIN, at
from tests.bot.replies.conftest import text_of

if TYPE_CHECKING:
    from tests.bot.conftest import Town

NOW = at("2026-01-06 08:00")


@pytest.fixture
def inviting(town: Town) -> Desk:
    """The desk of a bot to which chats are invited."""
    return replace(town.desk, access="invite")


def request(chat: str = "lab", text: str = "", **more: object) -> Request:
    asked = Request(
        "subscribe", text, Address("mail", chat), Person("7", "Ada"), NOW, Rights(True), name="Lab"
    )
    return replace(asked, **more)  # type: ignore[arg-type]


async def may(desk: Desk, asked: Request) -> bool:
    async with desk.store.snapshot() as tx:
        return await may_use(tx, desk, asked)


async def refused(desk: Desk, asked: Request) -> str:
    async with desk.store.transaction() as tx:
        return await refusal(tx, desk, asked, texts("en"))


async def operate(desk: Desk, line: str = "", *, pressed: bool = False) -> Reply:
    asked = request(
        ADMIN.chat, line, command="access", rights=Rights(True, operate=True), pressed=pressed
    )
    return await access(await load(desk, asked))


async def test_an_open_bot_is_for_everybody(town: Town) -> None:
    assert await may(town.desk, request())


@pytest.mark.parametrize("mode", ["invite", "list"])
async def test_operators_and_subscribed_chats_always_may(town: Town, mode: str) -> None:
    desk = replace(town.desk, access=mode)
    await town.subscribe("lab", thread="7")
    assert await may(desk, request("lab"))
    assert await may(desk, request("hall", rights=Rights(True, operate=True)))
    assert not await may(desk, request("hall"))


async def test_a_chat_that_unsubscribed_asks_again(town: Town, inviting: Desk) -> None:
    from bot.replies.asked import note_left

    lab = await town.subscribe("lab", paused=True)
    async with town.desk.store.transaction() as tx:
        await note_left(tx, lab.id, NOW)
    assert not await may(inviting, request("lab"))


async def test_one_tap_of_the_operator_lets_a_chat_in_and_tells_it(
    town: Town, inviting: Desk
) -> None:
    for _ in range(3):
        said = await refused(inviting, request())
        await tell(inviting, NOW)
    assert said == "The operator has been asked to let this chat in; you will be told here."
    [alert] = town.told()
    question, grant, refuse = alert.split("\n")
    assert question == "Lab (mail:lab) asks to use this bot."
    action = grant.removeprefix("[Let in: ").removesuffix("]")
    assert refuse.startswith("[Refuse: access refuse ")
    assert "lab" not in action
    assert len(action) <= 60
    reply = await operate(inviting, action.removeprefix("access "), pressed=True)
    assert (reply.toast, reply.replaces) == ("Lab (mail:lab) is let in.", True)
    assert town.mail.texts("lab") == ["The operator let this chat in. Begin with /subscribe"]
    assert await may(inviting, request())
    again = await operate(inviting, action.removeprefix("access "), pressed=True)
    assert again.toast == "Nothing was changed: Lab (mail:lab) is let in already."
    assert len(town.mail.texts("lab")) == 1


async def test_a_chat_that_is_kept_out_is_told_so_and_nobody_is_asked_again(
    town: Town, inviting: Desk
) -> None:
    await refused(inviting, request())
    async with town.desk.store.snapshot() as tx:
        [noted] = (await tx.notes.starting("access:")).values()
    await operate(inviting, f"refuse {json.loads(noted)['id']}")
    assert await refused(inviting, request()) == (
        "The operator of this bot did not let this chat in."
    )
    await tell(inviting, NOW)
    assert town.told() == []  # it was decided before the question left
    assert not await may(inviting, request())


async def test_a_list_tells_the_number_to_hand_to_the_operator(town: Town) -> None:
    desk = replace(town.desk, access="list")
    asked = request("-100", community="678")
    said = await refused(desk, asked)
    assert said.endswith("Give the operator this number: mail:678.")
    await tell(desk, NOW)
    assert town.told() == []
    await operate(desk, "grant mail:678")
    assert await may(desk, asked)
    assert await may(desk, request("-200", community="678"))
    assert not await may(desk, request("-100"))


async def test_who_is_put_out_is_unsubscribed_and_can_come_back(town: Town, inviting: Desk) -> None:
    lab = await town.subscribe("lab", "study")
    await operate(inviting, "revoke mail:lab")
    assert not await may(inviting, request("lab"))
    stored = await town.channel(lab)
    assert (stored.paused, stored.next_due) == (True, None)
    asked = await load(inviting, request("lab"))
    assert (asked.channel, asked.left) == (None, stored)
    await operate(inviting, "grant mail:lab")
    assert await may(inviting, request("lab"))


async def test_a_community_is_put_out_with_all_its_channels(town: Town, inviting: Desk) -> None:
    own = [await town.subscribe(chat, community="900") for chat in ("hall", "lab")]
    other = await town.subscribe("elsewhere", community="901")
    await operate(inviting, "revoke mail:900")
    assert [(await town.channel(one)).paused for one in own] == [True, True]
    assert not (await town.channel(other)).paused


@pytest.mark.parametrize("line", ["grant", "let in", "grant nobody", "grant mail:", "grant x:1"])
async def test_what_names_no_chat_is_refused_in_a_sentence(inviting: Desk, line: str) -> None:
    with pytest.raises(Answer, match=r"/access"):
        await operate(inviting, line)


async def test_the_list_shows_who_waits_with_buttons(inviting: Desk) -> None:
    empty = await operate(inviting)
    assert text_of(empty.blocks) == "A new chat waits until an operator lets it in."
    for chat in ("lab", "hall"):
        await refused(inviting, request(chat))
    await operate(inviting, "grant mail:roof")
    reply = await operate(inviting)
    said = text_of(reply.blocks)
    assert said.count("Waiting |") == 2
    assert "mail:roof" in said
    [buttons] = [block for block in reply.blocks if isinstance(block, Buttons)]
    actions = [one.action for row in buttons.rows for one in row]
    assert len(actions) == 4
    assert all(one.startswith(("access grant ", "access refuse ")) for one in actions)
    assert not any("lab" in one for one in actions)


async def test_a_chat_that_cannot_be_told_is_let_in_all_the_same(
    town: Town, inviting: Desk
) -> None:
    town.mail.answer = lambda _: Outcome(Verdict.CHAT_GONE)
    reply = await operate(inviting, "grant mail:lab")
    assert text_of(reply.blocks) == "mail:lab is let in. It could not be told."


async def test_access_moves_with_the_chat(inviting: Desk) -> None:
    await operate(inviting, "grant mail:-1")
    for _ in range(2):
        async with inviting.store.transaction() as tx:
            await moved(tx, Address("mail", "-1"), Address("mail", "-100"))
    assert await may(inviting, request("-100"))
    assert not await may(inviting, request("-1"))


def test_access_is_given_to_the_community_where_there_is_one() -> None:
    assert key_of(request("5")) == "mail:5"
    assert key_of(request("5", community="9")) == "mail:9"


async def test_a_channel_that_is_let_in_is_told_to_its_admin_and_not_to_its_readers(
    inviting: Desk,
) -> None:
    managed = request("-100777", private=True, kind=PlaceKind.BROADCAST, name="Lab Papers")
    assert "you will be told here" in await refused(inviting, managed)
    async with inviting.store.snapshot() as tx:
        guest = await guest_of(tx, key_of(managed))
    assert guest is not None
    assert guest.key == "mail:-100777"
    assert guest.place == Address("mail", "@7")
