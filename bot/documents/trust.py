"""What a reading is worth, in the Chinese of its frames: where it is from, which numbers hold."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.cards.blocks import Rung
from bot.cards.tex import readable
from bot.documents.markdown import escaped, plain
from bot.papers import Reading

UNFOUND = "⁽?⁾"  # behind a number that the source does not hold
DERIVED = "⁽=⁾"  # behind one that follows from numbers of the source
_FLAGS = {
    "instructions": "原文含有写给模型的指令，未予理会",
    "links": "已去掉原文没有的链接",
    "mentions": "已去掉原文没有的提及",
    "markup": "已去掉原文没有的标记",
}
_SOURCES = {
    Rung.FULL_TEXT: "HTML",
    Rung.ABSTRACT: "ArXiv Abs",
    Rung.READY_MADE: "来源自带的一句话，未经模型阅读",
    Rung.SENTENCES: "ArXiv Abs（摘要原句，未经模型阅读）",
    Rung.NONE: "仅标题（来源没有摘要）",
}
_TEXTS = {
    Rung.FULL_TEXT: "arXiv 全文",
    Rung.ABSTRACT: "摘要",
    Rung.READY_MADE: "来源自带的一句话，未经模型阅读",
    Rung.SENTENCES: "摘要原句，未经模型阅读",
    Rung.NONE: "仅标题，来源没有摘要",
}
_NAME = 120  # graphemes of a model's name or of a number
_MOST = 12  # numbers named


def source(reading: Reading) -> str:
    """What it was read from; the two words of the original where a model read it."""
    return _SOURCES.get(_rung(reading), _SOURCES[Rung.NONE])


def by_model(reading: Reading) -> bool:
    """Whether a model read it."""
    return reading.report is not None or _rung(reading) in (Rung.FULL_TEXT, Rung.ABSTRACT)


def provenance(reading: Reading) -> str:
    """Text and version, share, model and day (UTC); as far as they are known. Escaped."""
    text = _TEXTS[_rung(reading)]
    if not by_model(reading):
        return text
    if reading.paper_version:
        text += f" v{reading.paper_version}"
    if reading.share is not None and _rung(reading) is Rung.FULL_TEXT:
        text += f"，读了 {reading.share:.0%}"
    model = f"模型 {escaped(plain(reading.model, _NAME))}" if reading.model else ""
    day = reading.read_at.date().isoformat() if reading.read_at else ""
    return "，".join(part for part in (text, model, day) if part)


def doubts(reading: Reading, shown: str | None = None) -> list[str]:
    """Which numbers were not found or only derived, and what else was noticed. Escaped.

    With the marked text that is `shown`, only the numbers that are marked in it.
    """
    told = []
    for numbers, sign, what in (
        (reading.unfound, UNFOUND, "原文中未找到"),
        (reading.derived, DERIVED, "由原文数字算出"),
    ):
        named = [
            escaped(plain(one, _NAME))
            for one in numbers
            if shown is None or any(form + sign in shown for form in _forms(one))
        ]
        if named:
            more = f" 等 {len(named)} 个" if len(named) > _MOST else ""
            told.append(f"{sign} {what}：{'、'.join(named[:_MOST])}{more}")
    return [*told, *(_FLAGS.get(one, escaped(plain(one, _NAME))) for one in reading.flags)]


def missing(reading: Reading) -> str:
    """What stands where there is nothing to say, and why there is nothing."""
    if reading.report is not None:
        return "论文未说明。"
    return "无记录。" if by_model(reading) else "未经模型阅读。"


def marked(text: str, reading: Reading) -> str:
    """A readable text with a small sign behind each number that was not simply found."""
    for numbers, sign in ((reading.unfound, UNFOUND), (reading.derived, DERIVED)):
        text = _signed(text, numbers, sign)
    return text


def _signed(text: str, numbers: Iterable[str], sign: str) -> str:
    forms = {form for one in numbers for form in _forms(one)}
    if not forms:
        return text
    alternatives = "|".join(
        re.escape(one) + ("(?![A-Za-z])" if one[-1].isdigit() else "")  # "3" is not that of "3B"
        for one in sorted(forms, key=lambda one: (-len(one), one))
    )
    pattern = rf"(?<![\dA-Za-z.,])(?<![A-Za-z]-)(?:{alternatives})(?!\d|[.,]\d|⁽)"
    return re.sub(pattern, lambda found: found[0] + sign, text)


def _forms(number: str) -> set[str]:
    """The number as it was written, and as it is read when that was TeX."""
    return {number.strip(), readable(number).strip()} - {""}


def _rung(reading: Reading) -> Rung:
    try:
        return Rung(reading.rung)
    except ValueError:  # of a newer version
        return Rung.NONE
