"""A round: read the lists, open what is due, carry what is ready."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic

from bot.alerts import SOURCE_ANSWERS, SOURCE_FAILS, Values, end_alert, raise_alert, tell
from bot.channels import Channel
from bot.courier import Carried, carry, drop_stale
from bot.desk import Desk
from bot.digest.ahead import known, read_ahead
from bot.digest.bettering import edit_better
from bot.digest.compose import CardShelf
from bot.digest.opening import BATCH, Opened, Opening, PutOff, tell_opened
from bot.digest.pool import LOOK_BACK, gather
from bot.editions import (
    DUE_AGE,
    FURTHEST,
    OPEN_AGE,
    first_day,
    read_surveyed,
    survey,
)
from bot.errors import PaperboyError, Refused, StoreBusy
from bot.keeping import Keeper
from bot.papers import Edition, source_name
from bot.ports import Jobs
from bot.ports.watching import LAST_ROUND
from bot.replies.asked import forget_departed
from bot.suspension import try_suspended

OPENING = "open"  # the job that opens what is due
_HELPERS = 8  # workers at most that help with a big opening
_PERIOD = 5.0  # seconds between two bells
_TOLD = "told:"  # note: that the operator was told of a failing source
_TELL_AFTER = timedelta(hours=24)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Round:
    """What one round did."""

    opened: int = 0
    put_off: list[PutOff] = field(default_factory=list)
    failed_sources: dict[str, str] = field(default_factory=dict)  # source: the sentence
    carried: Carried = field(default_factory=Carried)

    @property
    def sent(self) -> int:
        """Messages that were accepted."""
        return self.carried.sent

    @property
    def unsettled(self) -> int:
        """Messages that are neither sent nor given up."""
        return self.carried.waiting


async def make_round(
    desk: Desk, now: datetime, *, platforms: Collection[str] | None = None
) -> Round:
    """All that is to be done at `now`: lists, digests, and carrying what is ready.

    Never raises for a source or a platform; StoreBusy and SetUpWrong pass. Raises Refused at its
    end, all else done, when a platform refused the token.
    """
    names = list(desk.platforms if platforms is None else platforms)
    result = await open_round(desk, now, platforms=names, patient=False)
    await edit_better(desk, now)
    result.carried = await carry(desk, now, platforms=names)
    await tell(desk, now)
    if result.carried.ended:
        raise Refused(" ".join(result.carried.ended.values()))
    return result


async def open_round(
    desk: Desk,
    now: datetime,
    *,
    platforms: Collection[str] | None = None,
    jobs: Jobs | None = None,
    patient: bool = True,
) -> Round:
    """Read the lists and open what is due; with `jobs` the opening is left to whoever works.

    With a model digests wait for their readings, which somebody else makes; without `patient`
    they are made here and now. Never raises for a source; StoreBusy and SetUpWrong pass.
    """
    names = list(desk.platforms if platforms is None else platforms)
    result = Round()
    async with desk.store.snapshot() as tx:
        due = bool(await tx.channels.due(now, limit=1, platforms=names))
        last = await tx.notes.get(LAST_ROUND)
        lists, floor = None, now
        if due or _is_time(last, now):
            floor = _reading_floor(await tx.channels.horizon_floor() if due else None, last, now)
            lists = await survey(tx, now, first_day(desk, floor))
            told = await tx.notes.starting(_TOLD)
    if lists is not None:
        lists = await read_surveyed(desk, lists, now, max_age=DUE_AGE if due else OPEN_AGE)
        result.failed_sources = {e.source: e.failure for e in lists.read if e.failure}
        trouble = lists.troubled(desk.sources, now)
        await _tell(desk, trouble, told, now)
        await try_suspended(desk, now, names)
        if last is None or datetime.fromisoformat(last).date() != now.date():
            await forget_departed(desk, now)
        async with desk.store.transaction() as tx:
            await tx.notes.put(LAST_ROUND, now.isoformat())
        if due and jobs is not None:
            await jobs.defer(OPENING, now)
        elif due:
            unread = lists.unread(desk.sources.values(), now)
            if not patient:
                await read_ahead(desk, lambda: now, timedelta(0))
            # What is late by now is not for the digest that opens: it stays a candidate.
            await drop_stale(desk, now, names)
            opened = await open_due(desk, now, names, trouble, floor, unread, patient=patient)
            result.opened = opened.digests
            result.put_off = opened.put_off
    return result


async def open_deferred(desk: Desk, now: datetime, jobs: Jobs) -> int:
    """A worker's part of OPENING: batches of what is due, until nothing is; gives how many
    digests were opened.

    One worker begins; where there is more than a batch it asks the others to help.
    """
    names = list(desk.platforms)
    async with desk.store.snapshot() as tx:
        due = len(await tx.channels.due(now, limit=BATCH + 1, platforms=names))
        if not due:
            return 0
        last = await tx.notes.get(LAST_ROUND)
        floor = _reading_floor(await tx.channels.horizon_floor(), last, now)
        lists = await survey(tx, now, first_day(desk, floor))
    if due > BATCH:
        await jobs.defer(OPENING, now, copies=_HELPERS)
    trouble = lists.troubled(desk.sources, now)
    unread = lists.unread(desk.sources.values(), now)
    await drop_stale(desk, now, names)
    opened = await open_due(desk, now, names, trouble, floor, unread)
    return opened.digests


def _is_time(last: str | None, now: datetime) -> bool:
    """Whether the lists are looked through again: once a minute is often enough for a bell."""
    if last is None:
        return True
    return not timedelta(0) <= now - datetime.fromisoformat(last) < timedelta(minutes=1)


def _reading_floor(floor: datetime | None, last: str | None, now: datetime) -> datetime:
    """How far back lists may still be wanting: 3 days, a channel's horizon, or a down-time."""
    candidates = [now - LOOK_BACK]
    if floor is not None:
        candidates.append(floor)
    if last is not None:
        candidates.append(datetime.fromisoformat(last))
    return max(min(candidates), now - FURTHEST)


