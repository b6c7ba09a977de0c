"""Promises of full texts over the wire: one pace with the source, each page asked for once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from adapters.fulltexts.arxiv import ArxivHtml, fulltext
from adapters.fulltexts.arxiv.page import understand
from adapters.sources.arxiv import Arxiv, Politeness
from bot.errors import NotFound, Skip, SourceFailed
from bot.ports.reading import Whole
from tests.wires.loopback import Asked, Fault, Loopback, Said
from tests.wires.replay import Replay

DATA = Path(__file__).parents[3] / "data" / "fulltexts"
PAGE = (DATA / "lanterns.html").read_bytes()


class Pages(Loopback):
    """Gives the same page for every paper; notes by the given clock when it is asked."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.moments: list[float] = []
        self.page = PAGE

    def answer(self, asked: Asked) -> Said:
        self.moments.append(self.clock.now)
        if asked.path.startswith("/html/"):
            return Said(self.page, kind="text/html; charset=utf-8")
        if asked.path.startswith("/abs/"):
            return Said(b"<html><body>An abstract</body></html>", kind="text/html")
        return Said(b"", 404)


class Clock:
    """Only waiting moves it."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def read(self) -> float:
        return self.now

    async def wait(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


class Desk:
    """A server, the source, and full texts that share its client."""

    def __init__(self, server: Pages, source: Arxiv, clock: Clock, folder: Path) -> None:
        self.server, self.source, self.clock, self.folder = server, source, clock, folder
        self.texts = self.again()

    def again(self) -> ArxivHtml:
        """As after a restart."""
        return ArxivHtml(
            self.source.web, self.source.pages, self.folder, clock=self.clock.read, shortest=10
        )


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    clock = Clock()
    polite = Politeness(clock=clock.read, wait=clock.wait)
    async with (
        Pages(clock) as server,
        Arxiv((), server.url, politeness=polite, clock=clock.read, wait=clock.wait) as source,
    ):
        yield Desk(server, source, clock, tmp_path / "texts")


async def test_a_text_is_asked_for_once_also_after_a_restart(desk: Desk) -> None:
    first = await desk.texts.read("2601.00001", 2)
    assert first.title == "Counting Lanterns on a $k$-Ring"
    assert first.version == 2
    desk.clock.now += 30 * 86_400
    assert await desk.again().read("2601.00001", 2) == first
    assert [asked.path for asked in desk.server.asked] == ["/html/2601.00001v2"]


async def test_questions_at_once_about_one_paper_are_one_question(desk: Desk) -> None:
    texts = await asyncio.gather(*(desk.texts.read("math/0601001", 1) for _ in range(5)))
    assert len({text.title for text in texts}) == 1
    assert len(desk.server.asked) == 1


async def test_source_and_full_texts_keep_one_pace_over_one_connection(desk: Desk) -> None:
    await asyncio.gather(
        desk.texts.read("2601.00001"),
        desk.source.search("rings", 3),
        desk.texts.read("2601.00002"),
        desk.source.search("lamps", 3),
        return_exceptions=True,
    )
    gaps = [after - before for before, after in pairwise(desk.server.moments)]
    assert len(gaps) == 3
    assert all(gap >= 3.0 for gap in gaps)
    assert (desk.server.together, desk.server.connections) == (1, 1)


async def test_which_version_is_the_latest_is_asked_again_after_a_day(desk: Desk) -> None:
    based = b'<head><base href="/html/2601.00001v1/"/>'
    desk.server.page = PAGE.replace(b"<head>", based)
    assert (await desk.texts.read("2601.00001")).version == 1
    assert (await desk.texts.read("2601.00001", 1)).version == 1
    assert len(desk.server.asked) == 1
    desk.server.page = desk.server.page.replace(b"00001v1/", b"00001v2/")
    desk.clock.now += 86_500
    assert (await desk.texts.read("2601.00001")).version == 2
    assert len(desk.server.asked) == 2


async def test_that_there_is_none_is_remembered_for_an_hour_only(desk: Desk) -> None:
    desk.server.faults.append(Fault(status=404))
    for _ in range(2):
        with pytest.raises(NotFound):
            await desk.again().read("2601.00001")
    assert len(desk.server.asked) == 1
    desk.clock.now += 3_700
    assert (await desk.texts.read("2601.00001")).sections


async def test_a_page_that_cannot_be_used_is_not_fetched_again_at_once(desk: Desk) -> None:
    desk.server.page = PAGE[:5_000]
    for _ in range(2):
        with pytest.raises(Skip):
            await desk.texts.read("2601.00001")
    assert len(desk.server.asked) == 1


async def test_a_redirect_to_the_abstract_means_that_there_is_none(desk: Desk) -> None:
    away = Fault(status=302, headers={"Location": "/abs/2601.00001"})
    desk.server.faults.append(away)
    with pytest.raises(NotFound):
        await desk.texts.read("2601.00001")


async def test_a_source_that_fails_is_asked_again_next_time(desk: Desk) -> None:
    desk.server.faults.extend([Fault(status=503)] * 3)
    with pytest.raises(SourceFailed):
        await desk.texts.read("2601.00001")
    assert (await desk.texts.read("2601.00001")).sections


async def test_damaged_files_are_as_good_as_none(desk: Desk) -> None:
    first = await desk.texts.read("2601.00001", 1)
    (file,) = desk.folder.iterdir()
    for damaged in (b"", b"\x00garbage", file.read_bytes()[:100]):
        file.write_bytes(damaged)
        assert await desk.texts.read("2601.00001", 1) == first
    assert len(desk.server.asked) == 4


async def test_without_a_usable_folder_texts_are_read_all_the_same(
    desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "texts").write_text("a file where the folder should be")
    assert (await desk.texts.read("2601.00001")).sections


async def test_what_is_no_id_is_never_asked_for(desk: Desk) -> None:
    for wrong in ("../../etc/passwd", "", "https://example.org/", "2601"):
        with pytest.raises(NotFound):
            await desk.texts.read(wrong)
    assert desk.server.asked == []


RECORDINGS = Path(__file__).parents[5] / "shared" / "recordings"


@pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="the recordings are not there: ../shared/recordings is missing"
)
async def test_recorded_pages_come_through_the_whole_way() -> None:
    async with (
        Replay(RECORDINGS) as server,
        Arxiv((), server.url, politeness=Politeness(0)) as source,
    ):
        texts = ArxivHtml(source.web, source.pages)
        assert (await texts.read("2501.11120")).version == 1
        assert (await texts.read("astro-ph/9710163")).title.endswith("Interstellar Oxygen")
        with pytest.raises(NotFound):
            await texts.read("2512.99999")


async def test_a_page_is_understood_in_a_thread(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of 1.2 MB must not hold up messages and answers."""
    seen = []

    def noting(*words: Any, **more: Any) -> Whole:
        seen.append(threading.current_thread() is threading.main_thread())
        return understand(*words, **more)

    monkeypatch.setattr(fulltext, "understand", noting)
    await desk.texts.read("2512.00001")
    assert seen == [False]
