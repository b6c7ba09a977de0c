"""Papers by id, and the search over them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, fields

from sqlalchemy import bindparam, func, select

from bot.papers import Paper
from storage.columns import clean
from storage.search import Entry, Search
from storage.tables import papers
from storage.work import CHUNK, Work, chunks

_FIELDS = [field.name for field in fields(Paper)]
_COLUMNS = [papers.c[name] for name in _FIELDS]
_GET = select(*_COLUMNS).where(papers.c.id.in_(bindparam("ids", expanding=True)))
_TEXT = [papers.c[name] for name in ("title", "abstract", "keywords", "authors")]


class SqlPapers:
    """bot.ports.memory.Papers."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def get(self, ids: Collection[str]) -> dict[str, Paper]:
        await self._work.alone("papers")
        found = {}
        for some in chunks(ids):
            for row in await self._work.rows(_GET, ids=some):
                found[row.id] = Paper(*row)
        return found

    async def put(self, papers_: Iterable[Paper]) -> None:
        latest = list({clean(paper.id): paper for paper in papers_}.values())
        for start in range(0, len(latest), CHUNK):
            await self._put(latest[start : start + CHUNK])

    async def _put(self, some: list[Paper]) -> None:
        await self._work.alone("papers")
        ids = [clean(paper.id) for paper in some]
        known = {
            row[0]: tuple(row[1:])
            for row in await self._work.rows(
                select(papers.c.id, *_TEXT).where(papers.c.id.in_(ids))
            )
        }
        insert = self._work.insert(papers)
        rest = {name: insert.excluded[name] for name in _FIELDS if name != "id"}
        upsert = insert.on_conflict_do_update(index_elements=["id"], set_=rest)
        await self._work.change(upsert, [asdict(paper) for paper in some])
        fresh = {
            clean(paper.id): paper
            for paper in some
            if known.get(clean(paper.id))
            != (paper.title, paper.abstract, paper.keywords, paper.authors)
        }
        if not fresh:  # votes change every few minutes, words hardly ever
            return
        numbered = await self._work.rows(
            select(papers.c.id, papers.c.number).where(papers.c.id.in_(list(fresh)))
        )
        entries = [Entry.of(number, fresh[paper_id]) for paper_id, number in numbered]
        await Search(self._work).put(entries)

    async def search(self, words: str, *, limit: int, offset: int = 0) -> list[Paper]:
        """In order: papers with all words in the title, the newest published, the highest id."""
        if (asked := Search(self._work).query(words)) is None:
            return []
        matches, in_title = asked
        paper_id = self._work.plainly(papers.c.id)
        query = (
            select(*_COLUMNS)
            .where(matches)
            .order_by(in_title.desc(), papers.c.published.desc().nulls_last(), paper_id.desc())
            .limit(limit)
            .offset(offset)
        )
        return [Paper(*row) for row in await self._work.rows(query)]

    async def count(self) -> int:
        return int(await self._work.value(select(func.count()).select_from(papers)))
