"""Tasks that work side by side until one of them ends or all are asked to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Coroutine, Mapping
from typing import Any

from bot.errors import PaperboyError

_INSIST = 1.0  # seconds for what was cancelled to end

log = logging.getLogger(__name__)


class Ended(PaperboyError):
    """A task that should work for ever came to its end."""


async def together(
    works: Mapping[str, Coroutine[Any, Any, object]],
    stop: asyncio.Event,
    *,
    gently: Collection[str] = (),
    grace: float,
) -> None:
    """Run the works, each as a task of its name, until `stop` is set or one of them ends.

    Then the others are ended: those named in `gently` watch `stop` themselves and have `grace`
    seconds for it, the others are cancelled at once. Raises what the first one died of, Ended
    when it ended without an error.
    """
    tasks = {name: asyncio.create_task(work, name=name) for name, work in works.items()}
    first: asyncio.Task[object] | None = None
    asked = asyncio.create_task(stop.wait(), name="stop")
    try:
        done, _ = await asyncio.wait({asked, *tasks.values()}, return_when=asyncio.FIRST_COMPLETED)
        if asked not in done:
            first = min(done, key=lambda task: task.get_name())
            if not first.cancelled() and (error := first.exception()) is not None:
                said = str(error) if isinstance(error, PaperboyError) else repr(error)
                log.error("ending, for %s died", first.get_name(), extra={"error": said})
        stop.set()
        await _end(tasks, gently, grace)
    finally:
        for task in (asked, *tasks.values()):
            task.cancel()
        await asyncio.wait({asked, *tasks.values()}, timeout=_INSIST)
        for task in tasks.values():
            if task is not first and task.done() and not task.cancelled() and task.exception():
                log.warning("%s ended badly: %r", task.get_name(), task.exception())
    if first is not None:
        first.result()
        raise Ended(f"The task {first.get_name()} ended by itself, which it should never do.")
    for name in gently:
        if tasks[name].done() and not tasks[name].cancelled():
            tasks[name].result()


async def _end(
    tasks: Mapping[str, asyncio.Task[object]], gently: Collection[str], grace: float
) -> None:
    for name, task in tasks.items():
        if name not in gently:
            task.cancel()
    running = {task for task in tasks.values() if not task.done()}
    if not running:
        return
    names = ", ".join(sorted(task.get_name() for task in running))
    log.info("stopping; what is under way may end", extra={"tasks": names})
    _, running = await asyncio.wait(running, timeout=grace)
    for task in running:
        log.warning("stopping: %s was cut off; it is taken up at the next start", task.get_name())
