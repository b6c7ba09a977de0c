"""Bots that are asked to stop in the middle of a digest, and bots that die while they begin."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from pathlib import Path

import pytest

from storage.upkeep import check, upgrade
from tests.proofs.deaths import Death
from tests.proofs.stage import Stage, learnt, rows_of, staged
from tests.storage.test_schema import copy_rows, only
from tests.wires.databases import ENGINES, nothing

pytestmark = [
    pytest.mark.kill,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
]

GROUPS = {
    "telegram private cards": 5,
    "telegram group packed": 3,
    "discord text cards": 3,
    "discord text thread": 2,
    "discord forum packed": 2,
}
STOPS = 4  # of one digest
DEATHS = 6  # of one beginning


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_bot_that_is_asked_to_stop_loses_nothing_and_doubles_nothing(
    engine: str, forks: str, tmp_path: Path
) -> None:
    """What is under way is waited for: exactly once on both platforms, whatever the layout."""
    dice = random.Random(engine)
    async with staged(forks, engine, tmp_path / "stage") as stage:
        for group, count in GROUPS.items():
            stage.golden[group] = await learnt(group, forks, tmp_path)
            await stage.subscribe(group, count)
        stage.record.slow = 0.05
        for _ in range(STOPS):
            bot = await stage.bot("run")
            await _carrying(stage, dice.randint(1, 12))
            await asyncio.sleep(dice.uniform(0, 0.1))
            assert stage.left, "the digest was over before it was asked to stop"
            bot.signal(signal.SIGTERM)
            code = await bot.end()
            assert code == 0, f"it ended with {code}:\n{bot.log}"
            assert {row.state for row in rows_of(stage.url)} <= {"ready", "sent"}
        await stage.once()
        assert stage.judge() == []
        assert (stage.doubles(), stage.left) == (0, 0)


async def _carrying(stage: Stage, calls: int) -> None:
    """Until so many calls began."""
    async with asyncio.timeout(60):
        while stage.record.begun < calls:
            stage.record.arrived.clear()
            await stage.record.arrived.wait()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("filled", [False, True], ids=["new", "older"])
async def test_deaths_while_it_begins_or_changes_the_schema_do_no_harm(
    filled: bool,
    engine: str,
    forks: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The database is still to be made, or is of an earlier version and full."""
    dice = random.Random(f"{engine} {filled}")
    group = "telegram private cards"
    messages = await learnt(group, forks, tmp_path)
    async with staged(forks, engine, tmp_path / "stage") as stage:
        stage.golden[group] = messages
        filled_url = stage.url
        if filled:
            await stage.subscribe(group, 3)
        (tmp_path / "other").mkdir()
        with nothing(engine, tmp_path / "other") as url:
            if filled:
                only(monkeypatch, tmp_path, "0001", "0002")
                await upgrade(url)
                monkeypatch.undo()
                copy_rows(filled_url, url)
            stage.use(url)
            bot = await stage.bot("run", death=Death("migrating"))
            await stage.dies(bot)
            for _ in range(DEATHS):
                bot = await stage.bot(dice.choice(("run", "once")))
                await asyncio.sleep(dice.uniform(0.0, 0.4))
                bot.kill()
                await (stage.dead(bot, or_ends=True) if filled else stage.dies(bot, or_ends=True))
            if not filled:
                await stage.once()
                await stage.subscribe(group, 3)
            await stage.once()
            assert await check(url) == []
            assert stage.judge() == []
            assert stage.left == 0
            await stage.end()
