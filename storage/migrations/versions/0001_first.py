"""The first schema: papers to notes, and the search over papers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
DAY = sa.Integer().with_variant(sa.Date(), "postgresql")
TEXT = sa.Text()
COUNT = sa.BigInteger()
SMALL = sa.SmallInteger()
FLAG = sa.Boolean()
BLOB = sa.LargeBinary()


def upgrade() -> None:
    """Make everything."""
    _papers()
    _channels()
    _outbox()
    _memories()
    _search()


def _papers() -> None:
    op.create_table(
        "papers",
        _number("number"),
        _needed("id", TEXT),
        _needed("title", TEXT),
        _needed("abstract", TEXT),
        _needed("authors", TEXT),
        _maybe("organization", TEXT),
        _maybe("published", INSTANT),
        _maybe("version", COUNT),
        _needed("categories", TEXT),
        _needed("keywords", TEXT),
        _maybe("summary", TEXT),
        _maybe("upvotes", COUNT),
        _maybe("comments", COUNT),
        _maybe("code_url", TEXT),
        _maybe("stars", COUNT),
        _maybe("project_url", TEXT),
        _maybe("image_url", TEXT),
        _needed("sources", TEXT),
        sa.PrimaryKeyConstraint("number", name="pk_papers"),
        sa.UniqueConstraint("id", name="uq_papers_id"),
    )
    op.create_table(
        "listings",
        _number("id"),
        _needed("paper_id", TEXT),
        _needed("source", TEXT),
        _needed("day", DAY),
        _needed("instant", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_listings"),
        sa.UniqueConstraint("paper_id", "source", "day", name="uq_listings_paper_id_source_day"),
    )
    op.create_index("ix_listings_source_day", "listings", ["source", "day"])
    op.create_index("ix_listings_instant", "listings", ["instant"])
    op.create_table(
        "editions",
        _needed("source", TEXT),
        _needed("day", DAY, autoincrement=False),
        _needed("closes", INSTANT),
        _needed("state", TEXT),
        _needed("count", COUNT),
        _needed("broken", COUNT),
        _maybe("read_at", INSTANT),
        _maybe("tried_at", INSTANT),
        _maybe("failure", TEXT),
        _maybe("failing_since", INSTANT),
        _maybe("validator", TEXT),
        sa.PrimaryKeyConstraint("source", "day", name="pk_editions"),
    )
    op.create_index("ix_editions_day", "editions", ["day"])
    op.create_table(
        "readings",
        _needed("paper_id", TEXT),
        _needed("language", TEXT),
        _needed("rung", TEXT),
        _needed("lines", TEXT),
        _needed("sections", TEXT),
        _maybe("model", TEXT),
        _maybe("paper_version", COUNT),
        _maybe("read_at", INSTANT),
        _needed("unfound", TEXT),
        sa.PrimaryKeyConstraint("paper_id", "language", name="pk_readings"),
    )


def _channels() -> None:
    op.create_table(
        "channels",
        _number("id"),
        _needed("platform", TEXT),
        _needed("chat", TEXT),
        _needed("thread", TEXT),
        _needed("zone", TEXT),
        _needed("language", TEXT),
        _needed("since", INSTANT),
        _needed("hour", TEXT),
        _needed("days", SMALL),
        _needed("layout", TEXT),
        _needed("limit", COUNT),
        _needed("when", TEXT),
        _needed("empty", TEXT),
        _needed("follow", TEXT),
        _needed("links", TEXT),
        _needed("sound", TEXT),
        _maybe("quiet_from", TEXT),
        _maybe("quiet_to", TEXT),
        _needed("paused", FLAG),
        _maybe("paused_until", INSTANT),
        _maybe("suspended_at", INSTANT),
        _maybe("previous_due", INSTANT),
        _maybe("next_due", INSTANT),
        _maybe("put_off_from", INSTANT),
        _maybe("created", INSTANT),
        _maybe("name", TEXT),
        _needed("floor", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_channels"),
        sa.UniqueConstraint("platform", "chat", "thread", name="uq_channels_platform_chat_thread"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_channels_next_due", "channels", ["next_due"])
    _index_where("ix_channels_floor", "channels", ["floor"], "suspended_at IS NULL")
    op.create_table(
        "channel_aliases",
        _needed("platform", TEXT),
        _needed("chat", TEXT),
        _needed("thread", TEXT),
        _needed("channel_id", NUMBER),
        sa.PrimaryKeyConstraint("platform", "chat", "thread", name="pk_channel_aliases"),
        _of_channel("channel_aliases"),
    )
    op.create_index("ix_channel_aliases_channel_id", "channel_aliases", ["channel_id"])
    op.create_table(
        "topics",
        _number("id"),
        _needed("channel_id", NUMBER),
        _needed("text", TEXT),
        _maybe("created", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_topics"),
        _of_channel("topics"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_topics_channel_id", "topics", ["channel_id"])


def _outbox() -> None:
    op.create_table(
        "digests",
        _number("id"),
        _needed("channel_id", NUMBER),
        _needed("local_date", DAY),
        _needed("due", INSTANT),
        _needed("opened", INSTANT),
        _maybe("horizon", INSTANT),
        _needed("papers", COUNT),
        _needed("matched", COUNT),
        _needed("shown", COUNT),
        _needed("passed", COUNT),
        _maybe("notice", TEXT),
        _needed("spoke", FLAG),
        _needed("missing", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
        sa.UniqueConstraint("channel_id", "local_date", name="uq_digests_channel_id_local_date"),
        _of_channel("digests"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "deliveries",
        _number("id"),
        _needed("channel_id", NUMBER),
        _maybe("digest_id", NUMBER),
        _needed("kind", TEXT),
        _needed("order", COUNT),
        _needed("round", COUNT),
        _needed("papers", TEXT),
        _maybe("waits_for", NUMBER),
        _needed("state", TEXT),
        _needed("silent", FLAG),
        _needed("attempts", COUNT),
        _maybe("created", INSTANT),
        _maybe("not_before", INSTANT),
        _maybe("stale_at", INSTANT),
        _maybe("leased_until", INSTANT),
        _needed("platform_ids", TEXT),
        _maybe("error", TEXT),
        _needed("plain", FLAG),
        _needed("body", BLOB),
        _maybe("fallback", BLOB),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        _of_channel("deliveries"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deliveries_digest", "deliveries", ["channel_id", "digest_id", "order"])
    _index_where("ix_deliveries_ready", "deliveries", ["round", "id"], "state = 'ready'")
    _index_where("ix_deliveries_leased", "deliveries", ["leased_until"], "state = 'in-flight'")
    _index_where("ix_deliveries_stale", "deliveries", ["stale_at"], "state IN ('ready', 'unknown')")
    _index_where(
        "ix_deliveries_unsettled",
        "deliveries",
        ["channel_id"],
        "state IN ('ready', 'in-flight', 'unknown')",
    )
    op.create_table(
        "bodies",
        _number("id"),
        _needed("hash", BLOB),
        _maybe("channel_id", NUMBER),
        _needed("squeezed", FLAG),
        _needed("data", BLOB),
        sa.PrimaryKeyConstraint("id", name="pk_bodies"),
        sa.UniqueConstraint("hash", name="uq_bodies_hash"),
        _of_channel("bodies"),
        sqlite_autoincrement=True,
    )
    _index_where("ix_bodies_channel_id", "bodies", ["channel_id"], "channel_id IS NOT NULL")
    op.create_table(
        "ledger",
        _needed("channel_id", NUMBER, autoincrement=False),
        _needed("paper_id", TEXT),
        _needed("state", TEXT),
        _needed("at", INSTANT),
        _maybe("delivery_id", NUMBER),
        _maybe("upvotes", COUNT),
        _maybe("becomes", TEXT),
        sa.PrimaryKeyConstraint("channel_id", "paper_id", name="pk_ledger"),
        _of_channel("ledger"),
        sqlite_with_rowid=False,
    )
    _index_where("ix_ledger_reserved", "ledger", ["delivery_id"], "state = 'reserved'")


def _memories() -> None:
    op.create_table(
        "saved",
        _number("id"),
        _needed("platform", TEXT),
        _needed("chat", TEXT),
        _needed("thread", TEXT),
        _needed("person", TEXT),
        _needed("paper_id", TEXT),
        _needed("at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_saved"),
        sa.UniqueConstraint(
            "platform",
            "chat",
            "thread",
            "person",
            "paper_id",
            name="uq_saved_platform_chat_thread_person_paper_id",
        ),
    )
    op.create_table(
        "notes",
        _needed("name", TEXT),
        _needed("value", TEXT),
        sa.PrimaryKeyConstraint("name", name="pk_notes"),
    )


def _search() -> None:
    """Words of papers, folded by storage.search; the engines only compare them."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE papers_search USING fts5("
            "title, rest, tokenize = 'ascii', detail = 'column')"
        )
        return
    op.create_table(
        "papers_search",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        _needed("words", postgresql.TSVECTOR()),
        sa.PrimaryKeyConstraint("number", name="pk_papers_search"),
        sa.ForeignKeyConstraint(
            ["number"],
            ["papers.number"],
            name="fk_papers_search_number",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_papers_search_words", "papers_search", ["words"], postgresql_using="gin")


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, NUMBER, autoincrement=True, nullable=False)


def _needed(name: str, kind: Any, **words: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, **words)


def _maybe(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _of_channel(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["channel_id"], ["channels.id"], name=f"fk_{table}_channel_id", ondelete="CASCADE"
    )


def _index_where(name: str, table: str, columns: list[str], condition: str) -> None:
    op.create_index(
        name,
        table,
        columns,
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )
