"""`paperboy topics test`: what a query would have brought in the last days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import Json, Language, Now

if TYPE_CHECKING:
    from datetime import datetime

    from bot.desk import Desk


def group() -> typer.Typer:
    """The command with its one verb."""
    app = typer.Typer(
        name="topics", help="Topics: try a query.", rich_markup_mode=None, no_args_is_help=True
    )
    app.callback()(_top)
    app.command("test")(try_query)
    return app


def _top() -> None:
    """Topics: try a query on the papers of the last days."""


def try_query(
    query: Annotated[str, typer.Argument(metavar="QUERY", help='As "world model".')],
    days: Annotated[int, typer.Option(min=1, max=31, metavar="N", help="How many days back.")] = 7,
    lang: Language = None,
    now: Now = None,
    as_json: Json = False,
) -> int:
    """Try a query on the papers of the last days.

    Counts the matches per day, shows examples with the matching words marked, and advises when
    there are too few or too many. Lists that were not read yet are read first.
    """
    from bot.cli.options import language, standing
    from bot.cli.work import begin, perform
    from bot.topics import parse

    settings = begin()
    moment = standing(now, settings.now)
    spoken = language(lang, settings.language)
    parse(query)

    async def work() -> int:
        from bot.app import open_desk
        from bot.cli.lines import emit
        from bot.cli.screen import bare, show
        from bot.replies import advice_blocks, advice_data

        console = bare(as_json=as_json)
        async with open_desk(settings, platforms={console.name: console}) as desk:
            failed = await read_days(desk, moment, days)
            if as_json:
                data = await advice_data(desk, query, moment, days, spoken)
                emit(data.json())
            else:
                blocks = await advice_blocks(desk, query, moment, days, spoken)
                await show(console, blocks, spoken)
        return failed

    return perform(work())


async def read_days(desk: Desk, now: datetime, days: int) -> int:
    """Read the lists of the last days that are not known yet; 1 when all of them failed."""
    from bot.cli.exits import say
    from bot.cli.progress import progress
    from bot.editions import read_day
    from bot.papers import EditionState

    wanted = []
    async with desk.store.snapshot() as tx:
        known = await tx.editions.between(now.date() - timedelta(days=days), now.date())
    closed = {(e.source, e.day) for e in known if e.state is not EditionState.OPEN}
    for back in range(days, -1, -1):
        day = now.date() - timedelta(days=back)
        for name, source in desk.sources.items():
            if source.expects(day) and (name, day) not in closed:
                wanted.append((name, day))
    failures = []
    with progress("Reading the lists", len(wanted)) as step:
        for name, day in wanted:
            edition = await read_day(desk, name, day, now)
            if edition.failure:
                failures.append(edition.failure)
            step()
    if failures:
        say(failures[-1])
    return 1 if failures and len(failures) == len(wanted) and not closed else 0
