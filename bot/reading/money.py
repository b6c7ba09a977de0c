"""What readings may cost: tokens per reading, per day and per person, counted before a call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.errors import OverBudget
from bot.ports import Spent, Store

INPUT = 12_000  # tokens of one reading's text and instructions, unless set otherwise


@dataclass(frozen=True, slots=True)
class Budget:
    """The operator's bounds; None is no bound. A day is one of UTC."""

    reading: int = INPUT  # tokens of input of one reading
    daily: int | None = None  # tokens, in and out, of everybody
    person: int | None = None  # of one person, whatever the chat


@dataclass(frozen=True, slots=True)
class Reserved:
    """Tokens that are counted already, for a call that is to be made."""

    day: date
    person: str | None
    tokens: int


class Purse:
    """The money: reserved by an estimate before each call, settled by its usage."""

    def __init__(self, store: Store, budget: Budget) -> None:
        self._store = store
        self.budget = budget

    async def reserve(self, tokens: int, now: datetime, person: str | None = None) -> Reserved:
        """Count the tokens for everybody's day and for the person's.

        Raises OverBudget, counting nothing, where either does not reach; StoreBusy.
        """
        day = now.astimezone(UTC).date()
        async with self._store.transaction() as tx:
            if person is not None:
                await tx.spending.forget(day)
                if not await tx.spending.reserve(day, person, tokens, self.budget.person):
                    raise OverBudget(personal=True)
            if not await tx.spending.reserve(day, "", tokens, self.budget.daily):
                raise OverBudget(personal=False)
        return Reserved(day, person, tokens)

    async def settle(self, reserved: Reserved, tokens: int) -> None:
        """What the call cost. Raises StoreBusy; then the estimate stays counted."""
        difference = tokens - reserved.tokens
        if not difference:
            return
        async with self._store.transaction() as tx:
            await tx.spending.settle(reserved.day, "", difference)
            if reserved.person is not None:
                await tx.spending.settle(reserved.day, reserved.person, difference)

    async def spent(self, now: datetime, person: str | None = None) -> Spent:
        """What the day has cost so far."""
        async with self._store.snapshot() as tx:
            return await tx.spending.of(now.astimezone(UTC).date(), person or "")


def tomorrow(now: datetime) -> datetime:
    """When the next day of the budget begins."""
    day = now.astimezone(UTC).date() + timedelta(days=1)
    return datetime.combine(day, time(), UTC)
