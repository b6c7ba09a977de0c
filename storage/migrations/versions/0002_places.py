"""What kind of place a channel is, and the settings that only some places have."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New columns of channels; until now there were consoles only, where one person reads."""
    for column in (
        sa.Column("kind", sa.Text(), nullable=False, server_default="private"),
        sa.Column("ping", sa.Text(), nullable=True),
        sa.Column("tag", sa.Text(), nullable=True),
        sa.Column("crosspost", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("link_cards", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("community", sa.Text(), nullable=True),
    ):
        op.add_column("channels", column)
    # A person's saved papers are the person's, wherever they were saved.
    op.execute(
        "DELETE FROM saved WHERE id NOT IN "
        "(SELECT MIN(id) FROM saved GROUP BY platform, person, paper_id)"
    )
    op.execute("UPDATE saved SET chat = '@' || person, thread = ''")
