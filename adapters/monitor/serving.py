"""The pages that watchers ask for: /healthz, /readyz and /metrics."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from adapters.monitor.counting import Counted
from adapters.monitor.standing import Stood
from adapters.serving import open_door, served
from bot.ports import Check, Health

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

log = logging.getLogger(__name__)


def application(health: Health, counted: Counted, release: str) -> Starlette:
    """The pages. What fails is told with 503, and which check it was."""
    from prometheus_client import GCCollector, PlatformCollector, ProcessCollector
    from prometheus_client.exposition import choose_encoder
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    stood = Stood(release)
    counted.registry.register(stood)
    ProcessCollector(registry=counted.registry)
    PlatformCollector(registry=counted.registry)
    GCCollector(registry=counted.registry)
    looking = asyncio.Lock()

    def told(checks: Sequence[Check]) -> Response:
        well = all(one.ok for one in checks)
        said = [{"name": one.name, "ok": one.ok, "said": one.said} for one in checks]
        return JSONResponse(
            {"ok": well, "checks": said}, 200 if well else 503, {"Cache-Control": "no-store"}
        )

    async def live(request: Request) -> Response:
        return told(health.live())

    async def ready(request: Request) -> Response:
        return told(await health.ready())

    async def metrics(request: Request) -> Response:
        async with looking:
            stood.standing = await health.standing()
            stood.at_work = health.at_work()
            encode, kind = choose_encoder(request.headers.get("Accept", ""))
            return Response(encode(counted.registry), media_type=kind)

    return Starlette(
        routes=[Route("/healthz", live), Route("/readyz", ready), Route("/metrics", metrics)]
    )


@asynccontextmanager
async def serve(
    health: Health, counted: Counted, release: str, host: str, port: int
) -> AsyncIterator[int | None]:
    """Serve the pages while the body runs; gives the port.

    None, and a warning in the log, where it is not to be had: nobody sees the bot then, but it
    does its work.
    """
    try:
        door = open_door(host, port)
    except OSError as error:
        log.warning(
            "not watched: port %d on %s cannot be used (%s); another one is set by "
            "PAPERBOY_MONITOR, or off",
            port,
            host,
            error.strerror or error,
        )
        yield None
        return
    port = door.getsockname()[1]
    async with served(application(health, counted, release), door, "monitor"):
        log.info("watched", extra={"address": f"http://{host}:{port}/metrics"})
        yield port
