"""Pages of docs/ of which a script writes the parts between two marks."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
END = "<!-- end of {} -->"


def written(text: str, begin: str, parts: Iterable[tuple[str, str]]) -> str:
    """The text with each named part as given, between the mark `begin` with its name and END.

    Raises ValueError where a mark does not stand there once.
    """
    for name, part in parts:
        first, last = begin.format(name), END.format(name)
        if text.count(first) != 1 or text.count(last) != 1:
            raise ValueError(f"the page lacks the marks of {name}: {first} {last}")
        before, _, rest = text.partition(first)
        text = f"{before}{first}\n\n{part}\n\n{last}{rest.partition(last)[2]}"
    return text


def renew(page: Path, whole: str, script: str) -> int:
    """Write the page; with --check among the arguments only compare: 1 when it is behind."""
    if "--check" not in sys.argv[1:]:
        page.write_text(whole, encoding="utf-8")
    elif whole != page.read_text(encoding="utf-8"):
        print(f"docs/{page.name}: behind the code; run {script}")
        return 1
    return 0
