"""The courier in virtual time: how long a day's digests take, by the real schedule and order.

What is real: who may begin when (bot.pacing.Schedule), what goes first (round, turn), that a place
is free when its outcome is committed, and that one transaction settles and claims together. What is
assumed is a `World`: how long calls, transactions and the opening take.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from typing import Any

from bot.channels import Address, Pace
from bot.digest.turns import turn
from bot.pacing import Schedule, Ticket

NINE = datetime(2026, 6, 13, 9, tzinfo=UTC)
_BATCH = 1000  # channels opened in one transaction


@dataclass(frozen=True)
class World:
    """How long things take, in seconds."""

    pace: Pace
    latency: tuple[float, float]  # of a call, evenly between the two
    opening: float = 1 / 3000  # of one channel's digest
    transaction: float = 0.004  # of the courier, whatever it holds
    message: float = 0.0004  # claiming and settling one


@dataclass
class Day:
    """What came of it; seconds since the hour."""

    sent: int = 0
    first: float = inf  # the first message
    last: float = 0.0  # the last one
    accepted: list[float] = field(default_factory=list)  # every message
    complete: dict[int, float] = field(default_factory=dict)  # by channel: its last message


class Simulation:
    """One token and its channels, all due at the same minute."""

    def __init__(self, world: World, digests: Sequence[tuple[Address, int]], seed: int = 7) -> None:
        """`digests`: for each channel its address and its number of messages."""
        self._world = world
        self._digests = digests
        self._chance = random.Random(seed)
        self._now = 0.0
        self._schedule = Schedule(world.pace, lambda: self._now)
        self._events: list[tuple[float, int, str, Any]] = []
        self._number = 0
        self._ready: list[tuple[int, int, int]] = []  # round, turn, channel
        self._parked: list[tuple[float, tuple[int, int, int]]] = []
        self._tickets: dict[Ticket, tuple[int, int, int]] = {}
        self._landed: list[tuple[float, tuple[int, int, int]]] = []
        self._flying = 0
        self._busy = False  # a transaction is open
        self._next_go = self._next_look = inf
        self.day = Day()

    def run(self, most: int | None = None) -> Day:
        """Let the day pass, or its first `most` messages."""
        for first in range(0, len(self._digests), _BATCH):
            size = min(_BATCH, len(self._digests) - first)
            self._at((first + size) * self._world.opening, "opened", (first, size))
        while self._events and (most is None or self.day.sent < most):
            self._now, _, what, about = heapq.heappop(self._events)
            getattr(self, f"_{what}")(about)
        return self.day

    def _at(self, when: float, what: str, about: object = None) -> None:
        self._number += 1
        heapq.heappush(self._events, (when, self._number, what, about))

    def _opened(self, batch: tuple[int, int]) -> None:
        first, size = batch
        for channel in range(first, first + size):
            if self._digests[channel][1]:
                heapq.heappush(self._ready, (0, turn(channel + 1, NINE), channel))
        self._turn_over()

    def _look(self, _: object) -> None:
        self._next_look = inf
        self._turn_over()

    def _turn_over(self) -> None:
        """One transaction: what landed is settled, what may go is claimed."""
        if self._busy:
            return
        landed, self._landed = self._landed, []
        for _, (round_, turn_, channel) in landed:
            if round_ + 1 < self._digests[channel][1]:
                heapq.heappush(self._ready, (round_ + 1, turn_, channel))
        claimed = self._claim(self._schedule.slots - self._flying + len(landed))
        if not landed and not claimed:
            return
        self._busy = True
        seconds = self._world.transaction + self._world.message * (len(landed) + len(claimed)) / 2
        self._at(self._now + seconds, "committed", (landed, claimed))

    def _claim(self, free: int) -> list[tuple[int, int, int]]:
        while self._parked and self._parked[0][0] <= self._now:
            heapq.heappush(self._ready, heapq.heappop(self._parked)[1])
        claimed: list[tuple[int, int, int]] = []
        while self._ready and len(claimed) < free:
            one = heapq.heappop(self._ready)
            address = self._digests[one[2]][0]
            if (wait := self._schedule.free_in(address)) > 0:
                heapq.heappush(self._parked, (self._now + wait, one))
            else:
                self._schedule.take(address)
                claimed.append(one)
        if self._parked and self._parked[0][0] < self._next_look:
            self._next_look = self._parked[0][0]
            self._at(self._next_look, "look")
        return claimed

    def _committed(self, both: tuple[list[Any], list[tuple[int, int, int]]]) -> None:
        landed, claimed = both
        self._busy = False
        self._flying += len(claimed) - len(landed)
        for ended, _ in landed:
            self._schedule.settled(self._now - ended)
        for one in claimed:
            self._tickets[self._schedule.ask(self._digests[one[2]][0], digest=True)] = one
        self._go(None)
        self._turn_over()

    def _go(self, _: object) -> None:
        """Calls begin that may."""
        if self._next_go <= self._now:
            self._next_go = inf
        while (ticket := self._schedule.next()) is not None:
            self._at(self._now + self._chance.uniform(*self._world.latency), "ended", ticket)
        when = self._now + self._schedule.due()
        if when < self._next_go:
            self._next_go = when
            self._at(when, "go")

    def _ended(self, ticket: Ticket) -> None:
        self._schedule.ended(ticket)
        self._schedule.accepted()
        one = self._tickets.pop(ticket)
        self._landed.append((self._now, one))
        day, (round_, _, channel) = self.day, one
        day.sent += 1
        day.first = min(day.first, self._now)
        day.last = self._now
        day.accepted.append(self._now)
        if round_ + 1 == self._digests[channel][1]:
            day.complete[channel] = self._now
        self._go(None)
        self._turn_over()
