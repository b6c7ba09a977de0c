"""Slash commands out of the table of commands, and their registration."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from adapters.platforms.discord import places
from adapters.platforms.discord.words import CHOICES, COMMANDS, LOCALES, OPTIONS, by_locale
from bot import commands
from bot.cards.cut import cut
from bot.channels import Limits
from bot.commands import Command, Option
from bot.texts import N_, texts

if TYPE_CHECKING:
    from adapters.platforms.discord.wire import Wire

# https://discord.com/developers/docs/interactions/application-commands
_SLASH, _STRING, _INTEGER, _CHANNEL = 1, 3, 4, 7
_IN_SERVER, _IN_PRIVATE = 0, 1
_LONGEST = 100  # characters of a description
CHANNEL = "channel"  # the option that names another place; Discord's own
_CHANNEL_SUMMARY = N_("Another channel, thread or forum of this server")
WITH_CHANNEL: Final = frozenset(
    {"subscribe", "unsubscribe", "topics", "settings", "pause", "resume", "status"}
)
_COMPLETED: Final = frozenset({"paper", "topic", "setting", "value", "date"})
log = logging.getLogger(__name__)


def menu(limits: Limits, table: Iterable[Command] = commands.COMMANDS) -> list[dict[str, Any]]:
    """The commands as Discord's API takes them, in the order of the table.

    Those that only a manager may use are hidden from members without Manage Server by default,
    operators' ones from all but administrators; a server may change that, so that the core
    checks again.
    """
    return [
        _command(command)
        for command in table
        if not command.hidden and (command.needs is None or command.needs in limits.verbs)
    ]


def _command(command: Command) -> dict[str, Any]:
    options = [_option(option) for option in command.options]
    if command.name in WITH_CHANNEL:
        options.append(
            {
                "type": _CHANNEL,
                "name": CHANNEL,
                "name_localizations": by_locale(OPTIONS[CHANNEL]),
                **_described(_CHANNEL_SUMMARY),
                "channel_types": sorted(places.CHOOSABLE),
            }
        )
    rights = {"manager": places.MANAGE_SERVER, "operator": places.ADMINISTRATOR}
    right = rights.get(command.who)
    return {
        "type": _SLASH,
        "name": command.name,
        "name_localizations": by_locale(COMMANDS.get(command.name)),
        **_described(command.summary),
        "options": options,
        "default_member_permissions": right,
        "contexts": [_IN_PRIVATE] if command.private else [_IN_SERVER, _IN_PRIVATE],
        "integration_types": [0],
    }


def _option(option: Option) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": _INTEGER if option.kind == "number" else _STRING,
        "name": option.name,
        "name_localizations": by_locale(OPTIONS.get(option.name)),
        **_described(option.summary or option.name),
    }
    if option.required:
        made["required"] = True
    if option.choices:
        made["choices"] = [
            {
                "name": choice,
                "name_localizations": by_locale(CHOICES.get(choice)),
                "value": choice,
            }
            for choice in option.choices
        ]
    elif option.kind == "number":
        made["min_value"] = 1
    elif completed(option):
        made["autocomplete"] = True
    return made


def completed(option: Option) -> bool:
    """Whether values are offered while the option is typed."""
    return option.kind in _COMPLETED or option.name == "command"


def _described(summary: str) -> dict[str, Any]:
    return {
        "description": cut(summary, _LONGEST),
        "description_localizations": {
            code: cut(texts(ours)(summary), _LONGEST) for code, ours in LOCALES.items()
        },
    }


async def register(wire: Wire, limits: Limits) -> bool:
    """Tell Discord the commands if it knows others; whether it had to be told.

    Raises what the calls raise.
    """
    client = await wire.logged_in()
    bot = str(client.application_id)
    path = "/applications/{application_id}/commands"
    known = await wire.call("GET", path, params={"with_localizations": "true"}, application_id=bot)
    wanted = menu(limits)
    if _by_name(known) == _by_name(wanted):
        return False
    await wire.call("PUT", path, wanted, application_id=bot)
    log.info("slash commands registered: %d", len(wanted))
    return True


def _by_name(table: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {one["name"]: _normal(one) for one in table}


_KEPT: Final[dict[str, Any]] = {  # with what Discord takes an absent one for
    "type": None,
    "name": None,
    "description": "",
    "name_localizations": {},
    "description_localizations": {},
    "default_member_permissions": None,
    "required": False,
    "autocomplete": False,
    "value": None,
    "min_value": None,
    "max_value": None,
    "min_length": None,
    "max_length": None,
}


def _normal(one: Mapping[str, Any]) -> dict[str, Any]:
    """A command, an option or a choice without what Discord adds and what means nothing."""
    found = {key: one.get(key) or absent for key, absent in _KEPT.items()}
    if found["default_member_permissions"] is not None:  # a number that comes back as text
        found["default_member_permissions"] = str(found["default_member_permissions"])
    for key in ("contexts", "integration_types", "channel_types"):
        found[key] = sorted(one.get(key) or ())
    for key in ("options", "choices"):
        found[key] = [_normal(inner) for inner in one.get(key) or ()]
    return found
