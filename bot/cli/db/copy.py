"""`paperboy db copy`: the same bot on another database, from SQLite to PostgreSQL or back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import Json, Now

if TYPE_CHECKING:
    from storage import Moved


def copy(
    to: Annotated[
        str, typer.Option("--to", metavar="URL", help="sqlite:///file or postgresql://…")
    ],
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="URL", help="Default: the database of the settings."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace what the other database holds.")
    ] = False,
    now: Now = None,
    as_json: Json = False,
) -> int:
    """Copy everything into another database; stop the bot first.

    All of it arrives or nothing, and is compared. Then set PAPERBOY_DATABASE_URL to the new one
    and start the bot: it goes on where it stopped.
    """
    from bot.cli.db.quiet import quiet
    from bot.cli.options import standing
    from bot.cli.progress import stages
    from bot.cli.work import begin, perform

    settings = begin()
    moment = standing(now, settings.now)

    async def work() -> int:
        import storage

        storage.place(to, "--to")
        if source is not None:
            storage.place(source, "--from")
        begun = source or settings.database
        async with quiet(settings, begun, to, command="paperboy db copy"):
            with stages() as told:
                moved = await storage.copy(begun, to, moment, replace=replace, told=told)
        _tell(moved, as_json=as_json)
        return 0

    return perform(work())


def _tell(moved: Moved, *, as_json: bool) -> None:
    from bot.cli.db.words import held, warn
    from bot.cli.lines import emit

    if as_json:
        emit(
            {
                "kind": "copy",
                "source": moved.source,
                "place": moved.place,
                "schema": moved.schema,
                "rows": moved.rows,
                "kept": str(moved.kept) if moved.kept else None,
                "problems": list(moved.problems),
            }
        )
        return
    print(f"{moved.place} holds what {moved.source} holds: {held(moved.rows)}; compared.")
    if moved.kept is not None:
        print(f"What stood there before is kept as {moved.kept}")
    print(
        "Set PAPERBOY_DATABASE_URL to it and start the bot there, not here: both would send the "
        "same papers."
    )
    warn(moved.problems)
