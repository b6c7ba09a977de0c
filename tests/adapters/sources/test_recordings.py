"""Every recorded answer passes through the real clients over HTTP, and no paper is lost.

The papers are counted twice: here in the raw files, with the barest means, and by the clients.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from adapters.sources.arxiv import Arxiv, Politeness, answers
from adapters.sources.huggingface import HuggingFace
from bot.errors import NotFound, SourceFailed
from bot.papers import Paper
from tests.wires.loopback import Fault
from tests.wires.replay import NINE, NINE_DAY, Replay

RECORDINGS = Path(__file__).parents[4] / "shared" / "recordings"
DAYS = sorted((RECORDINGS / "huggingface" / "days").glob("*.json"))
FETCHES = sorted((RECORDINGS / "huggingface" / NINE).glob("*.json"))
ANSWERS = sorted((RECORDINGS / "arxiv" / "api_atom").glob("*.json"))
FEED = RECORDINGS / "arxiv" / "rss" / "rss.arxiv.org_atom_cs.AI_2025-08-20.xml"
NOW = datetime(2026, 11, 1, tzinfo=UTC)

pytestmark = pytest.mark.skipif(
    not DAYS, reason="the recordings are not there: ../shared/recordings is missing"
)


async def at_once(seconds: float) -> None:
    del seconds


@pytest.fixture
async def replay() -> AsyncIterator[Replay]:
    async with Replay(RECORDINGS) as running:
        yield running


@pytest.fixture
async def daily(replay: Replay) -> AsyncIterator[HuggingFace]:
    async with HuggingFace(replay.url, wait=at_once) as opened:
        yield opened


@pytest.fixture
async def arxiv(replay: Replay) -> AsyncIterator[Arxiv]:
    async with Arxiv(("cs.AI",), replay.url, politeness=Politeness(0), wait=at_once) as opened:
        yield opened


def raw_ids(file: Path) -> list[str]:
    return [record["paper"]["id"] for record in json.loads(file.read_text("utf-8"))]


def day_of(file: Path) -> date:
    return date.fromisoformat(file.stem)


async def test_of_37_recorded_days_no_paper_is_lost(daily: HuggingFace) -> None:
    assert len(DAYS) == 37
    total = 0
    for file in DAYS:
        fetched = await daily.edition(day_of(file), None, now=NOW)
        assert [paper.id for paper in fetched.papers] == raw_ids(file), file.name
        assert fetched.broken == ()
        total += len(fetched.papers)
    assert total == sum(len(raw_ids(file)) for file in DAYS) == 956


async def test_of_the_recorded_records_no_field_is_lost(daily: HuggingFace) -> None:
    """Each field of ours is there as often as theirs is in the files."""
    counted = dict.fromkeys(
        ("abstract", "summary", "keywords", "organization", "stars", "code", "image", "votes"), 0
    )
    expected = dict(counted)
    for file in DAYS:
        for paper in (await daily.edition(day_of(file), None, now=NOW)).papers:
            counted["abstract"] += bool(paper.abstract)
            counted["summary"] += bool(paper.summary)
            counted["keywords"] += bool(paper.keywords)
            counted["organization"] += bool(paper.organization)
            counted["stars"] += paper.stars is not None
            counted["code"] += bool(paper.code_url)
            counted["image"] += bool(paper.image_url)
            counted["votes"] += paper.upvotes is not None
        for record in json.loads(file.read_text("utf-8")):
            paper_ = record["paper"]
            expected["abstract"] += bool(paper_.get("summary"))
            expected["summary"] += bool(paper_.get("ai_summary"))
            expected["keywords"] += bool(paper_.get("ai_keywords"))
            expected["organization"] += "organization" in paper_
            expected["stars"] += "githubStars" in paper_
            expected["code"] += bool(paper_.get("githubRepo"))
            expected["image"] += bool(record.get("thumbnail"))
            expected["votes"] += "upvotes" in paper_
    assert counted == expected
    assert counted["abstract"] == 956


async def test_authors_are_kept_but_for_those_who_are_hidden(daily: HuggingFace) -> None:
    hidden = 0
    for file in DAYS:
        fetched = await daily.edition(day_of(file), None, now=NOW)
        for paper, record in zip(fetched.papers, json.loads(file.read_text("utf-8")), strict=True):
            authors = record["paper"]["authors"]
            shown = [author for author in authors if not author.get("hidden")]
            assert len(paper.authors) == len(shown)
            hidden += len(authors) - len(shown)
    assert hidden == 2


async def test_the_instants_inside_the_record_are_used(daily: HuggingFace) -> None:
    fetched = await daily.edition(date(2026, 6, 12), None, now=NOW)
    records = json.loads((RECORDINGS / "huggingface/days/2026-06-12.json").read_text("utf-8"))
    for paper, record in zip(fetched.papers, records, strict=True):
        assert paper.published == datetime.fromisoformat(record["paper"]["publishedAt"])


async def test_of_nine_fetches_of_one_day_none_loses_a_paper(
    replay: Replay, daily: HuggingFace
) -> None:
    assert len(FETCHES) == 9
    seen: set[str] = set()
    for number, file in enumerate(FETCHES):
        replay.fetch = number
        fetched = await daily.edition(NINE_DAY, None, now=NOW)
        ids = [paper.id for paper in fetched.papers]
        assert ids == raw_ids(file)
        assert seen <= set(ids)
        seen |= set(ids)
    assert len(seen) == 15


async def test_a_fetch_can_be_chosen_by_the_address(replay: Replay) -> None:
    async with HuggingFace(f"{replay.url}/fetch/0") as first:
        assert len((await first.edition(NINE_DAY, None, now=NOW)).papers) == 13


async def test_the_list_repeated_on_a_sunday_is_fridays_only(
    replay: Replay, daily: HuggingFace
) -> None:
    (file,) = (RECORDINGS / "huggingface").glob("daily_papers_default_listing_*.json")
    replay.heeds_date = False
    friday = date(2026, 6, 12)
    counts = {}
    for n in range(-7, 8):
        day = friday + timedelta(days=n)
        counts[day] = len((await daily.edition(day, None, now=NOW)).papers)
    assert {day: count for day, count in counts.items() if count} == {friday: len(raw_ids(file))}


async def test_weekends_and_days_never_recorded_are_empty(daily: HuggingFace) -> None:
    for day in (date(2026, 6, 13), date(2026, 6, 14), date(2026, 6, 21)):
        assert (await daily.edition(day, None, now=NOW)).papers == ()


async def test_a_mirrors_empty_day_is_an_empty_list(replay: Replay, daily: HuggingFace) -> None:
    (file,) = (RECORDINGS / "huggingface").glob("*.no_data.json")
    replay.always = Fault(body=file.read_bytes())
    assert (await daily.edition(date(2025, 1, 12), None, now=NOW)).papers == ()
    with pytest.raises(SourceFailed):
        await daily.edition(date(2025, 1, 13), None, now=NOW)


async def test_every_recorded_day_is_unchanged_when_asked_again(daily: HuggingFace) -> None:
    for file in DAYS:
        validator = (await daily.edition(day_of(file), None, now=NOW)).validator
        assert (validator is None) == (len(raw_ids(file)) >= 50)
        if validator:
            assert (await daily.edition(day_of(file), validator, now=NOW)).unchanged


def raw_entries(body: str) -> list[str]:
    """Ids of the entries of an API answer, without version."""
    found = re.findall(r"<id>https?://arxiv\.org/abs/([^<]+?)(?:v\d+)?</id>", body)
    return list(dict.fromkeys(found))


async def test_every_recorded_answer_of_arxiv_about_one_paper_is_understood(
    replay: Replay, arxiv: Arxiv
) -> None:
    told = 0
    for file in ANSWERS:
        recorded = json.loads(file.read_text("utf-8"))
        wanted = re.search(r"id_list=([^&]+)", recorded["url"])
        if wanted is None or "%2C" in wanted[1]:
            continue
        paper_id = re.sub(r"v\d+$", "", wanted[1].replace("%2F", "/"))
        if raw_entries(recorded["body"]):
            paper = await arxiv.paper(paper_id)
            assert paper.id == paper_id
            assert paper.version is not None
            assert paper.authors
            assert paper.categories
            told += 1
        else:
            with pytest.raises(NotFound):
                await arxiv.paper(paper_id)
    assert told == 5


async def test_of_the_recorded_searches_of_arxiv_no_paper_is_lost(arxiv: Arxiv) -> None:
    (file,) = (RECORDINGS / "arxiv/api_atom").glob("q_testing_s0_m100_*.json")
    body = json.loads(file.read_text("utf-8"))["body"]
    found = await arxiv.search("testing", 100)
    assert [paper.id for paper in found] == raw_entries(body)
    assert len(found) == 100
    names = [name for paper in found for name in paper.authors]
    assert len(names) == body.count("<name>")
    assert not any("Ã" in name for name in names)


async def test_every_page_of_the_recorded_searches_is_understood_whole() -> None:
    pages = 0
    for file in ANSWERS:
        recorded = json.loads(file.read_text("utf-8"))
        page = answers.page(recorded["body"].encode(), "arxiv")
        assert [paper.id for paper in page.papers] == raw_entries(recorded["body"])
        assert page.broken == ()
        assert bool(page.refusal) == (recorded["status_code"] == 400)
        pages += 1
    assert pages == 20
    body = (RECORDINGS / "arxiv/api_atom/search_transformer.xml").read_bytes()
    page = answers.page(body, "arxiv")
    assert [paper.id for paper in page.papers] == raw_entries(body.decode())
    assert page.total == 28_946


async def read_feed(arxiv: Arxiv, day: date) -> tuple[Paper, ...]:
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return (await arxiv.edition(day, None, now=now)).papers


async def test_of_the_recorded_feed_no_paper_is_lost(arxiv: Arxiv) -> None:
    """The recording was cut off within its 87th entry: the replay ends it behind the 86th."""
    body = FEED.read_text("utf-8")
    whole = re.findall(r"<entry>(.*?)</entry>", body, re.DOTALL)
    papers = await read_feed(arxiv, date(2025, 8, 20))
    ids = [re.search(r"<id>oai:arXiv\.org:(.+?)v\d+</id>", entry) for entry in whole]
    assert [paper.id for paper in papers] == [found[1] for found in ids if found]
    assert len(papers) == 86
    for paper, entry in zip(papers, whole, strict=True):
        creators = re.search(r"<dc:creator>(.*?)</dc:creator>", entry, re.DOTALL)
        assert creators
        names = unescape(creators[1])
        assert len(paper.authors) == names.count(",") + 1
        assert not paper.abstract.startswith("arXiv:")
        assert paper.version == 1


async def test_the_recorded_feed_as_it_was_cut_off_is_a_failure_that_keeps_what_came_whole(
    replay: Replay, arxiv: Arxiv
) -> None:
    replay.mends = False
    with pytest.raises(SourceFailed, match="cut short or damaged") as raised:
        await read_feed(arxiv, date(2025, 8, 20))
    assert raised.value.partial is not None
    assert len(raised.value.partial.papers) == 86


async def test_the_recorded_feed_of_a_saturday_is_empty(replay: Replay) -> None:
    async with Arxiv(("cs.CL",), replay.url, politeness=Politeness(0)) as arxiv:
        assert await read_feed(arxiv, date(2026, 8, 1)) == ()
