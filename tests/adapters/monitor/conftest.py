"""A process that is watched: its health is what a test says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bot.ports import Check, Failing, Standing

NOW = datetime(2026, 1, 6, 9, tzinfo=UTC)
STANDING = Standing(
    NOW,
    editions={("huggingface", "closed"): 20, ("huggingface", "open"): 1},
    papers=412,
    readings={"full text": 40, "abstract": 3},
    tokens_today=12_345,
    calls_today=17,
    channels={("telegram", "active"): 90, ("telegram", "suspended"): 2, ("discord", "active"): 8},
    digests_today={"telegram": 88, "discord": 8},
    outbox={("telegram", "ready"): 3, ("telegram", "unknown"): 1},
    oldest={"telegram": NOW - timedelta(seconds=90)},
    next_due=NOW + timedelta(hours=1),
    last_round=NOW - timedelta(seconds=30),
    failing=(Failing("arxiv", NOW - timedelta(hours=3), "HTTP 503 at a secret place"),),
)


@dataclass
class Patient:
    """bot.ports.Health as a test says."""

    checks: tuple[Check, ...] = (Check("loop", True, "It turns."),)
    ready_: tuple[Check, ...] = (Check("database", True, "It answers."),)
    standing_: Standing | None = STANDING
    works: dict[str, bool] = field(
        default_factory=lambda: {"bell": True, "courier:telegram": False}
    )

    def live(self) -> tuple[Check, ...]:
        return self.checks

    async def ready(self) -> tuple[Check, ...]:
        return self.ready_

    async def standing(self) -> Standing | None:
        return self.standing_

    def at_work(self) -> Mapping[str, bool]:
        return self.works


@pytest.fixture
def patient() -> Patient:
    return Patient()
