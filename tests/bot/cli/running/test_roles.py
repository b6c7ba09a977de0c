"""The roles of a process: which there are, and where there is room for them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from bot.channels import Address
from bot.cli.running import Role
from bot.cli.running.roles import Shift
from bot.desk import Desk
from bot.digest.subscription import new_channel
from bot.health import Pulse
from bot.reading.shelf import Room
from bot.rounds import open_round
from storage import open_store
from tests.bot.cli.conftest import Command
from tests.wires.board import Board
from tests.wires.lists import ScriptedSource, a_paper
from tests.wires.readers import ScriptedReader, ScriptedTexts

_WORKERS = (Role.ALL, Role.WORKER)


def _now() -> datetime:
    return datetime(2026, 1, 6, 9, tzinfo=UTC)


@pytest.mark.parametrize("role", ["chat", "worker", "courier"])
def test_a_part_of_the_bot_needs_a_server(command: Command, role: str) -> None:
    done = command("run", "--role", role)
    assert done.code == 2
    assert f"--role {role} needs PostgreSQL" in done.err
    assert "PAPERBOY_DATABASE_URL=postgresql://" in done.err


def test_an_unknown_role_is_told_with_those_there_are(command: Command) -> None:
    done = command("run", "--role", "editor")
    assert done.code == 2
    for role in ("all", "chat", "worker", "courier"):
        assert role in done.err


@pytest.mark.parametrize("role", list(Role))
async def test_a_worker_reads_where_there_is_a_model(tmp_path: Path, role: Role) -> None:
    async with open_store(f"sqlite:///{tmp_path / 'p.sqlite3'}") as store:
        desk = Desk(store, {}, {}, {})
        room = Room(store, ScriptedReader())
        for one, reads in ((desk, False), (replace(desk, room=room), role in _WORKERS)):
            shift = Shift(one, role, _now, asyncio.Event(), many=False, jobs=None)
            works = shift.works()
            for work in works.values():
                work.close()
            assert ("reading" in works) is reads
            assert "reading" not in works or shift.gently(works) >= {"reading"}


async def test_who_works_alone_reads_and_opens_side_by_side(tmp_path: Path) -> None:
    source, board = ScriptedSource(), Board()
    source.show(date(2026, 1, 5), a_paper(1))
    async with open_store(f"sqlite:///{tmp_path / 'p.sqlite3'}") as store:
        reader = ScriptedReader()
        room = Room(store, reader, ScriptedTexts())
        listed = {source.name: source}
        desk = Desk(store, listed, listed, {"board": board}, room=room)
        async with store.transaction() as tx:
            subscribed = datetime(2026, 1, 5, 12, tzinfo=UTC)
            await new_channel(desk, tx, Address("board", "lab"), subscribed, hour=time(9))
        await open_round(desk, datetime(2026, 1, 6, 3, tzinfo=UTC))
        stop = asyncio.Event()
        shift = Shift(desk, Role.ALL, _now, stop, many=False, jobs=None)
        tasks = [asyncio.create_task(work) for work in shift.works().values()]
        await asyncio.wait_for(reader.asked.wait(), 20)
        stop.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 20)
    assert len(reader.forms) == 1


async def test_a_shift_tells_which_of_its_tasks_are_at_work(tmp_path: Path) -> None:
    async with open_store(f"sqlite:///{tmp_path / 'p.sqlite3'}") as store:
        source = ScriptedSource()
        desk = Desk(store, {source.name: source}, {}, {"board": Board()})
        stop, pulse = asyncio.Event(), Pulse()
        shift = Shift(desk, Role.ALL, _now, stop, many=False, jobs=None, pulse=pulse)
        works = shift.works()
        tasks = ("bell", "courier:board", "chat:board")
        assert pulse.works == dict.fromkeys(tasks, False)
        running = [asyncio.create_task(works[name]) for name in ("bell", "courier:board", "loop")]
        works["chat:board"].close()
        async with asyncio.timeout(20):
            while not (pulse.works["bell"] and pulse.works["courier:board"]):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert not pulse.works["chat:board"]
        stop.set()
        await asyncio.wait_for(asyncio.gather(*running), 20)
        assert not any(pulse.works.values())
