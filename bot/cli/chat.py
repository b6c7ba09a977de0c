"""`paperboy chat`: the bot in the terminal, with the store that stays."""

from __future__ import annotations

import logging
import sys

from bot.cli.options import Now


def chat(now: Now = None) -> int:
    """Talk to the bot in this terminal.

    /help shows what it understands, /quit leaves.
    """
    from bot.cli.options import clock
    from bot.cli.work import begin, perform

    # What goes wrong is answered in the chat; its log would stand in the middle of it.
    settings = begin(level=logging.ERROR)
    time = clock(now, settings.now)

    async def work() -> int:
        from adapters.platforms.console import Console
        from bot.app import open_desk
        from bot.replies import Talk

        console = Console(sys.stdout, as_json=False, language=settings.language, now=time)
        async with open_desk(settings, platforms={console.name: console}, reading=True) as desk:
            if sys.stdin.isatty():
                print("Paperboy. /start tells what it does, /help shows all, /quit leaves.\n")
            await console.serve(Talk(desk))
        return 0

    return perform(work())
