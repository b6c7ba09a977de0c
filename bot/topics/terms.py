"""The bundled terms of art: what Chinese and Korean terms are in English."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from bot.topics.tree import Word, words_of

FILE = "terms.tsv"  # English query, Chinese (simplified, then traditional), Korean; "|" between


def rows() -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    """(English query, Chinese spellings, Korean spellings) of every term, as in the file."""
    text = resources.files("bot.topics").joinpath(FILE).read_text(encoding="utf-8")
    found = []
    for line in text.splitlines()[1:]:
        english, chinese, korean = line.split("\t")
        found.append((english, _several(chinese), _several(korean)))
    return tuple(found)


def _several(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, (spelling.strip() for spelling in cell.split("|"))))


def spelling(text: str) -> tuple[str, ...]:
    """How a term is looked up: its folded words, whatever spaces stand between."""
    return tuple(word.folded for word in words_of(text))


@lru_cache(maxsize=1)
def _known() -> tuple[dict[tuple[str, ...], str], int]:
    known = {
        spelling(term): english
        for english, chinese, korean in rows()
        for term in (*chinese, *korean)
    }
    return known, max(map(len, known))


def cover(words: tuple[Word, ...]) -> tuple[tuple[tuple[Word, ...], str | None], ...] | None:
    """The phrase as few terms of the list, in order, each with its English query.

    Words of other scripts between them stay as they are (None for their query). None when a
    character remains that no term covers.
    """
    known, longest = _known()
    parts: list[tuple[tuple[Word, ...], str | None]]
    best: list[list[tuple[tuple[Word, ...], str | None]] | None] = [[]]
    for end in range(1, len(words) + 1):
        found: list[tuple[tuple[Word, ...], str | None]] | None = None
        for start in range(max(0, end - longest), end):
            if (before := best[start]) is None:
                continue
            piece = words[start:end]
            if english := known.get(tuple(word.folded for word in piece)):
                parts = [*before, (piece, english)]
            elif len(piece) == 1 and not piece[0].unspaced and piece[0].folded.isascii():
                if before and before[-1][1] is None:
                    parts = [*before[:-1], ((*before[-1][0], *piece), None)]
                else:
                    parts = [*before, (piece, None)]
            else:
                continue
            if found is None or len(parts) < len(found):
                found = parts
        best.append(found)
    return tuple(whole) if (whole := best[-1]) is not None else None
