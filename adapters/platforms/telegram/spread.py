"""Many calls at once: their connections stand in several small pools.

httpcore looks through all connections of a pool whenever a call begins or ends; with 64 of them on
their way this takes the processor four times as long as the calls themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from telegram.request import BaseRequest

POOL = 8  # connections


def spread(pools: Sequence[BaseRequest]) -> BaseRequest:
    """One request object over many: a call goes to the first that has fewer than `POOL` on their
    way, so that few calls share few connections; when all are full, to the least busy one.
    """
    from telegram.request import BaseRequest

    class Spread(BaseRequest):
        def __init__(self) -> None:
            self._on_way = [0] * len(pools)

        @property
        def read_timeout(self) -> float | None:
            return pools[0].read_timeout

        async def initialize(self) -> None:
            for pool in pools:
                await pool.initialize()

        async def shutdown(self) -> None:
            for pool in pools:
                await pool.shutdown()

        async def do_request(self, *args: Any, **words: Any) -> tuple[int, bytes]:
            free = (number for number, calls in enumerate(self._on_way) if calls < POOL)
            number = next(free, self._on_way.index(min(self._on_way)))
            self._on_way[number] += 1
            try:
                return await pools[number].do_request(*args, **words)
            finally:
                self._on_way[number] -= 1

    return Spread()
