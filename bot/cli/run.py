"""`paperboy run`: the bot, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING

from bot.cli.options import Now

if TYPE_CHECKING:
    from bot.cli.options import Clock
    from bot.desk import Desk
    from bot.settings import Settings

_GRACE = 7.0  # seconds for a round to end when asked to stop; then it is cut off

log = logging.getLogger(__name__)


def run(now: Now = None) -> int:
    """Be the bot: deliver every digest at its hour.

    Until Ctrl-C or SIGTERM. This version serves console channels.
    """
    from bot.cli.options import clock
    from bot.cli.work import begin, perform

    settings = begin(level=logging.INFO)
    time = clock(now, settings.now)
    _say_what_is_not_served(settings)

    async def work() -> int:
        from adapters.platforms.console import Console
        from bot.app import open_desk
        from bot.cli.fence import alone, leased

        console = Console(sys.stdout, as_json=False, language=settings.language, now=time)
        with alone(settings, "paperboy run"):
            async with (
                open_desk(settings, platforms={console.name: console}) as desk,
                leased(settings, desk.store, "paperboy run"),
            ):
                await _until_stopped(desk, time)
        log.info("stopped")
        return 0

    return perform(work())


async def _until_stopped(desk: Desk, time: Clock) -> None:
    """Ask, wait, insist: a round under way may end, but not for longer than the grace."""
    from bot.cli.work import stopping
    from bot.rounds import run_until

    stop = asyncio.Event()
    stopping(stop.set)
    async with desk.store.snapshot() as tx:
        channels = await tx.channels.all()
    log.info("running", extra={"channels": len(channels)})
    bell = asyncio.create_task(run_until(desk, time, stop), name="bell")
    asked = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({bell, asked}, return_when=asyncio.FIRST_COMPLETED)
        if not bell.done():
            log.info("stopping; a round under way may end")
            await asyncio.wait({bell}, timeout=_GRACE)
        if bell.done():
            bell.result()
        else:
            log.warning("stopping: a round was cut off; it is taken up at the next start")
    finally:
        for task in (bell, asked):
            task.cancel()
        await asyncio.gather(bell, asked, return_exceptions=True)


def _say_what_is_not_served(settings: Settings) -> None:
    for name, word in (("telegram_token", "Telegram"), ("discord_token", "Discord")):
        if getattr(settings, name) is not None:
            log.warning(
                "A token for %s is set, but this version serves console channels only.", word
            )
