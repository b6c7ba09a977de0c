"""The kill matrix, its random part: bots die at any instant of a digest, again and again.

Every digest has chats of both platforms, in several layouts. Where a kill falls is drawn from the
seed that the test's name shows, so a case can be tried again; what else happens by chance (which
message is on its way then) is the machine's.
"""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from tests.proofs.stage import Stage, learnt, staged

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

GROUPS = {
    "telegram private cards": 8,
    "telegram group packed": 3,
    "discord text cards": 5,
    "discord text thread": 3,
    "discord forum packed": 2,
}
KILLS = 10  # of one digest
DIGESTS = 10  # of either engine: 200 instants
NIGHTLY = 100  # 2,000 instants
SLOW = 0.02  # seconds at most of a call, on either side of the recording
_DAY = timedelta(days=1)
# So that a digest's life holds many kills: the standby looks oftener for its chance, and for what
# a dead one left. The lease is longer than where one bot lives at a time: a call of a living one
# must end within it however busy the machine is.
TOGETHER = {
    "bot.courier.picking:LEASE": 3.0,
    "bot.courier.loop:_SWEEP": 0.5,
    "storage.fences:_POLL": 0.1,
}


async def _prepare(stage: Stage, forks: str, folder: Path) -> None:
    for group, count in GROUPS.items():
        stage.golden[group] = await learnt(group, forks, folder)
        await stage.subscribe(group, count)
    stage.record.slow = SLOW


async def _instant(stage: Stage, dice: random.Random, kills: int) -> None:
    """Wait for a random instant: one in five while it starts, reads and opens, the others while
    it carries, so that about as much is left for each of the kills that are to come."""
    if dice.random() < 0.2:
        await asyncio.sleep(dice.uniform(0.0, 0.5))
        return
    calls = dice.randint(1, max(1, 2 * stage.left // (kills + 1)))
    with suppress(TimeoutError):  # what is left may be waiting for the end of a lease
        async with asyncio.timeout(5):
            while stage.record.begun < calls and stage.left:
                stage.record.arrived.clear()
                await stage.record.arrived.wait()
    await asyncio.sleep(dice.uniform(0.0, 2 * SLOW))


async def _on_sqlite(forks: str, folder: Path, seed: int) -> None:
    """The bot dies, another begins; `run` and `once` take turns."""
    dice = random.Random(seed)
    async with staged(forks, "sqlite", folder / "stage", seed=seed) as stage:
        await _prepare(stage, forks, folder)
        for kill in range(KILLS):
            bot = await stage.bot(dice.choice(("run", "once")))
            await _instant(stage, dice, KILLS - kill)
            assert stage.left or kill, "the digest was over before the first kill"
            bot.kill()
            await stage.dead(bot)
        await stage.once()
        await _next_day(stage)
        assert stage.judge() == [], f"seed {seed}"


async def _on_server(forks: str, folder: Path, seed: int) -> None:
    """Two bots on one database, each with all roles; one dies, the other goes on, the dead one is
    started again."""
    dice = random.Random(seed)
    async with staged(forks, "postgresql", folder / "stage", seed=seed) as stage:
        await _prepare(stage, forks, folder)
        stage.constants |= TOGETHER
        pair = [await stage.bot("run", home=f"home-{n}") for n in range(2)]
        for kill in range(KILLS):
            which = dice.randrange(2)
            await _instant(stage, dice, KILLS - kill)
            assert stage.left or kill, "the digest was over before the first kill"
            pair[which].kill()
            await stage.dead(pair[which])
            pair[which] = await stage.bot("run", home=f"home-{which}")
        await stage.settled()
        for bot in pair:
            await bot.says("running")
            bot.signal(signal.SIGTERM)
            code = await bot.end()
            assert code == 0, f"it ended with {code}, seed {seed}:\n{bot.log}"
        await _next_day(stage)
        assert stage.judge() == [], f"seed {seed}"


async def _next_day(stage: Stage) -> None:
    """What was given back comes with the next digest."""
    stage.began -= _DAY.total_seconds()
    await stage.once()


@pytest.mark.kill
@pytest.mark.parametrize("seed", range(DIGESTS))
async def test_one_bot_on_sqlite(forks: str, tmp_path: Path, seed: int) -> None:
    await _on_sqlite(forks, tmp_path, seed)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(DIGESTS, NIGHTLY))
async def test_one_bot_on_sqlite_all_night(forks: str, tmp_path: Path, seed: int) -> None:
    await _on_sqlite(forks, tmp_path, seed)


@pytest.mark.kill
@pytest.mark.parametrize("seed", range(DIGESTS))
async def test_two_bots_on_postgresql(forks: str, tmp_path: Path, seed: int) -> None:
    await _on_server(forks, tmp_path, seed)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(DIGESTS, NIGHTLY))
async def test_two_bots_on_postgresql_all_night(forks: str, tmp_path: Path, seed: int) -> None:
    await _on_server(forks, tmp_path, seed)
