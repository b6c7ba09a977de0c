"""The reading report: five numbered sections for each paper, in a Chinese frame."""

from __future__ import annotations

import re

from bot.cards.formatter import TITLE, address
from bot.documents.day import Entry, ListedDay
from bot.documents.markdown import heading, opening, plain
from bot.documents.trust import by_model, doubts, marked, missing, provenance, source
from bot.papers import Reading
from bot.reports import Report

LONGEST = 4_000  # graphemes of one field
_RULE = "=" * 60
_INDENT = "   "
_BULLET = f"{_INDENT}*   "
_SIGN = re.compile(r"^\s*(?:[-*•·]\s+)?")


def document(day: ListedDay) -> str:
    """The day as a reading report; Markdown."""
    head = (
        "# Hugging Face Daily Papers Report\n"
        f"**Date**: {day.day.isoformat()}\n"
        f"**Source URL**: {day.pages}\n\n{_RULE}\n"
    )
    return head + "".join(_paper(entry) for entry in day.entries)


def _paper(entry: Entry) -> str:
    paper, reading = entry.paper, entry.reading
    title = heading(plain(paper.title, TITLE) or paper.id)
    parts = _read(reading, reading.report) if reading.report is not None else _unread(entry)
    sections = "\n".join(
        f"{number}. **{name}**\n{body}\n" for number, (name, body) in enumerate(parts, 1)
    )
    return (
        f"\n## 📄 {title}\n\n"
        f"- **链接**: {address(paper.id, 'hf')}\n"
        f"- **阅读来源**: {source(reading)}\n\n"
        f"{sections}\n\n{_RULE}\n"
    )


def _sections(
    field: str, contribution: str, guide: str, innovations: str, results: str
) -> list[tuple[str, str]]:
    return [
        ("应用领域", field),
        ("一句话核心贡献", contribution),
        ("使用指南", guide),
        ("主要创新点", innovations),
        ("实验效果", results),
    ]


def _read(reading: Reading, report: Report) -> list[tuple[str, str]]:
    guide = [
        _bullet(label, text)
        for label, raw in (
            ("输入", report.guide.input),
            ("输出", report.guide.output),
            ("操作流程", report.guide.procedure),
            ("资源需求", report.guide.resources),
            ("代码状态", report.guide.code),
        )
        if (text := _text(raw, reading))
    ]
    innovations = [
        _bullet(_text(one.name, reading), _text(one.text, reading))
        for one in report.innovations
        if _text(one.name, reading) or _text(one.text, reading)
    ]
    nothing = _INDENT + missing(reading)
    return _sections(
        _paragraph(_text(report.field, reading)) or nothing,
        _paragraph(_text(report.contribution, reading)) or nothing,
        "\n".join(guide) or nothing,
        "\n".join(innovations) or nothing,
        f"{_results(report.results, reading) or nothing}\n{_checked(reading)}",
    )


def _unread(entry: Entry) -> list[tuple[str, str]]:
    """Without a report: what the list itself tells, and that the rest was not read."""
    paper, reading = entry.paper, entry.reading
    nothing = _INDENT + missing(reading)
    words = _text("、".join(paper.keywords or paper.categories), reading)
    line = _text(" ".join(reading.lines), reading)
    code = plain(paper.code_url or "", LONGEST)
    known = code.startswith(("https://", "http://"))
    return _sections(
        _paragraph(words) or nothing,
        _paragraph(line) or nothing,
        _bullet("代码状态", opening(code)) if known else nothing,
        nothing,
        f"{nothing}\n{_checked(reading)}" if by_model(reading) else nothing,
    )


def _results(raw: str, reading: Reading) -> str:
    """One paragraph, or a bullet for each line where there are several."""
    lines = [_text(_SIGN.sub("", line), reading) for line in raw.splitlines()]
    lines = [line for line in lines if line]
    if len(lines) < 2:
        return _paragraph("".join(lines))
    return "\n".join(_BULLET + line for line in lines)


def _checked(reading: Reading) -> str:
    return _bullet("核对", "；".join([provenance(reading), *doubts(reading)]) + "。")


def _text(raw: str, reading: Reading) -> str:
    return opening(marked(plain(raw, LONGEST), reading))


def _paragraph(text: str) -> str:
    return _INDENT + text if text else ""


def _bullet(label: str, text: str) -> str:
    if not (label and text):
        return _BULLET + (label or text)
    return f"{_BULLET}**{label}**：{text}"
