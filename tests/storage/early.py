"""Databases of earlier days: rows in the columns of each revision, written by hand as SQL.

Nothing here uses the tables or repositories of today: what stood in a row then must not change
because the program does. A new revision that adds columns adds them here, by its number.
"""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from storage import schema
from storage.engines import plain, target

Row = dict[str, Any]

FIRST = datetime(2025, 12, 25, 23, 59, 59, 999_999, tzinfo=UTC)
SECOND = datetime(2025, 12, 26, 9, tzinfo=UTC)
THIRD = datetime(2025, 12, 27, 9, 0, 5, 1, tzinfo=UTC)
LONG_AGO = datetime(1969, 7, 20, 20, 17, 40, 5, tzinfo=UTC)
THURSDAY, FRIDAY = date(2025, 12, 25), date(2025, 12, 26)
BYTES = bytes(range(256))
TOPIC = "视频生成, ‘quoted’ \\ 100%"
SHARED, OWN = b"head of Saturday", b"a card"  # fragments of bodies, ids 1 and 2

# What stood in every table of the first revision. `channels` 1 reads alone, 2 is a group.
_FIRST: dict[str, list[Row]] = {
    "papers": [
        {
            "number": 1,
            "id": "2512.00001",
            "title": "Agents that Plan — ﬁnely",
            "abstract": "A study of $\\pi$ and 视频生成.",
            "authors": '["Ann Lee","Bo \\"B\\" Kim"]',
            "organization": "悉尼大学",
            "published": LONG_AGO,
            "version": 2,
            "categories": '["cs.CV","cs.AI"]',
            "keywords": '["agents"]',
            "summary": "Plans.",
            "upvotes": 51,
            "comments": 0,
            "code_url": "https://code.example/a",
            "stars": 2**40,
            "project_url": "https://example.org",
            "image_url": "https://example.org/a.png",
            "sources": '["huggingface","arxiv"]',
        },
        {
            "number": 7,
            "id": "astro-ph/0601001",
            "title": "Dust",
            "abstract": "",
            "authors": "[]",
            "categories": "[]",
            "keywords": "[]",
            "sources": '["arxiv"]',
        },
    ],
    "listings": [
        {
            "id": 1,
            "paper_id": "2512.00001",
            "source": "huggingface",
            "day": THURSDAY,
            "instant": FIRST,
        },
        {
            "id": 4,
            "paper_id": "astro-ph/0601001",
            "source": "arxiv",
            "day": FRIDAY,
            "instant": FIRST,
        },
    ],
    "editions": [
        {
            "source": "huggingface",
            "day": THURSDAY,
            "closes": SECOND,
            "state": "closed",
            "count": 1,
            "broken": 1,
            "read_at": SECOND,
            "tried_at": THIRD,
            "failure": "No answer.",
            "failing_since": THIRD,
            "validator": 'W/"a"',
        },
        {
            "source": "arxiv",
            "day": FRIDAY,
            "closes": THIRD,
            "state": "open",
            "count": 0,
            "broken": 0,
        },
    ],
    "readings": [
        {
            "paper_id": "2512.00001",
            "language": "zh",
            "rung": "abstract",
            "lines": '["一句话"]',
            "sections": '[["方法","看图"]]',
            "model": "qwen3",
            "paper_version": 2,
            "read_at": SECOND,
            "unfound": '["51 %"]',
        }
    ],
    "channels": [
        {
            "id": 1,
            "platform": "mail",
            "chat": "lab",
            "thread": "",
            "zone": "UTC",
            "language": "en",
            "since": FIRST,
            "hour": "09:00",
            "days": 127,
            "layout": "packed",
            "limit": 10,
            "when": "closed",
            "empty": "never",
            "follow": "default",
            "links": "arxiv",
            "sound": "first",
            "paused": False,
            "previous_due": SECOND,
            "next_due": THIRD,
            "created": FIRST,
            "name": "Ann",
            "floor": SECOND,
        },
        {
            "id": 5,
            "platform": "mail",
            "chat": "-1001234567890",
            "thread": "17",
            "zone": "Asia/Seoul",
            "language": "ko",
            "since": FIRST,
            "hour": "23:30:15",
            "days": 0b0010101,
            "layout": "thread",
            "limit": 1000,
            "when": "fresh",
            "empty": "once",
            "follow": "all",
            "links": "hf",
            "sound": "never",
            "quiet_from": "22:00",
            "quiet_to": "07:30",
            "paused": True,
            "paused_until": THIRD,
            "suspended_at": SECOND,
            "put_off_from": SECOND,
            "floor": FIRST,
        },
    ],
    "channel_aliases": [{"platform": "mail", "chat": "old", "thread": "", "channel_id": 5}],
    "topics": [
        {"id": 1, "channel_id": 1, "text": "agents", "created": FIRST},
        {"id": 3, "channel_id": 5, "text": TOPIC},
    ],
    "digests": [
        {
            "id": 1,
            "channel_id": 1,
            "local_date": FRIDAY,
            "due": SECOND,
            "opened": SECOND,
            "horizon": FIRST,
            "papers": 3,
            "matched": 2,
            "shown": 2,
            "passed": 1,
            "spoke": True,
            "missing": '["arxiv"]',
        },
        {
            "id": 2,
            "channel_id": 5,
            "local_date": FRIDAY,
            "due": SECOND,
            "opened": SECOND,
            "papers": 0,
            "matched": 0,
            "shown": 0,
            "passed": 0,
            "notice": "no-match",
            "spoke": False,
            "missing": "[]",
        },
    ],
    # Of channel 1: sent, then one that waits for it, then one more; of channel 5: under way.
    "deliveries": [
        {
            "id": 1,
            "channel_id": 1,
            "digest_id": 1,
            "kind": "open-thread",
            "order": 0,
            "round": 0,
            "papers": "2512.00001",
            "state": "sent",
            "silent": False,
            "attempts": 1,
            "created": SECOND,
            "platform_ids": '["77"]',
            "plain": True,
            "body": b"\x01\x02",
        },
        {
            "id": 2,
            "channel_id": 1,
            "digest_id": 1,
            "kind": "post",
            "order": 1,
            "round": 1,
            "papers": "astro-ph/0601001",
            "waits_for": 1,
            "state": "ready",
            "silent": True,
            "attempts": 0,
            "created": SECOND,
            "stale_at": datetime(2026, 12, 31, tzinfo=UTC),
            "platform_ids": "[]",
            "plain": False,
            "body": b"\x01\x02",
            "fallback": b"\x02",
        },
        {
            "id": 3,
            "channel_id": 1,
            "digest_id": 1,
            "kind": "post",
            "order": 2,
            "round": 2,
            "papers": "",
            "state": "ready",
            "silent": True,
            "attempts": 1,
            "not_before": SECOND,
            "platform_ids": "[]",
            "error": "No answer in time.",
            "plain": False,
            "body": b"\x02",
        },
        {
            "id": 9,
            "channel_id": 5,
            "digest_id": 2,
            "kind": "notice",
            "order": 0,
            "round": 0,
            "papers": "",
            "state": "in-flight",
            "silent": False,
            "attempts": 1,
            "leased_until": SECOND,
            "platform_ids": "[]",
            "plain": False,
            "body": b"\x02",
        },
    ],
    "bodies": [
        {"id": 1, "hash": b"1" * 16, "squeezed": False, "data": SHARED},
        {"id": 2, "hash": b"2" * 16, "channel_id": 1, "squeezed": False, "data": OWN},
        {"id": 3, "hash": BYTES[:16], "squeezed": False, "data": BYTES},
    ],
    "ledger": [
        {
            "channel_id": 1,
            "paper_id": "2512.00001",
            "state": "shown",
            "at": SECOND,
            "delivery_id": 1,
            "upvotes": 51,
            "becomes": "shown",
        },
        {
            "channel_id": 1,
            "paper_id": "astro-ph/0601001",
            "state": "reserved",
            "at": SECOND,
            "delivery_id": 2,
        },
        {"channel_id": 5, "paper_id": "2512.00001", "state": "listed", "at": SECOND},
    ],
    "saved": [
        {
            "id": 1,
            "platform": "mail",
            "chat": "lab",
            "thread": "",
            "person": "ann",
            "paper_id": "2512.00001",
            "at": SECOND,
        },
        {
            "id": 2,
            "platform": "mail",
            "chat": "hall",
            "thread": "3",
            "person": "ann",
            "paper_id": "astro-ph/0601001",
            "at": THIRD,
        },
    ],
    "notes": [
        {"name": "told:a", "value": "yes"},
        {"name": "fence:bell", "value": "4"},
    ],
}
# What a revision added: to each row of a table, in order, or a table of its own.
_ADDED: dict[str, dict[str, list[Row]]] = {
    "0002": {
        "channels": [
            {"kind": "private", "crosspost": False, "link_cards": False},
            {
                "kind": "topic",
                "ping": "123",
                "tag": "7",
                "crosspost": True,
                "link_cards": True,
                "community": "9007199254740993",
            },
        ],
        "saved": [{"chat": "@ann", "thread": ""}, {"chat": "@ann", "thread": ""}],
    },
    "0003": {
        "deliveries": [
            {"platform": "mail", "head": False, "tried_at": SECOND, "sent_at": THIRD},
            {"platform": "mail", "head": True},
            {"platform": "mail", "head": False, "turn": 12, "unknowns": 1},
            {"platform": "mail", "head": True, "tried_at": SECOND},
        ]
    },
    "0004": {
        "readings": [
            {
                "derived": '["3.5"]',
                "flags": '["short"]',
                "share": 0.1,
                "report": '{"field":"vision","contribution":"c","guide":{"input":"images"},'
                '"innovations":[{"name":"n","text":"t"}],"results":"r","brief":{"datasets":["d"]}}',
            }
        ],
        "reading_work": [
            {
                "paper_id": "2512.00001",
                "language": "zh",
                "since": SECOND,
                "attempts": 1,
                "claimed_until": THIRD,
                "not_before": SECOND,
            }
        ],
        "spending": [
            {"day": FRIDAY, "who": "", "tokens": 2**40, "calls": 3},
            {"day": FRIDAY, "who": "mail:ann", "tokens": 12, "calls": 1},
        ],
    },
}
# The words that the search of those days held for each paper.
_WORDS = {1: ("agents that plan finely", "study"), 7: ("dust", "")}


