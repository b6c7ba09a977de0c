"""A small canvas for SVG: styled text in lines, rounded boxes and bars, nothing external."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from rich.cells import cell_len

FONT = (
    "-apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', "
    "'Noto Sans CJK SC', 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans CJK KR', sans-serif"
)
_CELL = 0.53  # width of one terminal cell in ems of such a font; CJK signs have two


@dataclass(frozen=True)
class Run:
    """A stretch of one style."""

    text: str
    bold: bool = False
    italic: bool = False
    color: str | None = None


Line = list[Run]


def wide(text: str, size: float) -> float:
    """About how many pixels a text takes."""
    return cell_len(text) * _CELL * size


def wrapped(line: Sequence[Run], width: float, size: float) -> list[Line]:
    """The line broken between words, or between CJK signs, where it is too long."""
    rows: list[Line] = [[]]
    used = 0.0
    for run in line:
        for word in _words(run.text):
            takes = wide(word, size)
            if used + wide(word.rstrip(), size) > width and used:
                rows.append([])
                used = 0.0
                word = word.lstrip()
                takes = wide(word, size)
            last = rows[-1]
            if last and (last[-1].bold, last[-1].italic, last[-1].color) == (
                run.bold, run.italic, run.color
            ):  # fmt: skip
                word = last.pop().text + word
            last.append(Run(word, run.bold, run.italic, run.color))
            used += takes
    return rows


def _words(text: str) -> Iterable[str]:
    word = ""
    for sign in text:
        korean = "\uac00" <= sign <= "\ud7a3"  # written with spaces between words
        if cell_len(sign) == 2 and not korean and sign not in "，。、；：？！）”’」』…":
            if word:
                yield word
            word = sign
            continue
        word += sign
        if sign == " ":
            yield word
            word = ""
    if word:
        yield word


@dataclass
class Canvas:
    """What is drawn, from above downwards."""

    width: int
    ground: str
    ink: str
    parts: list[str] = field(default_factory=list)
    y: float = 0.0

    def box(
        self, x: float, y: float, width: float, height: float, color: str, radius: int = 8
    ) -> None:
        """A filled box, behind what is drawn later."""
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius}" '
            f'fill="{color}"/>'
        )

    def text(self, line: Sequence[Run], x: float, size: float = 14) -> None:
        """One line at the present height; moves down by it."""
        self.y += size * 1.45
        spans = "".join(self._span(run) for run in line if run.text)
        baseline = self.y - size * 0.4
        self.parts.append(f'<text x="{x:g}" y="{baseline:.1f}" font-size="{size:g}">{spans}</text>')

    def _span(self, run: Run) -> str:
        bold = ' font-weight="600"' if run.bold else ""
        italic = ' font-style="italic"' if run.italic else ""
        return f'<tspan fill="{run.color or self.ink}"{bold}{italic}>{escape(run.text)}</tspan>'

    def centred(self, text: str, x: float, y: float, size: float, color: str) -> None:
        """A text in the middle of x."""
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{color}" '
            f'text-anchor="middle">{escape(text)}</text>'
        )

    def svg(self, title: str) -> str:
        """The whole picture."""
        height = round(self.y + 16)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{height}" '
            f'viewBox="0 0 {self.width} {height}" role="img" xml:space="preserve" '
            f'font-family="{FONT}">\n<title>{escape(title)}</title>\n'
            f'<rect width="100%" height="100%" rx="10" fill="{self.ground}"/>\n'
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )
