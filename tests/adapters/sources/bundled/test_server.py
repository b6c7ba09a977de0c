"""Promises of the bundled edition: seven papers, in the API's shape, read by the real client."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import httpx
import pytest

from adapters.sources.bundled import DAY, BundledServer
from adapters.sources.huggingface import HuggingFace
from bot.errors import NotFound

NOW = datetime(2025, 12, 27, 12, tzinfo=UTC)


async def test_the_edition_holds_seven_papers_each_understood_whole() -> None:
    async with BundledServer() as server, HuggingFace(server.url) as source:
        fetched = await source.edition(DAY, None, now=NOW)
    assert len(fetched.papers) == 7
    assert fetched.broken == ()
    titles = [paper.title for paper in fetched.papers]
    assert "Spatia: Video Generation with Updatable Spatial Memory" in titles
    assert any("VLM" in title for title in titles)
    assert any("Visual Reasoning" in title for title in titles)
    for paper in fetched.papers:
        assert paper.authors
        assert paper.keywords
        assert paper.published
        assert paper.upvotes is not None
        assert 4 <= paper.abstract.count(". ") + 1 <= 6
    without = [paper for paper in fetched.papers if paper.summary is None]
    assert len(without) == 3  # one of them is in the demo: the next lower text shows as well


async def test_only_the_demo_topics_two_papers_speak_of_them() -> None:
    """The demo's topics are `video generation` and `VLM`: two of seven match."""
    async with BundledServer() as server, HuggingFace(server.url) as source:
        papers = (await source.edition(DAY, None, now=NOW)).papers
    speaking = {
        paper.id
        for paper in papers
        for text in [" ".join([paper.title, paper.abstract, *paper.keywords])]
        if "video generation" in text.casefold() or "VLM" in text
    }
    assert speaking == {"2512.15716", "2512.13043"}


@pytest.mark.parametrize("days", [-1, 1, 2])
async def test_every_other_day_is_empty(days: int) -> None:
    async with BundledServer() as server, HuggingFace(server.url) as source:
        assert (await source.edition(DAY + timedelta(days=days), None, now=NOW)).papers == ()


async def test_pages_are_honest() -> None:
    async with BundledServer() as server, httpx.AsyncClient(trust_env=False) as client:
        pages = []
        for page in range(4):
            query = {"date": DAY.isoformat(), "limit": "3", "p": str(page)}
            answer = await client.get(f"{server.url}/api/daily_papers", params=query)
            pages.append([record["paper"]["id"] for record in answer.json()])
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert len({paper_id for page in pages for paper_id in page}) == 7


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/daily_papers", 200),
        ("/api/daily_papers?date=2025-02-30", 400),
        ("/api/daily_papers?date=today", 400),
        ("/api/daily_papers?limit=0", 400),
        ("/api/daily_papers?limit=101", 400),
        ("/api/daily_papers?p=-1", 400),
        ("/api/papers/2512.99999", 404),
        ("/api/papers/search", 400),
        ("/api/papers/search?q=memory&limit=1", 200),
        ("/", 404),
        ("/%2e%2e/edition_2025-12-26.json", 404),
    ],
)
async def test_questions_are_answered_as_the_service_would(path: str, status: int) -> None:
    async with BundledServer() as server, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{server.url}{path}")
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("application/json")
        answer.json()
        assert (await client.post(f"{server.url}{path}")).status_code == 405


async def test_single_papers_and_search_work() -> None:
    async with BundledServer() as server, HuggingFace(server.url) as source:
        assert (await source.paper("2512.15716")).stars == 37
        assert [paper.id for paper in await source.search("visual reasoning", 5)] == ["2512.21218"]
        with pytest.raises(NotFound):
            await source.paper("2512.99999")


async def test_it_listens_on_loopback_only_and_is_gone_afterwards() -> None:
    async with BundledServer() as server:
        url = server.url
    assert url.startswith("http://127.0.0.1:")
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(url)


async def test_leaving_does_not_wait_for_a_connection_that_says_nothing() -> None:
    async with BundledServer() as server:
        port = int(server.url.rpartition(":")[2])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0)
    writer.close()


async def test_the_bundled_day_is_a_day_with_a_list() -> None:
    assert date(2025, 12, 26) == DAY
    source = HuggingFace()
    assert source.expects(DAY)
    assert source.closes(DAY) < NOW


async def test_papers_come_by_votes() -> None:
    async with BundledServer() as server, HuggingFace(server.url) as source:
        papers = (await source.edition(DAY, None, now=NOW)).papers
    votes = [paper.upvotes or 0 for paper in papers]
    assert all(before >= after for before, after in pairwise(votes))
