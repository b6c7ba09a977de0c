"""The brief: votes, links, input and output, problem, method, and the abstract folded."""

from __future__ import annotations

from bot.cards.formatter import AUTHORS_NAMED, NAME, TITLE, address
from bot.documents.day import Entry, ListedDay
from bot.documents.markdown import escaped, heading, opening, plain
from bot.documents.reading_report import LONGEST
from bot.documents.trust import doubts, marked, missing, provenance
from bot.papers import Reading
from bot.reports import Brief

_NONE = "—"
_ABSTRACT = 10_000  # graphemes


def document(day: ListedDay) -> str:
    """The day as a brief; Markdown with one fold a paper."""
    count = len(day.entries)
    papers = "paper" if count == 1 else "papers"
    head = f"# HF Daily Papers - {day.day.isoformat()}\n\nTotal: {count} {papers}\n\n---\n\n"
    return head + "".join(_paper(number, one) for number, one in enumerate(day.entries, 1))


def _paper(number: int, entry: Entry) -> str:
    paper, reading = entry.paper, entry.reading
    votes = _NONE if paper.upvotes is None else str(paper.upvotes)
    abstract = opening(plain(paper.abstract, _ABSTRACT)) or _NONE
    into, problem, method = (text or missing(reading) for text in _told(reading))
    worth = "；".join([provenance(reading), *doubts(reading, into + problem + method)])
    return (
        f"## {number}. {heading(plain(paper.title, TITLE) or paper.id)}\n\n"
        f"**Upvotes**: {votes} | **Authors**: {_authors(paper.authors)}\n\n"
        f"[HuggingFace]({address(paper.id, 'hf')}) | [arXiv]({address(paper.id, 'arxiv')})\n\n"
        f"**输入→输出**: {into}\n\n"
        f"**问题**: {problem}\n\n"
        f"**方案**: {method}（{worth}）\n\n"
        "<details>\n<summary>Original Abstract</summary>\n\n"
        f"{abstract}\n\n</details>\n\n---\n\n"
    )


def _authors(authors: tuple[str, ...]) -> str:
    """The first three, and three dots when there are more."""
    names = [escaped(name) for raw in authors if (name := plain(raw, NAME))]
    more = "..." if len(names) > AUTHORS_NAMED else ""
    return ", ".join(names[:AUTHORS_NAMED]) + more or _NONE


def _told(reading: Reading) -> tuple[str, str, str]:
    """What stands behind the three labels; without a report, the line is the method's."""
    if reading.report is None:
        return "", "", _text(" ".join(reading.lines), reading)
    brief = reading.report.brief
    return _key_words(brief, reading), _text(brief.problem, reading), _text(brief.method, reading)


def _key_words(brief: Brief, reading: Reading) -> str:
    parts = (
        ("任务", brief.task),
        ("输入", brief.input),
        ("输出", brief.output),
        ("Backbone", brief.backbone),
        ("数据集", ", ".join(brief.datasets)),
    )
    return "".join(
        f"{label}: {text}。"
        for label, raw in parts
        if (text := _text(raw.strip().rstrip("。.;；"), reading))
    )


def _text(raw: str, reading: Reading) -> str:
    return escaped(marked(plain(raw, LONGEST), reading))
