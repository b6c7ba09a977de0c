"""Lines of a message before they become content or embeds, and how they are poured into them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from adapters.platforms.discord.drawing.escaping import fitted, link, linked, seen, units, web

LONGEST = 3_800  # UTF-16 units of one line
_FENCE = "```"
_FENCES = 2 * (len(_FENCE) + 1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of markdown; of a paper, also what a plain message says instead."""

    text: str
    code: bool = False  # stands in a block of code
    number: int | None = None  # of the paper, where it is numbered
    paper: str | None = None  # its id
    title: str = ""  # clean
    address: str | None = None


GAP = Line("")
Span = tuple[str, int, int]  # id of a paper; where its line begins and ends in a text


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines that stand in one content or description."""

    text: str
    size: int
    lines: tuple[Line, ...]

    @property
    def numbers(self) -> list[tuple[int, str]]:
        """Numbers and ids of the papers in it that can be shown as cards."""
        return [(one.number, one.paper) for one in self.lines if one.number and one.paper]


@lru_cache(maxsize=8_192)
def paper_line(
    paper: str, title: str, url: str, votes: str, number: int | None, room: int = 130
) -> Line:
    """A paper in one line: number, linked title, votes. `room` is for the title."""
    name = fitted(title, room, linked) or fitted(paper, room, linked)
    before = f"**{number}.** " if number else ""
    text = f"{before}{link(name, url)}" + (f" {votes}" if votes else "")
    return Line(
        text, number=number, paper=paper, title=title if seen(title) else paper, address=web(url)
    )


def render(lines: Sequence[Line]) -> str:
    """The lines as text, those of code in fences."""
    out: list[str] = []
    code = False
    for line in lines:
        if line.code != code:
            out.append(_FENCE)
            code = line.code
        out.append(line.text)
    if code:
        out.append(_FENCE)
    return "\n".join(out)


def pour(
    lines: Iterable[Line], limit: int, most_numbers: int, first: int | None = None
) -> list[Chunk]:
    """The lines in as few chunks as hold them, none longer than `limit` units.

    The first is at most `first` units where that is given; none holds more numbered papers than
    can have a button.
    """
    chunks: list[Chunk] = []
    kept: list[Line] = []
    size = count = 0
    room = limit if first is None else first

    def close() -> None:
        nonlocal size, count, room
        inside = _trimmed(kept)
        if inside:
            text = render(inside)
            chunks.append(Chunk(text, units(text), tuple(inside)))
        kept.clear()
        size = count = 0
        room = limit

    for line in lines:
        need = units(line.text) + 1 + (_FENCES if line.code else 0)
        full = size + need > room or (line.number is not None and count >= most_numbers)
        if full and kept:
            moved = _heads(kept)
            close()
            kept.extend(moved)
            size = sum(units(one.text) + 1 for one in moved)
        kept.append(line)
        size += need
        count += line.number is not None
    close()
    return chunks


def kept_whole(lines: Sequence[Line], limit: int) -> str:
    """The first lines that fit into `limit` units."""
    chunks = pour(lines, limit, len(lines))
    return chunks[0].text if chunks and chunks[0].size <= limit else ""


def spoken(lines: Sequence[Line], limit: int) -> tuple[str, list[Span]]:
    """The lines as a plain message of at most `limit` units that leaves out no paper, and where
    in it each paper stands.

    Titles give way to the limit, then addresses; other lines are left out from the end.
    """
    natural = _trimmed([_plain_paper(one, 0) if one.title else one for one in lines])
    text = render(natural)
    if units(text) <= limit:
        return text, _spans(natural)
    papers = [one for one in lines if one.title]
    others = kept_whole([one for one in lines if not one.title], limit if not papers else 600)
    if not papers:
        return others, []
    room = (limit - units(others) - 1) // len(papers) - 1
    shown = [_plain_paper(one, room) for one in papers]
    text = render(shown)
    if not others:
        return text, _spans(shown)
    before = len(others) + 1
    return f"{others}\n{text}", [(one, a + before, b + before) for one, a, b in _spans(shown)]


def _spans(lines: Sequence[Line]) -> list[Span]:
    """Where in the rendered lines each paper stands."""
    spans: list[Span] = []
    at, code = 0, False
    for line in lines:
        if line.code != code:
            at += len(_FENCE) + 1
            code = line.code
        if line.paper:
            spans.append((line.paper, at, at + len(line.text)))
        at += len(line.text) + 1
    return spans


def _plain_paper(line: Line, room: int) -> Line:
    """The line of a paper as its number, title and address; see `_plain`."""
    text = _plain(line.number, line.title, line.address, room)
    return Line(text, number=line.number, paper=line.paper, title=line.title)


@lru_cache(maxsize=8_192)
def _plain(number: int | None, title: str, address: str | None, room: int) -> str:
    """Title and address in at most `room` units; all of it where that is 0."""
    before = f"{number}\\. " if number else ""
    behind = f" <{address}>" if address else ""
    if not room:
        return before + fitted(title, 300) + behind
    left = room - len(before) - len(behind)
    if left < 16:
        behind, left = "", room - len(before)
    return before + fitted(title, max(left, 1)) + behind


def _heads(kept: list[Line]) -> list[Line]:
    """A heading that would stand last moves on with what it is the head of."""
    at = len(kept)
    while at and not kept[at - 1].text:
        at -= 1
    last = kept[at - 1].text if at > 1 and kept[at - 1].number is None else ""
    if last.startswith("**") and last.endswith("**") and len(last) < 100:
        moved = kept[at - 1 : at]
        del kept[at - 1 :]
        return moved
    return []


def _trimmed(lines: Sequence[Line]) -> list[Line]:
    """Without empty lines at the ends."""
    start, end = 0, len(lines)
    while start < end and not lines[start].text.strip():
        start += 1
    while end > start and not lines[end - 1].text.strip():
        end -= 1
    return list(lines[start:end])


def broken(text: str, size: int = 1_800) -> list[str]:
    """A long text in parts of at most `size` characters, broken behind a word."""
    parts: list[str] = []
    while len(text) > size:
        at = text.rfind(" ", size // 2, size)
        at = size if at < 0 else at
        parts.append(text[:at])
        text = text[at:].lstrip(" ")
    return [*parts, text]
