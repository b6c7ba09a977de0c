"""What the verbs of `paperboy db` say in the same words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def held(rows: Mapping[str, int]) -> str:
    """A database in three numbers and the sum of all: "2 channels, 7 papers, … 51 rows"."""
    told = [f"{rows.get(name, 0):,} {name}" for name in ("channels", "papers", "deliveries")]
    return ", ".join([*told, f"{sum(rows.values()):,} rows in all"])


def warn(problems: Iterable[str]) -> None:
    """Contradictions that were there already, on the error stream."""
    from bot.cli.exits import say

    for one in problems:
        say(f"It was so before: {one}")
