"""A platform that counts strictly and people who ask, around a schedule, in virtual time."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count, pairwise
from math import inf
from random import Random
from typing import Any

from bot.channels import Address, Allowance, Pace
from bot.pacing import Schedule, Ticket

PER_SECOND, ANY_SECOND = 28.0, 29
ALLOWED = 30  # in a second (core.telegram.org/bots/faq)


def chat_allowances(address: Address) -> tuple[Allowance, ...]:
    """As Telegram's: one a second, in groups also twenty a minute."""
    single = Allowance(1, 1.0)
    return (single, Allowance(20, 60.0)) if address.chat.startswith("-") else (single,)


TELEGRAM = Pace(PER_SECOND, ANY_SECOND, chat_allowances)


def most_in(times: list[float], seconds: float = 1.0) -> int:
    """The most that fall into any `seconds`, the last instant excluded."""
    times = sorted(times)
    most, first = 0, 0
    for last, time in enumerate(times):
        while times[first] <= time - seconds + 1e-9:
            first += 1
        most = max(most, last - first + 1)
    return most


@dataclass
class Way:
    """How long calls take: there and back at least, and what comes to it by chance."""

    there: float = 0.02
    back: float = 0.02
    jitter: Callable[[Random], float] = lambda _: 0.0

    def times(self, chance: Random) -> tuple[float, float]:
        """Seconds there and back of one call."""
        more, part = self.jitter(chance), chance.random()
        return self.there + more * part, self.back + more * (1 - part)


@dataclass(eq=False)
class Carried:
    """One call as the platform and the process saw it."""

    ticket: Ticket
    asked: float
    begun: float
    arrived: float

    @property
    def waited(self) -> float:
        return self.begun - self.asked


@dataclass
class World:
    """Runs a schedule. `refuse(call)`: seconds of a 429, and whether it is the token's."""

    seed: int = 0
    pace: Pace = TELEGRAM
    way: Way = field(default_factory=Way)
    refuse: Callable[[Carried], tuple[float, bool] | None] = lambda _: None
    workers: int | None = None  # digests at once; None: as the schedule says
    clock: float = 1000.0
    late: Callable[[Random], float] = lambda _: 0.0  # how much too late a timer wakes

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        self.schedule = Schedule(self.pace, lambda: self.clock)
        self.calls: list[Carried] = []
        self.answers: list[Carried] = []
        self.digests: list[Carried] = []
        self.waiting: Iterator[Address] = iter(())
        self.parked: list[tuple[float, int, Address]] = []
        self._held = 0  # slots
        self._timer = 0.0
        self._asked: dict[int, float] = {}
        self._events: list[tuple[float, int, Callable[[], Any]]] = []
        self._numbers = count()

    def at(self, when: float, what: Callable[[], Any]) -> None:
        """Do it then."""
        heapq.heappush(self._events, (when, next(self._numbers), what))

    def answer(self, address: Address) -> None:
        """Somebody asks something."""
        self._ask(address, digest=False)

    def run(self, seconds: float) -> None:
        """Let so much time pass; digests are claimed as the courier claims them."""
        end = self.clock + seconds
        self._go()
        while self._events and self._events[0][0] <= end:
            self.clock, _, what = heapq.heappop(self._events)
            what()
            self._go()
        self.clock = end

    def _ask(self, address: Address, *, digest: bool) -> None:
        ticket = self.schedule.ask(address, digest=digest)
        self._asked[id(ticket)] = self.clock

    def _go(self) -> None:
        self._claim()
        while (ticket := self.schedule.next()) is not None:
            self._begin(ticket)
        if (wait := self.schedule.due()) < inf:
            assert wait > 0
            when = self.clock + wait
            if not self.clock < self._timer <= when:  # one is enough
                self._timer = when + self.late(self.chance)
                self.at(self._timer, lambda: None)

    def _claim(self) -> None:
        while self._held < (self.workers or self.schedule.slots):
            address = self._next()
            if address is None:
                return
            if (wait := self.schedule.free_in(address)) > 0:
                heapq.heappush(self.parked, (self.clock + wait, next(self._numbers), address))
                self.at(self.clock + wait, lambda: None)
                continue
            self.schedule.take(address)
            self._held += 1
            self._ask(address, digest=True)

    def _next(self) -> Address | None:
        if self.parked and self.parked[0][0] <= self.clock:
            return heapq.heappop(self.parked)[2]
        return next(self.waiting, None)

    def _begin(self, ticket: Ticket) -> None:
        there, back = self.way.times(self.chance)
        call = Carried(ticket, self._asked.pop(id(ticket)), self.clock, self.clock + there)
        self.calls.append(call)
        (self.digests if ticket.digest else self.answers).append(call)
        self.at(self.clock + there + back, lambda: self._end(call))

    def _end(self, call: Carried) -> None:
        self.schedule.ended(call.ticket)
        self._held -= call.ticket.digest
        if (refused := self.refuse(call)) is not None:
            seconds, everywhere = refused
            self.schedule.too_fast(call.ticket.address, seconds, everywhere=everywhere)
        else:
            self.schedule.accepted()

    # -- what the platform saw

    @property
    def arrivals(self) -> list[float]:
        """When calls arrived."""
        return [call.arrived for call in self.calls]

    def chat_problems(self) -> list[str]:
        """Digest calls that came to a chat sooner than it allows, for all that was known when
        they were claimed: answers go whenever people ask."""
        by_chat: dict[str, list[Carried]] = defaultdict(list)
        found = []
        for call in sorted(self.calls, key=lambda one: one.arrived):
            before = by_chat[call.ticket.address.chat]
            if call.ticket.digest:
                known = [one for one in before if one.ticket.digest or one.begun < call.asked]
                for allowance in self.pace.of_chat(call.ticket.address):
                    if len(known) >= allowance.calls:
                        gap = call.arrived - known[-allowance.calls].arrived
                        if gap < allowance.seconds - 1e-9:
                            found.append(f"{call.ticket.address}: {allowance}: {gap}")
            before.append(call)
        return found

    def gaps(self) -> list[float]:
        """Seconds between the beginnings of digests."""
        return [after.begun - before.begun for before, after in pairwise(self.digests)]


def people(many: int = 10**9, prefix: str = "") -> Iterator[Address]:
    """Private chats, or with "-" groups, each once."""
    return (Address("telegram", f"{prefix}{one}") for one in range(1, many + 1))
