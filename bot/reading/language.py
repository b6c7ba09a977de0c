"""Whether a text is in the language that was asked for, with its terms of art in English.

By scripts, and for languages in Latin letters by their small words. A reading in Chinese may be
full of English names ("在 ImageNet-1K 上微调 Qwen2.5-VL"), but its sentences are Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.reports import Report

_LONGEST = 20_000  # characters that are looked at
_WORDY = 8  # words of a Latin text from which small words are expected

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_HANGUL = re.compile(r"[\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_OTHER = re.compile(r"[\u0370-\u1fff\ua4d0-\ua7ff\ufb1d-\ufdff\ufe70-\ufeff]")
_GREEK = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")  # of formulas
_COMMA = re.compile(r"[,;/|、，；\n]")
_WORD = re.compile(r"[^\W\d_]{1,40}")
# Names do not count: GPT-4o, ImageNet, LongMemEval, snake_case.
_NAME = re.compile(
    r"\b[A-Za-z]*\d[\w.+-]{0,60}|\b\w{0,40}_\w{1,40}|\b[a-z]{0,20}[A-Z]\w{0,40}[A-Z]\w{0,40}\b"
    r"|\b[A-Z]{2,20}\b",
    re.ASCII,
)

_SMALL = {
    "en": "the of and to in is that for with on by are as an be this from it which we at or can "
    "than not its has have was their between without while using into only no more",
    "de": "der die das und ist nicht mit für ein eine von auf wird den dem des im zu sich auch",
    "fr": "le la les des et est une dans pour que qui par sur avec du au aux ce cette sont plus",
    "es": "el los las y es una en para que por con del se como su al más este esta son",
    "it": "il gli di e è una per che con del della nel sono anche più questo alla dei un",
    "pt": "o os as de e é uma em para que por com do da dos das não mais um ao são",
    "nl": "het een en van is dat op te voor met zijn niet aan ook wordt door de bij",
    "vi": "của và là các có một cho trong được với này không những để",
    "id": "yang dan di dengan untuk dari pada ini adalah dalam tidak oleh",
    "tr": "ve bir bu için ile olarak da de daha olan gibi",
    "pl": "i w na z do jest nie się to że dla przez od jako",
}
_SMALL_WORDS = {language: frozenset(words.split()) for language, words in _SMALL.items()}


def is_in(text: str, language: str) -> bool:
    """Whether the text is in "en", "zh" (simplified or traditional) or "ko".

    True for a text without letters, and for a language that is not known here: nothing speaks
    against it. A few English words alone (a name, a data set) pass in every language.
    """
    text = text[:_LONGEST]
    han, kana, hangul = (len(script.findall(text)) for script in (_HAN, _KANA, _HANGUL))
    latin = len(_LATIN.findall(text))
    other = len(_OTHER.findall(text)) - len(_GREEK.findall(text)) - _jamo(text)
    if language not in ("en", "zh", "ko") or not han + kana + hangul + latin + other:
        return True
    if other > 0.3 * (han + kana + hangul + latin + other):
        return False
    if language == "en":
        asian = han + kana + hangul
        if asian and not _has_small(text, _SMALL_WORDS["en"]):
            return False
        return asian * 5 <= latin and _latin_language(text) in ("", "en")
    prose = len(_LATIN.findall(_NAME.sub(" ", text)))
    own, foreign = (
        (han, kana + hangul) if language == "zh" else (hangul, kana + max(0, han - hangul))
    )
    if not own:
        return not foreign and _is_term(text)
    # An ideograph is about a word, a syllable half of one; an English word has five letters.
    return foreign * 10 <= own and prose <= (12 if language == "zh" else 8) * own


def report_is_in(report: Report, language: str) -> bool:
    """The same for the sentences of a report; names and key words may be English throughout."""
    guide = report.guide
    sentences = [
        report.contribution,
        report.results,
        guide.input,
        guide.output,
        guide.procedure,
        *(one.text for one in report.innovations),
        report.brief.problem,
        report.brief.method,
    ]
    return all_in([one for one in sentences if one], language)


def all_in(sentences: Iterable[str], language: str) -> bool:
    """Whether the first and most of the texts, by length, are in the language."""
    texts = [text for text in sentences if text.strip()]
    if not texts:
        return True
    right = [is_in(text, language) for text in texts]
    size = sum(map(len, texts))
    in_it = sum(len(text) for text, ok in zip(texts, right, strict=True) if ok)
    return right[0] and in_it >= 0.7 * size


def _jamo(text: str) -> int:
    return sum("\u1100" <= letter <= "\u11ff" for letter in text)


def _is_term(text: str) -> bool:
    """Whether a Latin text is a name or a list of terms, not sentences."""
    words = len(_WORD.findall(text))
    if words < _WORDY:
        return True
    listed = len(_COMMA.findall(text)) + 1
    return words <= 3 * listed and not any(
        _has_small(text, small) for small in _SMALL_WORDS.values()
    )


def _has_small(text: str, small: frozenset[str]) -> bool:
    """Whether one word of twelve, at least, is one of these."""
    words = [word.lower() for word in _WORD.findall(text)]
    return 0 < len(words) <= 12 * sum(word in small for word in words)


def _latin_language(text: str) -> str:
    """The language whose small words are the most; "" when there are too few to tell."""
    words = [word.lower() for word in _WORD.findall(text)]
    if len(words) < _WORDY:
        return ""
    counts = {
        language: sum(word in small for word in words) for language, small in _SMALL_WORDS.items()
    }
    best = max(counts, key=lambda language: counts[language])
    if counts[best] * 12 < len(words) or counts[best] < counts["en"] * 1.3:
        return "en" if counts["en"] else ""
    return best
