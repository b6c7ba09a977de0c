"""`paperboy run`: the bot, or one part of it, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import sys
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import Now
from bot.cli.running import Role

if TYPE_CHECKING:
    from bot.cli.options import Clock
    from bot.cli.running.roles import Shift
    from bot.desk import Desk
    from bot.health import Pulse
    from bot.ports import Jobs
    from bot.settings import Settings

log = logging.getLogger(__name__)


def run(
    role: Annotated[
        Role,
        typer.Option(
            metavar="all|chat|worker|courier",
            help="What this process does: answer people (chat), read lists and open digests "
            "(worker), send them (courier), or all of it. Any number may run on one PostgreSQL.",
        ),
    ] = Role.ALL,
    now: Now = None,
) -> int:
    """Be the bot: answer people and deliver every digest at its hour.

    Until Ctrl-C or SIGTERM. Telegram and Discord are served when their tokens are set; what
    console channels get is shown here.
    """
    from bot.cli.options import clock
    from bot.cli.running.roles import check
    from bot.cli.work import begin, perform

    began = monotonic()
    settings = begin(level=logging.INFO)
    check(role, settings)
    time = clock(now, settings.now)
    stop: list[asyncio.Event] = []

    async def work() -> int:
        from adapters.platforms.console import Console
        from bot.app import open_desk, open_jobs, open_monitor
        from bot.cli.fence import alone

        console = Console(sys.stdout, as_json=False, language=settings.language, now=time)
        given = {console.name: console}
        with alone(settings, "paperboy run"):
            async with (
                open_monitor(settings, time) as vitals,
                open_desk(
                    settings, platforms=given, connected=time, reading=True, meter=vitals.pulse
                ) as desk,
                open_jobs(settings, wanted=role in (Role.ALL, Role.WORKER)) as jobs,
            ):
                stop.append(asyncio.Event())
                with vitals.watching(desk, stop[0]):
                    pulse = vitals.pulse
                    await _until_stopped(settings, role, desk, jobs, time, stop[0], began, pulse)
        log.info("stopped")
        return 0

    try:
        return perform(work())
    except KeyboardInterrupt:
        if stop:  # asked a second time: somebody is in a hurry
            raise
        log.info("stopped before it ran")
        return 0


async def _until_stopped(
    settings: Settings,
    role: Role,
    desk: Desk,
    jobs: Jobs | None,
    time: Clock,
    stop: asyncio.Event,
    began: float,
    pulse: Pulse,
) -> None:
    """Ask, wait, insist: what is under way may end, but not for longer than the grace."""
    from bot.cli.company import together
    from bot.cli.fence import on_server
    from bot.cli.running.roles import GRACE, Shift
    from bot.cli.work import stopping
    from bot.courier import recover

    many = on_server(settings)
    shift = Shift(desk, role, time, stop, many=many, jobs=jobs, pulse=pulse)
    with stopping(stop.set):
        if not many:  # what a dead predecessor left in flight nobody else can be sending
            await recover(desk, time(), alone=True)
        await _say_what_runs(desk, role, shift, began)
        works = shift.works()
        await together(works, stop, gently=shift.gently(works), grace=GRACE)


async def _say_what_runs(desk: Desk, role: Role, shift: Shift, began: float) -> None:
    from bot.cli.unserved import unserved

    async with desk.store.snapshot() as tx:
        channels = await tx.channels.all()
    if not shift.listening():
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
            **({} if role is Role.ALL else {"role": role.value}),
            "channels": len(channels),
            "platforms": ",".join(desk.platforms),
            "seconds": round(monotonic() - began, 2),
        },
    )
