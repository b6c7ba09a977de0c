"""`paperboy run`: the bot, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import sys
from time import monotonic
from typing import TYPE_CHECKING

from bot.cli.options import Now

if TYPE_CHECKING:
    from bot.cli.options import Clock
    from bot.desk import Desk

_GRACE = 7.5  # seconds for a round and for answers under way to end; then they are cut off
_BELL = "bell"

log = logging.getLogger(__name__)


def run(now: Now = None) -> int:
    """Be the bot: answer people and deliver every digest at its hour.

    Until Ctrl-C or SIGTERM. Telegram and Discord are served when their tokens are set; what
    console channels get is shown here.
    """
    from bot.cli.options import clock
    from bot.cli.work import begin, perform

    began = monotonic()
    settings = begin(level=logging.INFO)
    time = clock(now, settings.now)
    stop: list[asyncio.Event] = []

    async def work() -> int:
        from adapters.platforms.console import Console
        from bot.app import open_desk
        from bot.cli.fence import alone, leased

        console = Console(sys.stdout, as_json=False, language=settings.language, now=time)
        with alone(settings, "paperboy run"):
            async with (
                open_desk(settings, platforms={console.name: console}, connected=time) as desk,
                leased(settings, desk.store, "paperboy run"),
            ):
                stop.append(asyncio.Event())
                await _until_stopped(desk, time, stop[0], began)
        log.info("stopped")
        return 0

    try:
        return perform(work())
    except KeyboardInterrupt:
        if stop:  # asked a second time: somebody is in a hurry
            raise
        log.info("stopped before it ran")
        return 0


async def _until_stopped(desk: Desk, time: Clock, stop: asyncio.Event, began: float) -> None:
    """Ask, wait, insist: a round under way may end, but not for longer than the grace."""
    from bot.cli.company import together
    from bot.cli.unserved import unserved
    from bot.cli.work import stopping
    from bot.replies import Talk
    from bot.rounds import run_until

    stopping(stop.set)
    async with desk.store.snapshot() as tx:
        channels = await tx.channels.all()
    talk = Talk(desk)
    works = {
        name: platform.serve(talk)
        for name, platform in desk.platforms.items()
        if name != "console"  # its keyboard is that of `paperboy chat`
    }
    if not works:
        log.warning(
            "no chat platform: neither PAPERBOY_TELEGRAM_TOKEN nor PAPERBOY_DISCORD_TOKEN is "
            "set, so only console channels are served"
        )
    else:
        for sentence in unserved(channels, desk.platforms):
            log.warning(sentence)
    log.info(
        "running",
        extra={
            "channels": len(channels),
            "platforms": ",".join(desk.platforms),
            "seconds": round(monotonic() - began, 2),
        },
    )
    await together(
        {_BELL: run_until(desk, time, stop), **works}, stop, gently={_BELL}, grace=_GRACE
    )
