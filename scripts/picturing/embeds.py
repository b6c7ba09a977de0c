"""A message of Discord as a picture: its text, its embeds with their bars, its buttons."""

from __future__ import annotations

import re
from typing import Any

from drawing import Canvas, Run, wrapped

from adapters.platforms.discord.frozen import Call

_WIDTH, _INNER = 600, 520
_LINK, _DIM, _WHITE = "#00a8fc", "#b5bac1", "#f2f3f5"
_INLINE = re.compile(r"\*\*(?P<bold>.+?)\*\*|\[(?P<label>[^\]]+)\]\(<?[^)]*>?\)|`(?P<code>[^`]+)`")


def picture(calls: list[Call], title: str) -> str:
    """The messages of one digest."""
    canvas = Canvas(_WIDTH, "#313338", "#dbdee1")
    for call in calls:
        message = call.message
        canvas.y += 12
        for line in str(message.get("content", "")).split("\n"):
            _line(canvas, line, 20)
        for embed in message.get("embeds", ()):
            _embed(canvas, embed)
        for row in message.get("components", ()):
            _buttons(canvas, row["components"])
    return canvas.svg(title)


def _line(canvas: Canvas, line: str, x: float, size: float = 14, bold: bool = False) -> None:
    small = line.startswith("-# ")
    size = 12 if small else size
    runs, at = [], 0
    text = line.removeprefix("-# ").replace("\\", "")
    color = _DIM if small else None
    for found in _INLINE.finditer(text):
        runs.append(Run(text[at : found.start()], bold, color=color))
        if found["label"]:
            runs.append(Run(found["label"], color=_LINK))
        else:
            runs.append(Run(found["bold"] or found["code"], True, color=_WHITE))
        at = found.end()
    runs.append(Run(text[at:], bold, color=color))
    for row in wrapped(runs, _INNER, size):
        canvas.text(row, x, size)


def _embed(canvas: Canvas, embed: dict[str, Any]) -> None:
    canvas.y += 8
    top, place = canvas.y, len(canvas.parts)
    canvas.y += 8
    if author := embed.get("author"):
        _line(canvas, f"-# {author['name']}", 38)
    if heading := embed.get("title"):
        for row in wrapped([Run(heading, True, color=_LINK)], _INNER, 15):
            canvas.text(row, 38, 15)
    for line in str(embed.get("description", "")).split("\n"):
        if line:
            _line(canvas, line, 38)
    for one in embed.get("fields", ()):
        _line(canvas, f"**{one['name']}**", 38)
        _line(canvas, one["value"], 38)
    if footer := embed.get("footer"):
        _line(canvas, f"-# {footer['text']}", 38)
    canvas.y += 8
    frame = Canvas(0, "", "")
    frame.box(20, top, _WIDTH - 40, canvas.y - top, "#2b2d31", 4)
    frame.box(20, top, 4, canvas.y - top, f"#{embed.get('color', 0x4E5058):06x}", 2)
    canvas.parts[place:place] = frame.parts


def _buttons(canvas: Canvas, buttons: list[dict[str, Any]]) -> None:
    canvas.y += 8
    left = 20.0
    for button in buttons:
        label = str(button.get("label", ""))
        wide = 30 + 8 * len(label)
        canvas.box(left, canvas.y, wide, 32, "#4e5058", 4)
        canvas.centred(label, left + wide / 2, canvas.y + 21, 14, _WHITE)
        left += wide + 8
    canvas.y += 34
