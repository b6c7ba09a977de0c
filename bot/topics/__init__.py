"""Topics: what people follow, typed as people type, and which papers match."""

from __future__ import annotations

from bot.topics.matching import Matcher
from bot.topics.parsing import parse, split
from bot.topics.seeing import matches
from bot.topics.tree import Query

__all__ = ["Matcher", "Query", "matches", "parse", "split"]
