"""A town: a desk on a real SQLite store whose one platform a test answers call by call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from bot.channels import Address, Channel, Delivery, Topic
from bot.desk import Desk
from bot.digest.subscription import new_channel
from bot.rounds import Round, make_round
from storage import open_store
from tests.wires.databases import database
from tests.wires.lists import ScriptedSource, a_paper
from tests.wires.mail import Mail

MONDAY = date(2026, 1, 5)
ADMIN = Address("mail", "@1")


@dataclass
class Town:
    """One desk and what a test does with it. Monday's list holds the papers 1 and 2."""

    desk: Desk
    source: ScriptedSource
    mail: Mail

    async def subscribe(
        self, chat: str = "lab", *topics: str, thread: str | None = None, **choices: Any
    ) -> Channel:
        """A new channel, on Monday noon; its digests come at nine (UTC)."""
        choices.setdefault("hour", time(9))
        address = Address("mail", chat, thread)
        now = choices.pop("now", at("2026-01-05 12:00"))
        async with self.desk.store.transaction() as tx:
            channel = await new_channel(self.desk, tx, address, now, **choices)
            for text in topics:
                await tx.topics.add(Topic(text, channel_id=channel.id, created=now))
        return channel

    async def round(self, now: str) -> Round:
        """One bell, of a process that has just begun: real time does not pass between bells."""
        self.desk.pacers.clear()
        return await make_round(self.desk, at(now))

    async def at_address(self, chat: str, thread: str | None = None) -> Channel | None:
        """The channel that the address leads to."""
        async with self.desk.store.snapshot() as tx:
            return await tx.channels.find(Address("mail", chat, thread))

    async def channel(self, channel: Channel) -> Channel:
        """As it is stored now."""
        async with self.desk.store.snapshot() as tx:
            found = await tx.channels.get(channel.id)
        assert found is not None
        return found

    async def change(self, channel: Channel, **fields: Any) -> None:
        """Store it with other fields."""
        async with self.desk.store.transaction() as tx:
            await tx.channels.put(replace(channel, **fields))

    async def unsettled(self) -> list[Delivery]:
        """What waits."""
        async with self.desk.store.snapshot() as tx:
            return await tx.deliveries.unsettled()

    async def ledger(self, channel: Channel) -> dict[str, str]:
        """The state of each paper, by the last digit of its id."""
        async with self.desk.store.snapshot() as tx:
            rows = await tx.ledger.of_channel(channel.id, limit=100)
        return {row.paper_id[-1]: row.state.value for row in rows}

    def told(self) -> list[str]:
        """What the operator accepted."""
        return self.mail.texts(ADMIN.chat)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    source, mail = ScriptedSource(), Mail()
    for number in (1, 2):
        source.show(MONDAY, a_paper(number, upvotes=10 - number))
    with database("sqlite", tmp_path) as url:
        async with open_store(url) as store:
            desk = Desk(
                store, {source.name: source}, {source.name: source}, {"mail": mail}, admins=(ADMIN,)
            )
            yield Town(desk, source, mail)


def at(text: str) -> datetime:
    """An instant, UTC: "2026-01-06 09:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
