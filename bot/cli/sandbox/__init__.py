"""`paperboy sandbox`: the bot with a Telegram of its own in the terminal, to type into."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import Now

if TYPE_CHECKING:
    from bot.cli.sandbox.clock import Movable

_NOW = datetime(2025, 12, 27, 8, tzinfo=UTC)  # the list of 26 December closed in the night


def sandbox(
    lang: Annotated[
        str | None, typer.Option("--lang", metavar="en|zh|ko", help="Your Telegram's language.")
    ] = None,
    now: Now = None,
) -> int:
    """Try the bot as on Telegram: needs no token and no network.

    The real bot against a small Telegram in this process, on a bundled list; you type, press
    buttons, and nothing is left behind. :help shows how.
    """
    from bot.cli.demo import bundled_only, folder
    from bot.cli.options import instant, language
    from bot.cli.sandbox.clock import Movable
    from bot.cli.work import perform, terminated_like_interrupted
    from bot.logs import set_up

    spoken = language(lang, "en")
    with terminated_like_interrupted(), bundled_only(), folder("sandbox") as home:
        set_up(level=logging.ERROR)
        return perform(_sandbox(Path(home), spoken, Movable(instant(now) if now else _NOW)))


async def _sandbox(home: Path, spoken: str, clock: Movable) -> int:
    import asyncio

    from adapters.platforms.console.keyboard import keyboard
    from adapters.platforms.telegram.sandbox import Sandbox
    from adapters.sources.bundled import BundledServer
    from bot.app import open_desk
    from bot.cli.sandbox.screen import Screen
    from bot.cli.sandbox.table import Table
    from bot.replies import Talk
    from bot.settings import Settings

    async with BundledServer() as source, Sandbox() as telegram:
        ada = telegram.person("Ada", language=spoken)
        settings = Settings.alone(
            home=home,
            hf_endpoint=source.url,
            arxiv_url=source.url,
            telegram_token=telegram.token,
            telegram_api_url=telegram.url,
            admins=(f"telegram:{ada.id}",),
        )
        async with open_desk(settings, platforms={}, connected=clock) as desk:
            bot = asyncio.create_task(desk.platforms["telegram"].serve(Talk(desk)), name="telegram")
            asked = sys.stdout if sys.stdin.isatty() and sys.stdout.isatty() else None
            table = Table(telegram, ada, desk, clock, Screen(sys.stdout, echo=asked is None))
            typing = asyncio.create_task(table.sit(keyboard(None), asked), name="keyboard")
            done, _ = await asyncio.wait({bot, typing}, return_when=asyncio.FIRST_COMPLETED)
            for task in (bot, typing):
                task.cancel()
            await asyncio.gather(bot, typing, return_exceptions=True)
            for task in done:
                task.result()
    return 0
