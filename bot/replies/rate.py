"""How often one person may ask: a bucket each, and a sentence that says how long to wait."""

from __future__ import annotations

import math
from collections import OrderedDict
from datetime import datetime

from bot.ports import Request
from bot.texts import Texts

PER_MINUTE = 20.0  # commands that a person may ask for, on and on
BURST = 10.0  # and so many at once
_PRESSED = 0.5  # what a button costs: a menu is walked through with many
_TYPED_MORE = 6.0  # half-typed options are asked for with each letter: so many times the rate
_PEOPLE = 10_000  # whose buckets are remembered; a forgotten one is full again


class Rates:
    """The buckets of everybody who asked lately, in memory."""

    def __init__(self) -> None:
        self._left: OrderedDict[tuple[str, str, bool], tuple[float, datetime]] = OrderedDict()

    def wait(self, request: Request, now: datetime, *, typing: bool = False) -> float:
        """Seconds that the person has to wait; 0: go on, and it is counted.

        `typing`: an option that is not yet sent off, with a bucket of its own.
        """
        more = _TYPED_MORE if typing else 1.0
        key = (request.address.platform, request.person.id, typing)
        left, since = self._left.pop(key, (BURST * more, now))
        passed = max(0.0, (now - since).total_seconds())
        left = min(BURST * more, left + passed * PER_MINUTE * more / 60)
        cost = _PRESSED if request.pressed else 1.0
        short = cost - left
        self._left[key] = (left if short > 0 else left - cost, max(now, since))
        while len(self._left) > _PEOPLE:
            self._left.popitem(last=False)
        return short * 60 / (PER_MINUTE * more) if short > 0 else 0.0


def too_fast(wait: float, t: Texts) -> str:
    """The refusal, with the seconds to wait."""
    return t.plural(
        "That was a lot at once: I answer again in {n} second.",
        "That was a lot at once: I answer again in {n} seconds.",
        max(1, math.ceil(wait)),
    )