def rows_of(revision: str) -> dict[str, list[Row]]:
    """Every row of a database of this revision, by table, parents first."""
    found = {name: [dict(row) for row in rows] for name, rows in _FIRST.items()}
    for number, tables in sorted(_ADDED.items()):
        if number > revision:
            break
        for name, rows in tables.items():
            if name in found:
                for row, more in zip(found[name], rows, strict=True):
                    row.update(more)
            else:
                found[name] = [dict(row) for row in rows]
    return found


def make(url: str, revision: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database as the program of that day left it."""
    with monkeypatch.context() as then:
        known = schema.HISTORY.revisions
        only(then, folder / f"program-{revision}", *known[: known.index(revision) + 1])
        schema.prepare(target(url))
    engine = plain(target(url))
    with engine.begin() as connection:
        write(connection, rows_of(revision))
    engine.dispose()


def only(monkeypatch: pytest.MonkeyPatch, folder: Path, *revisions: str) -> None:
    """The program of an earlier day, which knows only these."""
    shutil.copytree(schema.HISTORY.folder, folder)
    for file in (folder / "versions").glob("*.py"):
        if not file.name.startswith(revisions):
            file.unlink()
    monkeypatch.setattr(schema, "HISTORY", schema.History(folder, revisions))


def write(connection: Connection, tables: dict[str, list[Row]]) -> None:
    """Insert the rows, their words in the search, and count on behind them."""
    sqlite = connection.dialect.name == "sqlite"
    for name, rows in tables.items():
        for row in rows:
            columns = ", ".join(f'"{column}"' for column in row)
            values = ", ".join(f":{column}" for column in row)
            words = {column: _as(value, sqlite=sqlite) for column, value in row.items()}
            connection.execute(text(f"INSERT INTO {name} ({columns}) VALUES ({values})"), words)
    for number, (title, rest) in _WORDS.items():
        if sqlite:
            insert = "INSERT INTO papers_search (rowid, title, rest) VALUES (:n, :title, :rest)"
            connection.execute(text(insert), {"n": number, "title": title, "rest": rest})
        else:
            vector = " ".join([f"'{one}':1A" for one in title.split()])
            insert = "INSERT INTO papers_search VALUES (:n, CAST(:words AS tsvector))"
            connection.execute(text(insert), {"n": number, "words": vector})
    if sqlite:
        return  # it counts by itself
    for name, key in _COUNTED.items():
        last = max(row[key] for row in tables[name])
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, :key), :last)"),
            {"name": name, "key": key, "last": last},
        )


_COUNTED = {
    **dict.fromkeys("listings channels topics digests deliveries bodies saved".split(), "id"),
    "papers": "number",
}


def _as(value: Any, *, sqlite: bool) -> Any:
    if not sqlite:
        return value
    if isinstance(value, datetime):
        return round((value - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)
    if isinstance(value, date):
        return int(value.strftime("%Y%m%d"))
    return value
