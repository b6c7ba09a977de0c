"""Papers that people put aside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, select, update

from bot.channels import Address
from storage.tables import saved
from storage.work import Work


def _here(address: Address) -> tuple[ColumnElement[bool], ...]:
    return (
        saved.c.platform == address.platform,
        saved.c.chat == address.chat,
        saved.c.thread == (address.thread or ""),
    )


class SqlSaved:
    """bot.ports.memory.Saved; kept by address, so that it needs no subscription."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, channel: Address, person: str, paper_id: str, at: datetime) -> bool:
        insert = self._work.insert(saved).on_conflict_do_nothing(
            index_elements=["platform", "chat", "thread", "person", "paper_id"]
        )
        values = {
            "platform": channel.platform,
            "chat": channel.chat,
            "thread": channel.thread or "",
            "person": person,
            "paper_id": paper_id,
            "at": at,
        }
        return await self._work.change(insert, [values]) > 0

    async def remove(self, channel: Address, person: str, paper_id: str) -> bool:
        gone = delete(saved).where(
            *_here(channel), saved.c.person == person, saved.c.paper_id == paper_id
        )
        return await self._work.change(gone) > 0

    async def of(self, channel: Address, person: str) -> list[str]:
        query = (
            select(saved.c.paper_id)
            .where(*_here(channel), saved.c.person == person)
            .order_by(saved.c.at.desc(), saved.c.id.desc())
        )
        return [paper_id for (paper_id,) in await self._work.rows(query)]

    async def forget(self, channel: Address) -> None:
        await self._work.change(delete(saved).where(*_here(channel)))

    async def move(self, old: Address, new: Address) -> None:
        await self._work.alone(f"saved {new.platform}:{new.chat}")
        there = (saved.c.platform == old.platform) & (saved.c.chat == old.chat)
        kept = saved.alias("kept")
        doubled = exists().where(
            kept.c.platform == new.platform,
            kept.c.chat == new.chat,
            *(kept.c[name] == saved.c[name] for name in ("thread", "person", "paper_id")),
        )
        if old.platform != new.platform or old.chat != new.chat:
            await self._work.change(delete(saved).where(there, doubled))
            moved = {"platform": new.platform, "chat": new.chat}
            await self._work.change(update(saved).where(there).values(moved))
