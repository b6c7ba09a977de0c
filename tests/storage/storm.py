"""Writers whose every transaction leaves a state that is known by its number alone.

Each takes the number after the last, and writes what follows from it into most tables: a paper
with its listing, two messages with their ledger; it sends the one that the transaction before
claimed and claims the next. So the state after n commits can be made again elsewhere, and a copy
that is torn anywhere is equal to none of them.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Condition, Thread
from typing import Self

from bot.papers import Listing
from storage import SqlStore, open_store
from storage.engines import target
from storage.upkeep.looking import Tally, looking, tallies
from tests.storage.samples import DAY, NOW, TODAY, entry, paper, post, subscribe
from tests.wires.databases import database

_CHATS = ("lab", "hall", "attic")
_NOTE = "storm"


async def begin(store: SqlStore) -> None:
    """The state of number 0."""
    async with store.transaction() as t:
        await subscribe(t, *_CHATS)
        await t.notes.put(_NOTE, "0")


async def step(store: SqlStore) -> int:
    """One transaction; gives its number."""
    async with store.transaction() as t:
        await t.work.alone("storm")
        number = int(await t.notes.get(_NOTE) or 0) + 1
        now = NOW + timedelta(seconds=number)
        place = (await t.channels.all())[number % len(_CHATS)]
        one = paper(number, abstract="a word " * (number % 50), authors=("Ann",))
        await t.papers.put([one])
        await t.editions.add_listings([Listing(one.id, "arxiv", TODAY, now)])
        ids = await post(t, place, b"the same head " * 60, b"card %d" % number)
        await t.ledger.reserve([entry(place.id, number, delivery_id=ids[0], at=now)])
        for sent in await t.deliveries.in_flight(limit=9):
            done = replace(sent, platform_ids=(f"m{number}",), sent_at=now)
            await t.deliveries.sent([done])
            await t.ledger.shown([(sent.channel_id, sent.id)])
        ready = [each.id for each in await t.deliveries.next("console", limit=1)]
        await t.deliveries.claim(ready, at=now, lease_until=now + DAY)
        await t.notes.put(_NOTE, str(number))
        return number


class Storm:
    """Writers at work, in a thread and with connections of their own."""

    def __init__(self, url: str, writers: int) -> None:
        self.last = 0  # number of the newest commit
        self._url, self._writers = url, writers
        self._over = False
        self._changed = Condition()
        self._thread = Thread(target=lambda: asyncio.run(self._blow()))

    def wait(self, number: int) -> None:
        """For this commit; whoever waits stops, the writers go on."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.last >= number, timeout=60)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._thread.join()

    async def _blow(self) -> None:
        async with open_store(self._url) as store:
            await begin(store)
            async with asyncio.TaskGroup() as group:
                for _ in range(self._writers):
                    group.create_task(self._write(store))

    async def _write(self, store: SqlStore) -> None:
        while not self._over:
            done = await step(store)
            with self._changed:
                self.last = max(self.last, done)
                self._changed.notify_all()


async def held(url: str) -> dict[str, Tally]:
    """What every table holds now."""
    async with looking(target(url)) as connection:
        return await tallies(connection)


async def again(number: int, folder: Path) -> dict[str, Tally]:
    """What every table held after so many commits: made anew in an empty folder."""
    with database("sqlite", folder) as url:
        async with open_store(url) as store:
            await begin(store)
            for _ in range(number):
                await step(store)
        return await held(url)


async def number_in(url: str) -> int:
    """Of the last commit that a database knows."""
    async with open_store(url) as store, store.snapshot() as t:
        return int(await t.notes.get(_NOTE) or 0)
