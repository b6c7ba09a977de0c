"""Fold text to tokens: case, diacritics, width, TeX, word forms; with places in the text."""

from __future__ import annotations

import re
import threading
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

# Scripts written without spaces (Korean with spaces that people leave out): each character is a
# token, so that a phrase of them is a substring and a space within it counts for nothing.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3021-\u3029\u3040-\u30fa\u30fc-\u30ff"
    "\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_INDIC = "\u0900-\u0963\u0966-\u0dff"  # vowel signs there are marks, yet belong to the word
_WORD = rf"(?:[^\W_{UNSPACED}]|[{_INDIC}])"
_POSSESSIVE = r"(?<=\w)['’][sS](?!\w)"
_TOKEN = re.compile(
    rf"{_POSSESSIVE}|(?<!\w)([A-Za-z](?:\+\+|\#))(?!\w)"
    rf"|({_WORD}+(?:(?<=[0-9])\.[0-9]+{_WORD}*)*|[{UNSPACED}])"
)
_TOKEN_ASCII = re.compile(
    rf"{_POSSESSIVE}|(?<!\w)([A-Za-z](?:\+\+|\#))(?!\w)"
    r"|([A-Za-z0-9]+(?:(?<=[0-9])\.[0-9]+[A-Za-z0-9]*)*)"
)
_IS_UNSPACED = re.compile(rf"[{UNSPACED}]")
_TEX = re.compile(r"[\\${}^_]")
_STROKES = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D"}
    | {"ħ": "h", "Ħ": "H", "ı": "i", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"}
)
_KEPT_MARKS = (0, 7, 8, 9)  # combining classes that make another letter: vowel signs, nukta, kana
_LONG = 5_000  # code points; abstracts have under 2,500
_REACH = 8  # letters that the stemmer takes off at most ("-izations")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text, or one character of a script without spaces."""

    folded: str  # case and diacritics folded
    cased: str  # only the diacritics folded
    start: int  # code points from the start of the original text
    end: int
    unspaced: bool = False


def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of `text` in order; their spans refer to `text` as it is given, TeX and all."""
    return _tokens(text) if len(text) > _LONG else _remembered(text)


def words(text: str) -> list[Token]:
    """The same tokens without true spans: cheaper where a text holds TeX, and not remembered."""
    return list(_scanned(_unaccented(_readable(text))[0]))


def _tokens(text: str) -> tuple[Token, ...]:
    shown = _readable(text)
    plain, places = _unaccented(shown)
    if shown != text:
        outer = _aligned(text, shown)
        inner = places or [(here, here + 1) for here in range(len(plain))]
        places = [(outer[start][0], outer[end - 1][1]) for start, end in inner]
    if places is None:
        return tuple(_scanned(plain))
    return tuple(
        replace(token, start=places[token.start][0], end=places[token.end - 1][1])
        for token in _scanned(plain)
    )


_remembered = lru_cache(maxsize=512)(_tokens)  # a day of papers, tens of megabytes at most


def _scanned(plain: str) -> Iterator[Token]:
    """The tokens of a folded text, with spans in it."""
    for match in (_TOKEN_ASCII if plain.isascii() else _TOKEN).finditer(plain):
        if (group := match.lastindex) is None:
            continue  # a possessive s
        word = match[group]
        alone = len(word) == 1 and _IS_UNSPACED.match(word) is not None
        yield Token(word.casefold(), word, *match.span(group), alone)


def _readable(text: str) -> str:
    if not _TEX.search(text):
        return text
    from bot.cards.tex import readable

    return readable(text)


def _unaccented(text: str) -> tuple[str, list[tuple[int, int]] | None]:
    if text.isascii():
        return text, None
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    for start, end in _clusters(text):
        cluster = text[start:end]
        if not cluster.isascii():
            cluster = _unmarked(cluster)
        parts.append(cluster)
        places.extend([(start, end)] * len(cluster))
    return "".join(parts), places


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Spans of a character with the marks (or the jamo of its syllable) behind it."""
    start = 0
    for here in range(1, len(text) + 1):
        if here < len(text) and (
            text[here] > "\u02ff"
            and (unicodedata.combining(text[here]) or "\u1160" <= text[here] <= "\u11ff")
        ):
            continue
        yield start, here
        start = here


