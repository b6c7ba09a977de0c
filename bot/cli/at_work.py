"""Whether a bot works with this database now; looked at without holding up anybody."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING

from bot.cli.fence import SENDING, lock_path, who_holds
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.ports import Store


def at_work(settings: Settings) -> str | None:
    """Who holds the lock of this SQLite file, as "paperboy run, process 4711"; None: nobody, or
    the database is on a server. Nothing is changed."""
    if not settings.database.startswith("sqlite"):
        return None
    try:
        with lock_path(settings).open("r+", encoding="utf-8") as file:
            return (who_holds(file) or "another process") if _is_held(file) else None
    except OSError:
        return None


async def is_sent(store: Store, platform: str) -> bool:
    """Whether some process sends what waits for the platform. For a database on a server."""
    async with store.fence(f"{SENDING}{platform}", wait=False) as right:
        return right is None


if sys.platform == "win32":

    def _is_held(file: IO[str]) -> bool:
        import msvcrt

        try:
            file.seek(1 << 20)  # the byte that bot.cli.fence locks
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        except OSError:
            return True
        return False

else:

    def _is_held(file: IO[str]) -> bool:
        import fcntl

        try:  # several may look at once; it goes with the file, a moment later
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        return False
