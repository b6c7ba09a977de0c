"""TeX in titles, names and abstracts made readable Unicode: `2^{128}` becomes 2¹²⁸."""

from __future__ import annotations

import re

# Longer texts pass untouched: no abstract comes near it, and a hostile one costs nothing.
LONGEST = 100_000  # code points
_ROUNDS = 8  # what TeX hides in TeX; real text is stable after the first

_MAYBE_TEX = re.compile(r"[\\$^`{}~_]|--|''|\dtimes|sim\d|rightarrow")


def readable(text: str) -> str:
    """The text as a reader expects to see it, in the same order, with no word lost.

    Formulas, accents, markup and quotes of TeX become Unicode; what has no Unicode form keeps a
    plain one (`G_{stack}` → `G_stack`). Text without TeX passes untouched: prices (`$5 and $10`),
    identifiers (`snake_case`), tags (`<think>`). Readable text stays as it is when read again.
    Never raises.
    """
    if not _MAYBE_TEX.search(text) or len(text) > LONGEST:
        return text
    from bot.cards.tex.scanner import scan  # with pylatexenc's tables: only when there is TeX

    for _ in range(_ROUNDS):
        seen = scan(text)
        if seen == text:
            break
        text = seen
    return text
