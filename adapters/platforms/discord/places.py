"""Channels, threads and forums as places, and what somebody may do in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.channels import PlaceKind
from bot.texts import N_

# https://discord.com/developers/docs/resources/channel#channel-object-channel-types
TEXT, DM, VOICE, NEWS, NEWS_THREAD, THREAD, PRIVATE_THREAD, STAGE, FORUM, MEDIA = (
    0, 1, 2, 5, 10, 11, 12, 13, 15, 16,
)  # fmt: skip
CHOOSABLE: Final = (TEXT, VOICE, NEWS, NEWS_THREAD, THREAD, PRIVATE_THREAD, FORUM)
_THREADS: Final = frozenset({NEWS_THREAD, THREAD, PRIVATE_THREAD})
_KINDS: Final = {
    DM: PlaceKind.PRIVATE,
    NEWS: PlaceKind.BROADCAST,
    FORUM: PlaceKind.FORUM,
    MEDIA: PlaceKind.FORUM,
    NEWS_THREAD: PlaceKind.TOPIC,
    THREAD: PlaceKind.TOPIC,
    PRIVATE_THREAD: PlaceKind.TOPIC,
}

# https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags
ADMINISTRATOR = 1 << 3
MANAGE_SERVER = 1 << 5
VIEW = 1 << 10
SEND = 1 << 11
EMBED = 1 << 14
ATTACH = 1 << 15
HISTORY = 1 << 16
CREATE_THREADS = 1 << 35
SEND_IN_THREADS = 1 << 38
ALL = (1 << 53) - 1
_NAMES: Final = {
    VIEW: N_("View Channel"),
    SEND: N_("Send Messages"),
    SEND_IN_THREADS: N_("Send Messages in Threads"),
    EMBED: N_("Embed Links"),
    ATTACH: N_("Attach Files"),
    CREATE_THREADS: N_("Create Public Threads"),
}
REQUIRES_TAG = 1 << 4  # flag of a forum


def kind_of(channel_type: int) -> PlaceKind:
    """What kind of place a channel of this type is."""
    return _KINDS.get(channel_type, PlaceKind.GROUP)


def is_thread(channel_type: int) -> bool:
    """Whether it is a thread or a forum post."""
    return channel_type in _THREADS


def permissions(
    person: str,
    roles_of_person: Sequence[str],
    server: Mapping[str, Any],
    overwrites: Sequence[Mapping[str, Any]] = (),
) -> int:
    """What a member may do in a channel: their roles', then the channel's overwrites.

    `server` holds `id`, `owner_id` and `roles`, `overwrites` are the channel's, of a thread its
    parent's. https://discord.com/developers/docs/topics/permissions#permission-overwrites
    """
    if str(server.get("owner_id")) == person:
        return ALL
    server_id = str(server["id"])
    own = {server_id, *map(str, roles_of_person)}
    allowed = 0
    for role in server.get("roles", ()):
        if str(role["id"]) in own:
            allowed |= int(role["permissions"])
    if allowed & ADMINISTRATOR:
        return ALL
    by_id = {str(one["id"]): one for one in overwrites}
    steps = [
        [by_id[server_id]] if server_id in by_id else [],
        [by_id[role] for role in own - {server_id} if role in by_id],
        [by_id[person]] if person in by_id else [],
    ]
    for step in steps:
        denied = granted = 0
        for one in step:
            denied |= int(one.get("deny", 0))
            granted |= int(one.get("allow", 0))
        allowed = allowed & ~denied | granted
    return allowed if allowed & VIEW else allowed & ~(SEND | SEND_IN_THREADS | EMBED | ATTACH)


def needed(channel_type: int) -> tuple[int, ...]:
    """The rights that posting needs there, in the order of their names in Discord."""
    if is_thread(channel_type):
        return (VIEW, SEND_IN_THREADS, EMBED, ATTACH)
    if kind_of(channel_type) is PlaceKind.FORUM:
        return (VIEW, SEND, SEND_IN_THREADS, EMBED, ATTACH)
    if channel_type in (VOICE, STAGE):
        return (VIEW, SEND, EMBED, ATTACH)
    return (VIEW, SEND, EMBED, ATTACH, CREATE_THREADS, SEND_IN_THREADS)


def lacking(may: int, channel_type: int) -> tuple[int, ...]:
    """Which of the needed rights are missing."""
    return tuple(one for one in needed(channel_type) if not may & one)


def names(rights: Sequence[int]) -> tuple[str, ...]:
    """The rights by Discord's own names."""
    return tuple(_NAMES[one] for one in rights)


def can_post(lacks: Sequence[int], channel_type: int) -> bool:
    """Whether cards can be posted in spite of what is lacking."""
    vital = {VIEW, EMBED, SEND_IN_THREADS if is_thread(channel_type) else SEND}
    if kind_of(channel_type) is PlaceKind.FORUM:
        vital.add(SEND_IN_THREADS)
    return vital.isdisjoint(lacks)
