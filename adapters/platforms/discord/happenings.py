"""What happens to servers, channels and threads, told to the conversation."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from adapters.platforms.discord import places
from adapters.platforms.discord.asking import PLATFORM
from adapters.platforms.discord.frozen import thaw
from bot.channels import Address, Layout, Place
from bot.ports import Event, EventKind

if TYPE_CHECKING:
    import discord

    from adapters.platforms.discord.drawing import Pen
    from adapters.platforms.discord.wire import Wire
    from bot.ports import Conversation

log = logging.getLogger(__name__)


class Happenings:
    """Makes events of what discord.py tells."""

    def __init__(
        self, wire: Wire, conversation: Conversation, pen: Pen, now: Callable[[], datetime]
    ) -> None:
        self._wire = wire
        self._conversation = conversation
        self._pen = pen
        self._now = now

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Greet in the server's own channel for such news, where the bot may write there."""
        channel = guild.system_channel
        if channel is None:
            return
        may = channel.permissions_for(guild.me)
        if not (may.view_channel and may.send_messages and may.embed_links):
            return
        reply = await self._conversation.happened(
            self._event(
                EventKind.ADDED,
                str(channel.id),
                channel.type.value,
                guild.id,
                name=channel.name,
                language=guild.preferred_locale.value,
            )
        )
        if not reply.blocks:
            return
        place = Place(places.kind_of(channel.type.value))
        for number, one in enumerate(
            self._pen.draw(reply.blocks, Layout.PACKED, reply.language, place)
        ):
            call = thaw(one.body)
            payload = {
                **call.payload,
                "nonce": f"join{guild.id}{number}"[-25:],
                "enforce_nonce": True,
            }
            await self._wire.call(
                "POST",
                "/channels/{channel_id}/messages",
                payload,
                file=call.file,
                channel_id=str(channel.id),
            )

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed from a server, or the server is gone: with all that was in it."""
        for channel in (*guild.channels, *guild.threads):
            await self._told(EventKind.REMOVED, channel)
        await self._conversation.happened(
            self._event(EventKind.REMOVED, "", places.TEXT, guild.id, name=guild.name)
        )

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """A channel or a forum is gone."""
        await self._told(EventKind.REMOVED, channel)

    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """A channel may have a new name."""
        if before.name != after.name:
            await self._told(EventKind.RENAMED, after)

    async def on_raw_thread_delete(self, told: discord.RawThreadDeleteEvent) -> None:
        """A thread or a forum post is gone."""
        await self._conversation.happened(
            self._event(
                EventKind.REMOVED, str(told.thread_id), told.thread_type.value, told.guild_id
            )
        )

    async def on_thread_update(self, before: discord.Thread, after: discord.Thread) -> None:
        """A thread may have a new name."""
        if before.name != after.name:
            await self._told(EventKind.RENAMED, after)

    async def _told(
        self, kind: EventKind, channel: discord.abc.GuildChannel | discord.Thread
    ) -> None:
        await self._conversation.happened(
            self._event(
                kind,
                str(channel.id),
                channel.type.value,
                channel.guild.id,
                name=channel.name,
            )
        )

    def _event(
        self,
        kind: EventKind,
        chat: str,
        channel_type: Any,
        guild: int,
        *,
        name: str | None = None,
        language: str | None = None,
    ) -> Event:
        return Event(
            kind,
            Address(PLATFORM, chat),
            self._now(),
            place=places.kind_of(int(channel_type)),
            name=f"#{name}" if name and chat else name,
            community=str(guild),
            language=language,
        )
