"""What a new topic would bring, and how it may be made wider."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.papers import Paper
from bot.topics import advise, matches, parse, wider

MONDAY = date(2026, 6, 8)
WEEK = [MONDAY + timedelta(days=n) for n in range(7)]


def listed(*titles: str) -> list[tuple[Paper, date]]:
    """A paper a day, from Monday on, with as many votes as its number."""
    return [
        (Paper(f"2606.0000{n}", title, upvotes=n), MONDAY + timedelta(days=n % 7))
        for n, title in enumerate(titles)
    ]


def test_papers_are_counted_by_day_with_two_examples_that_match_in_the_title_first():
    papers = listed(
        "Video agents", "Speech", "Agent for video", "Trees", "Video", "Graphs", "Agent"
    )
    papers.append((Paper("2606.00009", "x", abstract="video", upvotes=99), WEEK[1]))
    advice = advise("video", papers, WEEK)
    assert advice.days == tuple(zip(WEEK, (1, 1, 1, 0, 1, 0, 0), strict=True))
    assert (advice.total, advice.papers) == (4, 8)
    assert [example.paper.id for example in advice.examples] == ["2606.00004", "2606.00002"]
    first = advice.examples[0]
    assert (first.spans, first.places, first.day) == (((0, 5),), ("title",), WEEK[4])
    assert not advice.too_few
    assert not advice.too_wide
    assert advice.wider is None


def test_a_paper_of_two_lists_counts_once_and_on_its_newest_day():
    paper = Paper("2606.00001", "Video")
    advice = advise("video", [(paper, WEEK[0]), (paper, WEEK[0]), (paper, WEEK[3])], WEEK)
    assert advice.total == advice.papers == 1
    assert advice.examples[0].day == WEEK[3]


def test_under_one_match_a_week_a_wider_query_is_named_with_its_count():
    papers = listed("Generating a video", "Video and its generation", "x", "y", "z", "w", "v")
    advice = advise('title:"video generation"', papers, WEEK)
    assert advice.too_few
    assert advice.total == 0
    assert advice.wider is not None
    assert advice.wider_total == 2
    assert sum(matches(advice.wider, paper) for paper, _ in papers) == 2


def test_without_anything_wider_none_is_named():
    advice = advise("zebra crossing", listed("a", "b", "c"), WEEK)
    assert advice.too_few
    assert advice.wider is None
    assert advice.wider_total == 0


def test_over_half_of_everything_is_too_wide():
    assert advise("video", listed("video", "videos", "x"), WEEK).too_wide
    assert not advise("video", listed("video", "x"), WEEK).too_wide


def test_days_left_out_are_those_from_the_first_list_to_the_last():
    papers = listed("video", "x", "video")
    assert [day for day, _ in advise("video", papers).days] == WEEK[:3]
    assert advise("video", []).days == ()


def test_papers_of_other_days_do_not_count():
    assert advise("video", listed("video", "video"), WEEK[1:]).total == 1


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ('"video generation"', "video generation"),
        ("title:video", "video"),
        ("RAG", "rag"),
        ("video upvotes>=20", "video"),
        ("video -survey", "video"),
        ("video generation", "video AND generation"),
        ("generation", "generat*"),
        ("视频生成", "video AND generation"),
    ],
)
def test_the_nearest_wider_query_comes_first(query: str, first: str):
    assert wider(query)[0].text == first


def test_wider_queries_never_lose_a_match():
    papers = [
        Paper("1", "Video generation", upvotes=30),
        Paper("2", "RAG for large language models", abstract="video generating"),
        Paper("3", "survey of video", authors=("Kelvin Li",)),
    ]
    for query in (
        '"video generation" upvotes>=20 -survey',
        "title:large language models AND RAG",
        "video author:Li",
        "(video OR image) AND generation",
        "视频生成 -综述",
    ):
        for candidate in wider(query):
            for paper in papers:
                assert matches(candidate, paper) or not matches(query, paper), candidate.text


def test_an_exclusion_alone_is_never_left():
    assert all(parse(candidate.text) for candidate in wider("video -survey"))
    assert wider("zebra")[-1].canonical != "zebra"
