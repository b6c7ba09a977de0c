"""The nonces that the fake Discord remembers for a while."""

from __future__ import annotations

import time
from typing import Any

WINDOW = 300.0  # seconds, "the past few minutes"


class Nonces:
    """Messages by the nonce that they were sent with."""

    def __init__(self) -> None:
        self.window = WINDOW
        self._kept: dict[tuple[str, str], tuple[float, Any]] = {}  # path and nonce
        self._of: dict[str, tuple[str, str]] = {}  # id of a message: its place there

    def known(self, path: str, body: Any) -> Any:
        """The message that a call with this nonce made before, within the window."""
        if not isinstance(body, dict) or not body.get("enforce_nonce"):
            return None
        return self._young((path, str(body.get("nonce"))))

    def keep(self, path: str, body: Any, said: Any) -> Any:
        """Remember what was made; the message with its nonce."""
        if not (body or {}).get("nonce"):
            return said
        nonce = str(body["nonce"])
        said = {**said, "nonce": nonce}
        self._kept[path, nonce] = (time.monotonic(), said)
        self._of[str(said["id"])] = (path, nonce)
        return said

    def told(self, message: Any) -> Any:
        """A message of a history: its nonce is told while it is remembered."""
        kept = self._young(self._of.get(str(message["id"]), ("", "")))
        if kept is None:
            return {name: value for name, value in message.items() if name != "nonce"}
        return {**message, "nonce": kept["nonce"]}

    def forget(self) -> None:
        """All of them."""
        self._kept.clear()
        self._of.clear()

    def _young(self, place: tuple[str, str]) -> Any:
        at, said = self._kept.get(place, (0.0, None))
        return said if said is not None and time.monotonic() - at < self.window else None
