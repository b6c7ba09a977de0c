"""The kill matrix, its named points: the bot dies there, is started again, and the chats are right.

What is judged is what the platforms recorded, never what the bot believes.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.proofs.deaths import POINTS, Death
from tests.proofs.stage import learnt, staged
from tests.wires.databases import ENGINES

pytestmark = [
    pytest.mark.kill,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
]

# The platform, the kind of place, the layout; and the kinds of deliveries that such a digest has.
GROUPS = {
    "telegram private cards": ("post",),
    "telegram group packed": ("post",),
    "discord text packed": ("post",),
    "discord text cards": ("post",),
    "discord text thread": ("post", "open-thread"),
    "discord forum packed": ("post", "forum-post"),
}
CHATS = 3


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("group", "kind"), [(group, kind) for group, kinds in GROUPS.items() for kind in kinds]
)
@pytest.mark.parametrize("point", [*POINTS, "recorded"])
async def test_a_bot_that_dies_there_loses_nothing_and_doubles_only_what_was_on_the_wire(
    point: str,
    group: str,
    kind: str,
    engine: str,
    forks: str,
    tmp_path: Path,
) -> None:
    messages = await learnt(group, forks, tmp_path)
    async with staged(forks, engine, tmp_path / "stage") as stage:
        stage.golden[group] = messages
        await stage.subscribe(group, CHATS)
        if point == "recorded":
            stage.record.strike = lambda made: (
                os.kill(stage.bots[-1].pid, signal.SIGKILL) if made == kind else None
            )
            bot = await stage.bot("once")
        else:
            bot = await stage.bot("once", death=Death(point, nth=1, kind=kind))
        await stage.dead(bot)
        stage.record.strike = lambda _: None
        await stage.once()
        assert stage.judge() == []
        if point in ("opened", "claimed"):
            assert stage.doubles() == 0
        elif group.startswith("telegram"):  # so it died where it should
            assert 1 <= stage.doubles() <= sum(stage.on_the_wire.values())
