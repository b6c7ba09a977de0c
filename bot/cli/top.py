"""`paperboy top`: how it stands, live."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import Now
from bot.cli.status import Rounds

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from bot.cli.options import Clock
    from bot.cli.standing.hints import View
    from bot.cli.standing.trend import Trend
    from bot.ports import Standing, Store

_SHARE = 10  # a look that takes a second is made every ten: nine tenths are the bot's
_FAILURES = 6  # lines


def top(
    every: Annotated[
        float, typer.Option(min=0.2, max=3600, metavar="S", help="Seconds between two looks.")
    ] = 2.0,
    rounds: Rounds = "5m",
    now: Now = None,
) -> int:
    """Show how it stands, live: q or Ctrl-C ends it.

    It only looks, and less often where a look takes long. Where the output is no terminal it
    shows one look and ends.
    """
    from bot.cli.exits import say
    from bot.cli.options import clock
    from bot.cli.standing.hints import hints
    from bot.cli.status import show, viewed
    from bot.cli.work import begin, perform

    settings = begin()
    tick = clock(now, settings.now)

    async def work() -> int:
        import storage

        view = await viewed(settings, rounds)
        async with storage.open_store(settings.database, read_only=True) as store:
            if sys.stdout.isatty():
                await _live(store, tick, view, every)
                return 0
            async with store.snapshot() as tx:
                standing = await tx.figures.standing(tick())
        show(standing, view)
        say("The output is no terminal, so this was one look; `paperboy status` is meant for it.")
        return 1 if hints(standing, view) else 0

    return perform(work())


async def _live(store: Store, tick: Clock, view: View, every: float) -> None:
    from rich.console import Console
    from rich.live import Live

    from bot.cli.work import stopping

    stop = asyncio.Event()
    console = Console(highlight=False, emoji=False, markup=False)

    async def pause(seconds: float) -> bool:
        try:
            await asyncio.wait_for(stop.wait(), seconds)
        except TimeoutError:
            return False
        return True

    with (
        stopping(stop.set),
        _keys(stop.set),
        Live(console=console, screen=True, auto_refresh=False, vertical_overflow="crop") as live,
    ):
        await watch(
            store,
            tick,
            view,
            every,
            lambda seen: live.update(seen, refresh=True),
            pause,
            console,
        )


async def watch(
    store: Store,
    tick: Clock,
    view: View,
    every: float,
    update: Callable[[RenderableType], None],
    pause: Callable[[float], Awaitable[bool]],
    console: Console,
) -> None:
    """Look and show until `pause` says that it is enough; a busy database is looked at again."""
    from time import monotonic

    from bot.cli.standing.trend import Trend
    from bot.errors import StoreBusy

    trend = Trend()
    last: Standing | None = None
    while True:
        began, trouble = monotonic(), ""
        try:
            async with store.snapshot() as tx:
                last = await tx.figures.standing(tick())
            trend.add(last, view, monotonic())
        except StoreBusy as error:
            trouble = str(error)
        took = monotonic() - began
        update(screen(last, view, trend, console.width, trouble))
        if await pause(max(every, took * _SHARE)):
            return


def screen(
    standing: Standing | None, view: View, trend: Trend, width: int, trouble: str = ""
) -> RenderableType:
    """One picture: the standing, how fast messages go, what went wrong meanwhile."""
    from rich.console import Group
    from rich.text import Text

    from bot.cli.standing.drawing import drawn
    from bot.cli.standing.hints import moment

    if standing is None:
        return Text(trouble or "…", style="yellow")
    parts: list[RenderableType] = [drawn(standing, view), Text()]
    speed = "  ".join(
        f"{said} {'…' if rate is None else f'{rate:,.1f}/s'}"
        for said, rate in (("out", trend.settled), ("in", trend.added))
    )
    parts.append(Text.assemble(("Messages  ", "bold"), speed))
    open_ = f"{sum(standing.outbox.values()):,} open  "
    curve = trend.curve(max(1, min(width, 100) - 10 - len(open_)))
    parts.append(Text.assemble("          ", open_, (curve, "cyan"), no_wrap=True))
    if trend.events:
        parts += [Text(), Text("While you look", style="bold")]
    for at, sentence in list(trend.events)[-_FAILURES:]:
        parts.append(Text(f"{moment(at, view, standing.at)} {sentence}", overflow="fold"))
    parts += [Text(), Text(trouble or "q ends", style="yellow" if trouble else "dim")]
    return Group(*parts)


@contextmanager
def _keys(quit_: Callable[[], None]) -> Iterator[None]:
    """In the body a typed q calls `quit_`; nothing that is typed is shown."""
    try:
        import termios
        import tty
    except ImportError:  # Windows: Ctrl-C ends it
        yield
        return
    if not sys.stdin.isatty():
        yield
        return
    place = sys.stdin.fileno()
    before = termios.tcgetattr(place)
    loop = asyncio.get_running_loop()

    def typed() -> None:
        import os

        letters = os.read(place, 64)
        if not letters:  # the terminal went away
            loop.remove_reader(place)
        if not letters or b"q" in letters.lower():
            quit_()

    tty.setcbreak(place)
    loop.add_reader(place, typed)
    try:
        yield
    finally:
        loop.remove_reader(place)
        termios.tcsetattr(place, termios.TCSADRAIN, before)
