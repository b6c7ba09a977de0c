"""`paperboy digest`: the list of one day, matched and drawn; no channel, no ledger."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import Json, Language, Limit, Now, Topics


def digest(
    date: Annotated[
        str | None,
        typer.Option(
            metavar="D", help="As 2025-12-26, today or yesterday; else the newest with papers."
        ),
    ] = None,
    topics: Topics = None,
    lang: Language = None,
    layout: Annotated[
        str | None, typer.Option(metavar="cards|compact", help="Cards, or one line each.")
    ] = None,
    limit: Limit = 10,
    now: Now = None,
    as_json: Json = False,
) -> int:
    """Show the papers of one day for your topics.

    Nothing is delivered or used up by it: it may be repeated.
    """
    from bot import choices
    from bot.channels import Layout
    from bot.cli.options import language, split, standing
    from bot.cli.work import begin, perform

    settings = begin()
    moment = standing(now, settings.now)
    day = choices.day(date, moment.date()) if date is not None else None
    chosen = choices.layout(layout) if layout is not None else Layout.PACKED
    spoken = language(lang, settings.language)
    queries = split(topics)

    async def work() -> int:
        from bot.app import open_desk
        from bot.channels import Notice
        from bot.cli.exits import say
        from bot.cli.progress import progress
        from bot.cli.screen import bare, show
        from bot.digest.preview import preview

        console = bare(as_json=as_json)
        async with open_desk(settings, platforms={console.name: console}) as desk:
            with progress("Reading the list"):
                found = await preview(
                    desk,
                    day=day,
                    topics=queries,
                    language=spoken,
                    links=settings.links,
                    limit=limit,
                    now=moment,
                    zone=settings.zone,
                    list_lines=None,
                )
        await show(console, found.blocks, spoken, chosen)
        if found.notice is Notice.SOURCE_FAILED:
            say(found.failure or "A source could not be read.")
            return 0 if found.papers else 1
        return 0

    return perform(work())
