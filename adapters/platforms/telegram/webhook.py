"""Updates that Telegram brings by itself: a small HTTP server with a secret at its door."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram brings updates, and where we listen for them."""

    url: str  # https, as Telegram sees it; its path is the one that is served
    secret: str = field(repr=False)  # 1-256 of A-Z a-z 0-9 _ -
    host: str
    port: int  # 0: any free one
