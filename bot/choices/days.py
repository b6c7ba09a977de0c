"""Weekdays, dates and numbers of days as people type them."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.channels import EVERY_DAY
from bot.choices.typed import fold, shown
from bot.errors import NotFound, Usage
from bot.texts import Texts, texts

_WORKDAYS = frozenset(range(5))
_SETS = {
    **dict.fromkeys(
        ("daily", "everyday", "every day", "all", "any", "每天", "每日", "매일"), EVERY_DAY
    ),
    **dict.fromkeys(
        ("weekdays", "weekday", "workdays", "working days", "工作日", "平日", "평일", "주중"),
        _WORKDAYS,
    ),
    **dict.fromkeys(("weekends", "weekend", "周末", "週末", "주말"), EVERY_DAY - _WORKDAYS),
}
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SIGNS = {
    sign: n for signs in ("一二三四五六日", "월화수목금토일") for n, sign in enumerate(signs)
} | {"天": 6}
_RANGE = re.compile(r"\s*(?:-|–|—|~|〜|至|到|\bto\b|\bthrough\b|부터|에서)\s*")
_BETWEEN = re.compile(r"\s*(?:[,、;/+&·，；]|\band\b|\s)\s*")
_DATE = re.compile(
    r"(\d{4})(?:[-/.年년]\s*)(\d{1,2})(?:[-/.月월]\s*)(\d{1,2})(?:[日일.])?", re.ASCII
)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_NEAR = {
    **dict.fromkeys(("today", "今天", "今日", "오늘"), 0),
    **dict.fromkeys(("yesterday", "昨天", "昨日", "어제"), 1),
}
_FIRST_YEAR = 1991  # arXiv began


def weekdays(text: str, t: Texts | None = None) -> frozenset[int]:
    """`mon-fri`, `fri-mon`, `weekdays`, `daily`, `mon,wed,fri`, `周一到周五`, `월수금`.

    Monday is 0.
    """
    t = t or texts("en")
    typed = fold(text, t)
    found = _SETS.get(typed)
    if found is None:
        found = _days_of(typed)
    if not found:
        raise Usage(
            t(
                '"{text}" is no set of weekdays. Examples: mon-fri, weekdays, daily, mon,wed,fri.',
                text=shown(text),
            )
        )
    return found


def _days_of(typed: str) -> frozenset[int] | None:
    typed = _RANGE.sub("-", typed)
    days: set[int] = set()
    for part in filter(None, _BETWEEN.split(typed)):
        if part in _SETS:
            days |= _SETS[part]
            continue
        ends = [_named(end.removesuffix("까지")) for end in part.split("-")]
        if len(ends) > 2 or any(not end for end in ends):
            return None
        if len(ends) == 1:
            days |= ends[0]
        elif len(ends[0]) == len(ends[1]) == 1:
            (first,), (last,) = ends
            days |= {(first + n) % 7 for n in range((last - first) % 7 + 1)}
        else:
            return None
    return frozenset(days)


def _named(word: str) -> set[int]:
    """The days of one word: a name, its beginning, or CJK signs that may stand side by side."""
    if len(word) >= 3 and word.isascii():
        word = word.rstrip(".")
        for name, short in ((name, name[:-3]) for name in _NAMES):
            if word in (name, name + "s", short) or (len(word) >= 3 and name.startswith(word)):
                return {_NAMES.index(name)}
    elif word in ("mo", "tu", "we", "th", "fr", "sa", "su"):
        return {("mo", "tu", "we", "th", "fr", "sa", "su").index(word)}
    bare = re.sub(r"周|週|星期|礼拜|禮拜|요일", "", word)
    if bare and all(sign in _SIGNS for sign in bare):
        return {_SIGNS[sign] for sign in bare}
    return set()


def weekdays_text(days: frozenset[int]) -> str:
    """The same set as it can be typed again: `daily`, `weekdays`, `fri-mon`, `mon,wed,fri`."""
    if days == EVERY_DAY:
        return "daily"
    if days == _WORKDAYS:
        return "mon-fri"
    names = [name[:3] for name in _NAMES]
    first = next((n for n in sorted(days) if (n - 1) % 7 not in days), 0)
    run = [(first + n) % 7 for n in range(len(days))]
    if len(days) > 2 and set(run) == days:
        return f"{names[run[0]]}-{names[run[-1]]}"
    return ",".join(names[n] for n in sorted(days))


def day(text: str, today: date, t: Texts | None = None) -> date:
    """`2025-12-26`, `2025/12/26`, `20251226`, `2025年12月26日`, `today`, `yesterday`: a date.

    Raises Usage when it is none, is not in the calendar, or lies after `today`.
    """
    t = t or texts("en")
    typed = fold(text, t)
    if typed in _NEAR:
        return today - timedelta(days=_NEAR[typed])
    parts = _DATE.fullmatch(typed) or _DIGITS.fullmatch(typed)
    if not parts:
        raise Usage(
            t(
                '"{text}" is not a date. Examples: {example}, today, yesterday.',
                text=shown(text),
                example=today.isoformat(),
            )
        )
    year, month, number = (int(part) for part in parts.groups())
    try:
        found = date(year, month, number)
    except ValueError:
        raise Usage(
            t(
                "There is no {date} in the calendar. Example: {example}.",
                date=f"{year:04}-{month:02}-{number:02}",
                example=today.isoformat(),
            )
        ) from None
    if found > today:
        raise Usage(
            t(
                "{date} lies in the future; today is {today}.",
                date=found.isoformat(),
                today=today.isoformat(),
            )
        )
    if found.year < _FIRST_YEAR:
        raise NotFound(
            t(
                "There are no lists of {date}: arXiv began in 1991. Example: {example}.",
                date=found.isoformat(),
                example=today.isoformat(),
            )
        )
    return found


def pause_days(text: str, t: Texts | None = None) -> int | None:
    """`7`, `7 days`, `7天`: 1 to 365 days; None for nothing typed."""
    t = t or texts("en")
    typed = fold(text, t)
    if not typed:
        return None
    found = re.fullmatch(r"(\d{1,6})\s*(?:d|days?|天|日|일)?", typed, re.ASCII)
    weeks = re.fullmatch(r"(\d{1,2})\s*(?:w|weeks?|周|週|주)", typed, re.ASCII)
    number = int(found[1]) if found else 7 * int(weeks[1]) if weeks else 0
    if not 1 <= number <= 365:
        raise Usage(
            t(
                '"{text}" is no number of days from 1 to 365. Example: /pause 7.',
                text=shown(text),
            )
        )
    return number
