"""No look may hold up the others: each is given some seconds, and it is said when they are over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from bot.cli.doctor.finding import Finding
from bot.errors import PaperboyError

LOOK = 10.0  # seconds for one look


async def within(
    name: str, look: Awaitable[list[Finding]], *, seconds: float = LOOK, todo: str = ""
) -> list[Finding]:
    """What the look finds, or that it did not come to an end."""
    try:
        async with asyncio.timeout(seconds):
            return await look
    except TimeoutError:
        says = f"It was not over after {seconds:g} s, and was left."
        return [Finding(name, "bad", says, todo or "Try again; is the network slow?", seconds)]
    except PaperboyError as error:
        return [Finding(name, "bad", str(error))]
