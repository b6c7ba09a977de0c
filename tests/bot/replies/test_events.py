"""Events: being added, removed, moved, renamed; twice is as good as once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cards import Buttons
from bot.channels import Address, Outcome, PlaceKind, Verdict
from bot.desk import Desk
from bot.ports import Event, EventKind, Person
from bot.replies.events import happened, remember_place
from tests.bot.conftest import at
from tests.bot.replies.conftest import text_of

if TYPE_CHECKING:
    from tests.bot.conftest import Town

ADA = Person("7", "Ada")


def event(
    kind: EventKind, chat: str = "lab", now: str = "2026-01-06 08:00", **more: object
) -> Event:
    made = Event(kind, Address("mail", chat), at(now), person=ADA, name="The Lab", language="en")
    return replace(made, **more)  # type: ignore[arg-type]


async def said(desk: Desk, told: Event) -> str:
    return text_of((await happened(desk, told)).blocks)


async def test_a_group_is_greeted_once_with_the_next_step(town: Town) -> None:
    reply = await happened(town.desk, event(EventKind.ADDED))
    told = text_of(reply.blocks)
    assert "/subscribe video generation, world model" in told
    assert "Only people who may manage this chat can subscribe it." in told
    [buttons] = [block for block in reply.blocks if isinstance(block, Buttons)]
    assert [one.action for row in buttons.rows for one in row] == ["subscribe"]
    assert (await happened(town.desk, event(EventKind.ADDED))).blocks == ()
    assert await town.at_address("lab") is None


async def test_who_is_added_to_a_channel_tells_its_admin_how_to_set_it_up(town: Town) -> None:
    told = event(EventKind.ADDED, "-100555", place=PlaceKind.BROADCAST, name="My @channel")
    first, second = [await happened(town.desk, told) for _ in range(2)]
    assert first == second
    assert "Your channel My @channel: I can post there." in text_of(first.blocks)
    [buttons] = [block for block in first.blocks if isinstance(block, Buttons)]
    [[button]] = buttons.rows
    assert button.action.startswith("manage ")
    assert "555" not in button.action
    short = button.action.removeprefix("manage ")
    async with town.desk.store.snapshot() as tx:
        noted = json.loads(await tx.notes.get(f"place:{short}") or "")
    assert noted == {
        "platform": "mail",
        "chat": "-100555",
        "thread": None,
        "name": "My @channel",
        "kind": "broadcast",
        "person": "7",
    }


async def test_another_persons_button_for_the_same_place_has_another_id(town: Town) -> None:
    async with town.desk.store.transaction() as tx:
        ids = {
            await remember_place(tx, Address("mail", "-100"), "Lab", Person(person))
            for person in ("7", "8", "7")
        }
    assert len(ids) == 2


async def test_removed_and_added_again_everything_is_as_it_was(town: Town) -> None:
    lab = await town.subscribe("lab", "study", limit=3)
    thread = await town.subscribe("lab", thread="7")
    for _ in range(2):
        assert await said(town.desk, event(EventKind.REMOVED)) == ""
        assert (await town.channel(lab)).suspended_at == at("2026-01-06 08:00")
        assert (await town.channel(thread)).suspended_at is not None
    back = await said(town.desk, event(EventKind.ADDED, now="2026-01-06 08:30"))
    assert back == "I can post here again; everything is as it was.\nNext digest: 09:00."
    stored = await town.channel(lab)
    assert (stored.suspended_at, stored.limit) == (None, 3)
    assert (await town.channel(thread)).suspended_at is None
    assert await said(town.desk, event(EventKind.ADDED, now="2026-01-06 08:30")) == ""
    await town.round("2026-01-06 09:00")
    assert len(town.mail.texts("lab")) == 2


async def test_removed_before_anything_was_subscribed_is_nothing(town: Town) -> None:
    assert (await happened(town.desk, event(EventKind.REMOVED))).blocks == ()
    assert (await happened(town.desk, event(EventKind.REMOVED, ""))).blocks == ()


async def test_someone_who_unblocks_the_bot_is_not_talked_to(town: Town) -> None:
    told = event(EventKind.ADDED, "7", place=PlaceKind.PRIVATE)
    assert (await happened(town.desk, told)).blocks == ()


async def test_a_migration_told_in_any_order_ends_the_same(town: Town) -> None:
    lab = await town.subscribe("-1", "study")
    new = Address("mail", "-100")
    moved = event(EventKind.MOVED, "-1", moved_to=new)
    left = event(EventKind.REMOVED, "-1")
    for told in (left, moved, moved, left):
        assert (await happened(town.desk, told)).blocks == ()
    stored = await town.channel(lab)
    assert (stored.address, stored.suspended_at) == (new, None)


async def test_a_new_name_is_kept(town: Town) -> None:
    lab = await town.subscribe("lab")
    for _ in range(2):
        await happened(town.desk, event(EventKind.RENAMED, name="A\nnew \u202ename"))
    assert (await town.channel(lab)).name == "A new name"


async def test_a_group_without_access_is_told_at_once_how_to_get_it(town: Town) -> None:
    desk = replace(town.desk, access="invite")
    told = await said(desk, event(EventKind.ADDED))
    assert told == "The operator has been asked to let this chat in; you will be told here."
    by_operator = event(EventKind.ADDED, "hall", person=Person("1"))
    assert "/subscribe" in await said(desk, by_operator)


async def test_a_topic_that_is_opened_again_goes_on_and_says_when(town: Town) -> None:
    gone = Outcome(Verdict.THREAD_GONE, error="TOPIC_CLOSED")
    town.mail.answer = lambda call: gone if call.address.thread == "7" else None
    channel = await town.subscribe("lab", thread="7")
    await town.round("2026-01-06 09:00")
    assert (await town.channel(channel)).paused
    opened = event(EventKind.REOPENED, now="2026-01-06 10:00")
    opened = replace(opened, address=Address("mail", "lab", "7"))
    assert "everything is as it was" in await said(town.desk, opened)
    assert not (await town.channel(channel)).paused
    assert await said(town.desk, opened) == ""
    elsewhere = replace(opened, address=Address("mail", "lab", "8"))
    assert await said(town.desk, elsewhere) == ""
