"""A progress bar on the error stream, for long work and only when a person is looking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.cli.work import looked_at


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
    """Show `what` while the body runs; gives the function that takes one step of `total`.

    Without a total it only shows that work goes on. Nothing remains on the screen afterwards.
    """
    if not looked_at():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    columns = [SpinnerColumn(), TextColumn("{task.description}")]
    if total is not None:
        columns += [BarColumn(), MofNCompleteColumn()]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


@contextmanager
def stages() -> Iterator[Callable[[str, int, int], None]]:
    """Show work that tells by itself what it does, how far it is, and of how much (0: unknown).

    Gives the function that it tells it to, from any thread. Nothing remains afterwards.
    """
    if not looked_at():
        yield lambda what, done, whole: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    columns = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Opening", total=None)

        def tell(what: str, done: int, whole: int) -> None:
            bar.tasks[0].total = whole or None  # `update` cannot take a total away
            bar.update(task, description=what, completed=done)

        yield tell
