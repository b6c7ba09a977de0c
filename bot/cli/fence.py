"""One at a time: on a file `run` and `once` hold a lock, on a server the right to send."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from bot.errors import FolderShut, Refused, SetUpWrong
from bot.health import COURIER
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.desk import Desk

SENDING = COURIER  # with the platform's name: the right to send with its token


@contextmanager
def alone(settings: Settings, command: str) -> Iterator[None]:
    """Hold the lock of this SQLite file while the body runs; on a server there is none.

    The system lets go of it when the process dies, however it dies. Raises Refused when another
    process holds it, SetUpWrong when the lock's file cannot be made.
    """
    if on_server(settings):
        yield
        return
    path = lock_path(settings)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        if (shut := FolderShut.found(path.parent, path)) is not None:
            raise shut from None
        raise SetUpWrong(
            f"The lock {path} cannot be made ({error.strerror}); choose another folder by "
            "PAPERBOY_HOME."
        ) from None
    with file:
        if not _taken(file):
            holder = who_holds(file)
            told = f"({holder}) " if holder else ""
            raise Refused(
                f"Another paperboy {told}works with this database, so `{command}` does nothing; "
                "stop that one first, or leave the digests to it."
            )
        with suppress(OSError):
            file.truncate(0)
            # Not through the buffer: on a full disk its closing would fail once more.
            os.write(file.fileno(), f"{command} {os.getpid()}\n".encode())
        yield


def lock_path(settings: Settings) -> Path:
    """The lock's file: beside the SQLite file; for a database in memory in the home."""
    scheme, _, rest = settings.database.partition(":///")
    if scheme.startswith("sqlite") and rest and not rest.startswith(":"):
        file = Path(rest.partition("?")[0])
        if file.is_symlink():  # who comes by the link and who comes by the name have one lock
            file = file.resolve()
        return file.with_name(f"{file.name}.lock-run")
    return settings.folder / "paperboy.lock-run"


def who_holds(file: IO[str]) -> str | None:
    """ "paperboy run, process 4711", as the holder wrote of itself; None when it did not."""
    with suppress(OSError, ValueError):
        file.seek(0)
        command, number = file.read(100).rsplit(maxsplit=1)
        return f"{command}, process {int(number)}"
    return None


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


def on_server(settings: Settings) -> bool:
    """Whether the database is on a server, where many processes may work at once."""
    return not settings.database.startswith("sqlite")


@asynccontextmanager
async def sending_alone(desk: Desk, command: str) -> AsyncIterator[None]:
    """In the body no other process on this database sends a digest. Raises Refused."""
    async with AsyncExitStack() as stack:
        for name in desk.platforms:
            right = desk.store.fence(f"{SENDING}{name}", wait=False)
            if await stack.enter_async_context(right) is None:
                raise Refused(
                    f"Another paperboy sends the digests of {name} on this database, so "
                    f"`{command}` does nothing; stop that one first, or leave the digests to it."
                )
        yield
