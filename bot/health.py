"""How this process is: signs of life as they come, and what they say when somebody asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from bot.ports import Check, Hearing, Meter, Standing, Unwatched
from bot.ports.watching import LAST_ROUND

if TYPE_CHECKING:
    from bot.desk import Desk

BELL, CHAT, COURIER = "bell", "chat:", "courier:"  # tasks; the latter two with the platform's name
_STUCK = 600.0  # seconds without a sign of the bell after which it does not come back by itself
_YOUNG = 120.0  # seconds within which a bell that is well gives a sign
_ROUND = timedelta(minutes=10)  # the same, of rounds of other processes: they are noted by minutes
_LAG = 2.0  # seconds between two looks at the event loop
_LOST = 60.0  # seconds without such a look after which the event loop does not turn properly
_PATIENCE = 3.0  # seconds for the database
_FRESH = 10.0  # seconds for which what was counted is told again
_COUNTING = 8.0  # seconds for counting
_FAILURES = 3  # calls in a row that did not arrive, after which a platform is not reached
_FORGIVEN = 900.0  # seconds after which such calls say nothing any more
_LOST_CALLS = frozenset(("not-sent", "unknown", "token-refused", "second-instance"))


@dataclass(slots=True)
class _Calls:
    failed: int = 0  # in a row
    at: float = 0.0  # the last of them


class Pulse:
    """bot.ports.Meter that passes everything on, and keeps what are signs of life.

    Seconds everywhere; `now` is a clock that never goes back.
    """

    def __init__(self, meter: Meter | None = None, now: Callable[[], float] = monotonic) -> None:
        self._meter = meter or Unwatched()
        self._now = now
        self.works: dict[str, bool] = {}  # tasks of this process; False: another process does it
        self._rung = self._turned = now()
        self._lag = 0.0
        self._calls: dict[str, _Calls] = {}

    @contextmanager
    def at(self, task: str) -> Iterator[None]:
        """The task is at work, by right, while the body runs."""
        self.works[task] = True
        if task == BELL:
            self._rung = self._now()
        try:
            yield
        finally:
            self.works[task] = False

    @property
    def silent(self) -> float:
        """For so long the bell, or what it does, has given no sign."""
        return self._now() - self._rung

    @property
    def turned(self) -> float:
        """So long ago somebody looked whether the event loop turns."""
        return self._now() - self._turned

    @property
    def lag(self) -> float:
        """How late the event loop was then."""
        return self._lag

    def unreached(self, platform: str) -> int:
        """Calls in a row that did not arrive; 0 for few, and for those of long ago."""
        calls = self._calls.get(platform)
        if calls is None or calls.failed < _FAILURES or self._now() - calls.at > _FORGIVEN:
            return 0
        return calls.failed

    async def feel(self, stop: asyncio.Event) -> None:
        """Look whether the event loop turns, until `stop` is set."""
        self._turned = self._now()
        while not stop.is_set():
            began = self._now()
            try:
                async with asyncio.timeout(_LAG):
                    await stop.wait()
            except TimeoutError:
                self.lagged(max(0.0, self._now() - began - _LAG))

    def listed(self, source: str, state: str) -> None:
        """A list was read."""
        self._rung = self._now()
        self._meter.listed(source, state)

    def opened(self, platform: str, digests: int) -> None:
        """Digests were opened."""
        self._rung = self._now()
        self._meter.opened(platform, digests)

    def called(self, platform: str, verdict: str, seconds: float) -> None:
        """A call of the courier ended."""
        calls = self._calls.setdefault(platform, _Calls())
        if verdict in _LOST_CALLS:
            calls.failed += 1
            calls.at = self._now()
        else:
            calls.failed = 0
        self._meter.called(platform, verdict, seconds)

    def settled(self, platform: str, kind: str, state: str, late: timedelta | None) -> None:
        """A delivery became final."""
        self._meter.settled(platform, kind, state, late)

    def doubted(self, platform: str, messages: int) -> None:
        """Attempts ended in doubt."""
        self._meter.doubted(platform, messages)

    def held_up(self, platform: str, scope: str) -> None:
        """The platform asked for a pause."""
        self._meter.held_up(platform, scope)

    def made(self, rung: str, language: str, seconds: float) -> None:
        """A reading was made."""
        self._meter.made(rung, language, seconds)

    def spent(self, purpose: str, tokens: int) -> None:
        """Tokens were paid for."""
        self._meter.spent(purpose, tokens)

    def answered(self, platform: str, command: str, seconds: float, ended: str) -> None:
        """A person was answered."""
        self._meter.answered(platform, command, seconds, ended)

    def rang(self, seconds: float, late: float) -> None:
        """A round of the bell took place."""
        self._rung = self._now()
        self._meter.rang(seconds, late)

    def lagged(self, seconds: float) -> None:
        """The event loop was late."""
        self._turned = self._now()
        self._lag = seconds
        self._meter.lagged(seconds)


class Vitals:
    """bot.ports.Health: what the pulse, the platforms and the memory say."""

    def __init__(
        self, pulse: Pulse, clock: Callable[[], datetime], now: Callable[[], float] = monotonic
    ) -> None:
        """`clock`: the instants of the rows. `now`: a clock that never goes back."""
        self.pulse = pulse
        self._clock = clock
        self._now = now
        self._desk: Desk | None = None
        self._stop = asyncio.Event()
        self._was = False  # open, once
        self._counting = asyncio.Lock()
        self._counted: tuple[float, Standing] | None = None

    @contextmanager
    def watching(self, desk: Desk, stop: asyncio.Event) -> Iterator[None]:
        """The desk is open while the body runs; `stop` is set when the process is to end."""
        self._desk, self._stop, self._was = desk, stop, True
        try:
            yield
        finally:
            self._desk = None

    def at_work(self) -> Mapping[str, bool]:
        """The tasks of this process."""
        return dict(self.pulse.works)

    def live(self) -> tuple[Check, ...]:
        """That it answers shows that the event loop turns."""
        pulse = self.pulse
        looked = not pulse.works or pulse.turned < _LOST
        loop = Check("loop", looked, f"The event loop was {pulse.lag:.2f} s late at the last look.")
        if not looked:
            said = f"Nobody looked at the event loop for {pulse.turned:.0f} s."
            loop = Check("loop", False, said)
        if not pulse.works.get(BELL):
            return (loop,)
        rung = pulse.silent < _STUCK
        return loop, Check("bell", rung, f"The bell gave a sign {pulse.silent:.0f} s ago.")

    async def ready(self) -> tuple[Check, ...]:
        """The memory, the platforms that this process serves, the last look at what is due."""
        desk = self._desk
        if desk is None:
            return (Check("running", False, "It is stopping." if self._was else "It is starting."),)
        ends = self._stop.is_set()
        running = Check("running", not ends, "It is stopping." if ends else "It runs.")
        answers, last = await self._ask(desk)
        found = [running, answers]
        found += [one for name in desk.platforms if (one := self._platform(desk, name)) is not None]
        return (*found, self._tick(answers, last))

    async def standing(self) -> Standing | None:
        """Counted at most once in ten seconds, however many ask."""
        desk = self._desk
        if desk is None:
            return None
        async with self._counting:
            if self._counted is not None and self._now() - self._counted[0] < _FRESH:
                return self._counted[1]
            self._counted = None
            try:
                async with asyncio.timeout(_COUNTING), desk.store.snapshot() as tx:
                    told = await tx.figures.standing(self._clock())
            except Exception:  # /readyz says that the memory does not answer
                return None
            self._counted = (self._now(), told)
            return told

    async def _ask(self, desk: Desk) -> tuple[Check, datetime | None]:
        began = self._now()
        try:
            async with asyncio.timeout(_PATIENCE), desk.store.snapshot() as tx:
                noted = await tx.notes.get(LAST_ROUND)
        except TimeoutError:
            said = f"The database did not answer within {_PATIENCE:.0f} s."
            return Check("database", False, said), None
        except Exception as error:
            said = f"The database does not answer ({type(error).__name__})."
            return Check("database", False, said), None
        said = f"The database answered within {self._now() - began:.2f} s."
        return Check("database", True, said), datetime.fromisoformat(noted) if noted else None

    def _platform(self, desk: Desk, name: str) -> Check | None:
        """None for one that this process does not speak to."""
        works = self.pulse.works
        chat, courier = works.get(CHAT + name), works.get(COURIER + name)
        if name == "console" or (chat is None and courier is None):
            return None
        platform = desk.platforms[name]
        if chat and isinstance(platform, Hearing) and (why := platform.deaf()):
            return Check(name, False, why)
        if courier and (failed := self.pulse.unreached(name)):
            return Check(name, False, f"The last {failed} messages to it did not arrive.")
        does = " and ".join(
            what
            for what, here in (("it is listened to", chat), ("digests are sent", courier))
            if here
        )
        said = does or "another process serves it, this one stands by"
        return Check(name, True, f"{said[0].upper()}{said[1:]}.")

    def _tick(self, answers: Check, last: datetime | None) -> Check:
        if self.pulse.works.get(BELL):
            silent = self.pulse.silent
            return Check("tick", silent < _YOUNG, f"The bell gave a sign {silent:.0f} s ago.")
        if not answers.ok:
            return Check("tick", False, "The last round is not known.")
        if last is None:
            return Check("tick", False, "No process has looked through the lists yet.")
        age = self._clock() - last
        minutes = max(0.0, age / timedelta(minutes=1))
        said = f"A process looked through the lists {minutes:.0f} minutes ago."
        return Check("tick", age < _ROUND, said)
