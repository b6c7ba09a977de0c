"""Each update is handled once: the last keys of every platform are remembered."""

from __future__ import annotations

from bot.ports import Transaction

_NOTE = "handled:"  # by platform: the keys, newest last, with a line break between them
_KEPT = 200


async def is_known(tx: Transaction, platform: str, key: str) -> bool:
    """Whether an update of this key was handled."""
    return key in await _keys(tx, platform)


async def remember(tx: Transaction, platform: str, key: str) -> None:
    """The update of this key is handled; twice changes nothing."""
    keys = await _keys(tx, platform)
    if key not in keys:
        await tx.notes.put(_NOTE + platform, "\n".join([*keys, key][-_KEPT:]))


async def first_time(tx: Transaction, platform: str, key: str) -> bool:
    """Whether this is the first time that the key is seen; from now on it is known."""
    if await is_known(tx, platform, key):
        return False
    await remember(tx, platform, key)
    return True


async def _keys(tx: Transaction, platform: str) -> list[str]:
    noted = await tx.notes.get(_NOTE + platform)
    return noted.split("\n") if noted else []
