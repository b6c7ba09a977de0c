"""`paperboy paper`: one paper's card."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import Json, Language, Now


def paper(
    words: Annotated[
        list[str], typer.Argument(metavar="PAPER", help="An arXiv id, a link, or words of a title.")
    ],
    lang: Language = None,
    now: Now = None,
    as_json: Json = False,
) -> int:
    """Show one paper: by id, link or words.

    Where a model is set it is read, unless that was done before.
    """
    from bot.cli.options import language, standing
    from bot.cli.work import begin, perform

    settings = begin()
    moment = standing(now, settings.now)
    spoken = language(lang, settings.language)

    async def work() -> int:
        from bot.app import open_desk
        from bot.cards import Block, CardBlock, Paragraph
        from bot.cards.formatter import card
        from bot.cli.progress import progress
        from bot.cli.screen import bare, show
        from bot.digest.compose import origin
        from bot.library import paper as find

        console = bare(as_json=as_json)
        async with open_desk(settings, platforms={console.name: console}, reading=True) as desk:
            with progress("Looking it up"):
                found = await find(desk, " ".join(words), moment)
            async with desk.store.snapshot() as tx:
                reading = (await tx.readings.get([found.id], spoken)).get(found.id)
            if desk.room is not None:
                with progress("Reading it"):
                    reading = await desk.room.read(found, spoken, moment)
        made = card(found, reading, spoken, links=settings.links)
        blocks: list[Block] = [CardBlock(made)]
        if not as_json:
            blocks += [Paragraph.of(f"{one.name}\n{one.text}") for one in made.sections]
            blocks.append(origin(made, reading, settings.zone))
        await show(console, blocks, spoken)
        return 0

    return perform(work())
