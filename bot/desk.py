"""The desk: what digests and answers work with, opened by the composition root."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import TYPE_CHECKING

from bot.channels import EVERY_DAY, Address, Empty, Layout, When
from bot.keeping import Keep
from bot.pacing import Pacer
from bot.ports import Meter, Platform, Source, Store, Unwatched

if TYPE_CHECKING:
    from bot.reading.shelf import Room


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a channel gets when it chose nothing: the operator's choices and the design's."""

    zone: str = "UTC"
    language: str = "en"
    hour: time = time(9)
    links: str = "arxiv"
    days: frozenset[int] = EVERY_DAY
    layout: Layout = Layout.PACKED
    limit: int = 10
    when: When = When.CLOSED

    def empty(self, platform: str) -> Empty:
        """Whether empty digests speak: never to people, once on the console."""
        return Empty.ONCE if platform == "console" else Empty.NEVER


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything opened, by port. Sources stand in the order in which lists are named."""

    store: Store
    sources: Mapping[str, Source]  # those whose lists are read by day
    lookups: Mapping[str, Source]  # those that can be asked for one paper (a superset)
    platforms: Mapping[str, Platform] = field(default_factory=dict)
    defaults: Defaults = field(default_factory=Defaults)
    admins: tuple[Address, ...] = ()  # private chats with the operators
    access: str = "open"  # who may subscribe: "open", "invite" or "list"
    pacers: dict[str, Pacer] = field(default_factory=dict)  # by platform; shared with it
    room: Room | None = None  # where readings are made; None without a model
    keep: Keep = field(default_factory=Keep)  # how long what is stored
    meter: Meter = field(default_factory=Unwatched)  # told of what happens here

    def pacer(self, platform: str) -> Pacer:
        """The pace of the platform's token; made when it is not there yet."""
        if platform not in self.pacers:
            self.pacers[platform] = Pacer(self.platforms[platform].limits.pace)
        return self.pacers[platform]
