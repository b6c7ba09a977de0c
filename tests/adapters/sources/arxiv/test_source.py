"""Promises of the source arxiv: the right list for each day, single papers, search."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from adapters.sources.arxiv import Arxiv, Politeness, source
from bot.errors import GiveUp, NotFound, SetUpWrong, SourceFailed
from tests.wires.loopback import Asked, Fault, Loopback, Said
from tests.wires.replay import Replay

DATA = Path(__file__).parents[3] / "data" / "sources"
DAY = date(2026, 3, 4)  # a Wednesday, shown by the feed
NOON = datetime(2026, 3, 4, 17, tzinfo=UTC)

Open = Callable[..., Arxiv]


async def at_once(seconds: float) -> None:
    del seconds


def arxiv(url: str, *categories: str) -> Arxiv:
    return Arxiv(categories or ("cs.AI", "cs.CL"), url, politeness=Politeness(0), wait=at_once)


@pytest.fixture
async def server() -> AsyncIterator[Replay]:
    async with Replay(DATA) as running:
        yield running


@pytest.fixture
async def asking(server: Replay) -> AsyncIterator[Arxiv]:
    async with arxiv(f"{server.url}/") as opened:
        yield opened


async def test_the_list_of_today_is_the_feed(server: Replay, asking: Arxiv) -> None:
    fetched = await asking.edition(DAY, None, now=NOON)
    assert [paper.id for paper in fetched.papers] == ["2603.00101", "2603.00102"]
    assert [asked.target for asked in server.asked] == ["/atom/cs.AI+cs.CL"]


async def test_an_unchanged_feed_is_not_sent_again(server: Replay, asking: Arxiv) -> None:
    first = await asking.edition(DAY, None, now=NOON)
    again = await asking.edition(DAY, first.validator, now=NOON)
    assert (again.unchanged, again.papers) == (True, ())
    assert again.validator == first.validator
    async with arxiv(server.url, "cs.AI") as other:
        assert not (await other.edition(DAY, first.validator, now=NOON)).unchanged


async def test_a_day_before_that_of_the_feed_is_asked_by_time_of_submission(
    server: Replay, asking: Arxiv
) -> None:
    server.feed = DATA / "arxiv" / "rss" / "rss.arxiv.org_weekend_empty.xml"
    now = datetime(2026, 3, 7, 12, tzinfo=UTC)
    fetched = await asking.edition(DAY, None, now=now)
    # What came one second before the deadline is in, what came at the deadline is not.
    assert [paper.id for paper in fetched.papers] == ["2603.00101", "2603.00105", "2603.00106"]
    assert fetched.validator is None
    assert server.asked[-1].query["search_query"] == (
        "(cat:cs.AI OR cat:cs.CL) AND submittedDate:[202603021900 TO 202603031900]"
    )
    following = await asking.edition(date(2026, 3, 5), None, now=now)
    assert [paper.id for paper in following.papers] == ["2603.00107"]
    # The feed was seen to be newer: it is not asked again for an older day.
    assert [asked.path for asked in server.asked].count("/atom/cs.AI+cs.CL") == 1


async def test_a_past_day_is_read_to_its_last_page(
    server: Replay, asking: Arxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "PAGE", 2)
    fetched = await asking.edition(DAY, None, now=NOON.replace(day=20))
    assert [paper.id for paper in fetched.papers] == ["2603.00101", "2603.00102"]  # the feed's own
    server.feed = DATA / "arxiv" / "rss" / "rss.arxiv.org_weekend_empty.xml"
    async with arxiv(server.url) as fresh:
        fetched = await fresh.edition(DAY, None, now=NOON.replace(day=20))
    assert [paper.id for paper in fetched.papers] == ["2603.00101", "2603.00105", "2603.00106"]
    starts = [asked.query["start"] for asked in server.asked if "start" in asked.query]
    assert starts == ["0", "2"]


async def test_a_past_weekend_has_no_list_and_is_not_asked_for(
    server: Replay, asking: Arxiv
) -> None:
    fetched = await asking.edition(date(2026, 3, 1), None, now=NOON)
    assert fetched.papers == ()
    assert not any(asked.path == "/api/query" for asked in server.asked)


async def test_a_weekend_is_an_empty_list(server: Replay, asking: Arxiv) -> None:
    server.feed = DATA / "arxiv" / "rss" / "rss.arxiv.org_weekend_empty.xml"
    now = datetime(2026, 3, 7, 18, tzinfo=UTC)
    fetched = await asking.edition(date(2026, 3, 7), None, now=now)
    assert (fetched.papers, fetched.broken, fetched.unchanged) == ((), (), False)


async def test_before_the_feed_shows_a_day_its_list_is_empty_and_open(asking: Arxiv) -> None:
    tomorrow = date(2026, 3, 5)
    before = datetime(2026, 3, 5, 6, 59, tzinfo=UTC)
    fetched = await asking.edition(tomorrow, None, now=before)
    assert (fetched.papers, fetched.validator) == ((), None)
    assert before < asking.closes(tomorrow)


async def test_a_feed_that_is_late_is_a_failure_and_no_empty_list(asking: Arxiv) -> None:
    """Else the list would be closed as empty, and lost when it comes."""
    with pytest.raises(SourceFailed, match="still shows 2026-03-04 and not yet 2026-03-05"):
        await asking.edition(date(2026, 3, 5), None, now=datetime(2026, 3, 5, 7, 0, tzinfo=UTC))


async def test_a_feed_that_is_stuck_does_not_hide_a_past_day(server: Replay, asking: Arxiv) -> None:
    fetched = await asking.edition(date(2026, 3, 5), None, now=datetime(2026, 3, 9, 12, tzinfo=UTC))
    assert [paper.id for paper in fetched.papers] == ["2603.00107"]


async def test_a_whole_archive_is_asked_with_its_subject_classes(server: Replay) -> None:
    server.feed = DATA / "arxiv" / "rss" / "rss.arxiv.org_weekend_empty.xml"
    async with arxiv(server.url, "cs") as asking:
        await asking.edition(DAY, None, now=NOON.replace(day=20))
    assert server.asked[-1].query["search_query"].startswith("(cat:cs OR cat:cs.*) AND")


async def test_an_empty_page_in_the_middle_is_a_failure(server: Replay, asking: Arxiv) -> None:
    server.feed = DATA / "arxiv" / "rss" / "rss.arxiv.org_weekend_empty.xml"
    hole = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"'
        b' xmlns:o="http://a9.com/-/spec/opensearch/1.1/"><o:totalResults>9</o:totalResults></feed>'
    )
    server.faults.extend([Fault(), Fault(body=hole)])
    with pytest.raises(SourceFailed, match="0 of 9 papers"):
        await asking.edition(DAY, None, now=NOON.replace(day=20))


class Crowded(Loopback):
    """Feeds that are cut at their limit when several categories are asked together."""

    def answer(self, asked: Asked) -> Said:
        names = asked.path.removeprefix("/atom/").split("+")
        numbers = {"cs.AI": range(1, 6), "cs.CL": range(4, 9)}
        ids = sorted({n for name in names for n in numbers[name]})[:5]
        entries = "".join(
            f"<entry><id>oai:arXiv.org:2603.{n:05d}v1</id><title>Paper {n}</title>"
            "<published>2026-03-04T00:00:00-05:00</published></entry>"
            for n in ids
        )
        feed = f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'
        return Said(feed.encode(), kind="application/atom+xml")


async def test_a_feed_that_reached_its_limit_is_read_category_by_category(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source, "MOST_IN_FEED", 5)
    async with Crowded() as server, arxiv(server.url) as asking:
        fetched = await asking.edition(DAY, None, now=NOON)
    assert [paper.id for paper in fetched.papers] == [f"2603.{n:05d}" for n in range(1, 9)]
    assert [asked.path for asked in server.asked] == [
        "/atom/cs.AI+cs.CL",
        "/atom/cs.AI",
        "/atom/cs.CL",
    ]


async def test_one_paper_by_its_id_with_its_latest_version(server: Replay, asking: Arxiv) -> None:
    paper = await asking.paper("2603.00106v1")
    assert (paper.id, paper.version, paper.categories) == ("2603.00106", 4, ("stat.ML", "cs.AI"))
    assert paper.published == datetime(2026, 3, 3, 18, 59, 59, tzinfo=UTC)
    assert server.asked[-1].query == {"id_list": "2603.00106", "max_results": "1"}
    assert (await asking.paper("astro-ph/0601009")).title == "An Old Number"
    assert (await asking.paper("2603.00101")).authors == ("Jörg Müller", "Lee Chan")


async def test_an_unknown_paper_is_not_found(asking: Arxiv) -> None:
    for paper_id in ("0000.0001", "2603.99999"):
        with pytest.raises(NotFound, match=f"does not know the paper {paper_id}"):
            await asking.paper(paper_id)


async def test_a_malformed_id_is_not_found_in_the_words_of_the_service(asking: Arxiv) -> None:
    with pytest.raises(NotFound, match=r"incorrect id format for 9999\.99999"):
        await asking.paper("9999.99999")


async def test_what_is_no_id_is_not_asked(server: Replay, asking: Arxiv) -> None:
    with pytest.raises(NotFound, match="not an arXiv id"):
        await asking.paper("abc")
    assert server.asked == []


async def test_a_search_asks_for_the_phrase_and_then_for_all_the_words(
    server: Replay, asking: Arxiv
) -> None:
    assert [paper.id for paper in await asking.search("small maps", 5)] == ["2603.00101"]
    assert server.asked[-1].query["search_query"] == 'all:"small maps"'
    assert [paper.id for paper in await asking.search("walks maps", 5)] == ["2603.00101"]
    assert server.asked[-1].query["search_query"] == 'all:"walks" AND all:"maps"'
    assert await asking.search("nothingofthekind", 5) == []


async def test_a_search_cannot_be_turned_into_another_query(server: Replay, asking: Arxiv) -> None:
    await asking.search('x" OR cat:cs.AI OR all:"\\y', 5)
    for asked in server.asked:
        parts = asked.query["search_query"].split('"')
        assert all(outside in ("all:", "", " AND all:") for outside in parts[::2])


async def test_a_search_for_nothing_asks_nobody(server: Replay, asking: Arxiv) -> None:
    for words in ("", '  "" ', "?!"):
        assert await asking.search(words, 5) == []
    assert await asking.search("words", 0) == []
    assert server.asked == []


async def test_without_categories_there_is_no_list_but_papers_and_search(server: Replay) -> None:
    async with Arxiv((), server.url, politeness=Politeness(0)) as asking:
        with pytest.raises(GiveUp, match="PAPERBOY_ARXIV_CATEGORIES"):
            await asking.edition(DAY, None, now=NOON)
        assert (await asking.paper("2603.00101")).id == "2603.00101"
        assert await asking.search("small maps", 1)


@pytest.mark.parametrize("category", ["AI", "cs.", "cs.AI+cs.CL", "cs/AI", "", "cs.AI?x"])
def test_a_wrong_category_is_a_wrong_set_up(category: str) -> None:
    with pytest.raises(SetUpWrong, match="PAPERBOY_ARXIV_CATEGORIES"):
        Arxiv((category,))


def test_every_kind_of_category_is_accepted() -> None:
    Arxiv(("cs.AI", "cond-mat.mes-hall", "physics.data-an", "q-bio.NC", "hep-th", "math"))


def test_a_wrong_base_is_a_wrong_set_up() -> None:
    with pytest.raises(SetUpWrong, match="PAPERBOY_ARXIV_URL"):
        Arxiv((), "arxiv.example")


def test_without_a_base_arxivs_own_hosts_are_asked_over_https() -> None:
    assert source.API == "https://export.arxiv.org/api/query"
    assert Arxiv(("cs.AI", "cs.CL"))._feed_url(("cs.AI", "cs.CL")) == (
        "https://rss.arxiv.org/atom/cs.AI+cs.CL"
    )


@pytest.mark.parametrize(
    ("fault", "kind", "sentence"),
    [
        (Fault(body=b"<feed"), SourceFailed, "cut short or damaged"),
        (Fault(body=b"[]"), SourceFailed, "cut short or damaged"),
        (Fault(body=b"<!DOCTYPE html><html></html>"), SourceFailed, "a web page"),
        (Fault(body=b"<other/>"), SourceFailed, "not a feed"),
        (Fault(status=400), GiveUp, "check PAPERBOY_ARXIV_CATEGORIES"),
        (Fault(status=404), GiveUp, "check PAPERBOY_ARXIV_CATEGORIES"),
        (Fault(status=410), SourceFailed, "HTTP 410"),
        (Fault(status=503, headers={"Retry-After": "90"}), SourceFailed, "in 90 s"),
        (Fault(cut=10), SourceFailed, "broke off"),
        (Fault(hush=True), SourceFailed, "broke off"),
    ],
)
async def test_every_bad_answer_is_one_clear_sentence(
    server: Replay, asking: Arxiv, fault: Fault, kind: type[Exception], sentence: str
) -> None:
    server.always = fault
    with pytest.raises(kind, match=sentence) as caught:
        await asking.edition(DAY, None, now=NOON)
    assert "\n" not in str(caught.value)
    server.always = None
    assert len((await asking.edition(DAY, None, now=NOON)).papers) == 2


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(body=b"<feed"), SourceFailed),
        (Fault(status=400, body=b"Bad"), GiveUp),
        (Fault(status=404), SourceFailed),
    ],
)
async def test_the_same_holds_for_single_papers_and_searches(
    server: Replay, asking: Arxiv, fault: Fault, kind: type[Exception]
) -> None:
    server.always = fault
    with pytest.raises(kind, match=r"2603\.00101"):
        await asking.paper("2603.00101")
    with pytest.raises(kind, match="small maps"):
        await asking.search("small maps", 5)


async def test_a_redirect_to_a_stranger_is_not_followed(server: Replay, asking: Arxiv) -> None:
    server.always = Fault(status=301, headers={"Location": "https://stranger.example/"})
    with pytest.raises(SourceFailed, match=r"stranger\.example, which is not followed"):
        await asking.paper("2603.00101")
