"""Questions that wait for the paper they are about: kept in memory, for an hour."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from datetime import datetime, timedelta

KEPT = timedelta(hours=1)
_MOST = 500  # questions of everybody


class Waiting:
    """Questions by short names that fit behind a button; they are gone when the process ends."""

    def __init__(self) -> None:
        self._questions: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    def keep(self, question: str, now: datetime) -> str:
        """The name under which the question can be had again."""
        name = secrets.token_hex(4)
        self._questions[name] = (question, now)
        while len(self._questions) > _MOST:
            self._questions.popitem(last=False)
        return name

    def get(self, name: str, now: datetime) -> str | None:
        """The question; None when it is not known, or not any more."""
        question, since = self._questions.get(name, ("", now))
        return question if question and now - since <= KEPT else None
