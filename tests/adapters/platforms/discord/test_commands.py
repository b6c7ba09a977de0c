"""Slash commands of people, within simcord's Discord."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from simcord import Env

from adapters.platforms.discord import Discord
from bot.cards import Button, Buttons, File, Paragraph
from bot.channels import Address, PlaceKind
from bot.ports import Reply, Request, Suggestion
from tests.adapters.platforms.discord.conftest import NOW
from tests.wires.talks import Answering


class Lab:
    """A server with a manager and a member."""

    def __init__(self, env: Env) -> None:
        self.guild = env.create_guild("Lab")
        self.channel = self.guild.create_text_channel("papers")
        managers = self.guild.create_role(
            "Managers", permissions=discord.Permissions(manage_guild=True)
        )
        self.ada = self.guild.add_member(env.create_user("ada"), roles=[managers])
        self.bob = self.guild.add_member(env.create_user("bob"))


@pytest.fixture
def lab(env: Env) -> Lab:
    return Lab(env)


async def test_a_command_becomes_a_request_and_its_answer_is_for_the_asker_alone(
    lab: Lab, talk: Answering
) -> None:
    result = await lab.ada.slash(lab.channel, "settings", name="hour", value="9:30")
    assert result.ephemeral
    assert result.response is not None
    assert result.response.content == "settings hour 9:30"
    request = talk.asked[-1]
    assert (request.command, request.text) == ("settings", "hour 9:30")
    assert request.address == Address("discord", str(lab.channel.id))
    assert (request.kind, request.private) == (PlaceKind.GROUP, False)
    assert request.name == "#papers"
    assert request.community == str(lab.guild.id)
    assert request.person.id == str(lab.ada.id)
    assert request.language == "en-US"
    assert request.now == NOW
    assert not request.pressed
    assert request.key


async def test_options_are_taken_in_the_order_of_the_table(lab: Lab, talk: Answering) -> None:
    await lab.ada.slash(lab.channel, "topics", query="world model", action="add")
    await lab.ada.slash(lab.channel, "pause", days=7)
    assert [one.text for one in talk.asked] == ["add world model", "7"]


async def test_who_may_manage_is_told_with_the_missing_right(lab: Lab, talk: Answering) -> None:
    await lab.ada.slash(lab.channel, "settings")
    await lab.bob.slash(lab.channel, "settings")
    may, may_not = (one.rights for one in talk.asked)
    assert may.manage
    assert not may_not.manage
    assert may_not.missing == "Manage Server"
    assert not may.operate


async def test_managers_commands_are_not_offered_to_others(lab: Lab) -> None:
    assert "subscribe" in lab.ada.available_commands(lab.channel)
    assert "subscribe" not in lab.bob.available_commands(lab.channel)
    assert "access" not in lab.ada.available_commands(lab.channel)
    assert "paper" in lab.bob.available_commands(lab.channel)


async def test_a_member_whom_a_server_lets_use_the_command_still_lacks_the_right(
    lab: Lab, talk: Answering, env: Env
) -> None:
    command = next(one for one in env.backend.commands[None].values() if one["name"] == "pause")
    env.backend.set_command_permissions(
        lab.guild.id,
        int(command["id"]),
        [{"id": str(lab.bob.id), "type": 2, "permission": True}],
    )
    await lab.bob.slash(lab.channel, "pause")
    assert talk.asked[-1].rights.missing == "Manage Server"


async def test_alone_with_the_bot_everybody_manages_and_sees_the_answer(
    env: Env, talk: Answering
) -> None:
    eve = env.create_user("eve")
    result = await eve.slash("subscribe", topics="VLM")
    assert not result.ephemeral
    request = talk.asked[-1]
    assert request.rights.manage
    assert (request.kind, request.private, request.community) == (PlaceKind.PRIVATE, True, None)
    assert request.name == "eve"


async def test_an_operator_is_known_by_the_id(heard: Discord, env: Env, talk: Answering) -> None:
    guild = env.create_guild()
    channel = guild.create_text_channel("ops")
    boss = guild.add_member(env.create_user("boss"))
    heard._operators = frozenset({str(boss.id)})
    heard.listen(talk)
    await boss.slash(channel, "settings")
    assert talk.asked[-1].rights.operate


async def test_another_channel_can_be_named_and_its_buttons_stay_with_it(
    lab: Lab, talk: Answering
) -> None:
    forum = lab.guild.create_forum_channel("reading")

    async def with_button(request: Request) -> Reply:
        buttons = Buttons(((Button("Nine", "settings hour 9"),),))
        return Reply((Paragraph.of("here"), buttons), "en", replaces=True)

    talk.answer = with_button
    result = await lab.ada.slash(lab.channel, "subscribe", topics="VLM", channel=forum)
    request = talk.asked[-1]
    assert request.address.chat == str(forum.id)
    assert (request.kind, request.name) == (PlaceKind.FORUM, "#reading")
    assert request.text == "VLM"
    assert result.response is not None
    await lab.ada.click(result.response, label="Nine")
    pressed = talk.asked[-1]
    assert pressed.address.chat == str(forum.id)
    assert (pressed.command, pressed.text, pressed.pressed) == ("settings", "hour 9", True)
    assert (pressed.kind, pressed.name) == (PlaceKind.FORUM, "#reading")


async def test_a_channel_that_the_asker_cannot_see_is_not_theirs_to_name(
    lab: Lab, talk: Answering, heard: Discord, env: Env
) -> None:
    hidden = lab.guild.create_text_channel(
        "hidden",
        overwrites={lab.guild.default_role: discord.PermissionOverwrite(view_channel=False)},
    )
    seen: list[Any] = []

    async def spy(interaction: discord.Interaction[Any]) -> None:
        data: Any = interaction.data
        data["options"] = [{"name": "channel", "type": 7, "value": str(hidden.id)}]
        data["resolved"] = {"channels": {str(hidden.id): {"type": 0, "permissions": "0"}}}
        seen.append(interaction)
        await listener.on_interaction(interaction)

    listener = heard.listen(talk)
    spy.__name__ = "on_interaction"
    heard._wire.client.event(spy)
    result = await lab.bob.slash(lab.channel, "settings")
    assert seen
    assert result.ephemeral
    assert talk.asked == []


async def test_a_thread_is_a_topic_of_its_own(lab: Lab, talk: Answering, env: Env) -> None:
    env.backend.create_thread(lab.channel.id, "VLM", lab.ada.id)
    thread = lab.channel.threads[0]
    await lab.ada.slash(thread, "settings")
    assert talk.asked[-1].address == Address("discord", str(thread.id))
    assert talk.asked[-1].kind is PlaceKind.TOPIC


async def test_the_thread_of_a_digest_is_its_channel(
    lab: Lab, talk: Answering, env: Env, heard: Discord
) -> None:
    bot = heard._wire.client.user
    assert bot is not None
    env.backend.create_thread(lab.channel.id, "Sat 27 Dec", bot.id)
    await lab.ada.slash(lab.channel.threads[0], "status")
    asked = talk.asked[-1]
    assert asked.address == Address("discord", str(lab.channel.id))
    assert (asked.kind, asked.name) == (PlaceKind.GROUP, "#papers")


async def test_work_that_takes_long_is_shown_before_discord_gives_up(
    lab: Lab, talk: Answering, env: Env
) -> None:
    done = asyncio.Event()

    async def slow(request: Request) -> Reply:
        await asyncio.sleep(60)
        done.set()
        return Reply((Paragraph.of("at last"),), "en")

    talk.answer = slow
    asking = await lab.ada.slash(lab.channel, "status")
    assert asking.deferred
    assert not done.is_set()
    assert asking.ephemeral
    await env.advance_time(60)
    assert done.is_set()
    assert asking.response is not None
    assert asking.response.content == "at last"


async def test_a_shared_answer_is_for_everybody_also_when_it_took_long(
    lab: Lab, talk: Answering, env: Env
) -> None:
    async def shared(request: Request) -> Reply:
        if request.text:
            await asyncio.sleep(10)
        return Reply((Paragraph.of("for all"),), "en", shared=True)

    talk.answer = shared
    quick = await lab.ada.slash(lab.channel, "today")
    assert not quick.ephemeral
    slow = await lab.ada.slash(lab.channel, "today", date="yesterday")
    await env.advance_time(10)
    assert slow.response is not None
    assert slow.response.ephemeral
    assert [(one.content, one.ephemeral) for one in slow.followups] == [("for all", False)]


async def test_a_long_answer_comes_in_several_messages(lab: Lab, talk: Answering) -> None:
    async def long(request: Request) -> Reply:
        return Reply(tuple(Paragraph.of("word " * 300) for _ in range(40)), "en")

    talk.answer = long
    result = await lab.ada.slash(lab.channel, "help")
    assert result.followups
    assert all(one.ephemeral for one in result.followups)


async def test_a_file_comes_along(lab: Lab, talk: Answering) -> None:
    async def export(request: Request) -> Reply:
        return Reply((Paragraph.of("yours"), File("paperboy.json", "{}")), "en")

    talk.answer = export
    result = await lab.ada.slash(lab.channel, "export")
    assert result.response is not None
    shown = [*result.response.attachments]
    for more in result.followups:
        shown += more.attachments
    assert [one.filename for one in shown] == ["paperboy.json"]


async def test_silence_is_not_taken_for_a_failure(lab: Lab, talk: Answering) -> None:
    async def nothing(request: Request) -> Reply:
        return Reply((), "en")

    talk.answer = nothing
    result = await lab.ada.slash(lab.channel, "help")
    assert result.acknowledged
    assert result.ephemeral


async def test_one_persons_error_is_told_to_them_alone_with_a_number(
    lab: Lab, talk: Answering, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(request: Request) -> Reply:
        if request.person.name == "bob":
            raise RuntimeError("a bug")
        return Reply((Paragraph.of("fine"),), "en")

    talk.answer = broken
    result = await lab.bob.slash(lab.channel, "help")
    assert result.ephemeral
    assert result.response is not None
    record = next(one for one in caplog.records if one.exc_info)
    number: str = vars(record)["id"]
    assert number in result.response.content
    assert "a bug" not in result.response.content
    other = await lab.ada.slash(lab.channel, "help")
    assert other.response is not None
    assert other.response.content == "fine"


async def test_an_answer_that_discord_does_not_take_is_told_so(
    lab: Lab, env: Env, caplog: pytest.LogCaptureFixture
) -> None:
    env.inject_error("POST", "/interactions/*/callback", status=403, code=50013)
    result = await lab.bob.slash(lab.channel, "help")
    assert result.response is not None
    assert "number" in result.response.content
    assert caplog.records


@pytest.mark.parametrize("status", [429, 500, 404])
async def test_when_discord_is_out_of_order_the_bot_goes_on(
    lab: Lab, env: Env, status: int
) -> None:
    env.inject_error("POST", "/interactions/*/callback", status=status, times=2)
    result = await lab.bob.slash(lab.channel, "help")
    assert not result.acknowledged
    again = await lab.bob.slash(lab.channel, "help")
    assert again.acknowledged


async def test_a_refused_drawing_comes_as_plain_text(lab: Lab, talk: Answering, env: Env) -> None:
    env.inject_error("POST", "/interactions/*/callback", status=400, code=50035)
    result = await lab.bob.slash(lab.channel, "help")
    assert result.response is not None
    assert result.response.content == "help"


async def test_values_are_offered_while_an_option_is_typed(lab: Lab, talk: Answering) -> None:
    talk.suggestions = [Suggestion(f"Label {n} {'x' * 120}", f"value {n}") for n in range(40)]
    talk.suggestions.insert(0, Suggestion("too long", "v" * 101))
    found = await lab.ada.autocomplete(lab.channel, "settings", "value", "se", name="zone")
    assert talk.typed == [("settings", "value", "se")]
    assert len(found) == 25
    assert found[0]["value"] == "value 0"
    assert all(len(one["name"]) <= 100 for one in found)


async def test_an_offer_that_fails_or_takes_long_is_empty(
    lab: Lab, talk: Answering, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> list[Suggestion]:
        raise RuntimeError("a bug")

    monkeypatch.setattr(talk, "suggest", broken)
    assert await lab.ada.autocomplete(lab.channel, "paper", "paper", "att") == []


async def test_roles_are_offered_by_their_names(lab: Lab) -> None:
    role = lab.guild.create_role("Readers")
    found = await lab.ada.autocomplete(lab.channel, "settings", "value", "@read", name="ping")
    assert found == [{"name": "@Readers", "value": str(role.id)}]
    found = await lab.ada.autocomplete(lab.channel, "settings", "value", "", name="ping")
    assert found[0]["value"] == "off"


async def test_no_privileged_intent_is_asked_for(env: Env) -> None:
    intents = env.bot.intents
    assert [name for name, on in intents if on] == ["guilds"]


async def test_it_runs_where_no_privileged_intent_is_approved(heard: Discord) -> None:
    import simcord

    client = heard._wire.client
    async with simcord.run(client, shard_count=2, approved_intents=discord.Intents.none()) as env:
        guild = env.create_guild(shard_id=1)
        assert client.get_guild(guild.id) is not None
