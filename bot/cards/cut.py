"""Text made fit for a card: one clean line, measured in graphemes, cut where a reader expects."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

ELLIPSIS = "…"
_LONGEST_CLUSTER = 32  # code points; a longer pile of marks is not one letter to anybody
_ZWJ = "\u200d"

# What could move the cursor, turn the reading direction or break an encoder. The joiners of
# emoji and Indic scripts and the plain direction marks (U+200E, U+200F) stay.
_LINE_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]")
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
_SURROGATES = re.compile("[\ud800-\udfff]")
_CLEAN = re.compile(r"[!-~]+(?: [!-~]+)*")

# Not behind "e.g.", "vs.", "Fig." or an initial.
_SENTENCE_END = re.compile(
    r"(?<![.\s(][A-Za-z])(?<!\b(?:al|vs|cf|eq|no))(?<!\bfig)[.!?…][\"'”’)\]]*(?=\s|$)"
    r"|[。！？][”’」』）]*",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[，、；：]|[,;:](?=\s)")
_WORD_END = re.compile(r"(?<=\S)(?=\s)")
_LOOSE = " \t,;:，、；：—–-([{（「『“‘"


def clean(text: str) -> str:
    """The text on one line, without control characters, terminal escapes and bidi overrides.

    White space is folded to single spaces; a broken surrogate becomes U+FFFD.
    """
    if _CLEAN.fullmatch(text):
        return text
    text = _SURROGATES.sub("\ufffd", _ESCAPES.sub("", text))
    return _LINE_BREAKS.sub(" ", _UNSEEN.sub("", text)).strip()


def graphemes(text: str) -> Iterator[str]:
    """The letters as a reader counts them: base with its marks, emoji sequences, flags, jamo.

    The rules of UAX #29 that unicodedata lets one write (https://unicode.org/reports/tr29/):
    all but Indic conjuncts and prepended marks.
    """
    if text.isascii():
        yield from text
        return
    start = 0
    flags = 0  # regional indicators in a row at the end of the cluster
    for at in range(1, len(text)):
        before, char = text[at - 1], text[at]
        flags = flags + 1 if _is_flag(before) else 0
        if at - start < _LONGEST_CLUSTER and _joins(before, char, flags):
            continue
        yield text[start:at]
        start = at
        if not _is_flag(before) or flags % 2 == 0:
            flags = 0
    if text:
        yield text[start:]


def length(text: str) -> int:
    """Number of graphemes."""
    return len(text) if text.isascii() else sum(1 for _ in graphemes(text))


def _is_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _joins(before: str, char: str, flags: int) -> bool:
    if char < "\u0300":
        return False
    if char == _ZWJ or char in "\u200c\u0e33\u0eb3":
        return True
    if unicodedata.category(char) in ("Mn", "Me", "Mc"):
        return True
    if "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f":
        return True  # skin tones, tags of regional flags
    if before == _ZWJ:
        return char >= "\U0001f000" or unicodedata.category(char) == "So"
    if _is_flag(char):
        return flags % 2 == 1
    return _hangul(char) in _AFTER.get(_hangul(before), "")


_AFTER = {"L": "LVDT", "V": "VF", "D": "VF", "F": "F", "T": "F"}


def _hangul(char: str) -> str:
    """L leading, V vowel, F final jamo; D syllable without a final, T with one; "-" else."""
    if "\u1100" <= char <= "\u115f" or "\ua960" <= char <= "\ua97c":
        return "L"
    if "\u1160" <= char <= "\u11a7" or "\ud7b0" <= char <= "\ud7c6":
        return "V"
    if "\u11a8" <= char <= "\u11ff" or "\ud7cb" <= char <= "\ud7fb":
        return "F"
    if "\uac00" <= char <= "\ud7a3":
        return "T" if (ord(char) - 0xAC00) % 28 else "D"
    return "-"


def cut(text: str, limit: int) -> str:
    """At most `limit` graphemes of the text, an ellipsis included when something is left out.

    Cut behind a sentence when one ends late enough, else behind a clause or a word; between any
    two graphemes where a script has no spaces.
    """
    if len(text) <= limit:
        return text
    kept: list[str] = []
    for cluster in graphemes(text):
        kept.append(cluster)
        if len(kept) > limit:
            break
    else:
        return text
    if limit < 2:
        return ELLIPSIS[:limit]
    head = "".join(kept[: limit - 1])
    behind = kept[limit - 1]
    for pattern, least, mark in ((_SENTENCE_END, 0.55, " …"), (_CLAUSE_END, 0.8, "…")):
        if (place := _last(pattern, head, int(len(head) * least), behind)) is not None:
            whole = head[:place] if mark == " …" else head[:place].rstrip(_LOOSE)
            if length(whole) + len(mark) <= limit:
                return whole + mark
    if not (behind.isspace() or _unspaced(behind) or _unspaced(head[-1:])):
        place = _last(_WORD_END, head, len(head) // 2, behind)
        head = head if place is None else head[:place]
    return (head.rstrip(_LOOSE) or head) + ELLIPSIS


def _last(pattern: re.Pattern[str], head: str, least: int, behind: str) -> int | None:
    """Where the last match behind `least` ends; `behind` is what follows the head."""
    place = None
    for found in pattern.finditer(head + behind[:1], least):
        if least < found.end() <= len(head):
            place = found.end()
    return place


def _unspaced(cluster: str) -> bool:
    """Of a script that is written without spaces between words."""
    return bool(cluster) and (
        "\u2e80" <= cluster[0] <= "\u9fff"
        or "\uf900" <= cluster[0] <= "\uffef"
        or "\u0e00" <= cluster[0] <= "\u0eff"
        or "\U00020000" <= cluster[0] <= "\U0003ffff"
    )


def fit(lines: Sequence[str], budget: int, *, least: int = 80) -> tuple[str, ...]:
    """Lines of at most `budget` graphemes together: whole ones, then a cut one.

    A line of which less than `least` graphemes would remain is left out, unless it is the first.
    """
    fitting: list[str] = []
    for line in lines:
        size = length(line)
        if size <= budget:
            fitting.append(line)
        elif not fitting or budget >= least:
            fitting.append(cut(line, budget))
            break
        else:
            break
        budget -= size
    return tuple(fitting)
