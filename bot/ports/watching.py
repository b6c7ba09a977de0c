"""The port to those who watch the bot: what happens in this process is told as it happens, and
what the memory holds is told when somebody asks.

Label values are few and known (platforms, sources, states, commands): never a chat, a person or
a paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

LAST_ROUND = "last-round"  # note: the instant of the last round that read the lists


class Meter(Protocol):
    """Counts what happens. No call raises, waits or costs more than a few microseconds."""

    def listed(self, source: str, state: str) -> None:
        """A list was read: `state` is the edition's, or "failed"."""
        ...

    def opened(self, platform: str, digests: int) -> None:
        """Digests were opened (committed)."""
        ...

    def called(self, platform: str, verdict: str, seconds: float) -> None:
        """A call of the courier to a platform ended, after so long."""
        ...

    def settled(self, platform: str, kind: str, state: str, late: timedelta | None) -> None:
        """A delivery became final. `late`: from the time at which its digest was due until the
        platform accepted it; None for what is no digest's or was not accepted."""
        ...

    def doubted(self, platform: str, messages: int) -> None:
        """Attempts ended without anybody knowing whether they arrived."""
        ...

    def held_up(self, platform: str, scope: str) -> None:
        """The platform asked for a pause (429) of a "chat" or of the whole "token"."""
        ...

    def made(self, rung: str, language: str, seconds: float) -> None:
        """A reading was made, or stepped down to this rung."""
        ...

    def spent(self, purpose: str, tokens: int) -> None:
        """Tokens were paid for, in and out; `purpose` is "reading" or "answer"."""
        ...

    def answered(self, platform: str, command: str, seconds: float, ended: str) -> None:
        """A person was answered; `ended` is "done", "refused" (a rule of ours, said in a
        sentence) or "failed" (a fault, said with its id)."""
        ...

    def rang(self, seconds: float, late: float) -> None:
        """A round of the bell took so many seconds, and began so long after its time."""
        ...

    def lagged(self, seconds: float) -> None:
        """The event loop came to a due task so late."""
        ...


class Unwatched:
    """Nobody looks: everything is forgotten."""

    def listed(self, source: str, state: str) -> None: ...

    def opened(self, platform: str, digests: int) -> None: ...

    def called(self, platform: str, verdict: str, seconds: float) -> None: ...

    def settled(self, platform: str, kind: str, state: str, late: timedelta | None) -> None: ...

    def doubted(self, platform: str, messages: int) -> None: ...

    def held_up(self, platform: str, scope: str) -> None: ...

    def made(self, rung: str, language: str, seconds: float) -> None: ...

    def spent(self, purpose: str, tokens: int) -> None: ...

    def answered(self, platform: str, command: str, seconds: float, ended: str) -> None: ...

    def rang(self, seconds: float, late: float) -> None: ...

    def lagged(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Failing:
    """A source whose last read failed."""

    source: str
    since: datetime | None  # UTC
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with everything that the memory holds, at one instant."""

    at: datetime  # UTC
    editions: Mapping[tuple[str, str], int] = field(default_factory=dict)
    # (source, state) → lists of the last 31 days
    papers: int = 0
    readings: Mapping[str, int] = field(default_factory=dict)  # by rung
    tokens_today: int = 0  # UTC day
    calls_today: int = 0
    channels: Mapping[tuple[str, str], int] = field(default_factory=dict)
    # (platform, "active" | "paused" | "suspended")
    digests_today: Mapping[str, int] = field(default_factory=dict)
    # by platform: opened in the last 24 hours
    outbox: Mapping[tuple[str, str], int] = field(default_factory=dict)
    # (platform, "ready" | "parked" | "in-flight" | "unknown"): what is not settled
    written: int = 0  # messages ever put into the outbox, nearly: the number of the newest
    oldest: Mapping[str, datetime] = field(default_factory=dict)
    # by platform: since when the oldest message that could go waits
    next_due: datetime | None = None
    last_round: datetime | None = None  # the last look through the lists, by any process
    failing: tuple[Failing, ...] = ()


class Figures(Protocol):
    """The repository that counts."""

    async def standing(self, now: datetime) -> Standing:
        """Counted now; bounded in cost: some 100 ms with 100,000 channels and a million open
        messages."""
        ...


@dataclass(frozen=True, slots=True)
class Check:
    """One look at the process: no secret and no chat in its sentence."""

    name: str  # "loop", "database", "telegram" …
    ok: bool
    said: str  # one sentence


class Health(Protocol):
    """How the process is. No call raises but on cancellation."""

    def live(self) -> tuple[Check, ...]:
        """Whether it lives; where one is not ok it does no good any more."""
        ...

    async def ready(self) -> tuple[Check, ...]:
        """Whether it can do its work now; bounded in time."""
        ...

    async def standing(self) -> Standing | None:
        """Of some seconds ago at most; None where the memory does not answer."""
        ...

    def at_work(self) -> Mapping[str, bool]:
        """The tasks of this process: whether each works, or stands by for another process."""
        ...


@runtime_checkable
class Hearing(Protocol):
    """A platform that can tell whether it hears people."""

    def deaf(self) -> str | None:
        """Why nothing of what people say arrives just now, in one sentence; None while it does.
        Of interest while `serve` runs."""
        ...
