"""The menus of commands: what is offered behind "/", by place and language."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.commands import COMMANDS, Command
from bot.texts import languages, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from telegram import BotCommand, BotCommandScope

    from adapters.platforms.telegram.connection import Connection

LONGEST = 256  # characters of a description (core.telegram.org/bots/api#botcommand)
_DEFAULT = "en"  # told to everybody whose language has no menu of its own

log = logging.getLogger(__name__)


async def set_menus(connection: Connection, verbs: frozenset[str]) -> None:
    """Make the menus what the table of commands says; what is so already is left alone.

    `verbs` are those of the platform. A menu that cannot be set is logged and no more.
    """
    from telegram.error import TelegramError

    bot = connection.bot
    for scope, commands in _scopes(verbs):
        for language in languages():
            wanted = menu(commands, language)
            code = None if language == _DEFAULT else language
            try:
                there = await bot.get_my_commands(scope=scope, language_code=code)
                if [*there] != wanted:
                    await bot.set_my_commands(wanted, scope=scope, language_code=code)
            except TelegramError as error:
                said = connection.clean(str(error))
                log.warning("a menu of commands was not set (%s, %s): %s", scope, language, said)


def menu(commands: tuple[Command, ...], language: str) -> list[BotCommand]:
    """The commands as the Bot API wants them."""
    from telegram import BotCommand

    t = texts(language)
    return [BotCommand(each.name, t(each.summary)[:LONGEST]) for each in commands]


def _scopes(verbs: frozenset[str]) -> Iterator[tuple[BotCommandScope, tuple[Command, ...]]]:
    from telegram import (
        BotCommandScopeAllChatAdministrators,
        BotCommandScopeAllGroupChats,
        BotCommandScopeAllPrivateChats,
    )

    offered = offered_commands(verbs)
    shared = tuple(each for each in offered if not each.private)
    yield BotCommandScopeAllPrivateChats(), offered
    everybodys = tuple(each for each in shared if each.who == "anyone" and not each.loud)
    yield BotCommandScopeAllGroupChats(), everybodys
    yield BotCommandScopeAllChatAdministrators(), shared


def offered_commands(verbs: frozenset[str]) -> tuple[Command, ...]:
    """All commands for people, where the platform has what they need."""
    return tuple(
        each
        for each in COMMANDS
        if not each.hidden and each.who != "operator" and (not each.needs or each.needs in verbs)
    )
