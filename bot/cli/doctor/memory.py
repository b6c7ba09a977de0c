"""What the doctor sees of the database."""

from __future__ import annotations

from bot.cli.doctor.finding import Finding
from bot.settings import Settings


async def look_at_memory(settings: Settings) -> list[Finding]:
    """Whether it can be opened and written, and how its schema stands."""
    return []
