"""The day for programs: one JSON object with everything that is known of its papers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from bot.cards.cut import clean
from bot.cards.formatter import address
from bot.cards.tex import readable
from bot.documents.day import Entry, ListedDay
from bot.papers import Reading

SCHEMA = 1  # grows when a field changes its meaning; fields may be added without


def document(day: ListedDay) -> str:
    """The day as JSON, indented, in UTF-8 as it is read."""
    held = {
        "schema": SCHEMA,
        "date": day.day.isoformat(),
        "url": day.pages,
        "language": day.language,
        "papers": [_paper(rank, one) for rank, one in enumerate(day.entries, 1)],
    }
    return json.dumps(held, ensure_ascii=False, indent=2) + "\n"


def _paper(rank: int, entry: Entry) -> dict[str, Any]:
    paper = entry.paper
    return {
        "rank": rank,
        "id": paper.id,
        "title": _line(paper.title),
        "url": address(paper.id, "arxiv"),
        "page": address(paper.id, "hf"),
        "authors": [_line(name) for name in paper.authors],
        "organization": _line(paper.organization) if paper.organization else None,
        "published": _instant(paper.published),
        "version": paper.version,
        "categories": list(paper.categories),
        "keywords": [_line(word) for word in paper.keywords],
        "upvotes": paper.upvotes,
        "comments": paper.comments,
        "code_url": paper.code_url,
        "stars": paper.stars,
        "project_url": paper.project_url,
        "abstract": _line(paper.abstract),
        "reading": _reading(entry.reading),
    }


def _reading(reading: Reading) -> dict[str, Any]:
    return {
        "language": reading.language,
        "rung": str(reading.rung),
        "lines": list(reading.lines),
        "report": reading.report.as_dict() if reading.report else None,
        "model": reading.model,
        "paper_version": reading.paper_version,
        "read_at": _instant(reading.read_at),
        "share": reading.share,
        "unfound": list(reading.unfound),
        "derived": list(reading.derived),
        "flags": list(reading.flags),
    }


def _line(raw: str) -> str:
    return clean(readable(raw))


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
