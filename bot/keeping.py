"""What is kept, for how long, and what goes when its time is over.

A paper that a living channel was shown is known for 400 days at least, so that nothing is posted
twice. What goes, goes in small steps: nobody waits for it.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from time import monotonic

from bot.errors import PaperboyError, StoreBusy
from bot.ports import Store, Transaction
from bot.ports.keeping import Numbers, Step

SHORTEST = 400  # days that the ledger and papers are kept, at least
_MARGIN = timedelta(days=62)  # from a listing to the last row that may be written for it
_SWEEP = timedelta(days=7)  # between two looks for fragments that nobody uses
_DAY = timedelta(days=1)
_PRUNED = "pruned"  # note: when it was last done to the end
_SWEPT = "swept"  # note: when unused fragments were last looked for
_SLICE = 0.5  # seconds of work between two bells
_ROWS = 500  # of one step
_OWNERS = 20  # channels of one step through the ledger
_MARKED = 2_000  # messages of one step that looks which fragments are in use
_OF_CHANNELS = ("rest:", "suspended:", "thread-gone:", "unsubscribed:")  # notes by channel's id
_SHOWN_HERE = "today:"  # note by address: of use for some minutes
_ANNOUNCED = "announced:"  # note by text: when it was announced; those by text and number go along

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keep:
    """How long, in days."""

    messages: int = 90
    ledger: int = SHORTEST
    papers: int | None = None  # None: for good

    def __post_init__(self) -> None:
        if self.ledger < SHORTEST or (self.papers is not None and self.papers < SHORTEST):
            raise ValueError(f"the ledger and papers are kept for {SHORTEST} days at least")


@dataclass(slots=True)
class Gone:
    """How many rows went."""

    messages: int = 0
    fragments: int = 0
    digests: int = 0
    ledger: int = 0
    papers: int = 0
    lists: int = 0
    notes: int = 0


_One = Callable[[Transaction, int, bool], Awaitable[Step]]


async def prune(
    store: Store, keep: Keep, now: datetime, *, dry: bool = False, sweep: bool = True
) -> AsyncIterator[Gone]:
    """Remove what has had its time at `now`; gives the counts so far after every step.

    Each step is a short transaction. With `dry` nothing is changed. With `sweep` fragments of
    messages that nobody uses go too, for which all messages are looked at.
    """
    gone = Gone()
    messages, ledger = now - keep.messages * _DAY, now - keep.ledger * _DAY
    newest = 0
    if sweep:
        async with store.snapshot() if dry else store.transaction() as tx:
            newest = await tx.pruning.newest_message()

    async def message(tx: Transaction, after: int, dry: bool) -> Step:
        return await tx.pruning.messages(messages, after=after, limit=_ROWS, dry=dry)

    async def digest(tx: Transaction, after: int, dry: bool) -> Step:
        return await tx.pruning.digests(ledger, after=after, limit=_ROWS, dry=dry)

    async def row(tx: Transaction, after: int, dry: bool) -> Step:
        listed = now - _MARGIN
        return await tx.pruning.ledger(ledger, listed, after=after, limit=_OWNERS, dry=dry)

    async for step in _steps(store, message, dry=dry):
        gone.messages += step.gone
        yield gone
    if sweep:
        left = messages if dry else None
        async for step in _sweep(store, newest, left, dry=dry):
            gone.fragments += step.gone
            yield gone
    async for step in _steps(store, digest, dry=dry):
        gone.digests += step.gone
        yield gone
    async for step in _steps(store, row, dry=dry):
        gone.ledger += step.gone
        yield gone
    if keep.papers is not None:
        # What is still in the ledger has a listing younger than that, by the margin.
        before = min(now - keep.papers * _DAY, ledger - _MARGIN)

        async def paper(tx: Transaction, after: int, dry: bool) -> Step:
            return await tx.pruning.papers(before, after=after, limit=_ROWS, dry=dry)

        async for step in _steps(store, paper, dry=dry):
            gone.papers += step.gone
            yield gone
        async with store.snapshot() if dry else store.transaction() as tx:
            gone.lists += await tx.pruning.editions(before, dry=dry)
    async with store.snapshot() if dry else store.transaction() as tx:
        gone.notes += await _notes(tx, now, ledger, dry=dry)
        if not dry:
            await tx.spending.forget(now.astimezone(UTC).date())
    yield gone


async def _steps(store: Store, one: _One, *, dry: bool) -> AsyncIterator[Step]:
    """Step by step to the end: first a look, then the change where there is something to it."""
    after: int | None = 0
    while after is not None:
        async with store.snapshot() as tx:
            step = await one(tx, after, True)
        if step.gone and not dry:
            async with store.transaction() as tx:
                done = await one(tx, after, False)
            step = Step(done.gone, step.last)  # what was added meanwhile is young
        yield step
        after = step.last


async def _sweep(
    store: Store, newest: int, left: datetime | None, *, dry: bool
) -> AsyncIterator[Step]:
    """Look which fragments are named by messages; remove the others."""
    used = Numbers()
    after: int | None = 0
    while after is not None:
        async with store.snapshot() as tx:
            found, after = await tx.pruning.used(
                after=after, until=newest, before=left, limit=_MARKED
            )
        used.update(found)
        yield Step(0, after)
    seen, after = newest, 0
    while after is not None:
        async with store.snapshot() if dry else store.transaction() as tx:
            step, seen = await tx.pruning.fragments(used, seen, after=after, limit=_ROWS, dry=dry)
        yield step
        after = step.last


async def _notes(tx: Transaction, now: datetime, ledger: datetime, *, dry: bool) -> int:
    """Notes of channels that are gone, of lists shown long ago, of old notices to all."""
    gone = await tx.pruning.notes_of_gone_channels(_OF_CHANNELS, dry=dry)
    old = [
        name
        for name, at in (await tx.notes.starting(_SHOWN_HERE)).items()
        if now - datetime.fromisoformat(at) > 2 * _DAY
    ]
    announced = await tx.notes.starting(_ANNOUNCED)
    over = {
        name
        for name, at in announced.items()
        if name.count(":") == 1 and datetime.fromisoformat(at) < ledger
    }
    old += [name for name in announced if ":".join(name.split(":")[:2]) in over]
    if not dry:
        for name in old:
            await tx.notes.put(name, None)
    return gone + len(old)


class Keeper:
    """Prunes once a day, a little at a time, while nothing else is to be done."""

    def __init__(self, store: Store, keep: Keep) -> None:
        self._store = store
        self._keep = keep
        self._asked: date | None = None  # the day for which it is done, as far as known
        self._work: AsyncIterator[Gone] | None = None
        self._sweeps = False
        self._gone = Gone()

    async def go_on(self, now: datetime, *, seconds: float = _SLICE) -> Gone | None:
        """Work for some seconds; gives what went once it is done, which is noted.

        Digests never wait for it: where the database is busy the next call begins anew, and a
        mistake of ours is logged and left for the next day. Raises SetUpWrong.
        """
        try:
            return await self._go_on(now, seconds)
        except StoreBusy as error:
            log.debug("pruned later: %s", error)
        except PaperboyError:
            raise
        except Exception:
            self._asked = now.astimezone(UTC).date()
            log.exception("not pruned")
        return None

    async def _go_on(self, now: datetime, seconds: float) -> Gone | None:
        today = now.astimezone(UTC).date()
        if self._asked == today:
            return None
        if self._work is None:
            if not await self._is_time(today, now):
                self._asked = today
                return None
            self._work = prune(self._store, self._keep, now, sweep=self._sweeps)
            self._gone = Gone()
        until = monotonic() + seconds
        work, self._work = self._work, None
        async for so_far in work:
            self._gone = so_far
            if monotonic() >= until:
                self._work = work
                return None
        self._asked = today
        async with self._store.transaction() as tx:
            await tx.notes.put(_PRUNED, now.isoformat())
            if self._sweeps:
                await tx.notes.put(_SWEPT, now.isoformat())
        log.info("pruned", extra=asdict(self._gone))
        return self._gone

    async def _is_time(self, today: date, now: datetime) -> bool:
        async with self._store.snapshot() as tx:
            pruned, swept = await tx.notes.get(_PRUNED), await tx.notes.get(_SWEPT)
        since = now - datetime.fromisoformat(swept) if swept else _SWEEP
        self._sweeps = not timedelta(0) <= since < _SWEEP
        return pruned is None or datetime.fromisoformat(pruned).astimezone(UTC).date() != today
