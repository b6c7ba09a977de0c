"""What stands in the database of a soak (SQLite), read beside the bot."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_UNSETTLED = "state IN ('in-flight', 'unknown')"

UNUSED = "bodies that nothing uses"  # shared ones outlive the channels that shared them

# Rows that should never be there when the bot is at rest.
WRONG = {
    "deliveries in flight": "SELECT count(*) FROM deliveries WHERE state = 'in-flight'",
    "deliveries of no channel": "SELECT count(*) FROM deliveries WHERE channel_id NOT IN "
    "(SELECT id FROM channels)",
    "deliveries of no digest": "SELECT count(*) FROM deliveries WHERE digest_id IS NOT NULL AND "
    "digest_id NOT IN (SELECT id FROM digests)",
    "reserved by what is settled": "SELECT count(*) FROM ledger l JOIN deliveries d ON d.id = "
    "l.delivery_id WHERE l.state = 'reserved' AND d.state IN ('sent', 'stale', 'refused')",
    "reserved by nothing": "SELECT count(*) FROM ledger WHERE state = 'reserved' AND (delivery_id "
    "IS NULL OR delivery_id NOT IN (SELECT id FROM deliveries))",
    "topics of no channel": "SELECT count(*) FROM topics WHERE channel_id NOT IN "
    "(SELECT id FROM channels)",
    "aliases of no channel": "SELECT count(*) FROM channel_aliases WHERE channel_id NOT IN "
    "(SELECT id FROM channels)",
    "digests twice on a date": "SELECT count(*) FROM (SELECT 1 FROM digests GROUP BY channel_id, "
    "local_date HAVING count(*) > 1)",
}


@dataclass(frozen=True)
class Shown:
    """One paper that one channel's ledger holds."""

    platform: str
    chat: str
    paper: str
    rose: bool  # it was listed, and a card later


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """The database, for reading only."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as connection:
        yield connection


def rows(file: Path) -> dict[str, int]:
    """Rows by table; notes by their kind too, and tokens spent by people apart."""
    with opened(file) as books:
        names = [
            name
            for (name,) in books.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith(("sqlite_", "alembic_")) and "_fts" not in name
            and not name.startswith("papers_")
        ]  # fmt: skip
        found = {name: _one(books, f'SELECT count(*) FROM "{name}"') for name in names}
        kinds = Counter(
            name.partition(":")[0] for (name,) in books.execute("SELECT name FROM notes")
        )
        found |= {f"notes:{kind}": count for kind, count in kinds.items()}
        found["spending of people"] = _one(books, "SELECT count(*) FROM spending WHERE who <> ''")
        found[UNUSED] = _unused_bodies(books)
        found["deliveries unsettled"] = _one(
            books, f"SELECT count(*) FROM deliveries WHERE state = 'ready' OR {_UNSETTLED}"
        )
        return found


def wrong(file: Path) -> dict[str, int]:
    """What should not be there, by what it is."""
    with opened(file) as books:
        found = {name: _one(books, query) for name, query in WRONG.items()}
        return {name: count for name, count in found.items() if count}


def _unused_bodies(books: sqlite3.Connection) -> int:
    from storage.fragments import numbers

    used: set[int] = set()
    for body, fallback in books.execute("SELECT body, fallback FROM deliveries"):
        used.update(numbers(body))
        if fallback is not None:
            used.update(numbers(fallback))
    return sum(number not in used for (number,) in books.execute("SELECT id FROM bodies"))


def at_rest(file: Path, now: datetime) -> bool:
    """Whether nothing is under way, and nothing could go now."""
    said = round(now.timestamp() * 1_000_000)  # as storage.columns.Instant writes it
    with opened(file) as books:
        if _one(books, "SELECT count(*) FROM reading_work WHERE claimed_until IS NOT NULL"):
            return False
        return not _one(
            books,
            "SELECT count(*) FROM deliveries WHERE state = 'in-flight' OR (head AND state IN "
            f"('ready', 'unknown') AND (not_before IS NULL OR not_before <= {said}))",
        ) and not _one(
            books,
            "SELECT count(*) FROM channels WHERE next_due <= "
            f"{said} AND suspended_at IS NULL AND NOT paused",
        )


def late(file: Path, now: datetime) -> float:
    """By how many seconds the digest that waits longest is late."""
    with opened(file) as books:
        query = "SELECT min(next_due) FROM channels WHERE suspended_at IS NULL AND NOT paused"
        [first] = books.execute(query).fetchone()
    return 0.0 if first is None else now.timestamp() - first / 1_000_000


def open_deliveries(file: Path) -> list[str]:
    """Those of digests that are in no final state, for people."""
    with opened(file) as books:
        return [
            f"{platform}:{chat} message {number}: {state}, {attempts} attempts, {error}"
            for platform, chat, number, state, attempts, error in books.execute(
                "SELECT c.platform, c.chat, d.id, d.state, d.attempts, d.error FROM deliveries d "
                "JOIN channels c ON c.id = d.channel_id WHERE d.state IN "
                "('ready', 'in-flight', 'unknown')"
            )
        ]


def refused(file: Path) -> list[str]:
    """Deliveries that a platform would not take, for people: no trouble of a soak asks for that."""
    with opened(file) as books:
        return [
            f"{platform}:{chat} message {number} ({kind}): {error}"
            for platform, chat, number, kind, error in books.execute(
                "SELECT c.platform, c.chat, d.id, d.kind, d.error FROM deliveries d "
                "JOIN channels c ON c.id = d.channel_id WHERE d.state = 'refused'"
            )
        ]


def shown(file: Path) -> list[Shown]:
    """What the ledger holds."""
    with opened(file) as books:
        return [
            Shown(platform, chat, paper, rose is not None)
            for platform, chat, paper, rose in books.execute(
                "SELECT c.platform, c.chat, l.paper_id, l.becomes FROM ledger l "
                "JOIN channels c ON c.id = l.channel_id"
            )
        ]


def states(file: Path) -> dict[str, int]:
    """Deliveries by state."""
    with opened(file) as books:
        return dict(books.execute("SELECT state, count(*) FROM deliveries GROUP BY state"))


def _one(books: sqlite3.Connection, query: str) -> int:
    return int(books.execute(query).fetchone()[0])
