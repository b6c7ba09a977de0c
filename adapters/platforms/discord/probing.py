"""Who may do what where, asked of Discord without a sound or a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.platforms.discord import places
from adapters.platforms.discord.outcomes import TAG
from bot.channels import Outcome, PlaceKind, Verdict
from bot.texts import N_

if TYPE_CHECKING:
    from adapters.platforms.discord.wire import Wire


async def look(wire: Wire, channel: str) -> Outcome:
    """Whether the bot can post in the channel, and which rights it lacks there.

    Raises what discord.py and aiohttp raise.
    """
    found = await wire.call("GET", "/channels/{channel_id}", channel_id=channel)
    kind = int(found["type"])
    server_id = found.get("guild_id")
    if server_id is None:
        return Outcome(Verdict.ACCEPTED)
    me = str(wire.client.application_id if wire.client.user is None else wire.client.user.id)
    above = found
    if places.is_thread(kind):
        above = await wire.call("GET", "/channels/{channel_id}", channel_id=found["parent_id"])
    may = await may_do(wire, server_id, me, above.get("permission_overwrites", ()))
    lacks = places.lacking(may, kind)
    missing = places.names(lacks)
    if places.kind_of(kind) is PlaceKind.FORUM and int(found.get("flags", 0)) & places.REQUIRES_TAG:
        missing += (TAG,)
    closed = found.get("thread_metadata", {})
    if closed.get("locked"):
        return Outcome(Verdict.THREAD_GONE, error=N_("The thread is locked."), missing=missing)
    if places.can_post(lacks, kind):
        return Outcome(Verdict.ACCEPTED, missing=missing)
    return Outcome(Verdict.CHAT_GONE, error="Rights are missing there.", missing=missing)


async def may_do(wire: Wire, server: str, person: str, overwrites: Any = ()) -> int:
    """The permissions of a member of a server, as bits. Raises what the calls raise."""
    about = await wire.call("GET", "/guilds/{guild_id}", guild_id=server)
    member = await wire.call(
        "GET", "/guilds/{guild_id}/members/{member_id}", guild_id=server, member_id=person
    )
    return places.permissions(person, member.get("roles", ()), about, overwrites)
