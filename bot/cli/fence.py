"""One at a time: `run` and `once` hold a lock beside the database while they work."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from bot.errors import PaperboyError, Refused, Retry, SetUpWrong
from bot.ports import Store
from bot.settings import Settings


@contextmanager
def alone(settings: Settings, command: str) -> Iterator[None]:
    """Hold the lock of this database on this machine while the body runs.

    The system lets go of it when the process dies, however it dies. Raises Refused when another
    process holds it, SetUpWrong when the lock's file cannot be made.
    """
    path = lock_path(settings)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise SetUpWrong(
            f"The lock {path} cannot be made ({error.strerror}); choose another folder by "
            "PAPERBOY_HOME."
        ) from None
    with file:
        if not _taken(file):
            holder = _holder(file)
            raise Refused(
                f"Another paperboy {holder}works with this database, so `{command}` does nothing; "
                "stop that one first, or leave the digests to it."
            )
        with suppress(OSError):
            file.truncate(0)
            # Not through the buffer: on a full disk its closing would fail once more.
            os.write(file.fileno(), f"{command} {os.getpid()}\n".encode())
        yield


def lock_path(settings: Settings) -> Path:
    """The lock's file: beside a SQLite file, else in the home."""
    scheme, _, rest = settings.database.partition(":///")
    if scheme.startswith("sqlite") and rest and not rest.startswith(":"):
        return Path(rest.partition("?")[0] + ".lock-run")
    return settings.folder / "paperboy.lock-run"


def _holder(file: IO[str]) -> str:
    """ "(run, process 4711) " when the holder wrote who it is."""
    with suppress(OSError, ValueError):
        file.seek(0)
        command, number = file.read(100).rsplit(maxsplit=1)
        return f"({command}, process {int(number)}) "
    return ""


if sys.platform == "win32":

    def _taken(file: IO[str]) -> bool:
        import msvcrt

        try:
            file.seek(1 << 20)  # a byte far behind the text, for the lock is on bytes there
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        file.seek(0)
        return True

else:

    def _taken(file: IO[str]) -> bool:
        import fcntl

        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


_LEASE = "running"  # note: which process works, and until when that is to be believed
_BELIEVED = timedelta(seconds=60)
_RENEWED = 20.0  # seconds


@asynccontextmanager
async def leased(settings: Settings, store: Store, command: str) -> AsyncIterator[None]:
    """The same among machines, for a database on a server; nothing to do for a file.

    A holder that dies is believed to work for another minute. Raises Refused.
    """
    if settings.database.startswith("sqlite"):
        yield
        return
    me = f"{command} on {socket.gethostname()}, process {os.getpid()}"
    await _lease(store, me)
    lost: list[Refused] = []
    owner = asyncio.current_task()
    assert owner is not None
    renewing = asyncio.create_task(_renew(store, me, owner, lost), name="lease")
    try:
        yield
    except asyncio.CancelledError:
        if lost:
            owner.uncancel()
            raise lost[0] from None
        raise
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
        if not lost:
            with suppress(PaperboyError):
                async with store.transaction() as tx:
                    await tx.notes.put(_LEASE, None)


async def _lease(store: Store, me: str) -> None:
    now = datetime.now(UTC)  # the real clock: a lease is about processes, not about digests
    async with store.transaction() as tx:
        if held := await tx.notes.get(_LEASE):
            until, _, holder = held.partition(" ")
            if holder != me and datetime.fromisoformat(until) > now:
                raise Refused(
                    f"Another paperboy ({holder}) works with this database, so this one does "
                    "nothing; stop that one first, or leave the digests to it."
                )
        await tx.notes.put(_LEASE, f"{(now + _BELIEVED).isoformat()} {me}")


async def _renew(store: Store, me: str, owner: asyncio.Task[object], lost: list[Refused]) -> None:
    """Keep the lease; when another took it over (this process slept too long), stop the owner."""
    while True:
        await asyncio.sleep(_RENEWED)
        try:
            with suppress(Retry):
                await _lease(store, me)
        except Refused as error:
            lost.append(error)
            owner.cancel()
            return
