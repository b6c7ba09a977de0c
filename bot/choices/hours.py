"""Local hours as people type them, and the quiet hours between two of them."""

from __future__ import annotations

import re
from datetime import time

from bot.choices.typed import fold, shown
from bot.errors import Usage
from bot.texts import Texts, texts

_BEFORE_NOON = ("am", "a.m.", "오전", "上午", "早上", "凌晨", "早晨", "새벽", "아침")
_AFTER_NOON = ("pm", "p.m.", "오후", "下午", "晚上", "傍晚", "저녁", "밤")
_NAMED = {
    "noon": time(12), "midday": time(12), "中午": time(12), "正午": time(12), "정오": time(12),
    "midnight": time(0), "午夜": time(0), "자정": time(0),
}  # fmt: skip
_CLOCK = re.compile(
    r"(\d{1,2})(?:[:.](\d{2})|h(\d{2})?|(?:時|点|點|时|시)(?:(\d{1,2})(?:分|분)?|(半|반))?)?",
    re.ASCII,
)
_FOUR = re.compile(r"(\d{2})(\d{2})", re.ASCII)
_OFF = {"off", "none", "no", "never", "关", "关闭", "无", "没有", "끄기", "없음", "끔"}


def hour(text: str, t: Texts | None = None) -> time:
    """`9`, `9:00`, `9am`, `21h30`, `９：００`, `下午3点半`, `오전 9시`: a local time."""
    t = t or texts("en")
    found = _read(fold(text, t))
    if found is None:
        raise Usage(
            t(
                '"{text}" is not an hour. Examples: 9, 9:30, 9am, 21h30.',
                text=shown(text),
            )
        )
    return found


def _read(text: str) -> time | None:
    if text in _NAMED:
        return _NAMED[text]
    half: str | None = None
    for words, which in ((_BEFORE_NOON, "am"), (_AFTER_NOON, "pm")):
        for word in words:
            if text.startswith(word) or text.endswith(word):
                text = text.removeprefix(word).removesuffix(word)
                half = which
                break
        if half:
            break
    text = text.replace(" ", "").removesuffix("o'clock").removesuffix("uhr")
    if four := _FOUR.fullmatch(text):
        hours, minutes = int(four[1]), int(four[2])
    elif clock := _CLOCK.fullmatch(text):
        hours = int(clock[1])
        minutes = 30 if clock[5] else int(clock[2] or clock[3] or clock[4] or 0)
    else:
        return None
    if half and hours > 12:
        return None if half == "am" else _valid(hours, minutes)
    if half == "am" and hours == 12:
        hours = 0
    elif half == "pm" and hours < 12:
        hours += 12
    return _valid(hours, minutes)


def _valid(hours: int, minutes: int) -> time | None:
    return time(hours, minutes) if hours < 24 and minutes < 60 else None


def quiet(text: str, t: Texts | None = None) -> tuple[time, time] | None:
    """`22:00-07:00`, `22 - 7`, `10pm to 7am`: from and to, local; None for `off`."""
    t = t or texts("en")
    typed = fold(text, t)
    if typed in _OFF:
        return None
    parts = re.split(r"\s*(?:-|–|—|~|〜|至|到|\bto\b|부터)\s*", typed)
    parts = [part.removesuffix("까지").strip() for part in parts]
    found = [_read(part) for part in parts] if len(parts) == 2 else []
    if len(found) != 2 or found[0] is None or found[1] is None:
        raise Usage(
            t(
                '"{text}" is not a span of hours. Examples: 22:00-07:00, or off.',
                text=shown(text),
            )
        )
    if found[0] == found[1]:
        raise Usage(t("Quiet hours must begin and end at different times. Example: 22:00-07:00."))
    return found[0], found[1]
