"""The document of the topics tells what is so."""

from __future__ import annotations

import re
from pathlib import Path

from bot.topics import FIELDS, parse

DOCUMENT = Path(__file__).parents[3] / "docs" / "topics.md"


def test_every_query_of_the_table_parses_and_every_field_is_in_it():
    text = DOCUMENT.read_text(encoding="utf-8")
    queries = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
    assert len(queries) >= 15
    for query in queries:
        assert parse(query).canonical
    for field in FIELDS:
        assert any(query.startswith(field) for query in queries), field
