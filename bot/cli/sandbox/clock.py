"""A clock that can be put forward, so that nobody has to wait for a digest's hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic


class Movable:
    """Called, it gives now (UTC); it goes on from its beginning by itself."""

    def __init__(self, begin: datetime) -> None:
        self._begin = begin
        self._began = monotonic()

    def __call__(self) -> datetime:
        """The instant it shows."""
        return self._begin + timedelta(seconds=monotonic() - self._began)

    def put_forward(self, instant: datetime) -> None:
        """Show `instant` now; one that lies behind changes nothing."""
        if instant > self():
            self._begin, self._began = instant, monotonic()
