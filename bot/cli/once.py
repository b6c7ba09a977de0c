"""`paperboy once`: everything that is due, then the end; for cron."""

from __future__ import annotations

import asyncio
import re
import sys
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import Json, Now
from bot.errors import Usage

if TYPE_CHECKING:
    from datetime import datetime

    from bot.cli.told import Told
    from bot.desk import Desk
    from bot.digest.opening import PutOff
    from bot.rounds import Round

_KEEPING = 30.0  # seconds at most, once a day, for removing what has had its time
_PAUSE = 2.0  # seconds between two looks at messages that have to wait
_PATIENCE = re.compile(r"(\d{1,5})(s|m|h)?", re.ASCII)
_UNITS = {"s": 1, "m": 60, "h": 3600}


def once(
    patience: Annotated[
        str, typer.Option(metavar="10m", help="How long to wait for chats that ask for a pause.")
    ] = "10m",
    now: Now = None,
    as_json: Json = False,
) -> int:
    """Deliver everything that is due, then exit.

    Telegram and Discord are sent to without listening to them.
    Code 0: all of it was delivered, or it was said why not. Code 1: a source failed or a message
    is unsettled; everything else was done first. Code 3: `paperboy run` sends already.
    """
    from bot.cli.options import standing
    from bot.cli.work import begin, perform

    settings = begin()
    moment = standing(now, settings.now)
    until = monotonic() + seconds(patience)

    async def work() -> int:
        from adapters.platforms.console import Console
        from bot.app import open_desk
        from bot.cli.fence import alone, on_server, sending_alone
        from bot.keeping import Keeper

        console = Console(sys.stdout, as_json=as_json, language=settings.language)
        given = {console.name: console}
        with alone(settings, "paperboy once"):
            async with (
                open_desk(
                    settings, platforms=given, connected=lambda: moment, reading=True
                ) as opened,
                sending_alone(opened, "paperboy once"),
            ):
                desk, told = telling(opened, as_json=as_json)
                await _say_unserved(opened)
                try:
                    first, last = await _rounds(desk, moment, until, alone=not on_server(settings))
                finally:
                    for platform in told:
                        platform.finish()
                await Keeper(desk.store, desk.keep).go_on(moment, seconds=_KEEPING)
        return report(first, last, as_json=as_json)

    return perform(work())


async def _say_unserved(desk: Desk) -> None:
    from bot.cli.exits import say
    from bot.cli.unserved import unserved

    async with desk.store.snapshot() as tx:
        channels = await tx.channels.all()
    for sentence in unserved(channels, desk.platforms):
        say(sentence)


async def _rounds(
    desk: Desk, moment: datetime, until: float, *, alone: bool
) -> tuple[Round, Round]:
    """The first round and the last, which differ while messages wait and patience lasts."""
    from bot.courier import recover
    from bot.rounds import make_round

    await recover(desk, moment, alone=alone)
    first = last = await make_round(desk, moment)
    began = monotonic()
    while last.unsettled and monotonic() < until:
        sys.stdout.flush()  # a reader that went away does not come back: no waiting
        await asyncio.sleep(min(_PAUSE, max(0.0, until - monotonic())))
        waited = timedelta(seconds=monotonic() - began)
        last = await make_round(desk, moment + waited)
    return first, last


def telling(desk: Desk, *, as_json: bool) -> tuple[Desk, list[Told]]:
    """The desk with chat platforms that tell what they carry: on the console it is seen anyway."""
    from bot.cli.told import Told

    told = [
        Told(platform, desk.store, as_json=as_json)
        for name, platform in desk.platforms.items()
        if name != "console"
    ]
    return replace(desk, platforms={**desk.platforms, **{one.name: one for one in told}}), told


def report(first: Round, last: Round, *, as_json: bool) -> int:
    """Say what was put off, failed or is unsettled; gives the exit code."""
    from bot.cli.exits import say

    for waiting in first.put_off:
        _put_off(waiting, as_json=as_json)
    for sentence in first.failed_sources.values():
        say(sentence)
    if last.unsettled:
        say(f"{last.unsettled} messages are unsettled; the next run takes them up.")
    return 1 if first.failed_sources or last.unsettled else 0


def _put_off(waiting: PutOff, *, as_json: bool) -> None:
    from bot.channels import Notice
    from bot.cli.exits import say
    from bot.cli.lines import emit

    if as_json:
        emit(
            {
                "kind": "notice",
                "state": Notice.SOURCE_FAILED.value,
                "text": waiting.text,
                "channel": str(waiting.channel.address),
                "date": waiting.local_date.isoformat(),
            }
        )
    else:
        say(f"{waiting.channel.address}: {waiting.text}")


def seconds(text: str) -> int:
    """`90s`, `10m`, `1h`, or seconds alone. Raises Usage."""
    found = _PATIENCE.fullmatch(text.strip())
    if found is None:
        raise Usage(f"{text!r} is no span of time; an example: 10m.")
    return int(found[1]) * _UNITS[found[2] or "s"]
