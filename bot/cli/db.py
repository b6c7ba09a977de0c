"""`paperboy db`: the database brought up to date, copied, checked."""

from __future__ import annotations

import typer


def group() -> typer.Typer:
    """The command with its verbs."""
    return typer.Typer(
        name="db",
        help="The database: upgrade, backup, check.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
