"""Blocks of text as lines of markdown: paragraphs, tables, lists, notices, heading, foot."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import groupby

from adapters.platforms.discord.drawing import phrases
from adapters.platforms.discord.drawing.escaping import coded, fitted, linked, marked, units, web
from adapters.platforms.discord.drawing.lines import GAP, LONGEST, Line, broken, paper_line
from bot.cards import (
    Block,
    Foot,
    Heading,
    ListBlock,
    NoticeBlock,
    Paragraph,
    Span,
    Table,
)
from bot.cards import phrases as words
from bot.channels import Notice
from bot.texts import Texts

_WIDEST = 44  # letters of an aligned table; a telephone shows no more
_CELL = 900  # UTF-16 units of one cell
_TIGHT = ((Paragraph, Paragraph), (Paragraph, Table), (Heading, NoticeBlock))


def worded(
    blocks: Sequence[Block], t: Texts, *, start: int = 1, compact: bool = False
) -> list[Line]:
    """The lines of the blocks, an empty one between those that need air.

    Papers of lists are numbered from `start`. `compact`: the list goes on with the papers above
    it, so it has no heading of its own.
    """
    unread = any(
        isinstance(block, NoticeBlock) and block.state is Notice.SOURCE_FAILED for block in blocks
    )
    out: list[Line] = []
    before: Block | None = None
    for block in blocks:
        lines: list[Line] = []
        match block:
            case Heading():
                lines = [Line(text) for text in phrases.heading(block, t, unread=unread)]
            case ListBlock():
                lines = listed(block, t, start, headed=not compact)
                start += len(block.lines)
            case NoticeBlock():
                lines = [Line(phrases.notice(block))]
            case Foot():
                text = words.foot(block, t)
                lines = [Line(phrases.SMALL + text)] if text else []
            case Paragraph():
                lines = paragraph(block)
            case Table():
                lines = table(block)
            case _:
                continue
        if not lines:
            continue
        if before is not None and not any(
            isinstance(before, above) and isinstance(block, below) for above, below in _TIGHT
        ):
            out.append(GAP)
        out += lines
        before = block
    return out


def listed(block: ListBlock, t: Texts, start: int, *, headed: bool, room: int = 130) -> list[Line]:
    """The papers beyond the cards, a line each."""
    lines = [
        paper_line(one.id, one.title, one.url, phrases.votes(one.upvotes, None, t), number, room)
        for number, one in enumerate(block.lines, start)
    ]
    if lines and headed:
        lines.insert(0, Line(f"**{marked(t('In one line each'))}**"))
    if text := words.more(block, t):
        lines.append(Line(phrases.SMALL + text))
    return lines


def paragraph(block: Paragraph) -> list[Line]:
    """Its lines; several lines of nothing but code become a block of code."""
    rows: list[list[Span]] = [[]]
    for span in block.spans:
        for number, text in enumerate(span.text.split("\n")):
            if number:
                rows.append([])
            rows[-1].append(Span(text, span.kind, span.url))
    if len(rows) > 1 and all(span.kind == "code" for span in block.spans if span.text.strip()):
        return [
            Line(coded(part) or " ", code=True)
            for row in rows
            for part in broken("".join(span.text for span in row).rstrip())
        ]
    return [line for row in rows for line in _row(row)]


def _row(row: Sequence[Span]) -> list[Line]:
    text = _dressed(row)
    if units(text) <= LONGEST:
        return [Line(text)]
    return [
        Line(_dressed([Span(part, span.kind, span.url)]))
        for span in row
        for part in broken(span.text)
    ]


def _dressed(row: Sequence[Span]) -> str:
    """The spans of one line as markdown. Neighbours of one kind are marked together."""
    out = ""
    for (kind, url), group in groupby(row, key=lambda span: (span.kind, span.url)):
        text = "".join(span.text for span in group)
        inner = text.strip()
        if not inner:
            out += " " * bool(text)
            continue
        made = _span(inner, kind, url, begins=not out.strip())
        if made[:1] == out[-1:] and made[:1] in "*`":
            out += "\u2060"  # two marks that meet would be taken for one
        left = " " if text[0].isspace() and out else ""
        out += left + made + (" " if text[-1].isspace() else "")
    return out.rstrip()


def _span(text: str, kind: str, url: str | None, *, begins: bool) -> str:
    address = web(url)
    if kind == "code":
        return _code(text)
    strong = "**" if kind in ("strong", "mark") else ""
    if address:
        name = fitted(text, 1_000, linked)
        return f"[{strong}{name}{strong}](<{address}>)" if name else ""
    made = marked(text)
    if not begins and not strong and made[:1] == "\\" and text[:1] in "#>+-":
        made = made[1:]  # only at its beginning would it make the line something else
    return f"{strong}{made}{strong}" if made else ""


def _code(text: str) -> str:
    text = coded(text, 2)
    if not text:
        return ""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def table(block: Table) -> list[Line]:
    """Aligned where it is narrow and every letter has one width; else a line for each row."""
    rows = [[coded(cell) for cell in row] for row in block.rows]
    head = [coded(cell) for cell in block.head]
    whole = [head, *rows] if head else rows
    if (head or max(map(len, whole), default=0) > 2) and (aligned := _aligned(whole)):
        return aligned
    lines = []
    if any(head):
        lines.append(
            Line(phrases.SMALL + " · ".join(fitted(cell, 200) for cell in head[:8] if cell))
        )
    return lines + [line for row in rows if (line := _cells(row)).text]


def _aligned(rows: Sequence[Sequence[str]]) -> list[Line]:
    """The rows as a block of code; nothing where they would not stand well in one."""
    widths: list[int] = []
    for row in rows:
        widths += [0] * (len(row) - len(widths))
        for at, cell in enumerate(row):
            if not _even(cell):
                return []
            widths[at] = max(widths[at], len(cell))
    if sum(widths) + 2 * (len(widths) - 1) > _WIDEST:
        return []
    return [Line("  ".join(map(str.ljust, row, widths)).rstrip() or " ", code=True) for row in rows]


def _cells(row: Sequence[str]) -> Line:
    """ "**name** value", "**1** topic · 23": the first cell stands out."""
    cells = [fitted(cell, _CELL) for cell in row if cell.strip()][:4]
    if not cells:
        return Line("")
    first, *rest = cells
    return Line(f"**{first}**" + (f" {' · '.join(rest)}" if rest else ""))


def _even(text: str) -> bool:
    return all(
        unicodedata.east_asian_width(char) not in "WFA" and not unicodedata.combining(char)
        for char in text
        if char > "\x7f"
    )
