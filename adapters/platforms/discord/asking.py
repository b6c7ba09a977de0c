"""What Discord tells of a command or a pressed button, as a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from adapters.platforms.discord import places
from adapters.platforms.discord.menu import CHANNEL
from bot.channels import Address, PlaceKind
from bot.commands import BY_NAME
from bot.ports import Person, Request, Rights
from bot.texts import N_

if TYPE_CHECKING:
    import discord

PLATFORM = "discord"
MISSING_RIGHT = N_("Manage Server")
OWN = "p:"  # mark of our buttons; behind it the action
ELSEWHERE = "c:"  # the same for another channel: its id and ":" come before the action


def rights_of(may: int, *, operate: bool) -> Rights:
    """Rights in a server out of permission bits."""
    manage = bool(may & (places.MANAGE_SERVER | places.ADMINISTRATOR))
    return Rights(manage=manage, operate=operate, missing=None if manage else MISSING_RIGHT)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is asked for."""

    chat: str
    kind: PlaceKind
    name: str | None
    type: int


class Asker:
    """Makes requests of interactions."""

    def __init__(self, operators: frozenset[str], now: Callable[[], datetime]) -> None:
        self._operators = operators
        self._now = now

    def command(
        self, interaction: discord.Interaction[Any], *, until: str | None = None
    ) -> Request | None:
        """The request of a slash command; with `until` only what stands before that option.

        None when it names a channel that the asker cannot see. Raises LookupError for an
        interaction that is none of our commands'.
        """
        data: Mapping[str, Any] = interaction.data or {}
        name = str(data["name"])
        given = {str(one["name"]): one for one in data.get("options", ())}
        parts = []
        for option in BY_NAME[name].options:
            if option.name == until:
                break
            if option.name in given:
                parts.append(str(given[option.name].get("value", "")).strip())
        spot: Spot | None = _here(interaction)
        if CHANNEL in given:
            chat = str(given[CHANNEL].get("value"))
            spot = _chosen(data, chat) or (_elsewhere(interaction, chat) if until else None)
        if spot is None:
            return None
        return self._request(interaction, name, " ".join(filter(None, parts)), spot)

    def pressed(self, interaction: discord.Interaction[Any]) -> Request | None:
        """The request of a pressed button; None for one that nobody knows any more.

        A button for another channel is known while that channel is of this server and the
        presser can see it.
        """
        data: Mapping[str, Any] = interaction.data or {}
        mark = str(data.get("custom_id", ""))
        spot: Spot | None
        if mark.startswith(OWN):
            action, spot = mark.removeprefix(OWN), _here(interaction)
        elif mark.startswith(ELSEWHERE):
            chat, _, action = mark.removeprefix(ELSEWHERE).partition(":")
            spot = _elsewhere(interaction, chat)
        else:
            return None
        command, _, text = action.partition(" ")
        if spot is None or command not in BY_NAME:
            return None
        return self._request(interaction, command, text.strip(), spot, pressed=True)

    def _request(
        self,
        interaction: discord.Interaction[Any],
        command: str,
        text: str,
        spot: Spot,
        *,
        pressed: bool = False,
    ) -> Request:
        person = Person(str(interaction.user.id), interaction.user.display_name)
        operate = person.id in self._operators
        private = interaction.guild_id is None
        may = interaction.permissions.value
        return Request(
            command=command,
            text=text,
            address=Address(PLATFORM, spot.chat),
            person=person,
            now=self._now(),
            rights=Rights(True, operate) if private else rights_of(may, operate=operate),
            language=interaction.locale.value,
            private=private,
            kind=PlaceKind.PRIVATE if private else spot.kind,
            name=person.name if private else spot.name,
            community=None if private else str(interaction.guild_id),
            pressed=pressed,
            key=str(interaction.id),
        )


def _here(interaction: discord.Interaction[Any]) -> Spot:
    """Where the interaction is. Raises LookupError for a channel of an unknown kind."""
    if interaction.channel is None:
        raise LookupError("a channel of a kind that discord.py does not know")
    return spot_of(interaction.channel, interaction.client.user)


def spot_of(channel: Any, me: discord.abc.Snowflake | None) -> Spot:
    """The channel or thread itself; in the thread or post of a digest, the channel it is for."""
    import discord

    if isinstance(channel, discord.Thread) and me is not None and channel.owner_id == me.id:
        channel = channel.parent or channel
    kind = int(channel.type.value)
    name = getattr(channel, "name", None)
    return Spot(str(channel.id), places.kind_of(kind), name and f"#{name}", kind)


def _chosen(data: Mapping[str, Any], chat: str) -> Spot | None:
    """The place that the option for another channel names; None when the asker cannot see it."""
    found = data.get("resolved", {}).get("channels", {}).get(chat)
    if found is None or not int(found.get("permissions", 0)) & places.VIEW:
        return None
    kind = int(found.get("type", places.TEXT))
    return Spot(chat, places.kind_of(kind), f"#{found.get('name', chat)}", kind)


def _elsewhere(interaction: discord.Interaction[Any], chat: str) -> Spot | None:
    import discord

    guild, person = interaction.guild, interaction.user
    channel = guild and chat.isdecimal() and guild.get_channel_or_thread(int(chat))
    if not channel or not isinstance(person, discord.Member):
        return None
    if not channel.permissions_for(person).view_channel:
        return None
    kind = int(channel.type.value)
    return Spot(chat, places.kind_of(kind), f"#{channel.name}", kind)


def typed(options: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
    """The option that is being typed, and what stands in it so far."""
    for one in options:
        if one.get("focused"):
            return str(one["name"]), str(one.get("value", ""))
    return None
