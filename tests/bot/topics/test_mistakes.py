"""A wrong query is answered with the place and an example; no text whatever breaks anything."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import TopicError
from bot.papers import Paper
from bot.topics import Matcher, Query, mark, matches, parse, split, why, wider


@pytest.mark.parametrize(
    ("query", "position", "says"),
    [
        ("", 0, "at least one word"),
        ("   ", 0, "at least one word"),
        ("x" * 301, 300, "300 characters"),
        ("titel:video", 0, "did you mean title:?"),
        ("video auther:Li", 6, "did you mean author:?"),
        ("http://example.org", 0, "quotes"),
        ("votes>=20", 0, "did you mean upvotes"),
        ("title>=20", 0, "Only upvotes"),
        ("upvotes>=many", 0, "“many” is not a whole number"),
        ("upvotes>=", 0, "Nothing follows"),
        ("upvotes:20", 0, "does not compare"),
        ("has:data", 4, "has:code and has:project"),
        ("cat:vision!", 4, "no arXiv category"),
        ("-survey", 0, "only excludes"),
        ("NOT survey NOT review", 0, "only excludes"),
        ("video OR NOT survey", 0, "only excludes"),
        ("video AND", 9, "Nothing follows “AND”"),
        ("AND video", 0, "Nothing stands before “AND”"),
        ("a OR OR b", 5, "Nothing follows “OR”"),
        ("a NOT", 5, "Nothing follows “NOT”"),
        ("title:", 6, "Nothing follows “title:”"),
        ("title: AND b", 7, "Nothing follows “title:”"),
        ("(a OR b", 0, "never closed"),
        ("a AND (b OR (c)", 6, "never closed"),
        ("a) b", 1, "closes none"),
        ("()", 1, "nothing in these parentheses"),
        ("(OR a)", 1, "Nothing stands before “OR”"),
        ('say "hello', 4, "never closed"),
        ('""', 1, "no word in these quotes"),
        ('"gen*"', 4, "within quotes"),
        ("a*", 0, "at least 2 letters"),
        ("ge*n", 2, "only at the end"),
        ("*", 0, "only at the end"),
        ("a | b", 2, "write OR"),
        ("a & b", 2, "AND"),
        ("a - b", 2, "stands alone"),
        ("（a）－b", 3, "after a space"),
        ("视频　ＡＮＤ", 6, "Nothing follows"),
        ("a, b", 1, "separates topics"),
        ("<think>", 0, "quotes"),
        ("!a", 0, "-"),
        ("title:(author:Li)", 7, "cannot hold each other"),
        ("(" * 9 + "a" + ")" * 9, 8, "More than 8 parentheses"),
        (" OR ".join(f"w{n}" for n in range(31)), 0, "at most 30 terms"),
    ],
)
def test_a_wrong_query_is_answered_with_place_and_example(query: str, position: int, says: str):
    with pytest.raises(TopicError) as caught:
        parse(query)
    error = caught.value
    assert says in str(error)
    assert error.query == query
    assert error.position == position
    assert f"example: {error.example}" in str(error)
    assert parse(error.example).canonical


def test_a_long_query_is_quoted_only_round_the_mistake():
    query = "video " * 40 + "AND"
    with pytest.raises(TopicError) as caught:
        parse(query)
    assert len(str(caught.value)) < 220


def test_a_stored_topic_that_cannot_be_read_matches_nothing_and_is_logged(
    caplog: pytest.LogCaptureFixture,
):
    matcher = Matcher([Paper("1", "broken video")])
    assert matcher.masks([["broken ("], ["broken (", "video"]]) == [0, 1]
    assert "broken (" in caplog.text


def test_the_bounds_keep_a_hostile_query_cheap():
    for query in ("NOT " * 74 + "a", "-" * 300, '"' * 300, "a " * 150, "(a)" * 100, "a*" * 150):
        try:
            understood = parse(query)
        except TopicError:
            continue
        assert not matches(understood, Paper("1", "b " * 500))


def test_a_huge_text_is_no_trap():
    title = "a $\\pi$ video " * 6_000
    one = Paper("1", title)
    assert Matcher([one]).mask("video") == 1
    assert mark("video", title)


SIGNS = (
    'a RAG 视频生成 AND OR NOT - ( ) " title: cat: * upvotes>= 3 + , ： $ \\pi { } ^ _ has:code é'
)
WORDS = 'x AND OR NOT -y ( ) "z" org:'
anything = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from((*SIGNS.split(), " ", "'s")), max_size=14).map("".join),
    st.lists(st.sampled_from(WORDS.split()), max_size=14).map(" ".join),
)


def tried(topic: str) -> tuple[Query | None, TopicError | None]:
    try:
        return parse(topic), None
    except TopicError as error:
        return None, error


@settings(max_examples=500, deadline=None)
@given(anything)
def test_no_text_breaks_the_language(text: str):
    for topic in (text, *split(text)):
        query, wrong = tried(topic)
        if query is None:
            assert wrong is not None
            assert 0 <= wrong.position <= len(topic)
            assert parse(wrong.example).canonical
            continue
        one = Paper("1", text, abstract=topic, keywords=(topic,))
        assert matches(query, one) is (Matcher([one]).mask(query) == 1) is why(query, one).matches
        for start, end in mark(query, text):
            assert 0 <= start < end <= len(text)
        assert query.canonical not in {candidate.canonical for candidate in wider(query)}
