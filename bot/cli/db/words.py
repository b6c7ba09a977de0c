"""What the verbs of `paperboy db` say in the same words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_TOLD = {"channels": "channel", "papers": "paper", "deliveries": "delivery"}


def held(rows: Mapping[str, int]) -> str:
    """A database in three numbers and the sum of all: "2 channels, 7 papers, … 51 rows in all"."""
    counts = [(rows.get(name, 0), one, name) for name, one in _TOLD.items()]
    counts.append((sum(rows.values()), "row", "rows"))
    return ", ".join(f"{n:,} {one if n == 1 else many}" for n, one, many in counts) + " in all"


def warn(problems: Iterable[str]) -> None:
    """Contradictions that were there already, on the error stream."""
    from bot.cli.exits import say

    for one in problems:
        say(f"It was so before: {one}")
