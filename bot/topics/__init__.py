"""Topics: what people follow, typed as people type, and which papers match."""

from __future__ import annotations

from bot.topics.advice import Advice, Example, advise
from bot.topics.matching import Matcher
from bot.topics.parsing import parse, split
from bot.topics.reasons import Finding, Found, Near, Why, mark, sentences, why
from bot.topics.seeing import matches
from bot.topics.tree import FIELDS, Query
from bot.topics.widening import wider

__all__ = [
    "FIELDS",
    "Advice",
    "Example",
    "Finding",
    "Found",
    "Matcher",
    "Near",
    "Query",
    "Why",
    "advise",
    "mark",
    "matches",
    "parse",
    "sentences",
    "split",
    "why",
    "wider",
]
