"""Authors' names as arXiv writes them: one comma-joined text, TeX accents, wrong decodings."""

from __future__ import annotations

import re

from adapters.sources.wording import LONGEST_NAME, MOST_AUTHORS, folded

_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV|Ph\.?D\.?", re.IGNORECASE)
# Two bytes of UTF-8 or more, each read as a letter of its own: "Ã¼" for "ü".
_MISREAD = re.compile("[\xc2-\xf4][\x80-\xbf\u0152-\u2122]")


def split_names(text: str) -> tuple[str, ...]:
    """The names in a comma-joined text, in order, without affiliations; TeX stays.

    A comma inside braces or parentheses does not part names. Parentheses at the end of a name
    hold affiliations ("(MIT, Cambridge)", "(1 and 2)") and are dropped; those inside a name
    ("Huaizhi (Tom) Wang") stay.
    """
    names: list[str] = []
    for part in _outer_parts(text[: MOST_AUTHORS * LONGEST_NAME]):
        name = _without_affiliation(one_name(part))
        if not name:
            continue
        if names and _SUFFIX.fullmatch(name):
            names[-1] = f"{names[-1]}, {name}"
        else:
            names.append(name)
    return tuple(names[:MOST_AUTHORS])


def one_name(text: str | None) -> str:
    """One name on one line, its decoding mended."""
    return folded(mended(text or ""), LONGEST_NAME)


def mended(text: str) -> str:
    """`text` with UTF-8 that was read as Latin-1 read rightly; unchanged when it is not that.

    arXiv's API holds such names ("Dirk WÃ¼bben"). Only what decodes without a fault is changed.
    """
    if not _MISREAD.search(text):
        return text
    for misread_as in ("latin-1", "cp1252"):
        try:
            return text.encode(misread_as).decode("utf-8")
        except UnicodeError:
            continue
    return text


def _outer_parts(text: str) -> list[str]:
    parts = [""]
    depth = 0
    escaped = False
    for letter in text:
        if letter == "," and depth == 0 and not escaped:
            parts.append("")
            continue
        if not escaped:
            depth = max(depth + (letter in "({") - (letter in ")}"), 0)
        escaped = letter == "\\" and not escaped
        parts[-1] += letter
    # A parenthesis that is never closed would swallow every name behind it.
    return parts if depth == 0 else text.split(",")


def _without_affiliation(name: str) -> str:
    while name.endswith(")"):
        depth = 0
        for place in range(len(name) - 1, -1, -1):
            depth += (name[place] == ")") - (name[place] == "(")
            if depth == 0:
                break
        else:
            return name
        if place == 0:
            return ""  # "((1) MIT, (2) CMU)" stands behind the last name as a part of its own
        name = name[:place].rstrip()
    return name
