"""`paperboy status`: how it stands, now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import Json, Now

if TYPE_CHECKING:
    from bot.cli.standing.hints import View
    from bot.ports import Standing
    from bot.settings import Settings

Rounds = Annotated[
    str,
    typer.Option(
        "--rounds",
        metavar="5m",
        help="How old the last round may be; longer where cron calls `paperboy once`.",
    ),
]


def status(rounds: Rounds = "5m", now: Now = None, as_json: Json = False) -> int:
    """Tell how it stands: digests, channels, messages, lists.

    Rounds, papers, readings and tokens too. It only looks, also beside a bot that runs. Code 0:
    all is well. Code 1: something needs a look, and is said. Code 2: there is no database to
    look at.
    """
    from bot.cli.lines import emit
    from bot.cli.options import standing
    from bot.cli.standing.hints import hints, record
    from bot.cli.work import begin, perform

    settings = begin()
    moment = standing(now, settings.now)

    async def work() -> int:
        import storage
        from bot.errors import SetUpWrong

        try:
            view = await viewed(settings, rounds)
            async with (
                storage.open_store(settings.database, read_only=True) as store,
                store.snapshot() as tx,
            ):
                found = await tx.figures.standing(moment)
        except SetUpWrong as error:
            if as_json:
                emit({"kind": "status", "well": False, "hints": [str(error)], "database": None})
            raise
        if as_json:
            emit(record(found, view))
        else:
            show(found, view)
        return 1 if hints(found, view) else 0

    return perform(work())


def show(standing: Standing, view: View) -> None:
    """Write it on the output, in colours where that is a terminal."""
    from rich.console import Console

    from bot.cli.standing.drawing import WIDEST, drawn

    console = Console(highlight=False, emoji=False, markup=False)
    console.width = min(console.width, WIDEST)
    with console.capture() as taken:
        console.print(drawn(standing, view))
    print("\n".join(line.rstrip() for line in taken.get().splitlines()))


async def viewed(settings: Settings, rounds: str) -> View:
    """How the operator looks at it. Raises Usage for no span, SetUpWrong without a database."""
    from datetime import timedelta

    import storage
    from bot.cli.once import seconds
    from bot.cli.standing.hints import View
    from bot.errors import SetUpWrong

    facts = await storage.facts(settings.database)
    if facts.revision is None:
        raise SetUpWrong(f"There is no database {facts.place} yet: `paperboy run` makes it.")
    budget = settings.llm_daily_tokens if settings.llm_model else None
    return View(facts.place, settings.zone, budget, timedelta(seconds=seconds(rounds)))
