"""Tables of answers: columns that fit into the width, long cells wrapped."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from adapters.platforms.console.wrapping import Piece, Row, width_of, wrap
from bot.cards import Table


def table(block: Table, width: int) -> list[Row]:
    """The rows of the table, two cells between its columns."""
    rows = [block.head, *block.rows] if block.head else [*block.rows]
    count = max((len(row) for row in rows), default=0)
    if not count:
        return []
    cells = [[Piece.of(cell).text for cell in row] + [""] * (count - len(row)) for row in rows]
    widths = _columns([max(map(cell_len, column)) for column in zip(*cells, strict=True)], width)
    out: list[Row] = []
    for number, row in enumerate(cells):
        style = "strong" if block.head and not number else "plain"
        out += _table_row(row, widths, style)
    return out


def _columns(wanted: list[int], width: int) -> list[int]:
    """Widths that fit: the widest columns give way first."""
    room = max(width - 2 * (len(wanted) - 1), len(wanted))
    widths = [max(1, each) for each in wanted]
    while sum(widths) > room:
        widest = max(range(len(widths)), key=widths.__getitem__)
        second = max((w for at, w in enumerate(widths) if at != widest), default=0)
        too_much = sum(widths) - room
        widths[widest] -= max(1, min(too_much, widths[widest] - second))
    return widths


def _table_row(row: Sequence[str], widths: list[int], style: str) -> list[Row]:
    columns = [wrap([Piece(cell, style)], width) for cell, width in zip(row, widths, strict=True)]
    out: list[Row] = []
    for number in range(max(map(len, columns))):
        line: Row = []
        for lines, width in zip(columns, widths, strict=True):
            part = lines[number] if number < len(lines) else []
            line += [*part, Piece(" " * (width - width_of(part) + 2))]
        out.append(_trimmed(line))
    return out


def _trimmed(row: Row) -> Row:
    while row and not row[-1].text.strip():
        row = row[:-1]
    return row
