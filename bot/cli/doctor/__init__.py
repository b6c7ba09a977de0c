"""`paperboy doctor`: looks at everything that a digest needs, and says what to do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.cli.doctor.finding import Finding
    from bot.settings import Settings

    _Say = Callable[..., None]


def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody on the network.")] = False,
    channels: Annotated[
        int,
        typer.Option(
            "--channels", min=0, max=100_000, metavar="N", help="Most channels looked at; 0: none."
        ),
    ] = 50,
    as_json: Json = False,
) -> int:
    """Check everything that a digest needs.

    The machine, settings, database, sources, clock, model, tokens, operators, and whether the
    bot may post in its channels: each line ok, warn or bad, with what to do. It changes nothing.
    Code 1 when one is bad.
    """
    from bot.cli.doctor import machine, memory
    from bot.cli.doctor.finding import Finding, show
    from bot.cli.doctor.patience import within
    from bot.cli.doctor.running import look_at_bot, look_at_monitor
    from bot.cli.work import begin, perform
    from bot.errors import SetUpWrong

    async def work() -> int:
        states = set()

        def say(*findings: Finding) -> None:
            for finding in findings:
                show(finding, as_json=as_json)
                states.add(finding.state)

        say(*machine.look_at_machine())
        try:
            settings = begin()
        except SetUpWrong as error:
            say(Finding("settings", "bad", str(error), "Correct it and run this again."))
            return 1
        say(*machine.look_at_settings(settings, dict(os.environ)))
        say(*machine.look_at_secrets(), *machine.look_at_disk(settings))
        memories = await within("database", memory.look_at_memory(settings))
        say(*memories)
        opens = await memory.can_be_read(settings)
        say(*await within("bot", look_at_bot(settings, memory=opens)))
        say(*await within("monitor", look_at_monitor(settings)))
        if offline:
            says = "Not looked at: sources, clock, model, platforms and channels (--offline)."
            say(Finding("network", "ok", says))
            return 1 if "bad" in states else 0
        say(*machine.look_at_proxy())
        await _look_outside(settings, say, channels if opens else 0)
        return 1 if "bad" in states else 0

    return perform(work())


async def _look_outside(settings: Settings, say: _Say, most: int) -> None:
    from bot.cli.doctor import chats, machine, model, outside
    from bot.cli.doctor.patience import within

    reached = await outside.look_at_sources(settings)
    say(*(finding for finding, _ in reached))
    say(machine.look_at_clock([ahead for _, ahead in reached]))
    say(*await within("model", model.look_at_model(settings)))
    found = await chats.look_at_chats(settings)
    say(*found)
    taken = {one.name for one in found if one.state == "ok"} & {"telegram", "discord"}
    await _look_at_places(settings, say, sorted(taken), most)


async def _look_at_places(settings: Settings, say: _Say, taken: list[str], most: int) -> None:
    """How updates come, and the channels, of the platforms whose token is taken."""
    from bot.cli.doctor import listening, memory
    from bot.cli.doctor.patience import within

    for name in taken:
        say(*await within("updates", listening.look_at_listening(settings, name)))
    channels = await memory.all_channels(settings) if most else []
    if not channels:
        return
    from contextlib import AsyncExitStack
    from datetime import UTC, datetime

    from bot.app import open_platforms
    from bot.cli.doctor.channels import chosen, look_at_channels
    from bot.cli.doctor.finding import Finding
    from bot.cli.progress import progress
    from bot.cli.unserved import served, unserved

    for says in unserved(channels, served(settings)):
        say(Finding("channels", "warn", says, "Set it, or: paperboy channels remove ADDRESS"))
    async with AsyncExitStack() as stack:
        opened = {}
        if taken:
            opened = await open_platforms(settings, stack, now=lambda: datetime.now(UTC))
        platforms = {name: one for name, one in opened.items() if name in taken}
        some = len(chosen(channels, platforms, most))
        with progress("Looking at channels", some) as step:
            found = await look_at_channels(channels, platforms, most, step)
    say(*found)
