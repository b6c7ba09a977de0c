"""Pictures of real digests for README and docs: the bundled list goes through the whole core.

The readings are written beside this, for the pictures must not depend on a model; everything else
is what the program makes of them.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bubbles
import embeds
from readings import READINGS

from adapters.platforms.discord import Discord
from adapters.platforms.discord import frozen as of_discord
from adapters.platforms.telegram import Telegram
from adapters.platforms.telegram import frozen as of_telegram
from adapters.sources.bundled import DAY, BundledServer
from bot.app import open_desk
from bot.channels import Address, Body, Outcome, Verdict
from bot.cli.channel_adding import subscribe
from bot.desk import Desk
from bot.editions import read_day
from bot.ports import Platform
from bot.rounds import make_round
from bot.settings import Settings

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
NOW = datetime(2025, 12, 27, 9, tzinfo=UTC)


class _Kept:
    """Keeps what is sent instead of sending it."""

    def __init__(self) -> None:
        self.bodies: list[Body] = []

    async def send(self, address: Address, body: Body, key: str, **how: Any) -> Outcome:
        self.bodies.append(body)
        return Outcome(Verdict.ACCEPTED, (str(len(self.bodies)),))


class _Telegram(_Kept, Telegram):
    def __init__(self) -> None:
        Telegram.__init__(self, "4242:" + "A" * 35)
        _Kept.__init__(self)


class _Discord(_Kept, Discord):
    def __init__(self) -> None:
        Discord.__init__(self, "no.such.token")
        _Kept.__init__(self)


async def _digest(platform: Any, address: str, topics: tuple[str, ...], **choices: Any) -> None:
    with tempfile.TemporaryDirectory() as home:
        async with BundledServer() as server:
            settings = Settings.alone(home=Path(home), hf_endpoint=server.url)
            given: dict[str, Platform] = {platform.name: platform}
            async with open_desk(settings, platforms=given) as desk:
                await _deliver(desk, Address(platform.name, address), topics, choices)


async def _deliver(
    desk: Desk, address: Address, topics: tuple[str, ...], choices: dict[str, Any]
) -> None:
    before = NOW - timedelta(minutes=1)
    await read_day(desk, "huggingface", DAY, before)
    async with desk.store.transaction() as tx:
        for reading in READINGS:
            await tx.readings.put(reading)
    await subscribe(desk, address, topics, choices, before)
    await make_round(desk, NOW)


async def _pictures() -> dict[str, str]:
    found = {}
    for language, title in (("zh", "Telegram, Chinese"), ("ko", "Telegram, Korean")):
        telegram = _Telegram()
        topics = ("video generation", "VLM") if language == "zh" else ("video generation",)
        await _digest(telegram, "-1001234567890", topics, language=language)
        calls = [of_telegram.thaw(body) for body in telegram.bodies]
        found[f"telegram-{language}.svg"] = bubbles.picture(calls, title)
    discord = _Discord()
    await _digest(discord, "123456789012345678", ("video generation", "VLM"), language="en")
    messages = [of_discord.thaw(body) for body in discord.bodies]
    found["discord-en.svg"] = embeds.picture(messages, "Discord, English")
    return found


def main() -> int:
    """Write the pictures; with --check only tell which differ."""
    check = sys.argv[1:] == ["--check"]
    differing = []
    for name, picture in asyncio.run(_pictures()).items():
        path = FOLDER / name
        if check and (not path.exists() or path.read_text("utf-8") != picture):
            differing.append(name)
        elif not check:
            FOLDER.mkdir(exist_ok=True)
            path.write_text(picture, "utf-8")
    if differing:
        print(f"docs/pictures/ is behind the code ({', '.join(differing)}): run scripts/pictures")
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
