"""`paperboy demo`: the whole path on the bundled edition, in a chat that lasts for a moment."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.channels import Channel, Digest
    from bot.desk import Desk

NOW = datetime(2025, 12, 27, 9, tzinfo=UTC)  # the list of 26 December closed in the night
TOPICS = ("video generation", "VLM")
_NEXT = 'Next: paperboy sandbox · paperboy topics test "world model" · paperboy init'
_OUTSIDE = ("PAPERBOY_", "HF_", "OPENAI_")  # the demo is the same whatever is set
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def demo() -> int:
    """See a digest made and delivered: needs no network.

    The real way on a small bundled edition, in under 5 seconds, and nothing is left behind.
    """
    from bot.cli.work import perform, terminated_like_interrupted
    from bot.logs import set_up

    with (
        terminated_like_interrupted(),
        bundled_only(),
        folder("demo") as home,
    ):
        set_up()
        # The folder goes when the loop is closed: interrupted, it still waits for the thread that
        # makes the database, which would make the folder again.
        return perform(_demo(Path(home)))


@contextmanager
def folder(name: str) -> Iterator[str]:
    """A folder for a while. A signal waits until it is sure that somebody removes it."""
    from bot.cli.work import let_signals

    let_signals(through=False)
    try:
        with tempfile.TemporaryDirectory(prefix=f"paperboy-{name}-") as made:
            let_signals(through=True)
            yield made
    finally:
        let_signals(through=True)


async def _demo(home: Path) -> int:
    from adapters.platforms.console import Console
    from adapters.sources.bundled import BundledServer
    from bot.app import open_desk
    from bot.settings import Settings

    began = monotonic()
    print("Paperboy demo · no network, no key, nothing left behind")
    async with BundledServer() as server:
        settings = Settings.alone(home=home, hf_endpoint=server.url)
        console = Console(sys.stdout, as_json=False)
        async with open_desk(settings, platforms={console.name: console}) as desk:
            return await _show(desk, began)


async def _show(desk: Desk, began: float) -> int:
    from adapters.sources.bundled import DAY
    from bot.channels import Address, Empty
    from bot.cli.channel_adding import subscribe
    from bot.editions import read_day
    from bot.rounds import make_round

    edition = await read_day(desk, "huggingface", DAY, NOW - timedelta(minutes=1))
    about = f"edition {edition.day} · {edition.count} papers · {edition.state.value}"
    print(f"{about:<48}topics: {', '.join(TOPICS)}\n", flush=True)
    channel, _ = await subscribe(
        desk,
        Address("console", "demo"),
        TOPICS,
        {"empty": Empty.NEVER},
        NOW - timedelta(minutes=1),
    )
    round_ = await make_round(desk, NOW)
    first = await _digest(desk, channel, NOW)
    times = "once" if round_.sent == 1 else f"{round_.sent} times"
    print(
        f"{first.papers} papers · {first.matched} matched · {first.shown} shown · "
        f"{first.hidden} hidden · delivered {times} · {monotonic() - began:.1f} s"
    )
    again = await make_round(desk, NOW + timedelta(days=1))
    second = await _digest(desk, channel, NOW + timedelta(days=1))
    outcome = "nothing is posted twice" if not second.shown and not again.sent else "a fault!"
    print(f"Run again in the same chat: {second.shown} new ({outcome})")
    print(_NEXT)
    return 0 if first.shown and round_.sent == 1 and not second.shown else 1


async def _digest(desk: Desk, channel: Channel, due: datetime) -> Digest:
    async with desk.store.snapshot() as tx:
        digest = await tx.digests.get(channel.id, due.date())
    if digest is None:
        raise RuntimeError(f"no digest was opened for {due.date()}")
    return digest


@contextmanager
def bundled_only() -> Iterator[None]:
    """Nothing that is set in this process's environment reaches the body."""
    kept = dict(os.environ)
    for name in kept:
        if name.startswith(_OUTSIDE) or name.lower() in _PROXIES:
            del os.environ[name]
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
