"""Nobody else works with a database while it is replaced or moved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from pydantic import SecretStr

from bot.cli.fence import SENDING, alone, on_server
from bot.errors import Refused
from bot.settings import Settings

_PLATFORMS = ("console", "telegram", "discord")
# Every right that a process of `run` or `once` may hold (bot.cli.running.roles).
_RIGHTS = (
    "bell",
    "reading",
    *(f"{SENDING}{name}" for name in _PLATFORMS),
    *(f"chat:{name}" for name in _PLATFORMS),
)


@asynccontextmanager
async def quiet(settings: Settings, *urls: str, command: str) -> AsyncIterator[None]:
    """In the body no `run` and no `once` works with these databases, nor begins to.

    A schema on a server is brought up to date first, for the rights stand in it. Raises Refused
    when somebody works with one, SetUpWrong and StoreBusy when it cannot be reached.
    """
    import storage

    places = {storage.place(url): url for url in urls}
    async with AsyncExitStack() as stack:
        for place, url in places.items():
            own = settings.model_copy(update={"database_url": SecretStr(url)})
            stack.enter_context(alone(own, command))
            if not on_server(own):
                continue
            busy = Refused(
                f"Another paperboy works with {place}, so `{command}` does nothing; stop it first."
            )
            if await storage.others(url):
                raise busy
            await storage.upgrade(url)
            store = storage.open_store(url)
            for name in _RIGHTS:
                if await stack.enter_async_context(store.fence(name, wait=False)) is None:
                    raise busy
        yield
