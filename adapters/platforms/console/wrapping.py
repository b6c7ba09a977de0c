"""Lines for a terminal: measured in cells, broken where the script allows, styled or plain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style

from bot.cards.cut import ELLIPSIS, clean, graphemes

_STYLES = {
    "title": "bold",
    "strong": "bold",
    "day": "bold",
    "code": "cyan",
    "mark": "bold yellow",
    "notice": "yellow",
    "dim": "dim",
    "badge": "green",
    "plain": "",
}
_NOT_FIRST = frozenset("。，、；：？！）」』》】〉”’%…,.;:?!)]}»·")  # never begins a line
_NOT_LAST = frozenset("（「『《【〈“‘([{«")  # never ends one
_BREAKS_AFTER = "–—/"  # inside a word, as in addresses; never where the word begins


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one style. Its text is clean: no escape of a source reaches the terminal."""

    text: str
    style: str = "plain"
    url: str | None = None

    @classmethod
    def of(cls, text: str, style: str = "plain", url: str | None = None) -> Piece:
        """A piece of any text; white space at its ends is kept as one space."""
        inner = clean(text)
        left = " " if text[:1].isspace() and inner else ""
        right = " " if text[-1:].isspace() and inner else ""
        return cls(f"{left}{inner}{right}" if inner else " " * bool(text), style, url)


Row = list[Piece]


def width_of(row: Row) -> int:
    """Cells that the row takes."""
    return sum(cell_len(piece.text) for piece in row)


@dataclass(frozen=True, slots=True)
class _Cluster:
    """One grapheme of a row."""

    text: str
    cells: int
    piece: Piece  # where it stands


def wrap(row: Row, width: int, *, first: int | None = None) -> list[Row]:
    """The row as lines of at most `width` cells, the first one of at most `first`.

    Broken at spaces and between the letters of scripts without spaces, with no closing mark at
    the beginning of a line; a longer word is broken anywhere between its graphemes.
    """
    limit = max(1, width if first is None else first)
    if width_of(row) <= limit:
        return [row]
    clusters = [
        _Cluster(text, cell_len(text), piece) for piece in row for text in graphemes(piece.text)
    ]
    lines: list[Row] = []
    start = 0
    while start < len(clusters):
        end = _line_end(clusters, start, limit)
        lines.append(_joined(clusters[start:end]))
        start = end
        while start < len(clusters) and clusters[start].text == " ":
            start += 1
        limit = max(1, width)
    return lines


def _line_end(clusters: list[_Cluster], start: int, limit: int) -> int:
    """The place behind the last cluster that still stands on the line that begins at `start`."""
    used = 0
    allowed = start
    for at in range(start, len(clusters)):
        cluster = clusters[at]
        used += cluster.cells
        if used > limit and cluster.text != " ":
            return allowed if allowed > start else max(at, start + 1)
        begins = at == 0 or clusters[at - 1].text == " " or _ideographic(clusters[at - 1].text)
        if (
            at + 1 < len(clusters)
            and _may_break(cluster.text, clusters[at + 1].text)
            and not (begins and cluster.text in _BREAKS_AFTER)
        ):
            allowed = at + 1
    return len(clusters)


def _may_break(before: str, behind: str) -> bool:
    if before == " ":
        return True
    if behind == " " or behind in _NOT_FIRST or before in _NOT_LAST:
        return False
    return before in _BREAKS_AFTER or _ideographic(before) or _ideographic(behind)


def _ideographic(cluster: str) -> bool:
    """Chinese characters, kana and full-width marks; Korean breaks at its spaces."""
    return "\u2e80" <= cluster[0] <= "\u9fff" or "\uf900" <= cluster[0] <= "\uffef"


def _joined(clusters: list[_Cluster]) -> Row:
    row: Row = []
    for cluster in clusters:
        if row and row[-1].style == cluster.piece.style and row[-1].url == cluster.piece.url:
            row[-1] = replace(row[-1], text=row[-1].text + cluster.text)
        else:
            row.append(replace(cluster.piece, text=cluster.text))
    while row and not row[-1].text.rstrip(" "):
        row.pop()
    if row:
        row[-1] = replace(row[-1], text=row[-1].text.rstrip(" "))
    return row


def shorten(text: str, width: int) -> str:
    """The text in at most `width` cells, with an ellipsis when something is left out."""
    if cell_len(text) <= width:
        return text
    kept, used = "", 0
    for cluster in graphemes(text):
        used += cell_len(cluster)
        if used > width - 1:
            break
        kept += cluster
    return kept.rstrip() + ELLIPSIS if width > 0 else ""


def paint(row: Row, *, color: bool) -> str:
    """The row as text for the terminal; without `color`, plain: no escape code and no link."""
    if not color:
        return "".join(piece.text for piece in row)
    return "".join(
        _style(piece.style, piece.url).render(piece.text, color_system=ColorSystem.STANDARD)
        for piece in row
    )


@lru_cache(maxsize=512)
def _style(name: str, url: str | None) -> Style:
    style = Style.parse(_STYLES.get(name, ""))
    # An address with a control character would end the link's escape code early.
    return style + Style(link=url) if url and url == clean(url) else style
