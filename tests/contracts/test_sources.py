"""What every source promises (bot.ports.Source), held to by each over HTTP alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from adapters.sources.arxiv import Arxiv, Politeness
from adapters.sources.bundled import DAY as BUNDLED_DAY
from adapters.sources.bundled import BundledServer
from adapters.sources.huggingface import HuggingFace
from bot.errors import NotFound, SourceFailed
from bot.papers import split_id
from bot.ports import Source
from tests.wires.replay import Replay

DATA = Path(__file__).parents[1] / "data" / "sources"


async def at_once(seconds: float) -> None:
    del seconds


@dataclass
class Case:
    """A source with what is known of the service behind it."""

    source: Source
    day: date  # a day with a list
    known: str  # id of a paper that the service knows
    words: str  # a search that finds it
    stop: AsyncExitStack  # ends the service


@pytest.fixture(params=["huggingface", "arxiv"])
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(AsyncExitStack())
        if request.param == "huggingface":
            bundled = await service.enter_async_context(BundledServer())
            daily = await stack.enter_async_context(HuggingFace(bundled.url, wait=at_once))
            yield Case(daily, BUNDLED_DAY, "2512.15716", "updatable spatial memory", service)
        else:
            replay = await service.enter_async_context(Replay(DATA))
            arxiv = await stack.enter_async_context(
                Arxiv(("cs.AI", "cs.CL"), replay.url, politeness=Politeness(0), wait=at_once)
            )
            yield Case(arxiv, date(2026, 3, 4), "2603.00101", "small maps", service)


def evening(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, tzinfo=UTC)


async def test_the_list_of_a_day_holds_papers_each_once(case: Case) -> None:
    fetched = await case.source.edition(case.day, None, now=evening(case.day))
    ids = [paper.id for paper in fetched.papers]
    assert ids
    assert len(ids) == len(set(ids))
    assert not fetched.unchanged
    assert fetched.broken == ()


async def test_papers_carry_an_id_without_version_a_title_and_their_source(case: Case) -> None:
    for paper in (await case.source.edition(case.day, None, now=evening(case.day))).papers:
        assert split_id(paper.id) == (paper.id, None)
        assert paper.title
        assert "\n" not in paper.title + paper.abstract
        assert paper.sources == (case.source.name,)
        assert paper.published is None or paper.published.utcoffset() == timedelta(0)


async def test_reading_twice_gives_the_same(case: Case) -> None:
    first = await case.source.edition(case.day, None, now=evening(case.day))
    assert await case.source.edition(case.day, None, now=evening(case.day)) == first


async def test_a_conditional_read_of_an_unchanged_list_holds_nothing(case: Case) -> None:
    first = await case.source.edition(case.day, None, now=evening(case.day))
    assert first.validator is not None
    again = await case.source.edition(case.day, first.validator, now=evening(case.day))
    assert (again.unchanged, again.papers, again.broken) == (True, (), ())
    assert again.validator is not None


async def test_a_validator_of_one_day_says_nothing_about_another(case: Case) -> None:
    first = await case.source.edition(case.day, None, now=evening(case.day))
    other = case.day + timedelta(days=1)
    midnight = datetime(other.year, other.month, other.day, tzinfo=UTC)
    assert not (await case.source.edition(other, first.validator, now=midnight)).unchanged


async def test_nonsense_as_a_validator_does_no_harm(case: Case) -> None:
    fetched = await case.source.edition(case.day, "nonsense", now=evening(case.day))
    assert fetched.papers


async def test_a_day_without_a_list_is_empty_and_no_error(case: Case) -> None:
    saturday = case.day + timedelta(days=(5 - case.day.weekday()) % 7)
    assert not case.source.expects(saturday)
    now = datetime(saturday.year, saturday.month, saturday.day, 4, tzinfo=UTC)
    assert (await case.source.edition(saturday, None, now=now)).papers == ()


async def test_lists_close_after_their_day_began_and_in_order(case: Case) -> None:
    closings = [case.source.closes(case.day + timedelta(days=n)) for n in range(400)]
    for n, closing in enumerate(closings):
        begins = datetime.combine(case.day + timedelta(days=n), datetime.min.time(), UTC)
        assert closing.utcoffset() == timedelta(0)
        assert begins < closing < begins + timedelta(days=2)
    assert closings == sorted(closings)


async def test_a_week_has_five_lists(case: Case) -> None:
    assert sum(case.source.expects(case.day + timedelta(days=n)) for n in range(7)) == 5


async def test_one_paper_by_its_id(case: Case) -> None:
    paper = await case.source.paper(case.known)
    assert paper.id == case.known
    assert paper.title
    assert paper.sources == (case.source.name,)


@pytest.mark.parametrize("unknown", ["2599.99999", "no id at all", ""])
async def test_an_unknown_paper_is_not_found(case: Case, unknown: str) -> None:
    with pytest.raises(NotFound) as caught:
        await case.source.paper(unknown)
    assert str(caught.value).endswith(").") or str(caught.value).endswith(".")


async def test_a_search_finds_it_and_keeps_the_bound(case: Case) -> None:
    found = await case.source.search(case.words, 5)
    assert case.known in [paper.id for paper in found]
    assert len(await case.source.search(case.words, 1)) == 1


async def test_a_search_without_a_result_is_empty(case: Case) -> None:
    assert await case.source.search("qqqqzzzz", 5) == []


async def test_a_service_that_is_gone_is_a_failure_in_one_sentence(case: Case) -> None:
    await case.stop.aclose()
    for question in (
        case.source.edition(case.day, None, now=evening(case.day)),
        case.source.paper(case.known),
        case.source.search(case.words, 5),
    ):
        with pytest.raises(SourceFailed, match="could not be reached") as caught:
            await question
        assert "\n" not in str(caught.value)
