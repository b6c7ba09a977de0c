"""Alembic's door: runs the revisions on the connection that storage.schema hands over."""

from __future__ import annotations

from alembic import context

from storage.tables import metadata


def _run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,  # BEGIN is our own, so SQLite too can take all of it back
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


_run()
