"""Tables as text: a row a line, cells by tabs; equations with their numbers, a row a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborNode

from adapters.fulltexts.arxiv.veils import Look, look_within
from adapters.fulltexts.arxiv.writing import CELL, joined

if TYPE_CHECKING:
    from adapters.fulltexts.arxiv.walking import Walk

WIDEST = 100  # cells that one may take the place of
_PARTS = frozenset({"ltx_thead", "ltx_tbody", "ltx_tfoot"})
_CELLS = frozenset({"ltx_td", "ltx_th", "ltx_eqn_cell"})


def read(walk: Walk, node: LexborNode, classes: frozenset[str], look: Look) -> None:
    """Put a table, or a table of equations, into the walk's writing."""
    writing = walk.writing
    equations = bool(classes & {"ltx_equation", "ltx_equationgroup", "ltx_eqn_table"})
    writing.end_block()
    pending: dict[int, int] = {}  # column → rows that a cell above still reaches into
    lines = []
    for row, seen in _rows(walk, node, look):
        cells = _cells(walk, row, seen, pending)
        if equations:
            line = " ".join(joined(" ".join(cells)).split())
        else:
            line = CELL.join(writing.tidy(cell).replace("\n", " ") for cell in cells)
        if line.strip(f" {CELL}"):
            lines.append(line.rstrip(f" {CELL}"))
    if writing.flat:
        writing.say(" ".join(lines).replace(CELL, " "))
        return
    if lines:
        text = "\n".join(writing.tidy(line) if equations else line for line in lines)
        writing.blocks.append(writing.prefix + text.replace(CELL, "\t"))
        writing.prefix = ""
    writing.end_block()


def _rows(walk: Walk, node: LexborNode, look: Look) -> Iterator[tuple[LexborNode, Look]]:
    child = node.first_child
    while child is not None:
        tag = (child.tag or "").casefold()
        if tag not in ("-text", "-comment"):
            attributes = child.attributes
            classes = frozenset((attributes.get("class") or "").split())
            seen = look_within(look, tag, attributes, walk.rules)
            if seen.gone:
                walk.hidden(child, tag)
            elif tag == "tr" or "ltx_tr" in classes:
                yield child, seen
            elif tag in ("tbody", "thead", "tfoot") or classes & _PARTS:
                yield from _rows(walk, child, seen)
            else:
                walk.element(child, tag, look)
        child = child.next


def _cells(walk: Walk, row: LexborNode, look: Look, pending: dict[int, int]) -> list[str]:
    """The row's cells; empty ones where a cell is broad or one above reaches down."""
    cells: list[str] = []
    child = row.first_child
    while child is not None:
        tag = (child.tag or "").casefold()
        if tag not in ("-text", "-comment"):
            attributes = child.attributes
            classes = frozenset((attributes.get("class") or "").split())
            seen = look_within(look, tag, attributes, walk.rules)
            if seen.gone:
                walk.hidden(child, tag)
                cells.append("")
            elif tag in ("td", "th") or classes & _CELLS:
                _reached(cells, pending)
                broad = _span(attributes.get("colspan"))
                down = _span(attributes.get("rowspan"))
                if down > 1:
                    pending |= {len(cells) + each: down - 1 for each in range(broad)}
                cells += [walk.inline(child, seen), *[""] * (broad - 1)]
            else:
                walk.element(child, tag, look)
        child = child.next
    _reached(cells, pending)
    return cells


def _reached(cells: list[str], pending: dict[int, int]) -> None:
    while pending.get(len(cells), 0) > 0:
        pending[len(cells)] -= 1
        cells.append("")


def _span(value: str | None) -> int:
    text = (value or "").strip()
    return min(max(int(text[:4]), 1), WIDEST) if text.isascii() and text.isdigit() else 1
