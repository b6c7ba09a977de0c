"""`paperboy db restore`: a backup in the place of the database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import Json, Now
from bot.errors import Usage

if TYPE_CHECKING:
    from storage import Moved


def restore(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="What db backup made.")],
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Empty a PostgreSQL database first. What it holds is lost."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    now: Now = None,
    as_json: Json = False,
) -> int:
    """Put a backup in the database's place; stop the bot first.

    The file is checked first, and compared with what stands there afterwards. The SQLite file
    that stood there is kept beside it. Papers sent since the backup are not known to it: they
    may come once more.
    """
    from bot.cli.db.quiet import quiet
    from bot.cli.options import standing
    from bot.cli.progress import stages
    from bot.cli.work import begin, perform

    settings = begin()
    moment = standing(now, settings.now)

    async def work() -> int:
        import storage

        found = storage.revision_of(path)
        place = storage.place(settings.database)
        if not yes and not _sure(path, found, place):
            print("Nothing was done.", file=sys.stderr)
            return 1
        async with quiet(settings, settings.database, command="paperboy db restore"):
            with stages() as told:
                moved = await storage.restore(
                    settings.database, path, moment, replace=replace, told=told
                )
        _tell(moved, as_json=as_json)
        return 0

    return perform(work())


def _sure(path: Path, found: str, place: str) -> bool:
    """Ask. Raises Usage where nobody can answer."""
    if not sys.stdin.isatty():
        raise Usage("Nobody is there to be asked; add --yes to restore.")
    question = f"Put {path} (schema {found}) in the place of {place}?"
    return typer.confirm(question, err=True)


def _tell(moved: Moved, *, as_json: bool) -> None:
    from bot.cli.db.words import held, warn
    from bot.cli.lines import emit

    if as_json:
        emit(
            {
                "kind": "restore",
                "file": moved.source,
                "place": moved.place,
                "before": moved.before,
                "schema": moved.schema,
                "rows": moved.rows,
                "kept": str(moved.kept) if moved.kept else None,
                "problems": list(moved.problems),
            }
        )
        return
    print(f"{moved.place} holds what {moved.source} holds: {held(moved.rows)}; compared.")
    if moved.before != moved.schema:
        print(f"Its schema was {moved.before} and is {moved.schema} now.")
    if moved.kept is not None:
        print(f"What stood there before is kept as {moved.kept}")
    warn(moved.problems)
