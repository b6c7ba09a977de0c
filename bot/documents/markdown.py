"""Text of papers and models made fit for Markdown: readable as it stands, and never markup.

What is escaped is what CommonMark, GitHub and kramdown (with Jekyll's Liquid before it) would take
for markup at that place, and no more: `snake_case`, `[1]`, `a < b` and a bare address stay.
https://spec.commonmark.org/0.31.2/#backslash-escapes, https://kramdown.gettalong.org/syntax.html
"""

from __future__ import annotations

import re

from bot.cards.cut import clean, cut
from bot.cards.tex import readable

_RAW = 12  # code points looked at for each grapheme wanted: TeX and marks take room
_MARKUP = re.compile(
    r"""
    \\(?=[!-/:-@\[-`{-~]|$)            # would escape what follows
    | [*`|]                            # emphasis, code; kramdown makes a table of any bar
    | (?<![^\W_])_ | _(?![^\W_])       # emphasis; within a word it is none
    | <(?=[A-Za-z/!?])                 # tags, comments, addresses in angle brackets
    | &(?=\#\w+;|\w{2,};)             # entities
    | \](?=[(\[:])                     # links, pictures, definitions of links and footnotes
    | \{(?=[{%:\#.])                   # Liquid; kramdown's attributes
    | (?<=\S)~ | ~(?=~)                # strike-through
    | (?<=\S)\$                        # formulas
    """,
    re.VERBOSE,
)
_ENTITIES = {"&": "&amp;", "{": "&#123;", "~": "&#126;"}  # kramdown knows no \& and no \~
_START = re.compile(r"(?=[-+=>:])|(?=#{1,6}(?:\s|$))|(?<=\d)(?=[.)](?:\s|$))")
_NUMBERED = re.compile(r"\d{1,9}")


def plain(raw: str, limit: int) -> str:
    """One clean line of at most `limit` graphemes, its TeX made readable; not yet escaped."""
    return cut(clean(readable(raw[: limit * _RAW])), limit)


def escaped(text: str) -> str:
    """One line so that Markdown shows it as it is, anywhere but at the start of a block."""
    first = text.find("$")  # one alone is a price

    def safe(found: re.Match[str]) -> str:
        sign = found[0]
        return sign if found.start() == first else _ENTITIES.get(sign, "\\" + sign)

    return _MARKUP.sub(safe, text)


def opening(text: str) -> str:
    """The same for the start of a block: neither heading nor list, quotation nor rule."""
    safe = escaped(text)
    number = _NUMBERED.match(safe)
    if found := _START.match(safe, number.end() if number else 0):
        if number and safe[found.start()] not in ".)":
            return safe
        return f"{safe[: found.start()]}\\{safe[found.start() :]}"
    return safe


def heading(text: str) -> str:
    """The same for the rest of a heading, where signs at the end would be taken for its frame."""
    return re.sub(r"(#+)$", r"\\\1", escaped(text))
