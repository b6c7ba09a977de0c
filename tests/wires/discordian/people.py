"""The people of the fake Discord: servers and channels, and what members type and press."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord
from simcord.backend import serializers
from simcord.backend.command_access import command_access
from simcord.backend.models import Interaction, Overwrite
from simcord.components import walk_components
from simcord.enums import ChannelType, InteractionType, OverwriteType
from simcord.interactions import base_payload, check_options, nest_options, walk_to_subcommand

from tests.wires.discordian.server import DiscordWire
from tests.wires.discordian.words import plain

COMMAND, COMPONENT, AUTOCOMPLETE = 2, 3, 4
REQUIRES_TAG = 1 << 4


@dataclass(frozen=True)
class Member:
    """A person, in a server or in the private chat with the bot."""

    id: int
    guild: int | None
    locale: str = "en-US"


@dataclass(frozen=True)
class Answer:
    """What became of a command or of a press."""

    kind: str  # "message", "update", "deferred_update", "autocomplete", ...
    ephemeral: bool
    messages: tuple[dict[str, Any], ...]  # the answer and what followed it, as they are now
    choices: tuple[dict[str, Any], ...] = ()  # of an autocompletion
    files: tuple[str, ...] = ()  # the contents of text files, in order

    @property
    def text(self) -> str:
        """What can be read, without markup."""
        return "\n".join(plain(message) for message in self.messages)

    @property
    def buttons(self) -> dict[str, str]:
        """Labels and what pressing them sends."""
        found: dict[str, str] = {}
        for message in self.messages:
            found |= _buttons(message["components"])
        return found

    @property
    def message(self) -> int:
        """The id of the (last) message."""
        return int(self.messages[-1]["id"])


class FakeDiscord(DiscordWire):
    """The whole of it: the wire, and a world to set up and to act in."""

    def add_guild(
        self, name: str = "Lab", *, lacks: tuple[str, ...] = (), shard: int | None = None
    ) -> int:
        """A server that the bot was added to; `lacks` names permissions it was not given."""
        guild = self.backend.create_guild(name, shard_id=shard, shard_count=self.shards)
        role = next(role for role in guild.roles.values() if role.managed)
        everyone = guild.roles[guild.id]
        for permission in lacks:
            bit = getattr(discord.Permissions, permission).flag
            role.permissions &= ~bit
            everyone.permissions &= ~bit
        if lacks:
            self.backend.emit("GUILD_UPDATE", serializers.guild_create_payload(self.backend, guild))
        return guild.id

    def add_channel(
        self, guild: int, name: str = "papers", kind: str = "text", *, lacks: tuple[str, ...] = ()
    ) -> int:
        """A channel; kind "text", "news" or "forum". `lacks` is denied to the bot there."""
        kinds = {"text": ChannelType.TEXT, "news": 5, "forum": ChannelType.FORUM}
        denied = 0
        for permission in lacks:
            denied |= getattr(discord.Permissions, permission).flag
        mine = Overwrite(self.backend.bot_user.id, OverwriteType.MEMBER, 0, denied)
        channel = self.backend.create_channel(
            guild, name, type=kinds[kind], overwrites=[mine] if denied else []
        )
        return channel.id

    def add_tag(self, forum: int, name: str, *, required: bool = False) -> int:
        """A tag of a forum; `required`: posts must bear one."""
        number = self.backend.snowflake()
        tag = {"id": str(number), "name": name, "moderated": False}
        self.backend.get_channel(forum).available_tags.append(
            {**tag, "emoji_id": None, "emoji_name": None}
        )
        if required:
            self.gateway.flags[forum] = REQUIRES_TAG
        self.backend.announce_channel_update(forum)
        return number

    def add_member(
        self, guild: int | None, name: str = "Ada", *, manages: bool = False, locale: str = "en-US"
    ) -> Member:
        """Somebody; `manages`: with the right Manage Server. Without a server: a stranger."""
        user = self.backend.make_user(name)
        if guild is None:
            return Member(user.id, None, locale)
        roles = []
        if manages:
            role = self.backend.create_role(
                guild, name=f"{name}'s", permissions=discord.Permissions(manage_guild=True).value
            )
            roles = [role.id]
        self.backend.add_member(guild, user.id, roles=roles, announce=True)
        return Member(user.id, guild, locale)

    def private_chat(self, who: Member) -> int:
        """The channel of the private chat between the bot and that person."""
        return self.backend.get_dm_channel(who.id).id

    def remove_bot(self, guild: int) -> None:
        """Somebody throws the bot out of the server."""
        self.backend.remove_guild(guild)

    def say(self, who: Member, channel: int, words: str, *, answers: int | None = None) -> int:
        """Somebody writes something, in answer to that message; the id of the message."""
        reference = None
        if answers is not None:
            reference = {"channel_id": str(channel), "message_id": str(answers)}
        return self.backend.create_message(channel, who.id, words, reference=reference).id

    def messages(self, channel: int) -> list[dict[str, Any]]:
        """What everybody sees in a channel or thread, oldest first."""
        found = sorted(self.backend.messages.get(channel, {}).values(), key=lambda one: one.id)
        return [
            self._told(one) for one in found if not one.is_ephemeral and one.type in (0, 19, 20)
        ]

    def threads(self, parent: int) -> list[int]:
        """The threads and posts of a channel or forum, oldest first."""
        return [one.id for one in self.backend.channels.values() if one.parent_id == parent]

    def read(self, channel: int) -> str:
        """Everything that stands in a channel, without markup."""
        return "\n".join(plain(message) for message in self.messages(channel))

    def words_of(self, channel: int, message: int) -> str:
        """What stands in one message now, also in one that few can see."""
        return plain(self._told(self.backend.get_message(channel, message)))

    def buttons_of(self, channel: int, message: int) -> dict[str, str]:
        """Its buttons, likewise: labels and what pressing them sends."""
        return _buttons(self.backend.get_message(channel, message).components)

    async def slash(self, who: Member, channel: int, line: str, /, **options: Any) -> Answer:
        """Run a slash command; gives its answer once it is whole. The client's own checks hold:
        a command that this person does not see, or an option of a wrong kind, is an error. A
        channel is given by its id."""
        return await self._whole(self.type(who, channel, line, **options))

    def type(self, who: Member, channel: int, line: str, /, **options: Any) -> Interaction:
        """As `slash`, without waiting for the answer."""
        root, leaf, nesting = self._command(who, channel, line)
        kinds = {option["name"]: option for option in leaf.get("options") or []}
        places = {name: v for name, v in options.items() if kinds.get(name, {}).get("type") == 7}
        rest = {name: value for name, value in options.items() if name not in places}
        check_options(line, leaf, rest)
        resolved: dict[str, Any] = {}
        for name, place in places.items():
            chosen = self.backend.get_channel(int(place))
            assert int(chosen.type) in kinds[name].get("channel_types", [int(chosen.type)])
            told = dict(serializers.channel_payload(self.backend, chosen))
            rights = self.backend.compute_permissions(who.guild or 0, who.id, chosen.id)
            resolved[str(place)] = self.gateway.flagged({**told, "permissions": str(rights)})
        given = {name: str(v) if name in places else v for name, v in options.items()}
        data = _data(root, leaf, nesting, given)
        if resolved:
            data["resolved"] = {"channels": resolved}
        return self._ask(who, channel, COMMAND, data)

    def typed(self, who: Member, channel: int, line: str) -> Interaction:
        """Run a whole line such as "/settings hour 9:30": each option takes a word, the last one
        takes the rest. Without waiting for the answer."""
        name, *words = line.removeprefix("/").split(" ")
        root = self.backend.find_command(name, who.guild)
        assert root is not None, f"there is no command /{name}"
        options = root.get("options") or []
        while words and (inner := [one for one in options if one["type"] in (1, 2)]):
            chosen = next(one for one in inner if one["name"] == words[0])
            name, options = f"{name} {words.pop(0)}", chosen.get("options") or []
        options = [one for one in options if one["type"] in (3, 4)]  # those that are typed
        given: dict[str, Any] = {}
        for place, option in enumerate(options):
            last = place == len(options) - 1
            text = " ".join(words) if last else " ".join(words[:1])
            words = [] if last else words[1:]
            if text:
                given[option["name"]] = int(text) if option["type"] == 4 else text
        return self.type(who, channel, name, **given)

    async def complete(
        self, who: Member, channel: int, line: str, option: str, typed: str, /, **before: Any
    ) -> Answer:
        """What is offered while an option is typed."""
        root, leaf, nesting = self._command(who, channel, line)
        data = _data(root, leaf, nesting, {**before, option: typed}, focused=option)
        return await self._whole(self._ask(who, channel, AUTOCOMPLETE, data))

    async def press(self, who: Member, channel: int, message: int, button: str) -> Answer:
        """Press the button of that label or custom id on a message."""
        return await self._whole(self.pressed(who, channel, message, button))

    def pressed(self, who: Member, channel: int, message: int, button: str) -> Interaction:
        """As `press`, without waiting for the answer."""
        stored = self.backend.get_message(channel, message)
        found = [
            part
            for part in walk_components(stored.components)
            if button in (part.get("label"), part.get("custom_id"))
        ]
        assert found, f"no button {button!r} there, but {labels(stored.components)}"
        assert not found[0].get("disabled"), f"the button {button!r} is disabled"
        data = {"custom_id": found[0]["custom_id"], "component_type": 2}
        return self._ask(who, channel, COMPONENT, data, stored)

    def _command(self, who: Member, channel: int, line: str) -> tuple[Any, Any, list[str]]:
        name, *path = line.split()
        root = self.backend.find_command(name, who.guild)
        assert root is not None, f"there is no command /{name}"
        access = command_access(self.backend, root, user_id=who.id, channel_id=channel)
        assert access.allowed, f"/{name} cannot be used there: {access.reason}"
        leaf, nesting = walk_to_subcommand(root, path)
        return root, leaf, nesting

    def _ask(
        self, who: Member, channel: int, kind: int, data: dict[str, Any], message: Any = None
    ) -> Interaction:
        record, payload = base_payload(
            self.backend,
            type=InteractionType(kind),
            channel_id=channel,
            guild_id=who.guild,
            user_id=who.id,
            data=data,
        )
        payload["locale"] = who.locale
        if message is not None:
            payload["message"] = self._told(message)
            record.source_message_id = message.id
        self.backend.emit("INTERACTION_CREATE", self.gateway.flagged(payload))
        return record

    async def _whole(self, record: Interaction) -> Answer:
        await self.until(lambda: record.responded and not record.loading)
        return self.answer(record)

    def answer(self, record: Interaction) -> Answer:
        """What stands there now."""
        known = self.backend.messages.get(record.channel_id, {})
        numbers = [record.message_id, *record.followup_ids]
        messages = [self._told(known[one]) for one in numbers if one is not None and one in known]
        files = [
            self.backend.cdn.get(file["url"]) for one in messages for file in one["attachments"]
        ]
        return Answer(
            str(record.response_kind),
            record.ephemeral,
            tuple(messages),
            tuple(record.autocomplete_choices or ()),
            tuple(content.decode() for content in files if content is not None),
        )

    def _told(self, message: Any) -> dict[str, Any]:
        return dict(serializers.message_payload(self.backend, message))


def _buttons(components: Any) -> dict[str, str]:
    return {
        part["label"]: part["custom_id"]
        for part in walk_components(components)
        if part.get("custom_id") and part.get("label")
    }


def labels(components: Any) -> list[str]:
    """The labels of all buttons."""
    return [part["label"] for part in walk_components(components) if part.get("label")]


def _data(
    root: Any, leaf: Any, nesting: list[str], given: dict[str, Any], focused: str | None = None
) -> dict[str, Any]:
    kinds = {option["name"]: option["type"] for option in leaf.get("options") or []}
    options: list[dict[str, Any]] = [
        {"name": name, "type": int(kinds[name]), "value": value} for name, value in given.items()
    ]
    for option in options:
        if option["name"] == focused:
            option["focused"] = True
    return {
        "id": root["id"],
        "name": root["name"],
        "type": 1,
        "options": nest_options(root, nesting, options),
    }
