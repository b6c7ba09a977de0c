"""A desk on a real SQLite store, with a scripted source and a board."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

from bot.channels import Address, Channel, Digest, Topic
from bot.desk import Desk
from bot.digest.subscription import new_channel
from bot.rounds import Round, make_round
from storage import open_store
from tests.wires.board import Board
from tests.wires.lists import ScriptedSource


@dataclass
class Village:
    """One desk and what a test does with it."""

    desk: Desk
    source: ScriptedSource
    board: Board

    async def subscribe(
        self, now: datetime, *topics: str, chat: str = "lab", **choices: Any
    ) -> Channel:
        """A new channel with topics."""
        choices.setdefault("hour", time(9))
        async with self.desk.store.transaction() as tx:
            channel = await new_channel(self.desk, tx, Address("board", chat), now, **choices)
            for text in topics:
                await tx.topics.add(Topic(text, channel_id=channel.id, created=now))
        return channel

    async def round(self, now: datetime) -> Round:
        """One bell at `now`, of a process that has just begun."""
        self.desk.pacers.clear()
        return await make_round(self.desk, now)

    async def channel(self, channel_id: int) -> Channel:
        """As stored."""
        async with self.desk.store.snapshot() as tx:
            found = await tx.channels.get(channel_id)
        assert found is not None
        return found

    async def put(self, channel: Channel) -> None:
        """Store it."""
        async with self.desk.store.transaction() as tx:
            await tx.channels.put(channel)

    async def digests(self, channel_id: int, limit: int = 1000) -> list[Digest]:
        """Newest first."""
        async with self.desk.store.snapshot() as tx:
            return await tx.digests.recent(channel_id, limit=limit)


@pytest.fixture
async def village(tmp_path: Path) -> AsyncIterator[Village]:
    source = ScriptedSource()
    board = Board()
    async with open_store(f"sqlite:///{tmp_path / 'paperboy.sqlite3'}") as store:
        yield Village(
            Desk(store, {source.name: source}, {source.name: source}, {"board": board}),
            source,
            board,
        )


def at(text: str) -> datetime:
    """An instant, UTC: "2026-01-06 09:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
