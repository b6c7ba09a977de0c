"""How a message of Telegram looks in the terminal: its markup as styles, its buttons numbered."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.text import Text

    from adapters.platforms.telegram.sandbox import Message

_STYLES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strike", "del": "strike", "code": "cyan", "pre": "cyan",
}  # fmt: skip
_BAR = "│ "  # before each line of a message
_QUOTE = "▏"  # before each line of a quotation
_WIDEST = 100  # characters; longer lines are tiring


class Screen:
    """Writes to a terminal with styles, or to a pipe without."""

    def __init__(self, output: TextIO, *, echo: bool) -> None:
        """`echo`: what was typed is shown too, for no terminal shows it."""
        from rich.console import Console

        self._console = Console(file=output, highlight=False, soft_wrap=False, emoji=False)
        self._console.width = min(self._console.width, _WIDEST)
        self._echo = echo
        self._output = output

    def typed(self, where: str, line: str) -> None:
        """What the person typed, when nobody else shows it."""
        if self._echo:
            self.note(f"{where} > {line}")

    def note(self, text: str) -> None:
        """A line that is no message."""
        from rich.text import Text

        self._console.print(Text(text, style="dim" if text.startswith("(") else ""))
        self._output.flush()

    def message(self, message: Message, first: int) -> list[dict[str, Any]]:
        """Show it with its buttons numbered from `first`; gives the buttons."""
        from rich.text import Text

        words = message.params.get("text") or message.params.get("caption") or ""
        is_html = str(message.params.get("parse_mode", "")).upper() == "HTML"
        text = styled(words) if is_html else Text(words)
        width = self._console.width - len(_BAR) - 1
        edge = Text().append(_BAR, style="blue")
        silent = message.params.get("disable_notification") and not message.edits
        marks = ["changed in place"] * bool(message.edits) + ["silent"] * bool(silent)
        if marks:
            self._console.print(edge + Text(f"({', '.join(marks)})", style="dim"))
        for line in text.split("\n", allow_blank=True):
            quoted = line.plain.startswith(_QUOTE)
            for part in line.wrap(self._console, width) or [Text()]:
                if quoted and not part.plain.startswith(_QUOTE):
                    part = Text(f"{_QUOTE} ") + part
                self._line(edge + part)
        if message.file is not None:
            name, content = message.file
            self._console.print(edge + Text(f"[file {name}, {len(content):,} bytes]"))
        buttons: list[dict[str, Any]] = []
        for row in message.buttons:
            line = Text()
            for button in row:
                number = first + len(buttons)
                buttons.append(button)
                leads = "" if "callback_data" in button else " ↗"
                line.append(f"[{number} {button['text']}{leads}]", style="bold")
                line.append(" ")
            for part in line.wrap(self._console, width):
                self._line(edge + part)
        self._console.print()
        self._output.flush()
        return buttons

    def _line(self, text: Text) -> None:
        text.rstrip()
        self._console.print(text)


def styled(html: str) -> Text:
    """Telegram's HTML as styled text (https://core.telegram.org/bots/api#html-style)."""
    from rich.text import Text

    text = Text()
    for piece, style in _pieces(html):
        text.append(piece, style=style)
    return text


def _pieces(html: str) -> Iterator[tuple[str, str]]:
    parser = _Styles()
    parser.feed(html)
    parser.close()
    yield from parser.pieces


class _Styles(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[tuple[str, str]] = []
        self._open: list[tuple[str, str]] = []
        self._quoted = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self._quoted = True
            self.pieces.append((f"{_QUOTE} ", "dim"))
        elif tag == "a":
            self._open.append((tag, f"underline link {dict(attributes).get('href')}"))
        else:
            self._open.append((tag, _STYLES.get(tag, "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self._quoted = False
        for position in range(len(self._open) - 1, -1, -1):
            if self._open[position][0] == tag:
                del self._open[position]
                break

    def handle_data(self, data: str) -> None:
        style = " ".join(style for _, style in self._open if style)
        if self._quoted:
            data = data.replace("\n", f"\n{_QUOTE} ")
            style = f"dim {style}"
        self.pieces.append((data, style))
