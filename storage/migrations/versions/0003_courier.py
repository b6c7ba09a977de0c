"""What the courier looks for: the next message of every channel, by platform and turn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """New columns of deliveries, filled for what waits, and the indexes over them."""
    for column in (
        sa.Column("platform", sa.Text(), nullable=False, server_default=""),
        sa.Column("head", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("turn", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("unknowns", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("tried_at", INSTANT, nullable=True),
        sa.Column("sent_at", INSTANT, nullable=True),
    ):
        op.add_column("deliveries", column)
    op.drop_index("ix_deliveries_ready", table_name="deliveries")
    op.drop_index("ix_deliveries_stale", table_name="deliveries")
    op.execute(
        "UPDATE deliveries SET platform = "
        "(SELECT platform FROM channels WHERE channels.id = deliveries.channel_id)"
    )
    op.execute(
        "UPDATE deliveries SET head = TRUE WHERE id IN (SELECT id FROM (SELECT id, row_number() "
        'OVER (PARTITION BY channel_id ORDER BY digest_id IS NULL, digest_id, "order", id) '
        "AS place FROM deliveries WHERE state IN ('ready', 'in-flight', 'unknown')) AS waiting "
        "WHERE place = 1)"
    )
    for name, columns, condition in (
        (
            "ix_deliveries_next",
            ["platform", "round", "turn", "id"],
            "state = 'ready' AND head AND not_before IS NULL",
        ),
        (
            "ix_deliveries_parked",
            ["platform", "not_before", "round", "turn"],
            "state = 'ready' AND head AND not_before IS NOT NULL",
        ),
        ("ix_deliveries_unknown", ["platform", "not_before"], "state = 'unknown'"),
        ("ix_deliveries_stale", ["platform", "stale_at"], "state IN ('ready', 'unknown')"),
    ):
        op.create_index(
            name,
            "deliveries",
            columns,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
