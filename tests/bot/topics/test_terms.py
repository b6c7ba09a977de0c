"""The list of Chinese and Korean terms of art."""

from __future__ import annotations

import re

from bot.topics import parse, terms


def test_every_english_query_parses_and_is_english():
    for english, _, _ in terms.rows():
        query = parse(english)
        assert not query.foreign, english
        assert not query.translated, english


def test_every_row_has_both_languages_and_there_are_about_three_hundred():
    rows = terms.rows()
    assert 300 <= len(rows) <= 400
    for english, chinese, korean in rows:
        assert any(re.search("[\u4e00-\u9fff]", term) for term in chinese), english
        assert any(re.search("[\uac00-\ud7af]", term) for term in korean), english


def test_no_spelling_and_no_english_query_stands_twice():
    spellings = [
        terms.spelling(term) for _, chinese, korean in terms.rows() for term in (*chinese, *korean)
    ]
    assert len(spellings) == len(set(spellings))
    queries = [parse(english).canonical for english, _, _ in terms.rows()]
    assert len(queries) == len(set(queries))


def test_every_spelling_is_turned_into_its_english_query_with_and_without_spaces():
    for english, chinese, korean in terms.rows():
        for term in (*chinese, *korean, *(term.replace(" ", "") for term in korean)):
            query = parse(term)
            assert query.translated == ((term, english),)
            assert not query.foreign


def test_traditional_spellings_are_covered():
    assert parse("視頻生成").translated == (("視頻生成", "video generation"),)
    assert parse("強化學習").translated == (("強化學習", "reinforcement learning"),)
