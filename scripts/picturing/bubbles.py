"""A call of Telegram's Bot API as a picture: its HTML as text, its buttons below the bubble."""

from __future__ import annotations

from html.parser import HTMLParser

from drawing import Canvas, Run, wrapped

from adapters.platforms.telegram.frozen import Call

_WIDTH, _INNER = 560, 500
_BLUE, _GREEN = "#2f7cc0", "#4fae4e"


class _Text(HTMLParser):
    """Lines of runs; a quotation's are marked."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[bool, list[Run]]] = [(False, [])]
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self.lines.append((True, []))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._open.remove(tag)
        if tag == "blockquote":
            self.lines.append((False, []))

    def handle_data(self, data: str) -> None:
        for number, text in enumerate(data.split("\n")):
            if number:
                self.lines.append(("blockquote" in self._open, []))
            link = "a" in self._open
            run = Run(text, "b" in self._open, "i" in self._open, _BLUE if link else None)
            self.lines[-1][1].append(run)


def picture(calls: list[Call], title: str) -> str:
    """The messages of one digest, one below the other."""
    canvas = Canvas(_WIDTH, "#dfe7d5", "#111111")
    for call in calls:
        canvas.y += 14
        top, place = canvas.y, len(canvas.parts)
        canvas.y += 8
        reader = _Text()
        reader.feed(call.params["text"])
        before = False
        for quoted, line in reader.lines:
            if not any(run.text for run in line):
                canvas.y += 0 if before and not quoted else 8
                before = quoted
                continue
            size = 13 if quoted else 14
            begins = canvas.y
            for row in wrapped(line, _INNER - (14 if quoted else 0), size):
                canvas.text(row, 30 + (12 if quoted else 0), size)
            if quoted:
                canvas.box(30, begins + 2, 3, canvas.y - begins - 1, _GREEN, 1)
            before = quoted
        canvas.y += 10
        bubble = Canvas(0, "", "")
        bubble.box(16, top, _WIDTH - 32, canvas.y - top, "#ffffff", 12)
        canvas.parts.insert(place, bubble.parts[0])
        for row in call.buttons:
            wide = (_WIDTH - 32 - 6 * (len(row) - 1)) / len(row)
            for number, button in enumerate(row):
                left = 16 + number * (wide + 6)
                canvas.box(left, canvas.y + 6, wide, 30, "#b9c8a9", 8)
                canvas.centred(button.label, left + wide / 2, canvas.y + 26, 13, "#1f3317")
            canvas.y += 36
    return canvas.svg(title)
