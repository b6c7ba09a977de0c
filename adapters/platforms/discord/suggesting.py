"""What is offered while an option is typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bot.cards.cut import clean

if TYPE_CHECKING:
    import discord

    from bot.ports import Request, Suggestion

_MOST = 25  # https://discord.com/developers/docs/interactions/application-commands#autocomplete
_LONGEST = 100  # characters of a name and of a value
_OFF = "off"


def offered(found: Iterable[Suggestion]) -> list[dict[str, str]]:
    """Suggestions as Discord takes them: what is too long to be taken back is left out."""
    choices: dict[str, dict[str, str]] = {}
    for one in found:
        label = clean(one.label) or one.value
        if one.value and len(one.value) <= _LONGEST:
            choices.setdefault(one.value, {"name": shortened(label), "value": one.value})
    return [*choices.values()][:_MOST]


def known_here(
    interaction: discord.Interaction[Any], request: Request, option: str, typed: str
) -> list[dict[str, str]]:
    """The server's roles and the forum's tags, for the settings that name one; else nothing.

    The core knows their ids alone.
    """
    if request.command != "settings" or option != "value" or interaction.guild is None:
        return []
    pairs: list[tuple[str, str]]
    if request.text == "ping":
        pairs = [
            (f"@{role.name}", str(role.id))
            for role in reversed(interaction.guild.roles)
            if not role.is_default() and not role.managed
        ]
    elif request.text == "tag":
        channel = interaction.guild.get_channel(int(request.address.chat))
        pairs = [(tag.name, str(tag.id)) for tag in getattr(channel, "available_tags", ())]
    else:
        return []
    wanted = typed.strip().lstrip("@").casefold()
    fitting = [(name, value) for name, value in pairs if wanted in name.casefold()]
    if wanted in _OFF:
        fitting.insert(0, (_OFF, _OFF))
    return [{"name": shortened(name), "value": value} for name, value in fitting[:_MOST]]


def shortened(label: str) -> str:
    """A label that Discord takes."""
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1].rstrip() + "…"
