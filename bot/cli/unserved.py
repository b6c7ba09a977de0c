"""Channels whose platform has no token here: said, so that nobody waits for them in vain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from bot.channels import Channel
from bot.settings import Settings


def served(settings: Settings) -> frozenset[str]:
    """The platforms that `paperboy run` would serve."""
    tokens = {"telegram": settings.telegram_token, "discord": settings.discord_token}
    return frozenset(("console", *(name for name, token in tokens.items() if token is not None)))


def unserved(channels: Iterable[Channel], platforms: Collection[str]) -> list[str]:
    """A sentence for each platform that is not served and has channels that are not paused."""
    waiting = Counter(
        one.address.platform
        for one in channels
        if one.address.platform not in platforms and not one.paused
    )
    return [
        f"{name}: {n} {'channel gets' if n == 1 else 'channels get'} nothing, for "
        f"PAPERBOY_{name.upper()}_TOKEN is not set."
        for name, n in sorted(waiting.items())
    ]
