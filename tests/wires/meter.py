"""A meter that keeps what it is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass
class Recording:
    """bot.ports.Meter; each verb with what it was told, in order."""

    told: list[tuple[Any, ...]] = field(default_factory=list)

    def of(self, verb: str) -> list[tuple[Any, ...]]:
        """What was told by one verb."""
        return [one[1:] for one in self.told if one[0] == verb]

    def counted(self, verb: str) -> Counter[tuple[Any, ...]]:
        """How often each was told by one verb."""
        return Counter(self.of(verb))

    def listed(self, source: str, state: str) -> None:
        self.told.append(("listed", source, state))

    def opened(self, platform: str, digests: int) -> None:
        self.told.append(("opened", platform, digests))

    def called(self, platform: str, verdict: str, seconds: float) -> None:
        self.told.append(("called", platform, verdict, seconds))

    def settled(self, platform: str, kind: str, state: str, late: timedelta | None) -> None:
        self.told.append(("settled", platform, kind, state, late))

    def doubted(self, platform: str, messages: int) -> None:
        self.told.append(("doubted", platform, messages))

    def held_up(self, platform: str, scope: str) -> None:
        self.told.append(("held_up", platform, scope))

    def made(self, rung: str, language: str, seconds: float) -> None:
        self.told.append(("made", rung, language, seconds))

    def spent(self, purpose: str, tokens: int) -> None:
        self.told.append(("spent", purpose, tokens))

    def answered(self, platform: str, command: str, seconds: float, ended: str) -> None:
        self.told.append(("answered", platform, command, seconds, ended))

    def rang(self, seconds: float, late: float) -> None:
        self.told.append(("rang", seconds, late))

    def lagged(self, seconds: float) -> None:
        self.told.append(("lagged", seconds))
