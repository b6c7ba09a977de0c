"""Promises of arXiv's answers: safe XML, what is news in a feed, what a page of results says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.arxiv import answers
from adapters.sources.arxiv.documents import Damaged
from bot.papers import Paper

FEEDS = Path(__file__).parents[3] / "data" / "sources" / "arxiv" / "rss"
ATOM = (FEEDS / "rss.arxiv.org_atom_cs.AI_2026-03-04.xml").read_bytes()
RSS = (FEEDS / "rss.arxiv.org_rss_cs.RO_2026-03-04.xml").read_bytes()
EMPTY = (FEEDS / "rss.arxiv.org_weekend_empty.xml").read_bytes()


def made_feed(*entries: str, updated: str = "2026-03-04T05:00:12+00:00") -> bytes:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">'
        f"<updated>{updated}</updated>{''.join(entries)}</feed>"
    ).encode()


def made_entry(paper_id: str, title: str = "A", kind: str | None = "new", day: int = 4) -> str:
    announced = f"<arxiv:announce_type>{kind}</arxiv:announce_type>" if kind else ""
    return (
        f"<entry><id>oai:arXiv.org:{paper_id}</id><title>{title}</title>{announced}"
        f"<published>2026-03-{day:02d}T00:00:00-05:00</published></entry>"
    )


def test_new_and_cross_listed_papers_are_news_and_replacements_are_not() -> None:
    feed = answers.feed(ATOM, "arxiv")
    assert feed.day == date(2026, 3, 4)
    assert feed.size == 4
    assert [paper.id for paper in feed.papers] == ["2603.00101", "2603.00102"]
    assert feed.broken == ()


def test_an_entry_of_the_feed_is_understood_whole() -> None:
    assert answers.feed(ATOM, "arxiv").papers[0] == Paper(
        id="2603.00101",
        title="Small Maps for Long Walks",
        abstract="A made-up paper about maps. Its second line is folded & kept.",
        authors=(r"J\"org M\"uller", r"Anna-Lena S{\o}gaard", "Lee Chan"),
        version=1,
        categories=("cs.AI", "cs.RO"),
        sources=("arxiv",),
    )


def test_rss_is_understood_like_atom() -> None:
    feed = answers.feed(RSS, "arxiv")
    assert feed.day == date(2026, 3, 4)
    (paper,) = feed.papers
    assert (paper.id, paper.version, paper.title) == ("2603.00101", 1, "Small Maps for Long Walks")
    assert paper.abstract == "A made-up paper about maps."
    assert paper.authors == ("Ada Example", "Bo Example")
    assert paper.categories == ("cs.AI", "cs.RO")


def test_the_feed_of_a_weekend_is_empty_and_says_its_day() -> None:
    feed = answers.feed(EMPTY, "arxiv")
    assert (feed.day, feed.size, feed.papers) == (date(2026, 3, 7), 0, ())


@pytest.mark.parametrize(
    ("updated", "day"),
    [
        ("2026-03-04T05:00:12+00:00", date(2026, 3, 4)),
        ("2026-07-08T04:00:12+00:00", date(2026, 7, 8)),
        ("2026-03-04T04:59:50+00:00", date(2026, 3, 4)),  # made a little early
        ("2026-03-04T22:00:00+00:00", date(2026, 3, 4)),
    ],
)
def test_an_empty_atom_feed_is_dated_by_new_york(updated: str, day: date) -> None:
    assert answers.feed(made_feed(updated=updated), "arxiv").day == day


def test_a_paper_that_is_new_in_one_category_and_replaced_in_another_is_news() -> None:
    body = made_feed(
        made_entry("2603.00001v2", kind="replace-cross"), made_entry("2603.00001v1", kind="new")
    )
    assert [paper.id for paper in answers.feed(body, "arxiv").papers] == ["2603.00001"]


def test_an_entry_that_does_not_say_how_it_was_announced_is_listed() -> None:
    body = made_feed(made_entry("2603.00001v1", kind=None), made_entry("2603.00001v1"))
    assert [paper.id for paper in answers.feed(body, "arxiv").papers] == ["2603.00001"]


def test_a_left_over_entry_of_the_day_before_is_not_this_days() -> None:
    body = made_feed(made_entry("2603.00001v1", day=3), made_entry("2603.00002v1", day=4))
    feed = answers.feed(body, "arxiv")
    assert (feed.day, [paper.id for paper in feed.papers]) == (date(2026, 3, 4), ["2603.00002"])


def test_a_broken_entry_costs_one_paper_and_is_named() -> None:
    body = made_feed(
        made_entry("nonsense"),
        made_entry("2603.00002v1", title="  "),
        made_entry("2603.00003v1"),
        "<entry/>",
    )
    feed = answers.feed(body, "arxiv")
    assert [paper.id for paper in feed.papers] == ["2603.00003"]
    assert [broken.where for broken in feed.broken] == [
        "oai:arXiv.org:nonsense",
        "oai:arXiv.org:2603.00002v1",
        "entry 4",
    ]


def test_old_ids_keep_their_archive() -> None:
    body = made_feed(made_entry("math/0601001v3"))
    (paper,) = answers.feed(body, "arxiv").papers
    assert (paper.id, paper.version) == ("math/0601001", 3)


def test_a_title_of_two_megabytes_is_cut() -> None:
    body = made_feed(made_entry("2603.00001v1", title="long " * 400_000))
    assert len(answers.feed(body, "arxiv").papers[0].title) <= 1_000


BOMB = b"""<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><feed xmlns="http://www.w3.org/2005/Atom">
<updated>2026-03-04T05:00:00Z</updated><title>&b;</title></feed>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<feed xmlns="http://www.w3.org/2005/Atom"><title>&x;</title></feed>"""


@pytest.mark.parametrize("body", [BOMB, OUTSIDE, BOMB.decode().encode("utf-16")])
def test_a_document_that_declares_entities_is_refused(body: bytes) -> None:
    for parse in (answers.feed, answers.page):
        with pytest.raises(Damaged):
            parse(body, "arxiv")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (ATOM[: len(ATOM) // 2], "cut short or damaged"),
        (ATOM[:-3], "cut short or damaged"),
        (b"", "cut short or damaged"),
        (b"[]", "cut short or damaged"),
        (b"\x00\x01\x02", "cut short or damaged"),
        (b'<?xml version="1.0" encoding="no-such"?><feed/>', "cut short or damaged"),
        (b"<!DOCTYPE html><html><body>Down</body></html>", "a web page"),
        (b"<html><body>Down<br></body></html>", "a web page"),
        (b"<html><body>Down</body></html>", "not a feed"),
        (b"<rss></rss>", "not a feed"),
        (made_feed(updated="some day"), "does not say its day"),
    ],
)
def test_what_is_no_feed_says_what_it_is(body: bytes, what: str) -> None:
    with pytest.raises(Damaged, match=what):
        answers.feed(body, "arxiv")


def test_a_page_of_results_mends_names_and_puts_the_primary_category_first() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"
      xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">
      <opensearch:totalResults>7</opensearch:totalResults>
      <entry><id>http://arxiv.org/abs/2603.00101v3</id><title>A
      B</title><summary> C
      D</summary><published>2026-03-02T19:00:00Z</published>
      <category term="cs.AI"/><category term="cs.RO"/><category term="I.2.9"/>
      <category term="68T05"/><arxiv:primary_category term="cs.RO"/>
      <author><name>Dirk W\xc3\x83\xc2\xbcbben</name></author><author><name/></author>
      </entry></feed>"""
    page = answers.page(body, "arxiv")
    assert (page.total, page.size, page.refusal) == (7, 1, None)
    assert page.papers == (
        Paper(
            id="2603.00101",
            title="A B",
            abstract="C D",
            authors=("Dirk Wübben",),
            published=datetime(2026, 3, 2, 19, tzinfo=UTC),
            version=3,
            categories=("cs.RO", "cs.AI"),
            sources=("arxiv",),
        ),
    )


@given(st.binary(max_size=300))
def test_no_bytes_at_all_break_the_reading(body: bytes) -> None:
    for parse in (answers.feed, answers.page):
        with pytest.raises(Damaged):
            parse(body, "arxiv")


@given(st.integers(0, len(ATOM) - 2))
def test_a_feed_cut_anywhere_is_never_taken_for_a_whole_one(length: int) -> None:
    with pytest.raises(Damaged):
        answers.feed(ATOM[:length], "arxiv")
