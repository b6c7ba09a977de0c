"""The weather: refusals, hangs, lost answers, floods, moves, blocks; every chat gets its days.

What the platforms recorded is judged, not what the bot believes.
"""

from __future__ import annotations

import importlib
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels import Channel, DeliveryState, LedgerState
from tests.proofs.weather import (
    NOT_AT_ALL,
    PAPERS,
    SHORTER,
    Town,
    paper_id,
    town,
)

STORM = 0.01  # chance of each kind of trouble, of one call


@pytest.fixture(autouse=True)
def _shorter_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for where, seconds in SHORTER.items():
        module, _, name = where.rpartition(".")
        old = getattr(importlib.import_module(module), name)
        new = timedelta(seconds=seconds) if isinstance(old, timedelta) else seconds
        monkeypatch.setattr(where, new)


def due(channel: Channel, days: range) -> set[str]:
    """The papers of these days' lists; one is refused by Telegram, whatever is tried."""
    found = {paper_id(day, number) for day in days for number in range(1, PAPERS + 1)}
    return found - {NOT_AT_ALL} if channel.address.platform == "telegram" else found


async def _storm(folder: Path, chats: int, seed: int, deadline: float) -> None:
    """Three days of storm and a calm one, in which what was given back comes too."""
    days = 4
    async with town(folder, chats, days, seed) as made:
        made.sky.storm = STORM
        made.block()
        await made.live(deadline=deadline)
        made.block(status="member")
        made.migrate()
        made.sky.flood_until = 0.001  # floods may begin
        await made.live(deadline=deadline)
        made.delete_topics()
        made.revoke_token()
        await made.live(deadline=deadline)
        made.sky.storm = 0.0
        before = len(made.sky.said)
        await made.live(deadline=deadline)
        assert made.ended == 1  # the token that was refused ended a courier, once
        await _judge(made, days, seed)
        assert _starving(made, before) == []


async def _judge(made: Town, days: int, seed: int) -> None:
    wrong: list[str] = []
    for fate, channels in made.chats.items():
        gone = fate == "topic"
        for channel in channels:
            wrong += made.judge(channel, due(channel, range(2 if gone else days)))
    async with made.desk.store.snapshot() as tx:
        for fate, channels in made.chats.items():
            for channel in channels:
                now = await tx.channels.get(channel.id)
                assert now is not None
                assert now.suspended_at is None, now
                assert now.paused == (fate == "topic"), now
                rows = await tx.ledger.of_channel(channel.id, limit=100)
                reserved = [row for row in rows if row.state is LedgerState.RESERVED]
                wrong += [f"{now.address}: {row.paper_id} stays reserved" for row in reserved]
        assert await tx.deliveries.waiting() == 0
    limits = made.telegram.limits
    assert limits is not None
    wrong += [f"Telegram: {one}" for one in limits.violations]
    wrong += [f"Discord: {one}" for one in made.discord.violations]
    assert not wrong, f"seed {seed}, {made.sky.did}\n" + "\n".join(wrong[:20])
    assert made.sky.did["accept and drop"]  # the storm was one
    assert made.sky.lost


def _starving(made: Town, since: int) -> list[str]:
    """The chats whose first message of the calm day came when others had their second already,
    save for those that were on their way together."""
    firsts: dict[str, int] = {}
    second = None
    for place, (chat, _) in enumerate(made.sky.said[since:]):
        if chat.startswith("d"):
            continue
        if chat in firsts and second is None:
            second = place
        firsts.setdefault(chat, place)
    slots = made.desk.pacer("telegram").slots
    assert second is not None
    return [chat for chat, place in firsts.items() if place > second + slots]


async def test_a_hundred_chats_get_their_days_complete(tmp_path: Path) -> None:
    await _storm(tmp_path, 100, seed=1, deadline=60)


@pytest.mark.kill
async def test_a_thousand_chats_get_their_days_complete(tmp_path: Path) -> None:
    await _storm(tmp_path, 1000, seed=2, deadline=240)


async def test_what_is_refused_is_refused_once_and_named(tmp_path: Path) -> None:
    """The others of its message come all the same, one by one; the calmest of days."""
    async with town(tmp_path, 12, 1, seed=3) as made:
        await made.live(deadline=60)
        assert await _states(made) == {
            DeliveryState.SENT,
            DeliveryState.REFUSED,
        }
        for channels in made.chats.values():
            for channel in channels:
                assert made.judge(channel, due(channel, range(1))) == []


async def _states(made: Town) -> set[DeliveryState]:
    states = set()
    async with made.desk.store.snapshot() as tx:
        for channels in made.chats.values():
            for channel in channels:
                for digest in await tx.digests.recent(channel.id, limit=9):
                    states |= {one.state for one in await tx.deliveries.of_digest(digest.id)}
    return states
