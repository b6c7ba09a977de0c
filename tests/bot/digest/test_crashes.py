"""A process that dies before or after any commit of a round loses nothing and doubles no digest."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.courier import recover
from bot.desk import Desk
from bot.ports import Fence, Transaction
from bot.rounds import make_round
from storage import open_store
from tests.bot.digest.conftest import Village, at
from tests.wires.board import Board
from tests.wires.lists import ScriptedSource, a_paper

T = TypeVar("T")
MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)


class Died(BaseException):
    """The process is no more."""


class Mortal:
    """A store whose process dies before or after the n-th commit."""

    def __init__(self, store: Any, dies_at: int, *, after: bool) -> None:
        self._store, self._dies_at, self._after = store, dies_at, after
        self.commits = 0

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        """As ever."""
        found: AbstractAsyncContextManager[Transaction] = self._store.snapshot()
        return found

    async def glance(self, read: Callable[[Transaction], Coroutine[Any, Any, T]]) -> T:
        """As ever."""
        found: T = await self._store.glance(read)
        return found

    def fence(self, name: str, *, wait: bool = True) -> AbstractAsyncContextManager[Fence | None]:
        """As ever."""
        found: AbstractAsyncContextManager[Fence | None] = self._store.fence(name, wait=wait)
        return found

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """The n-th is the last."""
        self.commits += 1
        dies = self.commits == self._dies_at
        async with self._store.transaction() as tx:
            yield tx
            if dies and not self._after:
                raise Died
        if dies:
            raise Died


@pytest.mark.parametrize("after", [False, True])
async def test_a_death_at_any_commit_loses_no_paper_and_doubles_no_digest(
    tmp_path: Path, after: bool
) -> None:
    """A message is doubled only by a death between its acceptance and that commit."""
    everywhere = 0
    for dies_at in range(1, 40):
        async with open_store(f"sqlite:///{tmp_path / str(dies_at)}.sqlite3") as store:
            source, board = ScriptedSource(), Board()
            desk = Desk(store, {source.name: source}, {source.name: source}, {"board": board})
            village = Village(desk, source, board)
            for n in range(5):
                source.show(MONDAY if n < 3 else TUESDAY, a_paper(n))
            channels = [
                await village.subscribe(at("2026-01-05 12:00"), chat=chat, limit=2)
                for chat in ("one", "two")
            ]
            died = False
            mortal = Mortal(store, dies_at, after=after)
            try:
                await make_round(replace(desk, store=mortal), at("2026-01-06 09:00"))
            except (Died, BaseExceptionGroup):
                died = True
            async with store.snapshot() as tx:
                in_doubt = len(await tx.deliveries.in_flight(limit=10))
            await recover(desk, at("2026-01-06 09:00"), alone=True)
            for now in ("2026-01-06 09:05", "2026-01-07 09:00", "2026-01-08 09:00"):
                await village.round(at(now))
            doubled = 0
            for channel in channels:
                shown = board.shown(channel.address.chat)
                assert set(shown) == {f"2601.{n:05}" for n in range(5)}, (dies_at, shown)
                doubled += len(shown) > 5
                dates = [digest.local_date for digest in await village.digests(channel.id)]
                assert len(dates) == len(set(dates)) == 3
            assert doubled <= in_doubt
            everywhere += doubled
        if not died:
            break
    assert dies_at > 8  # each list, the round, the digests, the claim and the two messages
    assert everywhere <= 4  # the two messages, at the commit that settles and at one beside it
