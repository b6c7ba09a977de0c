"""What a platform tells twice is done once: the ids of the last updates, in one note each."""

from __future__ import annotations

import json

from bot.ports import Transaction

_NOTE = "handled:"  # note by platform: ids of updates, oldest first
_KEPT = 200


async def is_known(tx: Transaction, platform: str, key: str) -> bool:
    """Whether this update was handled already."""
    return key in await _keys(tx, platform)


async def remember(tx: Transaction, platform: str, key: str) -> None:
    """The update is handled; the oldest one that is remembered is forgotten."""
    keys = [*await _keys(tx, platform), key]
    await tx.notes.put(f"{_NOTE}{platform}", json.dumps(keys[-_KEPT:]))


async def _keys(tx: Transaction, platform: str) -> list[str]:
    noted = await tx.notes.get(f"{_NOTE}{platform}")
    return json.loads(noted) if noted else []
