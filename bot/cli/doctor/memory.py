"""What the doctor sees of the database."""

from __future__ import annotations

import os
from pathlib import Path
from time import monotonic

from bot.channels import Channel
from bot.cli.doctor.finding import Finding
from bot.errors import FolderShut, PaperboyError
from bot.settings import Settings

_NOTE = "doctor"  # written and taken away again


async def look_at_memory(settings: Settings) -> list[Finding]:
    """Whether it is there, how its schema stands, whether it can be written; migrates nothing."""
    import storage

    try:
        facts = await storage.facts(settings.database)
    except PaperboyError as error:
        return [Finding("database", "bad", str(error))]
    if facts.revision is None:
        shut = FolderShut.found(Path(facts.place).parent)
        if shut is not None and settings.database.startswith("sqlite"):
            return [Finding("database", "bad", str(shut))]
        says = f"There is no database {facts.place} yet; the first command makes it."
        return [Finding("database", "ok", says)]
    if facts.newer:
        says = (
            f"{facts.place} has schema {facts.revision}, which is newer than this program "
            f"(it knows up to {facts.head})."
        )
        todo = "Install the newer Paperboy again, or put back the copy made before the upgrade."
        return [Finding("database", "bad", says, todo)]
    if not facts.current:
        return [
            Finding(
                "database",
                "warn",
                f"{facts.place} has schema {facts.revision}, this program {facts.head}.",
                "The next command upgrades it, after a copy; or run: paperboy db upgrade",
            )
        ]
    return [await _write(settings, facts.place, facts.bytes)]


async def can_be_read(settings: Settings) -> bool:
    """Whether it is there with the present schema: whoever opens it changes nothing."""
    import storage

    try:
        return (await storage.facts(settings.database)).current
    except PaperboyError:
        return False


async def all_channels(settings: Settings) -> list[Channel]:
    """Every channel; none where the database does not answer, which was said already."""
    from bot.app import open_memory

    try:
        async with open_memory(settings) as store, store.snapshot() as tx:
            return await tx.channels.all()
    except PaperboyError:
        return []


async def _write(settings: Settings, place: str, size: int | None) -> Finding:
    from bot.app import open_memory

    began = monotonic()
    try:
        async with open_memory(settings) as store, store.transaction() as tx:
            await tx.notes.put(_NOTE, str(os.getpid()))
            await tx.notes.put(_NOTE, None)
            channels = len(await tx.channels.all())
            papers = await tx.papers.count()
    except PaperboyError as error:
        return Finding("database", "bad", str(error))
    seconds = monotonic() - began
    megabytes = f", {size / 1e6:,.1f} MB" if size is not None else ""
    says = f"{place}{megabytes}: {channels} channels, {papers} papers, can be written."
    return Finding("database", "ok", says, seconds=seconds)
