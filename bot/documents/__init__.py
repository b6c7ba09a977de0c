"""A day as a document: the forms of three existing digest systems, and JSON."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from bot.documents.day import Entry, ListedDay, listed
from bot.documents.files import put

__all__ = ["Entry", "Form", "ListedDay", "file_name", "listed", "put", "written"]


class Form(StrEnum):
    """What a document looks like."""

    READING_REPORT = "reading-report"  # five numbered sections a paper, in a Chinese frame
    BRIEF = "brief"  # input and output, problem, method, in a Chinese frame
    RANKING = "ranking"  # a Jekyll post by votes, in a Korean frame
    JSON = "json"  # everything that is known, for programs


def file_name(form: Form, day: date) -> str:
    """The name that the form's documents have: `brief_2025-12-26.md`."""
    if form is Form.JSON:
        return f"papers_{day.isoformat()}.json"
    return f"{form.value}_{day.isoformat()}.md"


def written(form: Form, day: ListedDay) -> str:
    """The day in that form, to be stored as UTF-8: the same text for the same data, always."""
    from bot.documents import brief, ranking, reading_report, record

    write = {
        Form.READING_REPORT: reading_report.document,
        Form.BRIEF: brief.document,
        Form.RANKING: ranking.document,
        Form.JSON: record.document,
    }[form]
    return write(day)
