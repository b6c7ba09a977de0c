"""Which call may begin when: pure, over a clock that is given, so that it runs in any time.

ticket = schedule.ask(address, digest=True)     somebody waits
schedule.next() -> ticket                       it may begin now, and counts from now on
schedule.due() -> seconds                       until `next` is worth asking again
schedule.ended(ticket)                          its call came back
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from bot.channels import Address, Pace
from bot.pacing.chats import Chats
from bot.pacing.floods import Floods
from bot.pacing.latency import REST, Latency, Slots

SECOND = 1.0
COURIER, CHAT = 22 / 28, 6 / 28  # of the pace, where each is a process of its own
_LATE = 0.25  # seconds of a stall that digests make up for
_IDLE = 0.02  # seconds that they make up for when none of them waited
_A_BIT = 1e-6  # seconds; a wait is never so short that a clock does not move


@dataclass(slots=True, eq=False)
class Ticket:
    """One call: it waits, begins and ends."""

    address: Address
    digest: bool
    begun: float | None = None  # seconds of the schedule's clock
    allow: Callable[[], None] | None = None  # called when it begins


class Schedule:
    """The pace of one token. `now` is a clock in seconds that never goes back.

    Digests begin evenly. At most `any_second` calls arrive in any second, as the platform counts
    them: a call holds a place while it is on its way and until a second after it can have
    arrived, which is at least the least latency before its end. Answers begin at once when there
    is a place, before digests; while digests wait they take at most half of the pace.
    """

    def __init__(self, pace: Pace, now: Callable[[], float]) -> None:
        self._pace = pace
        self._now = now
        self._part = 1.0  # of the pace that is this process's
        self._most: int | None = pace.any_second
        self._answers: deque[Ticket] = deque()
        self._digests: deque[Ticket] = deque()
        self._on_way = self._digests_on_way = 0
        self._ends: deque[float] = deque()  # of calls that may still count, in their order
        self._lately: deque[float] = deque()  # when the answers of the last second began
        self._planned = -inf  # when the next digest is to begin
        self._latency = Latency()
        self._slots = Slots(pace.per_second)
        self._floods = Floods()
        self._chats = Chats(pace.of_chat)

    def share(self, *, courier: bool, chat: bool) -> None:
        """What this process does for the token: alone it has the whole pace, else a fixed part."""
        alone = courier == chat
        self._part = 1.0 if alone else COURIER if courier else CHAT
        most = self._pace.any_second
        if most is not None and not alone:
            answers = max(1, int(most * CHAT))
            most = max(1, most - answers) if courier else answers
        self._most = most

    @property
    def per_second(self) -> float | None:
        """How many digests begin in a second now; None: no bound."""
        whole = self._pace.per_second
        return None if whole is None else whole * self._part * self._floods.speed

    @property
    def slots(self) -> int:
        """How many digests are to be claimed or on their way at once."""
        if self._floods.wary:
            return REST
        return self._slots.wanted(self.per_second, self._latency.usual)

    @property
    def paused(self) -> float:
        """Seconds until the token may go on; 0: now."""
        return max(0.0, self._floods.until - self._now())

    # -- who may begin

    def ask(
        self, address: Address, *, digest: bool, allow: Callable[[], None] | None = None
    ) -> Ticket:
        """Wait for a place; `allow` is called from `next` when it begins."""
        ticket = Ticket(address, digest, allow=allow)
        if digest:
            if not self._digests:  # nobody waited: hardly any time was lost
                interval = 0.0 if (rate := self.per_second) is None else 1 / rate
                self._planned = max(self._planned, self._now() - max(_IDLE, interval))
            self._digests.append(ticket)
        else:
            self._answers.append(ticket)
        return ticket

    def next(self) -> Ticket | None:
        """Who may begin now, if anybody. It is on its way then."""
        now = self._now()
        if now < self._floods.until or self._places(now) > 0:
            return None
        if self._answers and self._may_answer(now):
            ticket = self._answers.popleft()
            self._lately.append(now)
        elif self._digests and now >= self._planned:
            ticket = self._digests.popleft()
            self._digests_on_way += 1
            self._slots.on_way(self._digests_on_way, now)
            if (rate := self.per_second) is not None:
                self._planned = max(self._planned, now - max(_LATE, 1 / rate)) + 1 / rate
        else:
            return None
        self._on_way += 1
        ticket.begun = now
        self._chats.begin(ticket.address, now, claimed=ticket.digest)
        if ticket.allow is not None:
            ticket.allow()
        return ticket

    def due(self) -> float:
        """Seconds until `next` may give somebody; infinite when first a call must end or nobody
        waits. 0 when it is to be asked now."""
        if not (self._answers or self._digests):
            return inf
        now = self._now()
        wait = max(self._floods.until - now, 0.0)
        if (missing := self._places(now)) > 0:
            if missing > len(self._ends):
                return inf
            wait = max(wait, self._leaves(self._ends[missing - 1], now) - now)
        lanes = inf
        if self._digests:
            lanes = self._planned - now
        if self._answers:
            lanes = 0.0 if self._may_answer(now) else min(lanes, self._oldest_answer() - now)
        wait = max(wait, lanes)
        return wait + _A_BIT if wait > 0 else 0.0

    def ended(self, ticket: Ticket) -> None:
        """The call came back, whatever it came to."""
        if ticket.begun is None:
            raise ValueError("a call ends that never began")
        now = self._now()
        self._latency.add(now - ticket.begun, now)
        self._on_way -= 1
        self._digests_on_way -= ticket.digest
        self._ends.append(now)
        self._chats.end(ticket.address, now)

    def cancel(self, ticket: Ticket) -> None:
        """It waits no more."""
        (self._digests if ticket.digest else self._answers).remove(ticket)
        if ticket.digest:
            self._chats.leave(ticket.address, self._now())

    def _places(self, now: float) -> int:
        """How many calls must stop counting before one may begin: 0 or less when one may."""
        if self._most is None:
            self._ends.clear()
            return 0
        while self._ends and self._leaves(self._ends[0], now) <= now:
            self._ends.popleft()
        most = max(1, int(self._most * self._floods.speed))
        return self._on_way + len(self._ends) - most + 1

    def _leaves(self, end: float, now: float) -> float:
        """When a call that ended then counts no more."""
        return end - self._latency.least(now) + SECOND

    def _may_answer(self, now: float) -> bool:
        while self._lately and self._lately[0] + SECOND <= now:
            self._lately.popleft()
        if not self._digests or (rate := self.per_second) is None:
            return True
        return len(self._lately) < max(1.0, rate / 2)

    def _oldest_answer(self) -> float:
        """When one more answer may take from digests that wait."""
        return self._lately[0] + SECOND

    # -- chats, and what the platform says

    def free_in(self, address: Address) -> float:
        """Seconds until the chat may get its next digest message; 0: now."""
        return self._chats.free_in(address, self._now())

    def take(self, address: Address) -> None:
        """A digest message for the chat was claimed; `ask` follows, or `leave`."""
        self._chats.take(address, self._now())

    def leave(self, address: Address) -> None:
        """What was taken is not going to be sent."""
        self._chats.leave(address, self._now())

    def rest(self, address: Address, seconds: float) -> None:
        """The chat is left alone for so long."""
        now = self._now()
        self._chats.close(address, now + seconds, now)

    def too_fast(self, address: Address, seconds: float, *, everywhere: bool = False) -> None:
        """The platform refused a call for so long: to the chat, or everywhere."""
        if not everywhere:
            self.rest(address, seconds)
        self._floods.too_fast(address, seconds, self._now(), everywhere=everywhere)

    def accepted(self) -> None:
        """The platform accepted a call."""
        self._floods.accepted()

    def settled(self, seconds: float) -> None:
        """So long after its end a digest's call was settled, and its slot free again."""
        self._slots.settled(seconds)
