"""Where a command meets the world: its settings, its log, its clock, its desk, its event loop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.settings import Settings


def begin(*, level: int = logging.WARNING) -> Settings:
    """The settings as they stand now, with the log set up by them. Raises SetUpWrong."""
    from bot.logs import set_up
    from bot.settings import Settings, take_proxies

    settings = Settings.load()
    take_proxies(os.environ)
    set_up(
        settings.log_format,
        level=logging.DEBUG if settings.debug else level,
        secrets=settings.secrets(),
    )
    return settings


def perform(work: Coroutine[Any, Any, int | None]) -> int:
    """Run the coroutine to its end; gives its exit code.

    SIGTERM ends it like Ctrl-C: everything opened is closed, then KeyboardInterrupt is raised.
    """

    async def whole() -> int | None:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        assert task is not None
        stopped = False

        def stop() -> None:
            nonlocal stopped
            stopped = True
            task.cancel()

        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(signal.SIGTERM, stop)  # not on Windows, not off the main thread
        let_signals(through=True)
        try:
            return await work
        except asyncio.CancelledError:
            if stopped:
                raise KeyboardInterrupt from None
            raise

    let_signals(through=False)  # one that came while the loop is made would leave it half made
    try:
        return asyncio.run(whole()) or 0
    finally:
        let_signals(through=True)


def let_signals(*, through: bool) -> None:
    """Hold SIGTERM and SIGINT back, or let them (and those held back) through."""
    if hasattr(signal, "pthread_sigmask"):  # not on Windows
        how = signal.SIG_UNBLOCK if through else signal.SIG_BLOCK
        signal.pthread_sigmask(how, {signal.SIGTERM, signal.SIGINT})


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt in the body, so that what it holds is cleaned up."""
    try:
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    except ValueError:  # not on the main thread, where no signal comes
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def looked_at() -> bool:
    """Whether a person looks at the error stream, where progress is shown."""
    return sys.stderr.isatty()


@contextmanager
def stopping(stop: Callable[[], None]) -> Iterator[None]:
    """In the body the first SIGTERM or SIGINT calls `stop`, the second ends the body at once by
    KeyboardInterrupt; a third is the system's own. One that comes behind the body, while things
    are closed, is passed over; the next is the system's.
    """
    loop = asyncio.get_running_loop()
    body = asyncio.current_task()
    assert body is not None
    came = 0
    over = False

    def sign() -> None:
        nonlocal came
        came += 1
        if came == 1 and not over:
            stop()
            return
        for one in (signal.SIGTERM, signal.SIGINT):
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.remove_signal_handler(one)
        if not over:  # else what is open is being closed, which takes a moment
            body.cancel()

    for one in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(one, sign)
    try:
        yield
    except asyncio.CancelledError:
        if came > 1:
            raise KeyboardInterrupt from None
        raise
    finally:
        over = True
