"""How it stands with everything, counted: what `paperboy status`, /health and the metrics show.

No question here may read a table that grows with the years: the outbox is counted by the indexes
of what is not settled, digests from the first of the last day on, lists by their days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, func, or_, select, text

from bot.ports import Failing, Standing
from bot.ports.watching import LAST_ROUND
from storage.repositories.channels import SqlChannels
from storage.repositories.notes import SqlNotes
from storage.repositories.spending import SqlSpending
from storage.tables import (
    CAN_GO,
    CAN_GO_STALE,
    IN_FLIGHT,
    PARKED,
    RESTING,
    UNKNOWN,
    channels,
    deliveries,
    digests,
    editions,
    papers,
    readings,
)
from storage.work import Work

_LISTS = timedelta(days=31)
_STILL_TRIED = timedelta(days=1)  # before the last round; what is older was given up
_DAY = timedelta(days=1)

_platform = deliveries.c.platform
_STATE = case(
    (channels.c.suspended_at.is_not(None), "suspended"),
    (
        or_(
            channels.c.paused,
            channels.c.paused_until > bindparam("now", type_=channels.c.paused_until.type),
        ),
        "paused",
    ),
    else_="active",
).label("state")
_CHANNELS = select(channels.c.platform, func.count()).group_by(channels.c.platform)
_RESTING = (
    select(channels.c.platform, _STATE, func.count())
    .where(text(RESTING))
    .group_by(channels.c.platform, _STATE)
)
_READINGS = select(readings.c.rung, func.count()).group_by(readings.c.rung)
_EDITIONS = select(
    editions.c.source,
    editions.c.day,
    editions.c.state,
    editions.c.tried_at,
    editions.c.failure,
    editions.c.failing_since,
).where(editions.c.day >= bindparam("first"))
# The conditions stand as the indexes have them: each is answered from its index alone, or from
# few rows.
_WAITING, _PARKED, _UNKNOWN, _IN_FLIGHT = (
    select(_platform, func.count()).where(text(condition)).group_by(_platform)
    for condition in (CAN_GO_STALE, PARKED, UNKNOWN, IN_FLIGHT)
)
_OLDEST = select(_platform, func.min(deliveries.c.id)).where(text(CAN_GO)).group_by(_platform)
_CREATED = select(deliveries.c.id, deliveries.c.created).where(
    deliveries.c.id.in_(bindparam("ids", expanding=True))
)
_LAST_DELIVERY = select(func.max(deliveries.c.id))
_LAST_DIGEST = select(func.max(digests.c.id))
_DIGEST_FROM = (
    select(digests.c.id, digests.c.opened)
    .where(digests.c.id >= bindparam("number"))
    .order_by(digests.c.id)
    .limit(1)
)
_DIGESTS = (
    select(channels.c.platform, func.count())
    .join(digests, digests.c.channel_id == channels.c.id)
    .where(
        digests.c.id >= bindparam("number"),
        digests.c.opened > bindparam("after"),
        digests.c.opened <= bindparam("now"),
    )
    .group_by(channels.c.platform)
)


class SqlFigures:
    """bot.ports.watching.Figures."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def standing(self, now: datetime) -> Standing:
        """Of the last 24 hours' digests those are found whose ids follow the clock."""
        work = self._work
        last = await SqlNotes(work).get(LAST_ROUND)
        last_round = datetime.fromisoformat(last) if last else None
        spent = await SqlSpending(work).of(now.date(), "")
        lists = await work.rows(_EDITIONS, first=(now - _LISTS).date())
        return Standing(
            at=now,
            editions=Counter((source, str(state.value)) for source, _, state, *_ in lists),
            papers=int(await work.value(select(func.count()).select_from(papers))),
            readings=dict(await work.rows(_READINGS)),
            tokens_today=spent.tokens,
            calls_today=spent.calls,
            channels=await self._channels(now),
            digests_today=await self._digests(now),
            outbox=await self._outbox(),
            written=int(await work.value(_LAST_DELIVERY) or 0),
            oldest=await self._oldest(),
            next_due=await SqlChannels(work).next_due(),
            last_round=last_round,
            failing=_failing(lists, (last_round or now) - _STILL_TRIED),
        )

    async def _channels(self, now: datetime) -> dict[tuple[str, str], int]:
        """All of a platform without those that rest; a pause that is over is still among them."""
        found = Counter(
            {(platform, "active"): n for platform, n in await self._work.rows(_CHANNELS)}
        )
        for platform, state, count in await self._work.rows(_RESTING, now=now):
            found[platform, "active"] -= count
            found[platform, state] += count
        return {key: count for key, count in found.items() if count}

    async def _outbox(self) -> dict[tuple[str, str], int]:
        waiting, parked, unknown, in_flight = [
            {platform: int(count) for platform, count in await self._work.rows(query)}
            for query in (_WAITING, _PARKED, _UNKNOWN, _IN_FLIGHT)
        ]
        ready = {
            platform: count - parked.get(platform, 0) - unknown.get(platform, 0)
            for platform, count in waiting.items()
        }
        states = {"ready": ready, "parked": parked, "in-flight": in_flight, "unknown": unknown}
        return {
            (platform, state): count
            for state, counts in states.items()
            for platform, count in counts.items()
            if count
        }

    async def _oldest(self) -> dict[str, datetime]:
        """By id, which follows the time of adding: a look at one row for each platform."""
        first = {number: platform for platform, number in await self._work.rows(_OLDEST)}
        if not first:
            return {}
        found = await self._work.rows(_CREATED, ids=list(first))
        return {first[number]: created for number, created in found if created is not None}

    async def _digests(self, now: datetime) -> dict[str, int]:
        number = await self._first_digest(now - _DAY)
        found = await self._work.rows(_DIGESTS, number=number, after=now - _DAY, now=now)
        return dict(found)

    async def _first_digest(self, after: datetime) -> int:
        """The id from which on digests were opened after the instant, by halving: there is no
        index of instants, and ids follow them."""
        low, high = 0, int(await self._work.value(_LAST_DIGEST) or 0) + 1
        while low < high:
            middle = (low + high) // 2
            row = await self._work.row(_DIGEST_FROM, number=middle)
            if row is None or row.opened > after:
                high = middle
            else:
                low = int(row.id) + 1
        return low


def _failing(lists: Sequence[Any], after: datetime) -> tuple[Failing, ...]:
    newest: dict[str, tuple[tuple[datetime, date], Failing | None]] = {}
    for source, day, _, tried_at, failure, since in lists:
        if tried_at is None or tried_at < after:
            continue
        order = (tried_at, day)
        if source not in newest or newest[source][0] < order:
            newest[source] = (order, Failing(source, since, failure) if failure else None)
    return tuple(found for _, (_, found) in sorted(newest.items()) if found is not None)
