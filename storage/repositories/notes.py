"""Small facts of the program itself."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import bindparam, delete, select

from storage.columns import clean
from storage.tables import notes
from storage.work import Work

_GET = select(notes.c.value).where(notes.c.name == bindparam("name"))
_LAST = "\U0010ffff"  # behind every other letter


class SqlNotes:
    """bot.ports.memory.Notes."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def get(self, name: str) -> str | None:
        await self._work.alone(f"note {name}")
        found: str | None = await self._work.value(_GET, name=name)
        return found

    async def put(self, name: str, value: str | None) -> None:
        if value is None:
            await self._work.change(delete(notes).where(notes.c.name == name))
        else:
            values = [{"name": name, "value": value}]
            await self._work.change(self._work.replacing(notes), values)

    async def starting(self, prefix: str) -> Mapping[str, str]:
        query = (
            select(notes.c.name, notes.c.value)
            .where(notes.c.name.startswith(prefix, autoescape=True))
            .order_by(self._work.plainly(notes.c.name))
        )
        if self._work.sqlite:  # by index: its LIKE reads them all
            bare = clean(prefix)
            query = query.where(notes.c.name >= bare, notes.c.name < bare + _LAST)
        # SQLite's LIKE folds the case of A to Z; this does not.
        return {
            name: value
            for name, value in await self._work.rows(query)
            if name.startswith(clean(prefix))
        }
