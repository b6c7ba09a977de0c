"""Messages that are put in the place of sent ones, over real sockets to a fake Discord."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.platforms.discord import Discord
from adapters.platforms.discord.frozen import freeze
from bot.channels import Address, Body, Kind, Verdict
from tests.wires.discordian.people import FakeDiscord
from tests.wires.discordian.server import Fault

THREAD = freeze(Kind.OPEN_THREAD, {"name": "A day", "auto_archive_duration": 1440})


def at(channel: int, inside: str | None = None) -> Address:
    return Address("discord", str(channel), inside)


def message(text: str = "papers", **more: Any) -> Body:
    return freeze(Kind.POST, {"content": text, "allowed_mentions": {"parse": []}, **more})


RICH = message(
    "",
    embeds=[{"title": "A title", "description": "An old line"}],
    components=[
        {
            "type": 1,
            "components": [{"type": 2, "style": 2, "label": "More", "custom_id": "p:card 1"}],
        }
    ],
)


async def sent(platform: Discord, where: Address, body: Body) -> str:
    return (await platform.send(where, body, "pb1", silent=False)).platform_ids[0]


async def test_an_edit_leaves_the_new_words_alone_and_twice_is_once(
    world: FakeDiscord, platform: Discord
) -> None:
    channel = world.add_channel(world.add_guild())
    number = await sent(platform, at(channel), RICH)
    for _ in range(2):
        told = await platform.edit(at(channel), number, message("better"))
        assert (told.verdict, told.platform_ids) == (Verdict.ACCEPTED, (number,))
        (there,) = world.messages(channel)
        assert (there["content"], there["embeds"], there["components"]) == ("better", [], [])
    assert (await platform.edit(at(channel), number, RICH)).verdict is Verdict.ACCEPTED
    assert world.read(channel) == "A title\nAn old line"


async def test_a_message_in_a_thread_and_one_of_a_person_are_edited_where_they_are(
    world: FakeDiscord, platform: Discord
) -> None:
    guild = world.add_guild()
    channel, ada = world.add_channel(guild), world.add_member(guild)
    index = await sent(platform, at(channel), message("index"))
    await platform.send(at(channel), THREAD, "pb2", silent=True, reply_to=index)
    for where, place in (
        (at(channel, index), int(index)),
        (Address("discord", f"@{ada.id}"), world.private_chat(ada)),
    ):
        number = await sent(platform, where, message("card"))
        assert (await platform.edit(where, number, message("new"))).verdict is Verdict.ACCEPTED
        assert world.words_of(place, int(number)) == "new"
    assert world.words_of(channel, int(index)) == "index"


async def test_the_first_message_of_a_forum_post_is_edited_and_its_name_stays(
    world: FakeDiscord, platform: Discord
) -> None:
    forum = world.add_channel(world.add_guild(), kind="forum")

    def post(text: str) -> Body:
        inner = {"content": text, "allowed_mentions": {"parse": []}}
        return freeze(Kind.FORUM_POST, {"name": "A day", "message": inner})

    made = await sent(platform, at(forum), post("old"))
    for where, body in (
        (at(forum), post("new")),
        (at(forum, made), post("newer")),
        (at(forum, made), message("newest")),
    ):
        assert (await platform.edit(where, made, body)).verdict is Verdict.ACCEPTED
    assert world.read(int(made)) == "newest"
    assert world.backend.get_channel(int(made)).name == "A day"


async def test_a_message_that_is_no_more_cannot_be_edited_and_the_chat_is_not_blamed(
    world: FakeDiscord, platform: Discord
) -> None:
    guild = world.add_guild()
    channel, ada = world.add_channel(guild), world.add_member(guild)
    number = await sent(platform, at(channel), message())
    world.backend.delete_message(channel, int(number))
    theirs = str(world.say(ada, channel, "hello"))
    for gone in (number, theirs):
        told = await platform.edit(at(channel), gone, message("new"))
        assert told.verdict is Verdict.CONTENT_REFUSED
    told = await platform.edit(at(1234567890123456789), number, message("new"))
    assert told.verdict is Verdict.CHAT_GONE
    told = await platform.edit(at(channel, "1234567890123456789"), number, message("new"))
    assert told.verdict is Verdict.THREAD_GONE
    told = await platform.edit(at(channel), number, Body((b"?",)))
    assert told.verdict is Verdict.CONTENT_REFUSED


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        (Fault("PATCH", "*", status=429, retry_after=3.0), Verdict.TOO_FAST),
        (Fault("PATCH", "*", status=403, code=20022), Verdict.TOO_FAST),
        (Fault("PATCH", "*", status=400, code=30046), Verdict.TOO_FAST),
        (Fault("PATCH", "*", status=502), Verdict.UNKNOWN),
        (Fault("PATCH", "*", lose=True), Verdict.UNKNOWN),
        (Fault("PATCH", "*", status=401), Verdict.TOKEN_REFUSED),
    ],
    ids=["429", "announcement", "old", "502", "lost", "401"],
)
async def test_an_edit_that_fails_tells_why_and_is_not_tried_again_by_itself(
    world: FakeDiscord, platform: Discord, fault: Fault, verdict: Verdict
) -> None:
    channel = world.add_channel(world.add_guild())
    number = await sent(platform, at(channel), message())
    world.faults.append(Fault(**vars(fault)))
    told = await platform.edit(at(channel), number, message("new"))
    assert told.verdict is verdict
    assert len(world.called("PATCH", "*")) == 1
    if verdict is Verdict.TOO_FAST:
        assert told.retry_after
