"""What was read of papers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, fields

from sqlalchemy import bindparam, select

from bot.papers import Reading
from storage.tables import readings
from storage.work import Work, chunks

_COLUMNS = [readings.c[field.name] for field in fields(Reading)]
_GET = select(*_COLUMNS).where(
    readings.c.paper_id.in_(bindparam("ids", expanding=True)),
    readings.c.language == bindparam("language"),
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
        await self._work.change(self._work.replacing(readings), [asdict(reading)])
