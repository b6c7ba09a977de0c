"""Tokens by day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, select, update

from bot.ports import Spent
from storage.tables import spending
from storage.work import Work

_row = spending.c


class SqlSpending:
    """bot.ports.memory.Spending."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def reserve(self, day: date, who: str, tokens: int, most: int | None) -> bool:
        if most is not None and tokens > most:
            return False
        adding = self._work.insert(spending).values(day=day, who=who, tokens=tokens, calls=1)
        within = None if most is None else _row.tokens + tokens <= most
        adding = adding.on_conflict_do_update(
            index_elements=["day", "who"],
            set_={"tokens": _row.tokens + tokens, "calls": _row.calls + 1},
            where=within,
        )
        return bool(await self._work.change(adding))

    async def settle(self, day: date, who: str, difference: int) -> None:
        settling = update(spending).where(_row.day == day, _row.who == who)
        await self._work.change(settling.values(tokens=_row.tokens + difference))

    async def of(self, day: date, who: str) -> Spent:
        query = select(_row.tokens, _row.calls).where(_row.day == day, _row.who == who)
        found = await self._work.row(query)
        return Spent(*found) if found is not None else Spent()

    async def forget(self, before: date) -> None:
        await self._work.change(delete(spending).where(_row.day < before, _row.who != ""))