@lru_cache(maxsize=4096)
def _unmarked(cluster: str) -> str:
    parts = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", cluster))
    kept = (
        mark
        for mark in parts
        if unicodedata.combining(mark) in _KEPT_MARKS and unicodedata.category(mark) != "Cf"
    )
    return unicodedata.normalize("NFC", "".join(kept)).translate(_STROKES)


def _aligned(text: str, shown: str) -> list[tuple[int, int]]:
    """For each character of `shown` the span of `text` that it was made of."""
    if len(text) > _LONG:  # too costly to compare; nobody reads marks in such a text
        return [(0, len(text))] * len(shown)
    from difflib import SequenceMatcher

    chunk = re.compile(r"\w+|\s+|.", re.DOTALL)
    old = [match.span() for match in chunk.finditer(text)]
    new = [match.span() for match in chunk.finditer(shown)]
    matcher = SequenceMatcher(
        str.isspace, [text[a:b] for a, b in old], [shown[a:b] for a, b in new], autojunk=False
    )
    places: list[tuple[int, int]] = []
    for what, a1, a2, b1, b2 in matcher.get_opcodes():
        if what == "equal":
            for (start, end), _ in zip(old[a1:a2], new[b1:b2], strict=True):
                places.extend((here, here + 1) for here in range(start, end))
        elif b1 < b2:
            start = old[a1][0] if a1 < len(old) else len(text)
            end = old[a2 - 1][1] if a1 < a2 else start
            places.extend([(start, end)] * (new[b2 - 1][1] - new[b1][0]))
    return places


_stemming = threading.Lock()  # the stemmer keeps the word it works on
_stemmer: Callable[[str], str] | None = None


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The stem of a folded English word (Snowball's "english"); other words as they are."""
    global _stemmer
    if len(word) < 3 or not (word.isascii() and word.isalpha()):
        return word
    with _stemming:
        if _stemmer is None:
            import snowballstemmer

            _stemmer = snowballstemmer.stemmer("english").stemWord
        stemmed = str(_stemmer(word))
    # Snowball leaves the plural of a word without vowels: "llms".
    if stemmed == word and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return stemmed


def as_is(word: str) -> str:
    """The "stem" of names: nothing is folded away."""
    return word


def opening(key: str) -> str:
    """What every spelling of the stem `key` begins with ("tune" is also the stem of "tuning")."""
    return key[:-1] if len(key) >= 4 and key[-1] in "eil" else key


def spells(head: str, join: str, key: str, stemmed: Callable[[str], str]) -> bool:
    """Whether tokens written apart (`join`, all but the last: `head`) are the one word `key`."""
    if join == key:
        return not join.isdigit()
    return (
        stemmed is stem
        and len(key) >= 4
        and len(head) < len(key)
        and len(join) <= len(key) + _REACH
        and join.startswith(opening(key))
        and stem(join) == key
    )


def is_shout(cased: str) -> bool:
    """Whether the word is two to five letters all in capitals, or the plural of such (LLMs)."""
    base = singular(cased)
    return base.isupper() and 2 <= sum(map(str.isalpha, base)) <= 5


def singular(cased: str) -> str:
    """`LLMs` without its plural s; every other word as it is."""
    return cased[:-1] if len(cased) > 2 and cased[-1] == "s" and cased[:-1].isupper() else cased


def starting(words: list[str], prefix: str) -> list[str]:
    """Those of the sorted `words` that begin with `prefix`."""
    here = bisect_left(words, prefix)
    there = here
    while there < len(words) and words[there].startswith(prefix):
        there += 1
    return words[here:there]
