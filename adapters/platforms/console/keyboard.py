"""Lines from the keyboard, one at a time, without holding up the event loop."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from queue import SimpleQueue
from typing import TextIO

PROMPT = "> "


async def keyboard(shown_on: TextIO | None, source: TextIO | None = None) -> AsyncIterator[str]:
    """Lines of `source` (None: standard input) until its end, a prompt before each one.

    The next line is read only when it is asked for, so that a prompt never stands before the
    answer. The thread is a daemon: a person who types nothing must not keep the process alive.
    """
    loop = asyncio.get_running_loop()
    wanted: SimpleQueue[bool] = SimpleQueue()
    typed: asyncio.Queue[str | None] = asyncio.Queue()
    stream = source or sys.stdin

    def read() -> None:
        while wanted.get():
            try:
                line = stream.readline()
            except (OSError, ValueError, KeyboardInterrupt):
                line = ""
            try:
                loop.call_soon_threadsafe(typed.put_nowait, line or None)
            except RuntimeError:  # the loop is closed: nobody waits any more
                return

    threading.Thread(target=read, name="keyboard", daemon=True).start()
    try:
        while True:
            if shown_on is not None:
                shown_on.write(PROMPT)
                shown_on.flush()
            wanted.put(True)
            line = await typed.get()
            if line is None:
                break
            yield line
    finally:
        wanted.put(False)
