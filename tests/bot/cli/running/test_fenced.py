"""Work that one process at a time may do: it is waited for, taken over, given up, never doubled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from bot.cli.running.fenced import fenced
from bot.errors import FenceLost, Refused, StoreBusy
from bot.ports import Fence, Store, Transaction

NAME = "courier:telegram"


class Right:
    """bot.ports.Fence that a test takes away."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    async def check(self, tx: Transaction) -> None:
        if self.gone.is_set():
            raise FenceLost

    async def lost(self) -> None:
        await self.gone.wait()


class Server:
    """The one right of a database, in the hands of one at a time."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.right = Right()
        self.waited_for = asyncio.Event()
        self.away = 0  # how many more times nobody answers

    @asynccontextmanager
    async def fence(self, name: str, *, wait: bool = True) -> AsyncIterator[Right | None]:
        assert name == NAME
        if self.away:
            self.away -= 1
            raise StoreBusy("The database does not answer.")
        if not wait and self.lock.locked():
            yield None
            return
        if self.lock.locked():
            self.waited_for.set()
        async with self.lock:
            self.right = Right()
            yield self.right


@pytest.fixture
def server(caplog: pytest.LogCaptureFixture) -> Server:
    caplog.set_level(logging.INFO)
    return Server()


def start(
    server: Server,
    work: Callable[[Fence, asyncio.Event], Awaitable[None]],
    stop: asyncio.Event,
    **words: Any,
) -> asyncio.Task[None]:
    return asyncio.create_task(fenced(cast(Store, server), NAME, work, stop, **words))


class Listener:
    """Work that goes on until it is cancelled."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[Fence] = asyncio.Queue()
        self.active = 0

    async def __call__(self, fence: Fence, leave: asyncio.Event) -> None:
        self.active += 1
        assert self.active == 1
        self.begun.put_nowait(fence)
        try:
            await asyncio.Event().wait()
        finally:
            self.active -= 1


async def test_the_second_stands_by_and_takes_over_when_the_first_is_gone(server: Server) -> None:
    work = Listener()  # of both: it fails when they listen at once
    first_stop, second_stop = asyncio.Event(), asyncio.Event()
    first = start(server, work, first_stop)
    await work.begun.get()
    second = start(server, work, second_stop)
    await server.waited_for.wait()
    first.cancel()
    await asyncio.wait({first})
    assert first.cancelled()
    await work.begun.get()
    second_stop.set()
    await second
    assert work.active == 0
    assert not server.lock.locked()


async def test_who_stands_by_ends_when_asked_to(server: Server) -> None:
    stop = asyncio.Event()
    async with server.lock:
        task = start(server, Listener(), stop, patience=1000)
        await server.waited_for.wait()
        stop.set()
        await task


async def test_a_lost_right_ends_the_work_and_leads_back_to_the_waiting(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    work, stop = Listener(), asyncio.Event()
    task = start(server, work, stop)
    fence = await work.begun.get()
    server.right.gone.set()
    assert await work.begun.get() is not fence
    assert f"standby again: {NAME}" in caplog.text
    stop.set()
    await task


async def test_a_gentle_one_is_told_to_leave_and_may_end(server: Server) -> None:
    stop = asyncio.Event()
    told: asyncio.Queue[str] = asyncio.Queue()

    async def courier(fence: Fence, leave: asyncio.Event) -> None:
        told.put_nowait("begun")
        await leave.wait()
        await asyncio.sleep(0.01)  # what is in flight
        told.put_nowait("landed")

    task = start(server, courier, stop, patience=1000)
    assert await told.get() == "begun"
    server.right.gone.set()
    assert [await told.get(), await told.get()] == ["landed", "begun"]
    stop.set()
    await task
    assert await told.get() == "landed"


async def test_a_gentle_one_that_does_not_end_is_cut_off(server: Server) -> None:
    work, stop = Listener(), asyncio.Event()
    task = start(server, work, stop, patience=0.01)
    await work.begun.get()
    stop.set()
    await task
    assert work.active == 0


@pytest.mark.parametrize("error", [FenceLost("gone"), StoreBusy("The database is locked.")])
async def test_what_may_pass_leads_back_to_the_waiting(server: Server, error: Exception) -> None:
    stop, begun, third = asyncio.Event(), 0, asyncio.Event()

    async def work(fence: Fence, leave: asyncio.Event) -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise error
        third.set()
        await leave.wait()

    task = start(server, work, stop, patience=1000)
    await third.wait()
    stop.set()
    await task


async def test_a_database_that_is_away_is_waited_for(server: Server) -> None:
    server.away = 2
    work, stop = Listener(), asyncio.Event()
    task = start(server, work, stop)
    await work.begun.get()
    stop.set()
    await task


async def test_any_other_error_is_raised(server: Server) -> None:
    async def refused(fence: Fence, leave: asyncio.Event) -> None:
        raise Refused("The token was refused.")

    with pytest.raises(Refused, match="The token was refused"):
        await start(server, refused, asyncio.Event())
    assert not server.lock.locked()


async def test_cancelled_it_takes_its_work_with_it(server: Server) -> None:
    work = Listener()
    task = start(server, work, asyncio.Event(), patience=1000)
    await work.begun.get()
    task.cancel()
    await asyncio.wait({task})
    assert (task.cancelled(), work.active, server.lock.locked()) == (True, 0, False)
