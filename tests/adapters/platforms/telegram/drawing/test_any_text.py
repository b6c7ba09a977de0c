"""Whatever a paper or a person writes, Telegram takes the message and makes nothing live of it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.platforms.telegram.drawing import inline_text
from bot.cards import (
    Block,
    Button,
    Buttons,
    CardBlock,
    File,
    Foot,
    ListBlock,
    NoticeBlock,
    Paragraph,
    Rung,
    Section,
    Span,
    Table,
)
from bot.cards.formatter import card
from bot.channels import Layout, Notice
from bot.papers import Paper, Reading
from tests.adapters.platforms.telegram.drawing.samples import (
    DAY,
    a_heading,
    a_line,
    draw,
    problems,
    read,
)
from tests.wires.judges.telegram import found_entities, text_problems

# Only where a test fails: what it shows is long.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

# Long texts on a busy machine are no mistake.
_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)

SNIPPETS = (
    "@everyone", "@durov", "/start", "</details>", "<b>", "</a>",
    "<a href=\"https://evil.example\">",
    "&amp;", "&", "<", ">", "\"", "`", "**", "__", "||", "```", "[x](y)", "#tag", "$USD", "a@b.com",
    "Node.js", "evil.ai", "tg://resolve?domain=x", "https://a.org/x?y=1&z=2",
    "www.x.org", "\n", " ",
    "\t", "שלום", "مرحبا", "👩‍👩‍👧‍👦", "🇰🇷", "中文。", "한국어", "\u202e", "\u2066",
    "\ud800", "\udfff",
    "\u0000", "\u3164", "\u2800", "e\u0301", "\u0301", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙", "😀",
    "\U00020000", "\x1b[31m", "Abc", "x" * 40,
)  # fmt: skip
TEXTS = st.lists(
    st.one_of(st.sampled_from(SNIPPETS), st.text(max_size=8)), min_size=1, max_size=12
).map("".join)
LONG = st.builds(lambda text, times: text * times, TEXTS, st.sampled_from([1, 1, 1, 20, 150]))
URLS = st.one_of(
    st.none(),
    TEXTS,
    TEXTS.map(lambda text: f"https://example.org/{text}"),
    TEXTS.map(lambda text: f"http://{text}.com/"),
    st.sampled_from(
        ["https://localhost/", "https://a.b:99999/", "https://a.org:0/", "HTTPS://A.ORG",
         "https://a.org?x", "https://a.org/" + "&" * 900, "https://a.org/" + "ü" * 300,
         "https://user@a.org/", "https://-a.org/", "https://a..org/", "https://1.2.3.4/x"],
    ),
)  # fmt: skip
PAPERS = st.builds(
    Paper,
    id=st.integers(1, 99_999).map(lambda n: f"2512.{n:05}"),
    title=LONG,
    abstract=LONG,
    authors=st.lists(TEXTS, max_size=5).map(tuple),
    organization=st.one_of(st.none(), LONG),
    summary=st.one_of(st.none(), LONG),
    upvotes=st.one_of(st.none(), st.integers(0, 10**9)),
    comments=st.integers(0, 9),
    code_url=URLS,
    stars=st.integers(0, 10**6),
    project_url=URLS,
    image_url=URLS,
)
SECTIONS = st.lists(st.tuples(TEXTS, LONG), max_size=14).map(tuple)


@st.composite
def blocks_of_cards(make: st.DrawFn) -> CardBlock:
    paper = make(PAPERS)
    sections = make(SECTIONS)
    reading = Reading(paper.id, "zh", "abstract", (make(LONG),), sections) if sections else None
    rising = make(st.one_of(st.none(), st.tuples(st.integers(0, 9), st.integers(0, 10**6))))
    topics = make(st.lists(TEXTS, max_size=3).map(tuple))
    return CardBlock(card(paper, reading, "en"), topics, (), make(st.booleans()), rising)


@settings(max_examples=40, suppress_health_check=_SLOW)
@given(
    st.lists(blocks_of_cards(), min_size=1, max_size=6, unique_by=lambda block: block.card.id),
    st.lists(TEXTS, max_size=30).map(tuple),
    st.lists(LONG, max_size=3),
    st.sampled_from(Layout),
    st.sampled_from(["en", "zh", "ko"]),
)
def test_a_digest_of_any_papers_is_taken(
    cards: list[CardBlock],
    topics: tuple[str, ...],
    titles: list[str],
    layout: Layout,
    language: str,
) -> None:
    lines = tuple(a_line(number, title or "x") for number, title in enumerate(titles))
    blocks: list[Block] = [
        a_heading(topics=topics, matched=3), *cards, ListBlock(lines, 2, DAY),
        NoticeBlock(Notice.SOURCE_FAILED, titles[0] if titles else "x"), Foot(Rung.ABSTRACT, 2),
    ]  # fmt: skip
    drawn = draw(blocks, layout, language)
    assert problems(drawn) == []
    shown = [paper_id for one in drawn for paper_id in one.papers]
    assert sorted(shown) == sorted([one.card.id for one in cards] + [line.id for line in lines])


@settings(max_examples=40, suppress_health_check=_SLOW)
@given(blocks_of_cards(), st.sampled_from(["en", "zh", "ko"]))
def test_a_card_keeps_its_title_and_its_link(block: CardBlock, language: str) -> None:
    params = inline_text(block, language)
    assert text_problems(params) == []
    assert f'<a href="{block.card.url}">' in str(params["text"])


SPANS = st.builds(Span, LONG, st.sampled_from(["plain", "strong", "code", "mark", "other"]), URLS)
ANSWERS: st.SearchStrategy[Block] = st.one_of(
    st.builds(Paragraph, st.lists(SPANS, max_size=4).map(tuple)),
    st.builds(
        Table,
        st.lists(st.lists(LONG, max_size=4).map(tuple), max_size=4).map(tuple),
        st.lists(TEXTS, max_size=3).map(tuple),
    ),
    st.builds(NoticeBlock, st.sampled_from(Notice), LONG),
    st.builds(File, TEXTS, LONG),
    st.builds(
        Buttons,
        st.lists(
            st.lists(
                st.builds(Button, TEXTS, st.one_of(st.just(""), TEXTS), URLS, st.booleans()),
                max_size=10,
            ).map(tuple),
            max_size=15,
        ).map(tuple),
    ),
)


@settings(max_examples=60, suppress_health_check=_SLOW)
@given(st.lists(ANSWERS, max_size=5))
@example([Paragraph.of("\u3164"), NoticeBlock(Notice.NOT_YET, " ")])
@example([Paragraph((Span(" ", "strong", "https://a.org/"), Span("x")))])
@example([Paragraph.of("x" * 20_000)])
@example([Paragraph.of(*(["&<>" * 4_000] * 3))])
def test_any_answer_is_taken(blocks: list[Block]) -> None:
    assert problems(draw(blocks)) == []


@pytest.mark.parametrize(
    "text",
    [
        "@durov", "hi @everyone!", "(/start)", "run /start now", "#tag", "$USD", "Agent.ai",
        "me@evil.com", "tg://resolve?domain=x", "10.1.1.1", "ftp://evil.com", "@@durov",
        "x @a_b.ai", "Node.sh",
    ],
)  # fmt: skip
def test_text_of_papers_is_never_touched(text: str) -> None:
    """No mention, command, tag or address comes of it, in no part of a card."""
    paper = Paper("2512.00001", text, summary=text, authors=(text,), organization=text)
    made = card(paper, Reading("2512.00001", "en", "abstract", (text,), ((text, text),)), "en")
    assert made.sections == (Section(text, text),)
    for drawn in draw([a_heading(topics=(text,), matched=1), CardBlock(made)]):
        assert drawn.fallback is not None
        (seen,) = read([drawn])
        assert found_entities(seen) == []


def test_addresses_that_a_paper_writes_out_stay_whole() -> None:
    text = "Code at https://github.com/a/b.git and github.com/c/d."
    (seen,) = read(draw([CardBlock(card(Paper("2512.00001", "T", summary=text), None, "en"))]))
    assert text in seen


def test_a_right_to_left_name_stays_on_its_side_of_the_counts() -> None:
    paper = Paper("2512.00001", "שלום", organization="جامعة", upvotes=3)
    (seen,) = read(draw([CardBlock(card(paper, None, "en"))]))
    assert seen.startswith("\u2068שלום\u2069\n▲3 · \u2068جامعة\u2069")
