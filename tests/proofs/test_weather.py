"""The weather: refusals, hangs, lost answers, floods, moves, blocks; every chat gets its days.

What the platforms recorded is judged, not what the bot believes.
"""

from __future__ import annotations

import asyncio
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


async def _storm(folder: Path, chats: int, seed: int, *, stormy: int, deadline: float) -> None:
    """Some days of storm and a calm one, in which what was given back comes too.

    On the first day some block the bot until noon and groups move; before the last stormy day
    topics are deleted, on it the token is refused for a while and calls are flooded.
    """
    async with town(folder, chats, stormy + 1, seed) as made:
        made.sky.storm = STORM
        made.block()
        made.migrate()
        for day in range(stormy):
            if day == stormy - 1:
                made.delete_topics()
                made.revoke_token()
                made.sky.floods = True
            await made.live(deadline=deadline, later=lambda: made.block(status="member"))
        made.sky.storm = 0.0
        await asyncio.sleep(1.1)  # nobody is held by the pace of a chat
        before = len(made.sky.said)
        await made.live(deadline=deadline)
        assert made.ended == 1  # the token that was refused ended a courier, once
        await _judge(made, stormy, seed)
        assert _starving(made, before) == []


async def _judge(made: Town, stormy: int, seed: int) -> None:
    wrong: list[str] = []
    for fate, channels in made.chats.items():
        days = range(stormy - 1 if fate == "topic" else stormy + 1)
        for channel in channels:
            wrong += made.judge(channel, due(channel, days))
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
    """The people whose first message of the calm day came when others had their second already,
    save for those that were on their way together.

    Left out are groups, which the allowance of a minute holds, and who got papers of other days
    too: the one that is refused may be among these, and takes its time.
    """
    today = {paper_id(made.day - 1, number) for number in range(1, PAPERS + 1)}
    others = {chat for chat, papers in made.sky.said[since:] if not today.issuperset(papers)}
    watched = {one.address.chat for one in made.chats["people"]} - others
    firsts: dict[str, int] = {}
    second = None
    for place, (chat, _) in enumerate(made.sky.said[since:]):
        if chat in firsts and second is None:
            second = place
        if chat in watched:
            firsts.setdefault(chat, place)
    assert len(firsts) == len(watched)
    slots = made.desk.pacer("telegram").slots
    assert second is not None
    return [chat for chat, place in firsts.items() if place > second + slots]


@pytest.mark.kill
async def test_a_hundred_chats_get_their_days_complete(tmp_path: Path) -> None:
    await _storm(tmp_path, 100, seed=1, stormy=1, deadline=60)


@pytest.mark.kill
async def test_a_thousand_chats_get_their_days_complete(tmp_path: Path) -> None:
    await _storm(tmp_path, 1000, seed=2, stormy=1, deadline=240)


@pytest.mark.nightly
async def test_a_thousand_chats_outlive_three_days_of_storm(tmp_path: Path) -> None:
    await _storm(tmp_path, 1000, seed=3, stormy=3, deadline=240)


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
