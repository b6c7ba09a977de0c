"""`paperboy db`: the database brought up to date, copied, put back, moved, checked."""

from __future__ import annotations

import typer

from bot.cli.options import Json


def group() -> typer.Typer:
    """The command with its verbs."""
    from bot.cli.db import backup, copy, prune, restore

    app = typer.Typer(
        name="db",
        help="The database: upgrade, backup, restore, copy, check, prune.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    app.command()(upgrade)
    app.command()(backup.backup)
    app.command()(restore.restore)
    app.command()(copy.copy)
    app.command()(check)
    app.command()(prune.prune)
    return app


def upgrade(as_json: Json = False) -> int:
    """Bring the schema up to date.

    Every other command does it too; a SQLite file that holds data is copied beside itself first.
    """
    from bot.cli.lines import emit
    from bot.cli.work import begin, perform

    settings = begin()

    async def work() -> int:
        import storage

        before, after = await storage.upgrade(settings.database)
        place = (await storage.facts(settings.database)).place
        if as_json:
            emit({"kind": "database", "place": place, "before": before, "schema": after})
        elif before == after:
            print(f"{place} has schema {after} already; nothing was done.")
        else:
            print(f"{place}: schema {before or 'none'} → {after}.")
        return 0

    return perform(work())


def check(as_json: Json = False) -> int:
    """Look for damage; code 1 when there is."""
    from bot.cli.lines import emit
    from bot.cli.progress import progress
    from bot.cli.work import begin, perform

    settings = begin()

    async def work() -> int:
        import storage

        with progress("Checking"):
            problems = await storage.check(settings.database)
        if as_json:
            emit({"kind": "check", "ok": not problems, "problems": problems})
        else:
            print("\n".join(problems) or "The database is sound.")
        return 1 if problems else 0

    return perform(work())
