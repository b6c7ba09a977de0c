"""Subscribed places and their former addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, insert, null, select, update

from bot.channels import Address, Channel
from bot.errors import Usage
from storage.bulk import Bulk
from storage.repositories.merging import merge
from storage.tables import aliases, channels
from storage.work import Work

_OWN = [field.name for field in fields(Channel)[1:]]  # all but the address
_COLUMNS = [channels.c[name] for name in ("platform", "chat", "thread", *_OWN)]
_CAN_BECOME_DUE: tuple[ColumnElement[bool], ...] = (
    channels.c.paused.is_(False),
    channels.c.suspended_at.is_(None),
)


_ADDRESS = ("platform", "chat", "thread")
_HERE = select(*_COLUMNS).where(*(channels.c[name] == bindparam(name) for name in _ADDRESS))
_ONCE_HERE = select(*_COLUMNS).where(
    channels.c.id
    == select(aliases.c.channel_id)
    .where(*(aliases.c[name] == bindparam(name) for name in _ADDRESS))
    .scalar_subquery()
)


def _channel(row: Any) -> Channel:
    platform, chat, thread, *own = row
    return Channel(Address(platform, chat, thread or None), *own)


def _values(channel: Channel) -> dict[str, Any]:
    own = {name: getattr(channel, name) for name in _OWN if name != "id"}
    return own | {
        "platform": channel.address.platform,
        "chat": channel.address.chat,
        "thread": channel.address.thread or "",
        "floor": channel.previous_due or channel.since,
    }


class SqlChannels:
    """bot.ports.memory.Channels."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, channel: Channel) -> Channel:
        await self._work.alone(f"address {channel.address}")
        if await self._find(channel.address):
            raise Usage(f"{channel.address} has a channel already.")
        [new] = await self._work.numbers(channels, 1)
        async with self._work.together(f"{channel.address} has a channel already."):
            await self._work.change(insert(channels), [_values(channel) | {"id": new}])
        return replace(channel, id=new)

    async def get(self, channel_id: int) -> Channel | None:
        return await self._first(select(*_COLUMNS).where(channels.c.id == channel_id))

    async def find(self, address: Address) -> Channel | None:
        await self._work.alone(f"address {address}")
        return await self._find(address)

    async def _find(self, address: Address) -> Channel | None:
        where = dict(
            zip(_ADDRESS, (address.platform, address.chat, address.thread or ""), strict=True)
        )
        return await self._first(_HERE, **where) or await self._first(_ONCE_HERE, **where)

    async def _first(self, query: Select[Any], **words: Any) -> Channel | None:
        if self._work.locks_rows:  # read in order to be changed: a second reader waits
            query = query.with_for_update(key_share=True)
        row = await self._work.row(query, **words)
        return _channel(row) if row else None

    async def put(self, channel: Channel) -> None:
        statement = update(channels).where(channels.c.id == bindparam("own_id"))
        try:
            async with self._work.together(f"{channel.address} has another channel already."):
                await self._work.change(statement, [_values(channel) | {"own_id": channel.id}])
        except ValueError as error:
            raise Usage(str(error)) from error

    async def remove(self, channel_id: int) -> None:
        await self._work.change(delete(channels).where(channels.c.id == channel_id))

    async def all(self, *, platform: str | None = None) -> list[Channel]:
        query = select(*_COLUMNS).order_by(channels.c.id)
        if platform is not None:
            query = query.where(channels.c.platform == platform)
        return [_channel(row) for row in await self._work.rows(query)]

    async def due(
        self, now: datetime, *, limit: int, platforms: Collection[str] | None = None
    ) -> list[Channel]:
        query = (
            select(*_COLUMNS)
            .where(channels.c.next_due <= now, *_CAN_BECOME_DUE)
            .order_by(channels.c.next_due, channels.c.id)
            .limit(limit)
        )
        if platforms is not None:
            # An expression, so that no engine begins with all channels of a platform.
            query = query.where(channels.c.platform.concat("").in_(list(platforms)))
        if self._work.locks_rows:  # two who open digests take different channels
            query = query.with_for_update(key_share=True, skip_locked=True)
        return [_channel(row) for row in await self._work.rows(query)]

    async def next_due(self) -> datetime | None:
        query = (
            select(channels.c.next_due)
            .where(channels.c.next_due.is_not(None), *_CAN_BECOME_DUE)
            .order_by(channels.c.next_due)
            .limit(1)
        )
        found: datetime | None = await self._work.value(query)
        return found

    async def horizon_floor(self) -> datetime | None:
        query = (
            select(channels.c.floor)
            .where(channels.c.suspended_at.is_(None))
            .order_by(channels.c.floor)
            .limit(1)
        )
        found: datetime | None = await self._work.value(query)
        return found

    async def reschedule(self, times: Iterable[tuple[int, datetime, datetime | None]]) -> None:
        rows = [(previous, previous, coming, own) for own, previous, coming in times]
        await _RESCHEDULE.run(self._work, rows)

    async def of_chat(self, platform: str, chat: str) -> list[Channel]:
        return await self._these(channels.c.platform == platform, channels.c.chat == chat)

    async def of_community(self, platform: str, community: str) -> list[Channel]:
        return await self._these(channels.c.platform == platform, channels.c.community == community)

    async def _these(self, *conditions: ColumnElement[bool]) -> list[Channel]:
        query = select(*_COLUMNS).where(*conditions).order_by(channels.c.id)
        if self._work.locks_rows:
            query = query.with_for_update(key_share=True)
        return [_channel(row) for row in await self._work.rows(query)]

    async def merge(self, kept: int, gone: int) -> None:
        """Nothing happens when one of the two is not there."""
        if await self.get(kept) is not None:
            await merge(self._work, kept, gone)

    async def add_alias(self, channel_id: int, address: Address) -> None:
        statement = self._work.insert(aliases)
        moved = statement.on_conflict_do_update(
            index_elements=["platform", "chat", "thread"],
            set_={"channel_id": statement.excluded.channel_id},
        )
        values = {
            "platform": address.platform,
            "chat": address.chat,
            "thread": address.thread or "",
            "channel_id": channel_id,
        }
        async with self._work.together(f"{address} is known already."):
            await self._work.change(moved, [values])


_RESCHEDULE = Bulk(
    lambda work: (
        update(channels)
        .where(channels.c.id == bindparam("own_id"))
        .values(
            previous_due=bindparam("previous"),
            floor=bindparam("same"),
            next_due=bindparam("coming"),
            put_off_from=null(),
        )
    ),
    "previous",
    "same",
    "coming",
    "own_id",
)
