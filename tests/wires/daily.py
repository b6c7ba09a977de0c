"""A daily-papers API out of lists that a test writes down, paged as the real one pages."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from tests.wires.loopback import Asked, Loopback, Said


def record(paper_id: str = "2601.00001", title: str = "A Paper", **fields: Any) -> dict[str, Any]:
    """A record in the API's shape. `fields` go inside `paper`, those in `outer` beside it."""
    outer = fields.pop("outer", {})
    return {
        "paper": {"id": paper_id, "title": title, **fields},
        "title": title,
        **outer,
    }


def records(count: int, **fields: Any) -> list[dict[str, Any]]:
    """As many records, with ids of their own."""
    return [record(f"2601.{n:05d}", f"Paper {n}", **fields) for n in range(1, count + 1)]


class Daily(Loopback):
    """Lists by day; what is no list is sent as it is. Bytes are sent raw."""

    def __init__(self, lists: dict[date, Any] | None = None) -> None:
        super().__init__()
        self.lists = lists or {}
        self.papers: dict[str, Any] = {}
        self.found: Any = []
        self.most_at_once = 100
        self.heeds_page = True

    def answer(self, asked: Asked) -> Said:
        if asked.path.endswith("/api/papers/search"):
            return _said(self.found)
        if "/api/papers/" in asked.path:
            paper_id = asked.path.rpartition("/api/papers/")[2]
            if paper_id not in self.papers:
                return Said(b'{"error":"Paper not found"}', 404)
            return _said(self.papers[paper_id])
        value = self.lists.get(date.fromisoformat(asked.query["date"]), [])
        if isinstance(value, list):
            limit = min(int(asked.query["limit"]), self.most_at_once)
            page = int(asked.query["p"]) if self.heeds_page else 0
            value = value[page * limit : (page + 1) * limit]
        return _said(value)


def _said(value: Any) -> Said:
    return Said(value if isinstance(value, bytes) else json.dumps(value).encode())
