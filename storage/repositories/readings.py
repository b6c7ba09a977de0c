"""What was read of papers, and who reads what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime

from sqlalchemy import bindparam, or_, select, update

from bot.papers import Reading
from bot.ports import Claimed
from storage.tables import reading_work, readings
from storage.work import Work, chunks

_FIELDS = [field.name for field in fields(Reading)]
_GET = select(*[readings.c[name] for name in _FIELDS]).where(
    readings.c.paper_id.in_(bindparam("ids", expanding=True)),
    readings.c.language == bindparam("language"),
)
_work = reading_work.c
_WORK = select(
    _work.paper_id, _work.since, _work.attempts, _work.claimed_until, _work.not_before
).where(
    _work.paper_id.in_(bindparam("ids", expanding=True)),
    _work.language == bindparam("language"),
)


class SqlReadings:
    """bot.ports.memory.Readings."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def get(self, paper_ids: Collection[str], language: str) -> dict[str, Reading]:
        found = {}
        for some in chunks(paper_ids):
            for row in await self._work.rows(_GET, ids=some, language=language):
                found[row.paper_id] = Reading(*row)
        return found

    async def put(self, reading: Reading) -> None:
        values = {name: getattr(reading, name) for name in _FIELDS}
        await self._work.change(self._work.replacing(readings), [values])

    async def claim(
        self,
        paper_id: str,
        language: str,
        now: datetime,
        *,
        at: datetime,
        until: datetime,
        most: int,
    ) -> int | None:
        self._work.must_write()
        new = {
            "paper_id": paper_id,
            "language": language,
            "since": now,
            "attempts": 1,
            "claimed_until": until,
            "not_before": None,
        }
        free = or_(_work.not_before <= now, _work.claimed_until <= at)
        taking = (
            self._work.insert(reading_work)
            .values(new)
            .on_conflict_do_update(
                index_elements=["paper_id", "language"],
                set_={
                    "attempts": _work.attempts + 1,
                    "claimed_until": until,
                    "not_before": None,
                },
                where=free & (_work.attempts < most),
            )
            .returning(_work.attempts)
        )
        attempt: int | None = await self._work.value(taking)
        return attempt

    async def done(
        self, paper_id: str, language: str, attempt: int, *, again: datetime | None
    ) -> bool:
        ending = (
            update(reading_work)
            .where(
                _work.paper_id == paper_id,
                _work.language == language,
                _work.attempts == attempt,
                _work.claimed_until.is_not(None),
            )
            .values(claimed_until=None, not_before=again)
        )
        return bool(await self._work.change(ending))

    async def work(self, paper_ids: Collection[str], language: str) -> dict[str, Claimed]:
        found = {}
        for some in chunks(paper_ids):
            for row in await self._work.rows(_WORK, ids=some, language=language):
                found[row.paper_id] = Claimed(*row[1:])
        return found

    async def to_try(self, now: datetime, *, most: int, limit: int) -> list[tuple[str, str]]:
        query = (
            select(_work.paper_id, _work.language)
            .where(_work.not_before.is_not(None), _work.not_before <= now, _work.attempts < most)
            .order_by(_work.not_before, _work.paper_id, _work.language)
            .limit(limit)
        )
        return [(row.paper_id, row.language) for row in await self._work.rows(query)]
