"""Indexes for those who count: readings by rung, and the channels that rest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RESTING = sa.text("paused OR paused_until IS NOT NULL OR suspended_at IS NOT NULL")


def upgrade() -> None:
    """Two indexes; a look at how it stands then reads neither table."""
    op.create_index("ix_readings_rung", "readings", ["rung"])
    op.create_index(
        "ix_channels_resting",
        "channels",
        ["platform"],
        sqlite_where=RESTING,
        postgresql_where=RESTING,
    )
