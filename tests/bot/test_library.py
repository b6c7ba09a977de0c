"""One paper on demand: from the store when fresh, else from every look-up, merged and stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import library
from bot.desk import Desk
from bot.errors import GiveUp, NotFound, SourceFailed, Usage
from bot.papers import Paper
from storage import open_store
from tests.wires.lists import ScriptedSource

NOW = datetime(2026, 1, 9, 15, tzinfo=UTC)
FROM_HF = Paper(
    "2601.00001",
    "Long video generation",
    "A short note.",
    organization="A Lab",
    upvotes=51,
    summary="It makes long videos.",
    sources=("huggingface",),
)
FROM_ARXIV = Paper(
    "2601.00001",
    "Long Video Generation",
    "The whole abstract.",
    authors=("Ada Lovelace",),
    version=2,
    categories=("cs.CV",),
    sources=("arxiv",),
)


class Lookup(ScriptedSource):
    """A source that counts what it is asked and fails when told to."""

    def __init__(self, name: str, *papers: Paper) -> None:
        super().__init__(name)
        self.papers = {paper.id: paper for paper in papers}
        self.failure: Exception | None = None
        self.calls: list[str] = []
        self.slow = 0.0

    async def paper(self, paper_id: str) -> Paper:
        self.calls.append(paper_id)
        await asyncio.sleep(self.slow)
        if self.failure:
            raise self.failure
        if paper_id not in self.papers:
            raise NotFound(f"There is no paper {paper_id}.")
        return self.papers[paper_id]

    async def search(self, words: str, limit: int) -> list[Paper]:
        self.calls.append(words)
        if self.failure:
            raise self.failure
        wanted = words.lower().split()
        return [p for p in self.papers.values() if any(w in p.title.lower() for w in wanted)]


class Shelf:
    """A desk with two look-ups."""

    def __init__(self, desk: Desk, hf: Lookup, arxiv: Lookup) -> None:
        self.desk, self.hf, self.arxiv = desk, hf, arxiv

    async def paper(self, text: str, now: datetime = NOW) -> Paper:
        return await library.paper(self.desk, text, now)

    async def put(self, paper: Paper) -> None:
        async with self.desk.store.transaction() as tx:
            await tx.papers.put([paper])


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    hf, arxiv = Lookup("huggingface", FROM_HF), Lookup("arxiv", FROM_ARXIV)
    async with open_store(f"sqlite:///{tmp_path / 'paperboy.sqlite3'}") as store:
        yield Shelf(
            Desk(store, {"huggingface": hf}, {"huggingface": hf, "arxiv": arxiv}), hf, arxiv
        )


async def test_both_records_enrich_each_other_and_are_stored(shelf: Shelf):
    found = await shelf.paper("2601.00001")
    assert (found.title, found.abstract) == ("Long Video Generation", "The whole abstract.")
    assert (found.upvotes, found.organization, found.version) == (51, "A Lab", 2)
    assert set(found.sources) == {"huggingface", "arxiv"}
    async with shelf.desk.store.snapshot() as tx:
        assert (await tx.papers.get(["2601.00001"]))["2601.00001"] == found


async def test_what_is_fresh_is_taken_from_the_store(shelf: Shelf):
    first = await shelf.paper("2601.00001")
    again = await shelf.paper("arxiv.org/abs/2601.00001", NOW + timedelta(hours=5))
    assert again == first
    assert shelf.hf.calls == ["2601.00001"]


async def test_what_is_no_longer_fresh_is_asked_for_again(shelf: Shelf):
    await shelf.paper("2601.00001")
    shelf.hf.papers["2601.00001"] = replace(FROM_HF, upvotes=60)
    assert (await shelf.paper("2601.00001", NOW + timedelta(hours=7))).upvotes == 60


async def test_notes_of_looking_up_do_not_pile_up(shelf: Shelf):
    for n in range(5):
        paper = replace(FROM_HF, id=f"2601.0010{n}")
        shelf.hf.papers[paper.id] = paper
        await shelf.paper(paper.id, NOW + timedelta(hours=7 * n))
    async with shelf.desk.store.snapshot() as tx:
        assert len(await tx.notes.starting("looked-up:")) == 1


@pytest.mark.parametrize("error", [SourceFailed("No answer."), GiveUp("They refuse.")])
async def test_a_look_up_that_fails_does_not_hide_the_other(shelf: Shelf, error: Exception):
    shelf.arxiv.failure = error
    assert (await shelf.paper("2601.00001")).title == "Long video generation"
    shelf.arxiv.failure = None
    assert (await shelf.paper("2601.00001", NOW + timedelta(minutes=5))).version is None
    assert (await shelf.paper("2601.00001", NOW + timedelta(minutes=11))).version == 2


async def test_what_is_stored_is_given_when_nobody_answers(shelf: Shelf):
    await shelf.put(FROM_HF)
    shelf.hf.failure = shelf.arxiv.failure = SourceFailed("No answer.")
    assert await shelf.paper("2601.00001") == FROM_HF


async def test_what_is_stored_does_not_wait_long_for_a_slow_source(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(library, "_PATIENCE", 0.05)
    await shelf.put(FROM_HF)
    shelf.arxiv.slow = 30
    async with asyncio.timeout(5):
        assert (await shelf.paper("2601.00001")).upvotes == 51


async def test_what_nobody_knows_is_not_found(shelf: Shelf):
    with pytest.raises(NotFound, match=r"2601\.99999.*/search"):
        await shelf.paper("2601.99999")


async def test_unknown_is_not_said_while_one_could_not_be_asked(shelf: Shelf):
    shelf.arxiv.failure = SourceFailed("arXiv did not answer.", retry_after=30)
    with pytest.raises(SourceFailed, match="arXiv did not answer") as caught:
        await shelf.paper("2601.99999")
    assert caught.value.retry_after == 30


async def test_a_mistake_in_a_source_is_not_swallowed(shelf: Shelf):
    shelf.arxiv.failure = RuntimeError("a bug")
    with pytest.raises(RuntimeError, match="a bug"):
        await shelf.paper("2601.00001")


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/abs/2601.00001",
        "http://127.0.0.1:8000/2601.00001",
        "www.example.org/paper",
        "file:///etc/passwd",
        "alphaxiv.org/abs/2601.00001",
    ],
)
async def test_a_strangers_address_is_never_followed(shelf: Shelf, text: str):
    with pytest.raises(Usage, match="arXiv or Hugging Face"):
        await shelf.paper(text)
    assert not shelf.hf.calls
    assert not shelf.arxiv.calls


@pytest.mark.parametrize("text", ["", "  ", "?!", "a" * 5_000])
async def test_what_names_nothing_is_refused(shelf: Shelf, text: str):
    with pytest.raises(Usage):
        await shelf.paper(text)


async def test_words_of_a_title_find_the_paper_of_the_archive_first(shelf: Shelf):
    await shelf.put(
        replace(FROM_HF, id="2601.00002", title="A Video Generation Survey of Long Ones")
    )
    await shelf.put(replace(FROM_HF, abstract="It has video and generation in it."))
    assert (await shelf.paper("Long VIDEO generation")).id == "2601.00001"
    assert "Long VIDEO generation" not in shelf.hf.calls


async def test_words_that_the_archive_does_not_hold_are_searched_for_at_the_sources(shelf: Shelf):
    assert (await shelf.paper("long video generation")).upvotes == 51
    with pytest.raises(NotFound, match="zebra"):
        await shelf.paper("zebra")
    shelf.hf.failure = shelf.arxiv.failure = SourceFailed("No answer.")
    with pytest.raises(SourceFailed):
        await shelf.paper("giraffe")


async def test_a_search_takes_the_archive_and_only_without_it_the_sources(shelf: Shelf):
    found = await library.search(shelf.desk, "video", 10, NOW)
    assert [paper.id for paper in found] == ["2601.00001"]
    assert found[0].version == 2
    assert found[0].upvotes == 51
    calls = len(shelf.hf.calls)
    assert await library.search(shelf.desk, "video", 10, NOW) == found
    assert len(shelf.hf.calls) == calls
    assert await library.search(shelf.desk, "zebra", 10, NOW) == []
    for words in ("", "?!", "w" * 301):
        with pytest.raises(Usage):
            await library.search(shelf.desk, words, 10, NOW)
