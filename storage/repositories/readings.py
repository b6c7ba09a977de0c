"""What was read of papers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, fields

from sqlalchemy import select

from bot.papers import Reading
from storage.tables import readings
from storage.work import Work, chunks

_COLUMNS = [readings.c[field.name] for field in fields(Reading)]


class SqlReadings:
    """bot.ports.memory.Readings."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def get(self, paper_ids: Collection[str], language: str) -> dict[str, Reading]:
        found = {}
        for some in chunks(paper_ids):
            query = select(*_COLUMNS).where(
                readings.c.paper_id.in_(some), readings.c.language == language
            )
            for row in await self._work.rows(query):
                found[row.paper_id] = Reading(*row)
        return found

    async def put(self, reading: Reading) -> None:
        await self._work.change(self._work.replacing(readings), [asdict(reading)])
