"""Reading ahead: what will be cards soon is read before, and a digest waits for its own papers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic

from bot.channels import Channel, Layout
from bot.desk import Desk
from bot.digest.bettering import edit_better
from bot.digest.choose import Choice, choose
from bot.digest.pool import LOOK_BACK, Pool, gather
from bot.errors import StoreBusy
from bot.papers import Paper, Reading
from bot.ports import Claimed, Jobs, Transaction
from bot.reading.shelf import MOST, SPENT, Room, is_awaited, may_get_better
from bot.texts import languages

AHEAD = timedelta(hours=12)  # before a digest is due its papers are read
WAIT = timedelta(minutes=10)  # after its hour a digest opens with what is read
READING = "read"  # the job that helps to read
_HELPERS = 8  # workers at most that help with a day
_PAUSE = 5.0  # seconds between two looks for something to read
_CHANNELS = 100_000  # looked at together
_RETRIES = 200  # papers tried again in one look

log = logging.getLogger(__name__)


class Waiting:
    """What is known of the readings of one pool, for digests that are to be opened."""

    def __init__(
        self,
        room: Room,
        readings: Mapping[tuple[str, str], Reading],
        work: Mapping[tuple[str, str], Claimed],
        *,
        spent: bool = False,
        patient: bool = True,
    ) -> None:
        """`spent`: the tokens of the day did not reach; `patient`: digests wait at all."""
        self._room = room
        self._readings = readings
        self._work = work
        self.spent = spent
        self._patient = patient

    def holds_up(self, channel: Channel, choice: Choice, until: datetime, now: datetime) -> bool:
        """Whether one of the digest's own cards has a reading that may come until then."""
        if not self._patient or now >= until or not _is_read_for(self._room, channel):
            return False
        keys = [(pick.paper.id, channel.language) for pick in choice.cards]
        return any(is_awaited(self._readings.get(key), self._work.get(key), until) for key in keys)

    def may_get_better(self, channel: Channel, choice: Choice) -> tuple[str, ...]:
        """Papers of the digest's cards whose text may be worth an edit later."""
        if not _is_read_for(self._room, channel):
            return ()
        ids = [pick.paper.id for pick in choice.cards]
        return tuple(
            one
            for one in ids
            if may_get_better(
                self._readings.get((one, channel.language)), self._work.get((one, channel.language))
            )
        )


def _is_read_for(room: Room, channel: Channel) -> bool:
    """Whether the channel's cards show readings; a compact list shows no text at all."""
    return channel.layout is not Layout.COMPACT and room.reads(channel.language)


async def known(
    tx: Transaction, desk: Desk, pool: Pool, now: datetime, *, patient: bool = True
) -> tuple[dict[tuple[str, str], Reading], Waiting | None]:
    """The readings of the pool by paper and language, and what digests may wait for."""
    ids = [paper.id for paper in pool.papers]
    readings: dict[tuple[str, str], Reading] = {}
    work: dict[tuple[str, str], Claimed] = {}
    for language in languages():
        for one, reading in (await tx.readings.get(ids, language)).items():
            readings[one, language] = reading
        if desk.room is not None and desk.room.reads(language):
            for one, claimed in (await tx.readings.work(ids, language)).items():
                work[one, language] = claimed
    if desk.room is None:
        return readings, None
    spent = await tx.notes.get(SPENT) == now.date().isoformat()
    return readings, Waiting(desk.room, readings, work, spent=spent, patient=patient)


