"""The full text of a paper from arXiv's HTML, asked for once and kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol
from weakref import WeakValueDictionary

from adapters.fulltexts.arxiv.page import SHORTEST, understand
from adapters.fulltexts.arxiv.shelf import Missing, Shelf
from bot.errors import NotFound, Skip, SourceFailed
from bot.papers import split_id
from bot.ports.reading import Whole


class Answered(Protocol):
    """What arXiv said."""

    @property
    def status(self) -> int:
        """Of HTTP: 200, or a 4xx about the question itself."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """By names of any case."""
        ...

    @property
    def body(self) -> bytes:
        """The whole of it."""
        ...

    @property
    def url(self) -> str:
        """Where it came from, after redirects."""
        ...


class Asks(Protocol):
    """Who asks arXiv: the one client of this process, which keeps arXiv's pace."""

    async def ask(self, url: str) -> Answered:
        """The answer to one GET. Raises SourceFailed."""
        ...


class ArxivHtml:
    """Full texts that LaTeXML made; a FullText.

    `web` is shared with whatever else asks arXiv, so that all keep one pace over one connection.
    `address` is that under which `/<id>v<version>` is asked; `folder` is where texts are kept, made
    when needed (None: nowhere); `clock` gives seconds since 1970.
    """

    def __init__(
        self,
        web: Asks,
        address: str,
        folder: Path | None = None,
        *,
        clock: Callable[[], float] = time.time,
        shortest: int = SHORTEST,
    ) -> None:
        self._web = web
        self._address = address.rstrip("/")
        self._shelf = Shelf(folder, clock=clock) if folder is not None else None
        self._shortest = shortest
        # One after the other: what runs meanwhile loses no more than one thread's time.
        self._understanding = asyncio.Lock()
        self._asked: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def read(self, paper_id: str, version: int | None = None) -> Whole:
        """The text; of the latest version where `version` is None.

        A question that is asked while it is answered waits for that answer. Raises NotFound, Skip,
        SourceFailed as FullText says.
        """
        known = split_id(paper_id)
        if known is None:
            raise NotFound(f"“{paper_id[:60]}” is not an arXiv id (example: 2512.15716).")
        plain, version = known[0], version or known[1]
        lock = self._asked.setdefault(f"{plain}v{version}", asyncio.Lock())
        async with lock:
            if self._shelf is not None:
                found = await asyncio.to_thread(self._shelf.find, plain, version)
                if isinstance(found, Whole):
                    return found
                if found is not None:
                    raise Skip(found.why) if found.unusable else NotFound(found.why)
            return await self._fetched(plain, version)

    async def _fetched(self, paper_id: str, version: int | None) -> Whole:
        name = f"{paper_id}v{version}" if version else paper_id
        answer = await self._web.ask(f"{self._address}/{name}")
        try:
            if answer.status in (404, 410):
                raise NotFound(f"arXiv has no full text of {name} as HTML.")
            if answer.status != 200:
                raise SourceFailed(
                    f"arXiv has no answer for the full text of {name} (HTTP {answer.status});"
                    " it is asked again later."
                )
            async with self._understanding:
                whole = await asyncio.to_thread(self._understood, answer, paper_id, version)
        except (NotFound, Skip) as error:
            await self._keep(paper_id, version, Missing(str(error), isinstance(error, Skip)))
            raise
        await self._keep(paper_id, version, whole)
        return whole

    async def _keep(self, paper_id: str, version: int | None, found: Whole | Missing) -> None:
        if self._shelf is not None:
            await asyncio.to_thread(self._shelf.keep, paper_id, version, found)

    def _understood(self, answer: Answered, paper_id: str, version: int | None) -> Whole:
        return understand(
            answer.body,
            paper_id,
            version,
            url=answer.url,
            content_type=answer.headers.get("Content-Type", ""),
            shortest=self._shortest,
        )
