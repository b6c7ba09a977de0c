"""What goes wrong during a soak, and when: episodes by a seeded schedule, and single calls."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.wires.llm import behaviours
from tests.wires.llm.behaviours import Behaviour
from tests.wires.loopback import Fault
from tests.wires.telegram import Trouble

if TYPE_CHECKING:
    from scripts.soaking.clock import Clock
    from scripts.soaking.town import SoakDiscord, SoakTelegram

CALLS = 0.02  # chance of trouble of one call that sends
MODEL = 0.15  # of an answer of the model that is not a good one

# Every how many simulated hours an episode begins, on average, and how many it lasts.
EPISODES: dict[str, tuple[float, float]] = {
    "Hugging Face down": (160, 30),
    "Hugging Face unsteady": (40, 3),
    "arXiv down": (200, 40),
    "arXiv unsteady": (40, 3),
    "Telegram down": (90, 2),
    "Telegram floods": (50, 1),
    "Discord down": (90, 2),
    "model down": (70, 5),
    "Telegram conflict": (60, 0),
    "Telegram polls fail": (30, 1),
    "gateway cut": (20, 0),
    "gateway asks to reconnect": (40, 0),
    "gateway forgets": (80, 0),
    "database busy": (30, 0),
    "clock forward": (50, 0),
    "clock back": (50, 0),
}

_SOURCES = (
    Fault(status=503),
    Fault(status=429, headers={"Retry-After": "1"}),
    Fault(status=500, body=b"oops", kind="text/plain"),
    Fault(hang=True),
    Fault(hush=True),
    Fault(cut=40),
    Fault(body=b"<html>maintenance</html>", kind="text/html"),
)
_TELEGRAM = (
    Trouble(cut=True),
    Trouble(502, "Bad Gateway"),
    Trouble(429, "Too Many Requests: retry after 1", {"retry_after": 1}),
    Trouble(cut=True, late=True),
    Trouble(502, "Bad Gateway", late=True),
    Trouble(hang=True),
)
_DISCORD: tuple[dict[str, Any], ...] = (
    {"drop": True},
    {"status": 502},
    {"status": 429, "retry_after": 0.6},
    {"lose": True},
    {"mute": True},
    {"hang": True},
)
_BABBLE = (
    *(behaviours.CHATTY, behaviours.FENCED, behaviours.THINK, behaviours.TRUNCATED),
    *(behaviours.PROSE, behaviours.EMPTY, behaviours.WRONG_LANGUAGE, behaviours.NUMBER_MADE_UP),
    *(behaviours.INJECTION, behaviours.WRONG_TYPES, behaviours.LATEX, behaviours.REFUSAL),
    *(behaviours.BUSY, behaviours.BROKEN, behaviours.HUSH, behaviours.CUT, behaviours.HANG),
)


@dataclass(frozen=True, order=True)
class Episode:
    """One trouble, from when to when."""

    begins: datetime
    ends: datetime
    kind: str


def schedule(seed: int, begin: datetime, end: datetime) -> list[Episode]:
    """The episodes between two instants, in order; the same for the same seed."""
    found = []
    for kind, (every, lasts) in EPISODES.items():
        dice = random.Random(f"{seed} {kind}")
        at = begin + timedelta(hours=every * dice.random())
        while at < end:
            found.append(Episode(at, at + timedelta(hours=lasts * dice.uniform(0.5, 1.5)), kind))
            at = found[-1].ends + timedelta(hours=dice.expovariate(1 / every))
    return sorted(found)


@dataclass
class Storm:
    """The trouble of now; all is well while it is not `on`."""

    seed: int
    clock: Clock
    begin: datetime
    end: datetime
    database: Path
    on: bool = False
    did: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dice = random.Random(f"{self.seed} calls")
        self.episodes = schedule(self.seed, self.begin, self.end)

    def lasts(self, kind: str) -> bool:
        """Whether such an episode goes on."""
        now = self.clock()
        return self.on and any(
            one.kind == kind and one.begins <= now < one.ends for one in self.episodes
        )

    def _note(self, kind: str) -> None:
        self.did[kind] += 1

    # What is asked call by call

    def source(self, path: str) -> Fault | None:
        """What happens to a request to the papers' services."""
        name = "Hugging Face" if path.startswith("/api/") and path != "/api/query" else "arXiv"
        if self.lasts(f"{name} down"):
            self._note(f"{name} down")
            return Fault(status=503)
        chance = 0.5 if self.lasts(f"{name} unsteady") else 0.005 if self.on else 0.0
        if self.dice.random() < chance:
            self._note(f"{name} unsteady")
            return self.dice.choice(_SOURCES)
        return None

    def telegram(self, method: str) -> Trouble | None:
        """What happens to a call of the Bot API."""
        if method == "getUpdates":
            if self.lasts("Telegram polls fail") and self.dice.random() < 0.3:
                self._note("Telegram polls fail")
                return self.dice.choice((Trouble(cut=True), Trouble(502, "Bad Gateway")))
            return None
        if self.lasts("Telegram down"):
            self._note("Telegram down")
            return Trouble(502, "Bad Gateway")
        if self.lasts("Telegram floods") and self.dice.random() < 0.3:
            self._note("Telegram floods")
            return _TELEGRAM[2]
        if self.on and self.dice.random() < CALLS:
            self._note("Telegram call")
            return self.dice.choice(_TELEGRAM)
        return None

    def discord(self, method: str) -> dict[str, Any] | None:
        """What happens to a call of Discord's API; the fields of its fault."""
        if self.lasts("Discord down"):
            self._note("Discord down")
            return {"status": 503}
        if self.on and method == "POST" and self.dice.random() < CALLS:
            self._note("Discord call")
            return self.dice.choice(_DISCORD)
        return None

    def model(self) -> Behaviour | None:
        """How the model behaves in one call."""
        if self.lasts("model down"):
            self._note("model down")
            return self.dice.choice((behaviours.OVERLOADED, behaviours.HUSH))
        if self.on and self.dice.random() < MODEL:
            self._note("model babbles")
            return self.dice.choice(_BABBLE)
        return None

    # What happens by itself

    async def blow(
        self,
        telegram: SoakTelegram,
        discord: SoakDiscord,
        clock_changed: Callable[[], Awaitable[None]],
    ) -> None:
        """Let come what is scheduled; ends only when it is cancelled."""
        coming = list(self.episodes)
        while True:
            await asyncio.sleep(0.1)
            while coming and coming[0].begins <= self.clock():
                one = coming.pop(0)
                if not self.on:
                    continue
                acts: dict[str, Callable[[], Any]] = {
                    "Telegram conflict": partial(telegram.conflict, 1.5),
                    "gateway cut": partial(discord.gateway.drop, self.dice.choice((1006, 4000))),
                    "gateway asks to reconnect": discord.gateway.ask_to_reconnect,
                    "gateway forgets": discord.gateway.forget_sessions,
                    "database busy": self._lock,
                }
                if one.kind in acts:
                    with suppress(OSError, ConnectionError):
                        await acts[one.kind]()
                    self._note(one.kind)
                elif one.kind.startswith("clock"):
                    sign = 1 if one.kind.endswith("forward") else -1
                    self.clock.jump(sign * timedelta(seconds=self.dice.uniform(30, 900)))
                    await clock_changed()
                    self._note(one.kind)

    async def _lock(self) -> None:
        """Somebody else writes to the database, now and then longer than anybody waits."""
        seconds = 11.0 if self.dice.random() < 0.1 else self.dice.uniform(0.2, 3.0)
        connection = sqlite3.connect(self.database, timeout=5, isolation_level=None)
        with closing(connection) as other, suppress(sqlite3.OperationalError):
            other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(seconds)
            other.execute("ROLLBACK")
