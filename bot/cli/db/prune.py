"""`paperboy db prune`: what has had its time goes now, not only at the bot's next quiet minute."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import Json, Now

_NAMES = {
    "messages": "messages that were sent or given up",
    "fragments": "pieces of message texts that nothing uses",
    "digests": "digests",
    "ledger": "notes of which paper was shown",
    "papers": "papers with their readings",
    "lists": "lists",
    "notes": "small notes",
}


def prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    now: Now = None,
    as_json: Json = False,
) -> int:
    """Remove what is older than the PAPERBOY_KEEP_… settings say.

    `run` does it once a day by itself, and `once` too. It works in small steps beside a bot
    that runs; a file does not shrink by it, its room is used again.
    """
    from dataclasses import asdict

    from bot.cli.lines import emit
    from bot.cli.options import standing
    from bot.cli.progress import progress
    from bot.cli.work import begin, perform

    settings = begin()
    moment = standing(now, settings.now)

    async def work() -> int:
        import storage
        from bot import app
        from bot.keeping import Gone
        from bot.keeping import prune as steps

        gone = Gone()
        keep = app.keep(settings)
        async with storage.open_store(settings.database, read_only=dry_run) as store:
            with progress("Counting" if dry_run else "Removing"):
                async for so_far in steps(store, keep, moment, dry=dry_run):
                    gone = so_far
        if as_json:
            emit({"kind": "pruned", "dry_run": dry_run, **asdict(gone)})
            return 0
        found = [(number, _NAMES[name]) for name, number in asdict(gone).items() if number]
        for number, name in found:
            print(f"{number:>12,} {name}")
        if not found:
            print("Nothing has had its time.")
        elif dry_run:
            print("Nothing was removed: this was a dry run.")
        return 0

    return perform(work())
