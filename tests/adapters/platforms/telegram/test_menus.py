"""The menus of commands: per place and language, told only when they changed."""

from __future__ import annotations

import pytest

from adapters.platforms.telegram import Telegram
from adapters.platforms.telegram.menus import menu, offered_commands, set_menus
from bot.commands import COMMANDS
from bot.texts import languages, texts
from tests.wires.telegram import FakeTelegram, Trouble

VERBS = frozenset({"probe", "rights", "serve", "look_up"})


@pytest.fixture
async def wire():
    async with FakeTelegram() as wire:
        yield wire
        assert wire.problems() == []


async def run(wire: FakeTelegram, verbs: frozenset[str] = VERBS) -> None:
    async with Telegram(wire.token, api_url=wire.url) as platform:
        await set_menus(platform._connection, verbs)


def there(wire: FakeTelegram, scope: str, language: str = "") -> dict[str, str]:
    found = wire.methods.menus[f'{{"type": "{scope}"}} {language}']
    return {each["command"]: each["description"] for each in found}


async def test_each_place_is_offered_what_people_may_do_there(wire):
    await run(wire)
    alone, group, admins = (
        there(wire, scope)
        for scope in ("all_private_chats", "all_group_chats", "all_chat_administrators")
    )
    assert "manage" in alone
    assert "manage" not in group.keys() | admins.keys()
    assert "subscribe" in alone.keys() & admins.keys()
    assert "subscribe" not in group
    assert {"paper", "help", "settings"} <= group.keys()
    assert "today" in alone.keys() & admins.keys()
    assert "today" not in group  # everybody would read it
    for menus in (alone, group, admins):
        assert not menus.keys() & {"access", "health", "abstract", "linked"}


@pytest.mark.parametrize("language", languages())
async def test_every_language_has_its_own_menu(wire, language):
    await run(wire)
    code = "" if language == "en" else language
    t = texts(language)
    summaries = {each.name: t(each.summary) for each in COMMANDS}
    for name, summary in there(wire, "all_private_chats", code).items():
        assert summary == summaries[name]


async def test_menus_that_are_right_already_are_left_alone(wire):
    await run(wire)
    told = len(wire.made("setMyCommands"))
    assert told == 3 * len(languages())
    await run(wire)
    assert len(wire.made("setMyCommands")) == told
    wire.methods.menus['{"type": "all_group_chats"} '].pop()
    await run(wire)
    assert len(wire.made("setMyCommands")) == told + 1


async def test_a_menu_that_cannot_be_set_is_logged_and_the_others_are_set(wire, caplog):
    wire.fail("setMyCommands", Trouble(400, "Bad Request: BOT_COMMAND_INVALID"))
    await run(wire)
    assert len(wire.methods.menus) == 3 * len(languages()) - 1
    assert sum("menu" in record.getMessage() for record in caplog.records) == 1


def test_a_command_whose_verb_the_platform_lacks_is_not_offered():
    assert "manage" not in {each.name for each in offered_commands(frozenset())}


@pytest.mark.parametrize("language", languages())
def test_every_description_fits(language):
    for entry in menu(COMMANDS, language):
        assert 1 <= len(entry.description) <= 256
