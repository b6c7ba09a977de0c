"""What is counted: 64 steps are not 64 GPUs, in English, Chinese or Korean.

Small numbers stand in every paper. One that a reading gives with a unit of this table is found
only where the source has a word of the same row near it.
"""

from __future__ import annotations

import re

_AROUND = 30  # characters before and behind a number where its unit may stand
_MACHINE = r"[AHVBTLP]\d{2,4}|RTX|TPU|MI\d{3}|GPU|A6000|NVIDIA|accelerator|device|node|chip"
# (behind the number in a reading, near the number in a source)
_PEOPLE = (
    r"people|person|rater|annotator|participant|user|expert|subject|judge|student|volunteer|human"
    r"|evaluator|respondent|clinician|author|asked"
)
_STEPS = r"stage|step|phase|part|iteration|level|round|NFE|schedul|fold"
_ROWS = (
    (r"ms\b|毫秒|밀리초", r"\bms\b|millisecond|μs|microsecond"),
    (r"s\b|sec|秒|초", r"\bs\b|sec(?:ond)?s?\b"),
    (r"min(?:ute)?s?\b|分钟|분(?!의|포|류|석|야)", r"min(?:ute)?s?\b"),
    (r"h\b|hours?\b|hrs?\b|个?小时|시간", r"\bh\b|\bhours?\b|\bhrs?\b|\dh\b|GPU-hours"),
    (r"days?\b|天|일(?!반|부|관|치)", r"\bdays?\b"),
    (r"-?bits?\b|比特|位量化|비트", r"\bbits?\b|INT\d|FP\d|BF\d|bpp"),
    (r"GB\b|G显存|기가", r"GB?\b|GiB"),
    (r"layers?\b|层|개? ?층", r"layer|deep|depth|block"),
    (r"epochs?\b|轮训练|에포크", r"epoch|pass"),
    (r"languages?\b|种语言|개? ?언어", r"language|lingual"),
    (r"people\b|raters?\b|annotators?\b|participants?\b|人|名(?!为|称)|명", _PEOPLE),
    (r"frames?\b|帧|프레임", r"frame|fps"),
    (r"stages?\b|steps?\b|个?阶段|步|단계", _STEPS),
    (r"(?:st|nd|rd|th)\b", r"\d(?:st|nd|rd|th)\b|first|second|third|rank|place|cent"),
    (r"heads?\b|个注意力头|개? ?헤드", r"head"),
    (rf"(?:×|x|块|张|장|台|枚|개의|대의)? ?(?:NVIDIA )?(?:{_MACHINE})", _MACHINE),
    (r"块(?![^，。；、]*位)|장(?:으로|의|을)", _MACHINE),
)
_NOUN = re.compile(r"[ -]([A-Za-z]{3,})(?![\w.-])", re.ASCII)
_NO_NOUNS = frozenset(
    "and are but for from has have into its less more most not now off only out over points point "
    "percent per than that the then there this times under until was when where which while with "
    "without faster fewer slower better worse higher lower larger smaller longer shorter before "
    "after against above below cent fold absolute relative versus".split()
)
_ALIKE = {len(_ROWS) - 1: len(_ROWS) - 2}  # 8块 are 8 GPUs
_UNITS = [
    (re.compile(rf"[ -]?(?:{own})"), re.compile(source, re.IGNORECASE)) for own, source in _ROWS
]


def wanted(behind: str) -> re.Pattern[str] | None:
    """What must stand near a number in the source, by what follows it in the reading."""
    for own, source in _UNITS:
        if own.match(behind):
            return source
    return None


def row(behind: str) -> int | None:
    """Which row of the table the unit behind a number is in; None: none that is known."""
    for number, (own, _) in enumerate(_UNITS):
        if own.match(behind):
            return _ALIKE.get(number, number)
    return None


def counted(text: str, at: int) -> int | str | None:
    """What is counted by the number whose unit would begin there: the row, else the noun."""
    behind = text[at : at + 24]
    if (known := row(behind)) is not None:
        return known
    noun = _NOUN.match(behind)
    return noun[1].lower().rstrip("s") if noun and noun[1].lower() not in _NO_NOUNS else None


def near(text: str, start: int, end: int, unit: re.Pattern[str]) -> bool:
    """Whether a word of the unit stands near that place."""
    return bool(unit.search(text, max(0, start - _AROUND), end + _AROUND))
