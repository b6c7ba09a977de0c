"""Promises of the conversion: only id and title are needed, a bad field costs only itself."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.huggingface.convert import instant, to_paper
from bot.errors import Skip
from bot.papers import Paper
from tests.wires.daily import record


def converted(**told: Any) -> Paper:
    return to_paper(record(**told), "huggingface")


def test_a_record_of_today_is_understood_whole() -> None:
    paper = converted(
        paper_id="2601.00001",
        title="On\n Things",
        summary="First line.\nSecond line.",
        authors=[
            {"name": "Ada  Example", "hidden": False},
            {"name": "Bo Example", "hidden": True},
            {"name": "Cy Example"},
        ],
        publishedAt="2026-01-05T10:00:00.000Z",
        organization={"name": "uni", "fullname": "University of Examples"},
        ai_keywords=["maps", "walks", "maps"],
        ai_summary="A line.",
        upvotes=12,
        githubRepo="https://github.com/a/b",
        githubStars=3,
        projectPage="https://a.example/",
        outer={
            "publishedAt": "2026-01-05T05:00:00.000Z",
            "numComments": 4,
            "thumbnail": "https://cdn.example/2601.00001.png",
        },
    )
    assert paper == Paper(
        id="2601.00001",
        title="On Things",
        abstract="First line. Second line.",
        authors=("Ada Example", "Cy Example"),
        organization="University of Examples",
        published=datetime(2026, 1, 5, 10, tzinfo=UTC),
        keywords=("maps", "walks"),
        summary="A line.",
        upvotes=12,
        comments=4,
        code_url="https://github.com/a/b",
        stars=3,
        project_url="https://a.example/",
        image_url="https://cdn.example/2601.00001.png",
        sources=("huggingface",),
    )


def test_id_and_title_are_enough() -> None:
    paper = to_paper({"paper": {"id": "2601.00001", "title": "0"}}, "huggingface")
    assert paper == Paper(id="2601.00001", title="0", sources=("huggingface",))


def test_the_id_loses_its_version_and_old_ids_work() -> None:
    assert converted(paper_id="2601.00001v3").id == "2601.00001"
    assert converted(paper_id="2601.00001v3").version is None
    assert converted(paper_id="astro-ph/0601001").id == "astro-ph/0601001"


def test_title_and_abstract_may_stand_outside_only() -> None:
    paper = to_paper(
        {"paper": {"id": "2601.00001"}, "title": "Outside", "summary": "So too."}, "huggingface"
    )
    assert (paper.title, paper.abstract) == ("Outside", "So too.")


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (None, "nothing, not an object"),
        ([], "a list, not an object"),
        ("text", "a text, not an object"),
        ({}, "`paper` is nothing"),
        ({"paper": 7}, "`paper` is a number"),
        ({"paper": {"title": "A"}}, "no arXiv id"),
        ({"paper": {"id": 2601.00001, "title": "A"}}, "no arXiv id"),
        ({"paper": {"id": "not-an-id", "title": "A"}}, "no arXiv id"),
        ({"paper": {"id": "2601.00001"}}, "no title"),
        ({"paper": {"id": "2601.00001", "title": " \n"}}, "no title"),
        ({"paper": {"id": "2601.00001", "title": ["A"]}}, "no title"),
    ],
)
def test_without_id_or_title_a_record_is_skipped_and_says_why(broken: object, why: str) -> None:
    with pytest.raises(Skip, match=why):
        to_paper(broken, "huggingface")


WRONG: list[object] = [None, True, 3, -3, 2.5, 10**30, "x", "", [], {}, [[]], [{}], {"name": 3}]
OPTIONAL = {
    "abstract": "summary",
    "authors": "authors",
    "organization": "organization",
    "published": "publishedAt",
    "keywords": "ai_keywords",
    "summary": "ai_summary",
    "upvotes": "upvotes",
    "code_url": "githubRepo",
    "stars": "githubStars",
    "project_url": "projectPage",
}


@pytest.mark.parametrize(("ours", "theirs"), OPTIONAL.items())
@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_a_wrong_optional_field_costs_only_that_field(
    ours: str, theirs: str, value: object
) -> None:
    good = {
        "summary": "S",
        "ai_summary": "L",
        "upvotes": 1,
        "authors": [{"name": "Ada"}],
        "ai_keywords": ["k"],
    }
    whole = converted(**good)
    paper = converted(**{**good, theirs: value})
    for field in fields(Paper):
        if field.name != ours:
            assert getattr(paper, field.name) == getattr(whole, field.name)
    kept = getattr(paper, ours)
    if ours in ("upvotes", "stars"):
        assert kept == (3 if value == 3 else None)
    elif ours in ("abstract", "summary"):
        assert kept in ("x", "", None)
    else:
        assert not kept


def test_a_title_of_two_megabytes_is_cut() -> None:
    assert len(converted(title="long " * 400_000).title) <= 1_000


def test_lists_without_end_are_cut() -> None:
    paper = converted(
        authors=[{"name": f"Author {n}"} for n in range(5_000)],
        ai_keywords=[f"word {n}" for n in range(5_000)],
        summary="x" * 100_000,
    )
    assert len(paper.authors) == 2_000
    assert len(paper.keywords) == 100
    assert len(paper.abstract) == 20_000


def test_664_authors_are_all_kept() -> None:
    assert len(converted(authors=[{"name": f"Author {n}"} for n in range(664)]).authors) == 664


def test_authors_may_be_plain_texts() -> None:
    assert converted(authors=["Ada Example", "", None]).authors == ("Ada Example",)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "github.com/a/b", "https://a b.c"])
def test_a_link_that_is_no_web_address_is_left_out(address: str) -> None:
    paper = converted(githubRepo=address, projectPage=address, outer={"thumbnail": address})
    assert (paper.code_url, paper.project_url, paper.image_url) == (None, None, None)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-01-05T10:00:00.000Z", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("2026-01-05T05:00:00-05:00", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("2026-01-05T10:00:00", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("2026-02-30T10:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("yesterday", None),
        (1767607200, None),
    ],
)
def test_an_instant_is_utc_or_nothing(said: object, meant: datetime | None) -> None:
    assert instant(said) == meant


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*OPTIONAL.values(), "id", "title", "name", "fullname", "paper"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_no_json_at_all_breaks_the_conversion(value: object) -> None:
    for candidate in (value, {"paper": value}):
        try:
            paper = to_paper(candidate, "huggingface")
        except Skip:
            continue
        assert paper.title


@given(st.dictionaries(st.sampled_from(list(OPTIONAL.values())), JSON))
def test_a_record_with_id_and_title_is_never_skipped(told: dict[str, object]) -> None:
    assert converted(**told).id == "2601.00001"
