"""A small HTTP server inside the bot: on its event loop, its signals left to the process."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.applications import Starlette

_GRACE = 2  # seconds in which an answer under way may end


@asynccontextmanager
async def served(
    application: Starlette, door: socket.socket, name: str
) -> AsyncIterator[asyncio.Task[None]]:
    """Serve at `door` while the body runs; afterwards the door is closed. Gives the task that
    serves, which bears `name`."""
    import uvicorn

    class Server(uvicorn.Server):
        """Leaves the process's signals to the process."""

        def capture_signals(self) -> Any:
            return nullcontext()

    config = uvicorn.Config(
        application,
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=_GRACE,
        server_header=False,
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[door]), name=name)
    try:
        yield serving
    finally:
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        door.close()


def open_door(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises OSError where that cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))
        door.listen(128)
    except OSError:
        door.close()
        raise
    door.setblocking(False)
    return door
