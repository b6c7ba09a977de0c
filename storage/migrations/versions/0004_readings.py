"""What a reading tells of itself, who reads what, and the tokens that it cost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
DAY = sa.Integer().with_variant(sa.Date(), "postgresql")


def upgrade() -> None:
    """New columns of readings, which were never written until now, and two tables."""
    for column in (
        sa.Column("derived", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("flags", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("share", sa.Double(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
    ):
        op.add_column("readings", column)
    op.create_table(
        "reading_work",
        sa.Column("paper_id", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("claimed_until", INSTANT, nullable=True),
        sa.Column("not_before", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("paper_id", "language", name="pk_reading_work"),
    )
    op.create_index(
        "ix_reading_work_not_before",
        "reading_work",
        ["not_before"],
        sqlite_where=sa.text("not_before IS NOT NULL"),
        postgresql_where=sa.text("not_before IS NOT NULL"),
    )
    op.create_table(
        "spending",
        sa.Column("day", DAY, autoincrement=False, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "who", name="pk_spending"),
    )