async def wanted(desk: Desk, now: datetime, within: timedelta) -> list[tuple[Paper, str]]:
    """Papers that would be cards of the channels due within that time, with their languages.

    Those of the earliest digest first. A list that is still open is no channel's that waits for
    closed lists: its papers are wanted once it is closed. What is read already, or is not to be
    tried again yet, is left out.
    """
    room = desk.room
    if room is None:
        return []
    async with desk.store.snapshot() as tx:
        due = await tx.channels.due(now + within, limit=_CHANNELS, platforms=list(desk.platforms))
        channels = [one for one in due if _is_read_for(room, one)]
        floor = min((one.previous_due or one.since for one in channels), default=now)
        pool = await gather(tx, desk, min(floor, now - LOOK_BACK), now)
        ids = [channel.id for channel in channels]
        topics = await tx.topics.of(ids)
        lasts = await tx.digests.last(ids)
        ledger = await tx.ledger.known(ids, list(pool.index))
        found: dict[tuple[str, str], Paper] = {}
        for channel in channels:
            own = [one.text for one in topics.get(channel.id, ())]
            try:
                view = pool.view(channel, lasts.get(channel.id), now, topics=bool(own))
                choice = choose(
                    pool,
                    view,
                    own,
                    ledger.get(channel.id, {}),
                    limit=channel.limit,
                    list_lines=0,
                    now=now,
                )
            except Exception:  # the opening tells of it, and leaves the channel alone
                log.debug("nothing read ahead: channel=%s", channel.address, exc_info=True)
                continue
            for pick in choice.cards:
                found.setdefault((pick.paper.id, channel.language), pick.paper)
        return await _unread(tx, pool, found, now)


async def _unread(
    tx: Transaction, pool: Pool, found: Mapping[tuple[str, str], Paper], now: datetime
) -> list[tuple[Paper, str]]:
    """Those that nobody ever claimed; then, of the recent papers, those to be tried again."""
    claimed: set[tuple[str, str]] = set()
    for language in {language for _, language in found}:
        ids = [one for one, spoken in found if spoken == language]
        work = await tx.readings.work(ids, language)
        read = await tx.readings.get(ids, language)
        for one in ids:
            stale = one in work and work[one].claimed_until is not None
            if (one in work and not stale) or (one in read and one not in work):
                claimed.add((one, language))
    fresh = [(paper, key[1]) for key, paper in found.items() if key not in claimed]
    papers = {paper.id: paper for paper in pool.papers}
    again = [
        (papers[one], language)
        for one, language in await tx.readings.to_try(now, most=MOST, limit=_RETRIES)
        if one in papers
    ]
    return [*fresh, *again]


async def read_ahead(
    desk: Desk,
    clock: Callable[[], datetime],
    within: timedelta = AHEAD,
    *,
    jobs: Jobs | None = None,
) -> int:
    """Read what is wanted now; gives how many readings were asked for. Raises StoreBusy.

    With `jobs` other workers are asked to help: each paper is claimed by one of them.
    """
    room = desk.room
    if room is None or room.resting:
        return 0
    papers: Sequence[tuple[Paper, str]] = await wanted(desk, clock(), within)
    if papers:
        if jobs is not None and len(papers) > 1:
            await jobs.defer(READING, clock(), copies=_HELPERS)
        began = monotonic()
        readings = await room.read_all(papers, clock)
        log.info(
            "papers read",
            extra={
                "readings": len(papers),
                "by_model": sum(one.model is not None for one in readings),
                "seconds": round(monotonic() - began, 1),
            },
        )
    return len(papers)


async def run_reading(
    desk: Desk,
    clock: Callable[[], datetime],
    stop: asyncio.Event,
    *,
    wake: Callable[[], None],
    jobs: Jobs | None = None,
) -> None:
    """Read ahead until `stop` is set, and have posted cards edited whose text got better.

    `wake` is called when there is an edit to carry. One process does this for all (the fence
    `reading`); with `jobs` the others help it to read.
    """
    while not stop.is_set():
        began, quiet = monotonic(), False
        try:
            reading = asyncio.create_task(read_ahead(desk, clock, jobs=jobs), name="reading ahead")
            stopped = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({reading, stopped}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopped.cancel()
                if not reading.done():
                    reading.cancel()
                await asyncio.wait({reading})
            if reading.cancelled():
                return
            quiet = not reading.result()  # a look over many channels takes its time
            if await edit_better(desk, clock()):
                wake()
        except StoreBusy as error:
            log.warning("reading is put off: %s", error)
        except Exception:  # digests go out without it
            log.exception("reading failed; it goes on")
        took = monotonic() - began
        try:
            await asyncio.wait_for(stop.wait(), max(_PAUSE, 5 * took if quiet else 0.0))
        except TimeoutError:
            continue
