"""Calls over several pools: few share few connections, many get their share, all are closed."""

from __future__ import annotations

import asyncio
from typing import Any

from telegram.request import BaseRequest

from adapters.platforms.telegram.spread import POOL, spread


class Pool(BaseRequest):
    """Answers when it is let; counts what is on its way."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.on_way = 0
        self.open = False

    @property
    def read_timeout(self) -> float | None:
        return 16.0

    async def initialize(self) -> None:
        self.open = True

    async def shutdown(self) -> None:
        self.open = False

    async def do_request(self, *args: Any, **words: Any) -> tuple[int, bytes]:
        self.on_way += 1
        await self.go.wait()
        return 200, b"{}"


async def started(request: BaseRequest, calls: int) -> list[asyncio.Task[tuple[int, bytes]]]:
    tasks = [asyncio.create_task(request.do_request("http://x", "POST")) for _ in range(calls)]
    await asyncio.sleep(0)
    return tasks


async def test_few_calls_share_the_first_pool():
    pools = [Pool() for _ in range(4)]
    tasks = await started(spread(pools), POOL)
    assert [one.on_way for one in pools] == [POOL, 0, 0, 0]
    pools[0].go.set()
    await asyncio.gather(*tasks)


async def test_no_pool_has_more_calls_than_connections_while_another_has_room():
    pools = [Pool() for _ in range(4)]
    tasks = await started(spread(pools), 4 * POOL)
    assert [one.on_way for one in pools] == [POOL] * 4
    for one in pools:
        one.go.set()
    await asyncio.gather(*tasks)


async def test_an_ended_call_makes_room_also_when_it_was_broken_off():
    pools = [Pool(), Pool()]
    request = spread(pools)
    tasks = await started(request, POOL)
    for one in tasks:
        one.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    more = await started(request, POOL)
    assert [one.on_way for one in pools] == [2 * POOL, 0]
    pools[0].go.set()
    await asyncio.gather(*more)


async def test_all_pools_are_opened_and_closed():
    pools = [Pool(), Pool()]
    request = spread(pools)
    await request.initialize()
    assert all(one.open for one in pools)
    await request.shutdown()
    assert not any(one.open for one in pools)
    assert request.read_timeout == 16.0
