"""How numbers are spelled in English, Chinese, Korean and TeX, and what stands around them."""

from __future__ import annotations

import re

# One character each, so that places stay.
PLAIN = str.maketrans(
    "０１２３４５６７８９．，％＋－～−–—‐‑﹪٪\u2009\u202f\u00a0\u2007\u3000",
    "0123456789.,%+-~-----%%     ",
)
ODD = re.compile("[" + "".join(map(chr, PLAIN)) + "]")
NUMBER = re.compile(
    r"\d{1,3}(?:(?:,|\{,\}|\\,| )\d{3})+(?!\d|,\d)(?:\.\d+)?|\d+(?:\.\d+)*|(?<![\d.])\.\d+", re.A
)
GROUPS = re.compile(r"\{,\}|\\,|[, ]")
TEN = re.compile(
    r"(?:[\s$]{0,3}(?:×|\\times|\\cdot|[·*x])[\s$]{0,3}10)?[\s$]{0,2}(?:\^|\*\*)[\s${]{0,3}"
    r"([-+]?\d{1,4})(?!\d)[}$]{0,2}"
    r"|(?:[\s$]{0,3}(?:×|\\times|\\cdot|[·*x])[\s$]{0,3}10)?([⁻⁺]?[⁰¹²³⁴-⁹]{1,4})"
    r"|[eE]([-+]?\d{1,4})(?!\w|\.\d)"
    r"|的(负?-?\d{1,3})次方|의 ?(-?\d{1,3}) ?(?:제곱|승)",
    re.A,
)
RAISED = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹", "-+0123456789")
SCALES = {
    "百": 2, "백": 2, "千": 3, "천": 3, "万": 4, "萬": 4, "만": 4, "十万": 5, "십만": 5, "百万": 6,
    "백만": 6, "千万": 7, "천만": 7, "亿": 8, "億": 8, "억": 8, "십억": 9, "十亿": 9, "百亿": 10,
    "千亿": 11, "万亿": 12, "兆": 12, "조": 12, "thousand": 3, "million": 6, "billion": 9,
    "trillion": 12, "hundred": 2, "k": 3, "m": 6, "b": 9, "t": 12,
}  # fmt: skip
SCALE = re.compile(
    r"[ ~-]?(hundred|thousand|million|billion|trillion)s?\b"
    r"|(?: |~|\\,)?([KMBT]|[kb](?!its?\b))(?![A-Za-z])"
    r"|[ ]?(万亿|千亿|百亿|十亿|千万|百万|十万|십억|천만|백만|십만"
    r"|[百千万萬亿億兆]|[백천만억조](?![가-힣]{2,}))",
    re.I,
)
PERCENT = re.compile(
    r"[\s$}~]{0,4}\\?%|[ ~-]?per ?cent(?:age)?s?\b|[ ~-]?pp\b|[ -]?points?\b|[ ]?个?百分[点比]"
    r"|[ ]?(?:퍼센트|프로(?![가-힣])|포인트|%p)",
    re.I,
)
TIMES = re.compile(
    r"[\s$}~]{0,3}(?:\\times|×|[xX](?![A-Za-z]))(?![\s$]{0,4}\\?[\d.(])"
    r"(?![\s$]{0,2}(?:[A-Z]{2}|[A-Z][a-z]*\d))\$?"
    r"|[ -]?(?:times|fold)\b|[ ]?倍|[ ]?배(?![치경열포운])"
)
COUNT = re.compile(r"\s?(?:×|\\times|x)\$?\s?(?=[A-Z][A-Za-z]*\d|[A-Z]{2})")
UNIT = re.compile(
    r"(?:ms|s|secs?|min|mins|h|hr|hrs|hours?|days?|d|[KMGTPkmgt]i?[Bb](?:it|ps|/s)?|[kMGT]?Hz|[kMG]?W|fps"
    r"|FPS|px|dB|[kcmn]?m|μm|um|[km]?g|[KMGTPEkmgtp]?FLOP[sS]?|bits?|bps|tokens?|layers?|shot"
    r"|st|nd|rd|th|GPUs?|°C|V|mV|eV|[kM]eV|ppm|p|kWh)(?![A-Za-z0-9])"
)
BEHIND_NAME = re.compile(r"[A-Za-z0-9]{0,24}(?:[-._+][A-Za-z0-9]{1,24}){0,5}", re.A)
GLUE = "-_@./{"
SIGN = re.compile(r"(?:^|[\s(\[（,，:：;=/|~>到至为約约是由从了\t{$])[{$]{0,2}([-+])[}$\s]{0,3}$")
ABOUT = re.compile(
    r"(?:\babout|\baround|\bnearly|\bover|\bmore than|\broughly|\bapproximately|\balmost|\bsome"
    r"|\bsim|[~≈约近逾]|超过|多达|达到|약|거의|~)[\s$]{0,3}$",
    re.IGNORECASE,
)
ABOUT_BEHIND = re.compile(r"\s?(?:\+|多|余|以上|여|이상|or more)")
SHARED = re.compile(
    r"[\s$]{0,2}(?:,?\s?(?:and|or|to|vs\.?)|[-~,、和与到至或/→]|及|以及|및|와|과|에서|부터"
    r"|\\sim|\\to|\\text\{--\}|-{2,3})[\s$]{0,2}",
    re.IGNORECASE,
)
LIST_MARK = re.compile(r"(?:^|[\n。；;:：.!?！？)）,，]\s{0,3})[(（]?$")
LIST_MARK_END = re.compile(r"[.、](?=\s|[^\d\s.])|[)）]")
NEXT = re.compile(
    r"[ ]?(\d{1,4}(?:,\d{3})?(?:\.\d+)?)[ ]?"
    r"(천만|백만|십만|千万|百万|十万|[백천만억百千万萬亿億])",
    re.A,
)
REST = re.compile(r"[ ]?(\d,\d{3}|(?<! )\d{4})(?![\d.])", re.A)
