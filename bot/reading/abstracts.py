"""What can be understood of a paper without a model: its ready-made line, or two sentences.

The two lowest rungs of the ladder. Of the abstract, one sentence that says what was made and one
that says what came of it are chosen by words and place, and kept in the abstract's order.
"""

from __future__ import annotations

import re

from bot.cards.blocks import Rung
from bot.cards.cut import clean
from bot.cards.tex import readable
from bot.papers import Paper, Reading

_LONGEST = 20_000  # code points of an abstract that are looked at
_END = re.compile(r"[.!?…][\"'”’)\]]*(?=\s+[^\sa-z,;:])|[。！？][”’」』）]*")
_LAST_WORD = re.compile(r"(\S+)$")
_SHORTENED = frozenset(
    "al fig figs eq eqs eqn sec sect tab ref refs vs cf ca resp approx no nos e.g i.e w.r.t a.k.a "
    "viz dr prof mr mrs ms st vol pp ch alg def thm".split()
)
_STARTERS = frozenset(
    "we our this these the in it to however experiments results extensive here while by for with "
    "using on as code moreover furthermore specifically existing recent when first finally an a"
    "".split()
)

_MADE = re.compile(
    r"\b(?:we|this (?:paper|work|study|article|report)|here,? we)\b[^.]{0,80}?\b(?:propos|introduc|"
    r"present|develop|design|releas|buil[dt]|creat|describ|formaliz|formulat|construct|offer|"
    r"contribut|address|investigat|explor|stud(?:y|ies)|examin|analy[sz]e|revisit|ask)",
    re.IGNORECASE,
)
_MADE_BEST = re.compile(
    r"\b(?:we|(?:paper|work))\b[^.]{0,40}?\b(?:propos|introduc|present)", re.IGNORECASE
)
_MADE_START = re.compile(
    r"^(?:in this (?:paper|work|study|report)|to (?:address|this end|tackle|bridge|close)|"
    r"here,? we|we (?:propose|introduce|present))",
    re.IGNORECASE,
)
_FOUND = re.compile(
    r"\b(?:outperform|surpass|achiev|improv|reduc|state-of-the-art|sota|speed-?up|accelerat|exceed|"
    r"yield|attain|gain|boost|better than|competitive|generali[sz])",
    re.IGNORECASE,
)
_FOUND_START = re.compile(
    r"\b(?:experiment|evaluation|result|empirical|we (?:find|show|demonstrate|observe)|"
    r"demonstrat|reveal|across)",
    re.IGNORECASE,
)
_MEASURE = re.compile(r"\d(?:[\d.,]*)\s?(?:%|×|x\b|pp\b|points?\b|times\b|fold\b)|\b\d+\.\d+\b")
_CONTRAST = re.compile(
    r"^(?:however|existing|despite|although|while|recent|current|yet|but)\b", re.I
)
_POINTER = re.compile(
    r"https?://|\bis available\b|"
    r"\b(?:code|data|models?|project page|demo|weights)\b[^.]{0,60}"
    r"\b(?:available|released|open-sourced|be found|at)\b",
    re.IGNORECASE,
)


def lower_rungs(paper: Paper, language: str) -> Reading:
    """The best reading without a model: ready-made line, sentences of the abstract, or nothing.

    The words are the source's own, so the reading's language is English where there are any; what
    is given as `language` is kept when there are none.
    """
    if paper.summary and (line := clean(readable(paper.summary[:_LONGEST]))):
        return Reading(paper.id, "en", Rung.READY_MADE, (line,))
    if lines := telling(sentences(paper.abstract)):
        return Reading(paper.id, "en", Rung.SENTENCES, lines)
    return Reading(paper.id, language, Rung.NONE, ())


def sentences(text: str) -> list[str]:
    """The sentences of a running text, readable, in order; "et al.", "Fig. 3", 0.5 end none."""
    text = clean(readable(text[:_LONGEST]))
    found: list[str] = []
    start = 0
    for end in _END.finditer(text):
        if _shortens(text[start : end.start()], end[0], text[end.end() : end.end() + 40]):
            continue
        found.append(text[start : end.end()].strip())
        start = end.end()
    if rest := text[start:].strip():
        found.append(rest)
    return found


def _shortens(before: str, mark: str, behind: str) -> bool:
    """Whether the mark belongs to an abbreviation or an initial and ends no sentence."""
    if mark[0] != "." or not (word := _LAST_WORD.search(before)):
        return False
    last = word[1].lstrip("([{“\"'").lower()
    following = behind.split(maxsplit=1)[0].strip(".,:;").lower() if behind.strip() else ""
    if last in _SHORTENED:
        if last in ("no", "nos"):
            return following[:1].isdigit()
        return last != "al" or following not in _STARTERS
    initial = len(last) == 1 and word[1][-1].isupper()
    return initial and following not in _STARTERS


def telling(found: list[str]) -> tuple[str, ...]:
    """One sentence of what was made and one of what came of it, in their order; fewer if short."""
    if len(found) < 2:
        return tuple(found)
    last = len(found) - 1
    made = max(range(len(found)), key=lambda at: (_contribution(found[at], at, last), -at))
    others = [at for at in range(len(found)) if at != made]
    came = max(others, key=lambda at: (_result(found[at], at, last), at))
    if _result(found[came], came, last) <= 0:
        return (found[made],)
    return tuple(found[at] for at in sorted((made, came)))


def _contribution(sentence: str, at: int, last: int) -> float:
    """How much a sentence sounds like the contribution. Place counts least: it breaks ties."""
    score = 3.0 * bool(_MADE.search(sentence)) + 2.0 * bool(_MADE_BEST.search(sentence))
    score += 1.5 * bool(_MADE_START.search(sentence))
    score -= 2.0 * bool(_CONTRAST.search(sentence)) + _unfit(sentence)
    return score - at / (last + 1)


def _result(sentence: str, at: int, last: int) -> float:
    """How much a sentence sounds like the outcome: verbs of success, measures, a late place."""
    score = 2.0 * bool(_FOUND.search(sentence)) + 1.5 * bool(_FOUND_START.search(sentence))
    score += 1.5 * bool(_MEASURE.search(sentence))
    score -= 1.0 * bool(_CONTRAST.search(sentence)) + _unfit(sentence)
    return score + at / (last + 1) - 1.0


def _unfit(sentence: str) -> float:
    """Sentences that only point elsewhere, or are too short or long to stand on a card."""
    size = len(sentence)
    return 4.0 * bool(_POINTER.search(sentence)) + 1.0 * (size < 40) + 1.0 * (size > 320)
