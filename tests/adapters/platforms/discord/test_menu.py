"""Slash commands out of the table of commands."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from adapters.platforms.discord import Discord
from adapters.platforms.discord.menu import menu, register
from adapters.platforms.discord.wire import Wire
from bot.channels import Limits
from bot.commands import COMMANDS
from tests.wires.discordian.people import FakeDiscord
from tests.wires.discordian.server import Fault
from tests.wires.judging import discord_errors

NAME = re.compile(r"[-_'\w]{1,32}")  # https://discord.com/developers/docs/interactions/…#naming
MENU = {one["name"]: one for one in menu(Discord.limits)}


def named(one: dict[str, Any]) -> list[dict[str, Any]]:
    """The command and its options."""
    return [one, *one.get("options", ())]


def test_every_command_is_there_but_those_that_need_what_discord_lacks() -> None:
    assert list(MENU) == [one.name for one in COMMANDS if one.name != "manage"]
    every = menu(Limits(1, None, verbs=frozenset({"look_up"})))
    assert "manage" in {one["name"] for one in every}


@pytest.mark.parametrize("command", MENU.values(), ids=MENU)
def test_names_and_descriptions_keep_discords_pattern_in_every_language(
    command: dict[str, Any],
) -> None:
    for one in named(command):
        assert set(one["description_localizations"]) == {"zh-CN", "zh-TW", "ko"}
        assert set(one["name_localizations"]) == {"zh-CN", "zh-TW", "ko"}
        for name in (one["name"], *one["name_localizations"].values()):
            assert NAME.fullmatch(name)
            assert name == name.lower()
        for text in (one["description"], *one["description_localizations"].values()):
            assert 1 <= len(text) <= 100


def test_localised_names_are_told_apart() -> None:
    for locale in ("zh-CN", "zh-TW", "ko"):
        names = [one["name_localizations"][locale] for one in MENU.values()]
        assert len(set(names)) == len(names)
        for command in MENU.values():
            inner = [one["name_localizations"][locale] for one in command["options"]]
            assert len(set(inner)) == len(inner)


def test_options_have_types_choices_and_completion() -> None:
    def option(command: str, name: str) -> dict[str, Any]:
        return next(one for one in MENU[command]["options"] if one["name"] == name)

    assert option("pause", "days")["type"] == 4
    assert option("topics", "action")["choices"][0]["value"] == "add"
    for command, name in (
        ("paper", "paper"),
        ("subscribe", "topics"),
        ("settings", "name"),
        ("settings", "value"),
        ("today", "date"),
        ("help", "command"),
    ):
        assert option(command, name)["autocomplete"] is True
    assert option("paper", "paper")["required"] is True
    assert option("settings", "channel")["type"] == 7
    assert "channel" not in [one["name"] for one in MENU["paper"]["options"]]


def test_managers_commands_are_hidden_from_others_and_operators_from_nearly_all() -> None:
    assert MENU["subscribe"]["default_member_permissions"] == 1 << 5
    assert MENU["access"]["default_member_permissions"] == 1 << 3
    assert MENU["paper"]["default_member_permissions"] is None


def test_the_document_of_discord_takes_the_table() -> None:
    judge = discord_errors()
    if judge is None:
        pytest.skip("the OpenAPI document of Discord is not here")
    assert judge("PUT", "/applications/1/commands", [*MENU.values()]) == []


async def test_registering_twice_tells_discord_once(world: FakeDiscord) -> None:
    wire = Wire(world.token or "", world.api_url)
    wire.open()
    try:
        assert await register(wire, Discord.limits) is True
        assert await register(wire, Discord.limits) is False
        assert len(world.called("PUT", "/applications/*/commands")) == 1
        world.backend.commands[None].clear()
        assert await register(wire, Discord.limits) is True
    finally:
        await wire.close()


async def test_what_discord_adds_to_a_command_is_no_difference(world: FakeDiscord) -> None:
    wire = Wire(world.token or "", world.api_url)
    wire.open()
    try:
        await register(wire, Discord.limits)
        for known in world.backend.commands[None].values():
            known |= {"version": "7", "nsfw": False, "dm_permission": True, "handler": 1}
            known["contexts"] = known["contexts"][::-1]
            for option in known["options"]:
                option["required"] = option.get("required", False)
                option["name_localizations"] = option["name_localizations"] or None
                if "channel_types" in option:
                    option["channel_types"] = option["channel_types"][::-1]
        assert await register(wire, Discord.limits) is False
    finally:
        await wire.close()


def test_the_table_is_json() -> None:
    assert json.loads(json.dumps([*MENU.values()], ensure_ascii=False)) == [*MENU.values()]


async def test_a_refused_table_does_not_stop_the_bot(world: FakeDiscord, platform: Discord) -> None:
    world.faults.append(Fault("PUT", "/applications/*/commands", status=400, times=None))
    from adapters.platforms.discord import serving

    await serving.register_patiently(platform._wire, Discord.limits, pauses=(0.0, 0.0))
    assert len(world.called("PUT", "/applications/*/commands")) == 2
