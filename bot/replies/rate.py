"""How often one person may ask: a bucket for each, in memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from bot.ports import Request
from bot.texts import Texts


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a bucket fills, and how much it holds."""

    burst: float  # commands
    per_minute: float


COMMANDS: Final = Pace(10, 20)
TYPING: Final = Pace(60, 240)  # what platforms ask for with every letter
_BUTTON = 0.5  # of a command
_PEOPLE = 10_000  # remembered at most; a full bucket needs no memory


class Rates:
    """The buckets of everybody who asked lately."""

    def __init__(self, people: int = _PEOPLE) -> None:
        self._people = people
        # What each had left, and when; the one who asked last stands at the end.
        self._left: OrderedDict[tuple[str, str, str], tuple[float, datetime]] = OrderedDict()
        self._told: OrderedDict[tuple[str, str], datetime] = OrderedDict()  # until when

    def wait(self, request: Request, now: datetime, *, typing: bool = False) -> float:
        """Seconds until this person may ask this; 0: now, and it is counted.

        A refusal costs nothing, so that waiting as long as told is enough. `typing`: asked by
        the platform while the person types. Links that are posted to others have a bucket of
        their own: who posts many can ask all the same.
        """
        pace = TYPING if typing else COMMANDS
        price = _BUTTON if request.pressed else 1.0
        links = request.command if request.command == "linked" else ""
        key = (request.address.platform, request.person.id, "typing" if typing else links)
        left, at = self._left.pop(key, (pace.burst, now))
        passed = max(0.0, (now - at).total_seconds())
        left = min(pace.burst, left + passed * pace.per_minute / 60)
        allowed = left + 1e-6 >= price
        self._left[key] = (left - price if allowed else left, max(now, at))
        while len(self._left) > self._people:
            self._left.popitem(last=False)
        return 0.0 if allowed else (price - left) * 60 / pace.per_minute

    def told(self, request: Request, now: datetime, wait: float) -> bool:
        """Whether this person was told to wait already, and has not waited since."""
        key = (request.address.platform, request.person.id)
        until = self._told.pop(key, None)
        self._told[key] = max(until or now, now + timedelta(seconds=wait))
        while len(self._told) > self._people:
            self._told.popitem(last=False)
        return until is not None and now < until

    def __len__(self) -> int:
        return len(self._left)


def too_fast(wait: float, t: Texts) -> str:
    """The refusal; it says how long to wait (`wait` in seconds)."""
    return t.plural(
        "That was a lot at once. Ask again in {n} second.",
        "That was a lot at once. Ask again in {n} seconds.",
        max(1, ceil(wait)),
    )