async def open_due(
    desk: Desk,
    now: datetime,
    platforms: Collection[str],
    trouble: Mapping[str, Edition],
    floor: datetime,
    unread: Mapping[str, datetime] | None = None,
    *,
    patient: bool = True,
) -> Opened:
    """Open the digest of every channel that is due at `now`, in batches.

    With a model and `patient`, one whose own readings may still come is left for a little later.
    """
    result = Opened()
    async with desk.store.snapshot() as tx:
        pool = await gather(tx, desk, floor, now)
        readings, waiting = await known(tx, desk, pool, now, patient=patient)
    shelf = CardShelf(readings)
    opening = Opening(desk, pool, shelf, now, troubled=trouble, unread=unread, waiting=waiting)
    size = BATCH
    while True:
        done = replace(result, put_off=[], written=[])  # a batch that is rolled back did nothing
        channels: list[Channel] = []
        try:
            async with desk.store.transaction() as tx:
                channels = await tx.channels.due(now, limit=size, platforms=platforms)
                if not channels:
                    break
                with _no_collector():
                    await opening.batch(tx, channels, done)
        except PaperboyError:
            raise
        except Exception:
            if len(channels) != 1:
                if size == 1:
                    raise
                log.exception("digests not opened together; now one by one")
                size = 1
                continue
            log.exception("digest not opened", extra={"channel": str(channels[0].address)})
            async with desk.store.transaction() as tx:
                await opening.try_later(tx, channels[0])
            continue
        tell_opened(desk, done.written, now)
        done.put_off = [*result.put_off, *done.put_off]
        result = done
        size = min(BATCH, size * 2) if size < BATCH else BATCH
        await asyncio.sleep(0)
    if result.digests or result.put_off:
        log.info(
            "digests opened",
            extra={
                "digests": result.digests,
                "put_off": len(result.put_off),
                "skipped": result.skipped,
                "papers": len(pool.papers),
            },
        )
    return result


@contextmanager
def _no_collector() -> Iterator[None]:
    """Let the collector of cycles rest: a batch makes many objects and no cycle.

    It would walk over the whole pool again and again; without it a batch takes a sixth less.
    """
    resting = not gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not resting:
            gc.enable()


async def _tell(
    desk: Desk, trouble: Mapping[str, Edition], told: Mapping[str, str], now: datetime
) -> None:
    """Tell the operator once of a source that fails for 24 hours, and once of its end."""
    for source, edition in trouble.items():
        since = edition.failing_since
        if since and now - since >= _TELL_AFTER and _TOLD + source not in told:
            facts = {"source": source, "since": since.isoformat(), "error": edition.failure}
            log.error("source fails", extra=facts)
            async with desk.store.transaction() as tx:
                await tx.notes.put(_TOLD + source, since.isoformat())
                why = edition.failure or "?"
                values: Values = {"source": source_name(source), "since": since, "reason": why}
                await raise_alert(tx, f"source:{source}", SOURCE_FAILS, values)
    for name in told:
        source = name.removeprefix(_TOLD)
        if source not in trouble:
            log.error("source answers again", extra={"source": source})
            async with desk.store.transaction() as tx:
                await tx.notes.put(name, None)
                known = {"source": source_name(source)}
                await end_alert(tx, f"source:{source}", SOURCE_ANSWERS, known)


async def run_bell(
    desk: Desk,
    clock: Callable[[], datetime],
    stop: asyncio.Event,
    *,
    wake: Callable[[], None],
    jobs: Jobs | None = None,
) -> None:
    """Ring until `stop` is set: read lists, open what is due or leave it to `jobs`, and tell.

    `wake` is called when something was opened. Among several processes one bell is enough (the
    fence `bell`), though more of them open every digest once all the same.
    """
    from bot.schedule.bell import ring

    said: dict[str, str] = {}
    keeper = Keeper(desk.store, desk.keep)
    before: float | None = None  # when the last round began

    async def bell() -> None:
        nonlocal before
        began = monotonic()
        late = 0.0 if before is None else max(0.0, began - before - _PERIOD)
        before = began
        try:
            rests = await make()
        finally:
            desk.meter.rang(monotonic() - began, late)
        if rests:
            await keeper.go_on(clock())

    async def make() -> bool:
        """Whether there was nothing to open."""
        now = clock()
        try:
            done = await open_round(desk, now, jobs=jobs)
            if done.opened:
                wake()
            await tell(desk, now)
        except StoreBusy as error:
            log.warning("the round is put off to the next bell: %s", error)
            return False
        for source, failure in done.failed_sources.items():
            if said.get(source) != failure:
                log.warning("source not read", extra={"source": source, "error": failure})
        said.update(done.failed_sources)
        return not (done.opened or done.put_off)

    await ring(bell, seconds=_PERIOD, stop=stop)
