"""`paperboy db backup`: a copy of the database in use, as a SQLite file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import Json, Now
from bot.errors import Usage

if TYPE_CHECKING:
    from storage import Backup


def backup(
    path: Annotated[
        str,
        typer.Argument(metavar="FILE|DIR/", help="The new file, or a folder for one by the date."),
    ],
    keep: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Of the files so named in DIR, keep the newest N."),
    ] = None,
    now: Now = None,
    as_json: Json = False,
) -> int:
    """Copy the database, even in use, into a SQLite file.

    From PostgreSQL too. The copy is read again before it gets its name, and only you may read it,
    for it holds chats. Code 1: it was made, but `db check` finds something wrong. For cron:
    paperboy db backup backups/ --keep 14
    """
    from bot.cli.options import standing
    from bot.cli.progress import stages
    from bot.cli.work import begin, perform

    settings = begin()
    moment = standing(now, settings.now)
    place = Path(path)
    folder = path.endswith(("/", "\\")) or place.is_dir()
    if keep is not None and not folder:
        raise Usage(f"--keep is for a folder; an example: paperboy db backup {path}/ --keep 14.")

    async def work() -> int:
        import storage

        with stages() as told:
            if folder:
                made = await storage.backup_into(
                    settings.database, place, moment, keep=keep, told=told
                )
            else:
                made = await storage.backup(settings.database, place, told)
        _tell(made, as_json=as_json)
        return 1 if made.problems else 0

    return perform(work())


def _tell(made: Backup, *, as_json: bool) -> None:
    from bot.cli.db.words import held, warn
    from bot.cli.lines import emit

    if as_json:
        emit(
            {
                "kind": "backup",
                "place": made.place,
                "file": str(made.file),
                "bytes": made.bytes,
                "schema": made.schema,
                "rows": made.rows,
                "problems": list(made.problems),
                "removed": [str(one) for one in made.removed],
            }
        )
        return
    size = f"{made.bytes / 1e6:,.1f} MB"
    print(f"Copied {made.place} to {made.file} ({size}: {held(made.rows)}); it was read again.")
    for one in made.removed:
        print(f"Removed {one}.")
    print(f"To go back to it: stop the bot, then paperboy db restore {made.file}")
    warn(made.problems)
