"""Paragraphs and tables of an answer, for a narrow screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from adapters.platforms.telegram.drawing.atoms import Atom
from adapters.platforms.telegram.drawing.wording import (
    escape,
    link,
    plain,
    quiet_sentence,
    seen,
    units,
    web,
)
from bot.cards import Paragraph, Span, Table
from bot.texts import Texts

LONGEST = 3_500  # UTF-16 units of an atom, its addresses written out
_TAGS = {"strong": "b", "code": "code", "mark": "u"}
_MOST_TAGS = 60  # in one atom
# A command as it stands is touched; behind placeholders too, for they are no words to send.
_TOUCHED = re.compile(r"/[a-z0-9_]{1,32}(?: .*[\[<…].*)?", re.DOTALL)
_NUMBER = re.compile(r"\d{1,3}")


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch of text in one tag."""

    text: str
    tag: str = ""
    url: str | None = None

    @property
    def html(self) -> str:
        inner = escape(self.text)
        if self.tag:
            inner = f"<{self.tag}>{inner}</{self.tag}>"
        return link(self.url, inner) if self.url else inner

    @property
    def written(self) -> str:
        """The text with its address behind it."""
        return f"{self.text} ({self.url})" if self.url and self.url != self.text else self.text

    @property
    def entities(self) -> int:
        return bool(self.tag) + bool(self.url)


def paragraph(block: Paragraph, gap: str) -> Iterator[Atom]:
    """The paragraph, in several atoms when it is longer than a message takes."""
    text = block.text
    if not seen(plain(text)):
        return
    if "\n" in text.strip() and all(span.kind == "code" for span in block.spans if span.text):
        yield from _atoms([_Run(plain(text).strip("\n"), "pre")], gap)
    else:
        yield from _atoms([_run(span) for span in block.spans if span.text], gap)


def _run(span: Span) -> _Run:
    text = plain(span.text)
    url = web(span.url)
    if span.kind == "code":
        if _TOUCHED.fullmatch(text) and not url:
            return _Run(quiet_sentence(text))
        return _Run(text, "code", url) if seen(text) else _Run(text)
    if not seen(text):
        return _Run(text)  # a tag round nothing vanishes
    return _Run(quiet_sentence(text), _TAGS.get(span.kind, ""), url)


def table(block: Table, t: Texts, gap: str) -> Iterator[Atom]:
    """One row a line, "name: value" or "command – what it does": a phone has no columns."""
    if any(seen(plain(cell)) for cell in block.head):
        names = " – ".join([plain(cell) for cell in block.head if cell.strip()])
        yield from _atoms([_Run(quiet_sentence(names), "i")], gap, leads=True)
        gap = "\n"
    for row in block.rows:
        cells = [text for cell in row if seen(text := plain(cell).strip())]
        if cells:
            yield from _atoms(_row(cells, t, headed=bool(block.head)), gap)
            gap = "\n"


def _row(cells: Sequence[str], t: Texts, *, headed: bool) -> list[_Run]:
    first, rest = cells[0], cells[1:]
    if first.startswith("/"):
        runs = [_run(Span(first, "code"))]
        mark = " – "
    elif _NUMBER.fullmatch(first) and rest:
        runs, mark = [_Run(first)], ". "
    elif headed or not rest:
        runs, mark = [_Run(quiet_sentence(first))], " – "
    else:
        runs, mark = [_Run(quiet_sentence(first), "b")], "：" if t.language == "zh" else ": "
    if rest:
        runs.append(_Run(quiet_sentence(mark + " – ".join(rest))))
    return runs


def _atoms(runs: Iterable[_Run], gap: str, *, leads: bool = False) -> Iterator[Atom]:
    for part in _parts(runs):
        written = "".join([run.written for run in part])
        if seen(written):
            yield Atom(
                "".join([run.html for run in part]),
                written,
                sum([units(run.text) for run in part]),
                sum([run.entities for run in part]),
                gap=gap,
                leads=leads,
            )
            gap = "\n"


def _parts(runs: Iterable[_Run]) -> Iterator[list[_Run]]:
    """The runs in parts of at most `LONGEST` units, broken at lines, else at words."""
    part: list[_Run] = []
    room, tags = LONGEST, _MOST_TAGS
    for whole in runs:
        run = whole
        while run.text:
            size = units(run.written)
            if size <= room and run.entities <= tags:
                part.append(run)
                room -= size
                tags -= run.entities
                break
            here = _break(run.text, room - (size - units(run.text))) if run.entities <= tags else 0
            if here:
                part.append(replace(run, text=run.text[:here].rstrip("\n ")))
                run = replace(run, text=run.text[here:].lstrip("\n"))
            elif not part:  # an address that leaves no room for a word of its own
                run = replace(run, url=None)
                continue
            yield part
            part, room, tags = [], LONGEST, _MOST_TAGS
    if part:
        yield part


def _break(text: str, room: int) -> int:
    """Where the text is best broken within `room` units; 0 when nothing of it fits."""
    if room < 1:
        return 0
    head = text[:room]
    while units(head) > room:
        head = head[: len(head) - max(1, (units(head) - room) // 2)]
    least = len(head) // 2
    for mark in ("\n", " "):
        if (at := head.rfind(mark, least)) >= 0:
            return at + 1
    return len(head)
