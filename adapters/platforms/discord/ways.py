"""The way to each host that discord.py calls: through the environment's proxy, or directly.

discord.py knows one proxy for everything, and only where it is told; aiohttp reads the environment
only where discord.py does not let it, and knows no proxy of a gateway.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adapters.proxies import proxy_for

if TYPE_CHECKING:
    import aiohttp
    from yarl import URL


@dataclass(frozen=True, slots=True)
class Way:
    """A proxy, and what it is told of us. The password is not in the address, which stands in
    errors."""

    proxy: URL
    headers: Mapping[str, str] = field(repr=False)


def connector() -> aiohttp.TCPConnector:
    """Connections for one client, without a bound of their own. Wants a running loop."""
    import aiohttp

    class Ways(aiohttp.TCPConnector):
        def __init__(self) -> None:
            super().__init__(limit=0)
            self._ways: dict[URL, Way | None] = {}

        async def connect(
            self,
            req: aiohttp.ClientRequest,
            traces: list[Any],
            timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 (aiohttp's own word)
        ) -> Any:
            if req.proxy is None and (way := self._way(req.url.origin())) is not None:
                req.update_proxy(way.proxy, None, dict(way.headers))
                if not req.is_ssl():  # there is no CONNECT that would bear them
                    req.headers.update(way.headers)
            return await super().connect(req, traces, timeout)

        def _way(self, origin: URL) -> Way | None:
            if origin not in self._ways:
                self._ways[origin] = way_to(origin)
            return self._ways[origin]

    return Ways()


def way_to(origin: URL) -> Way | None:
    """The proxy for that scheme and host; None: directly. Raises aiohttp.ClientConnectionError
    for an address that is none.
    """
    import aiohttp
    from yarl import URL

    found = proxy_for(origin.scheme, origin.host or "", origin.port)
    if found is None:
        return None
    try:
        address = URL(found)
        bare = address.with_user(None)
    except ValueError:
        raise aiohttp.ClientConnectionError(
            "The proxy settings of the environment cannot be used: check HTTP_PROXY, HTTPS_PROXY "
            "and ALL_PROXY (example: HTTPS_PROXY=http://proxy.example:3128)."
        ) from None
    if address.user is None:
        return Way(bare, {})
    login = f"{address.user}:{address.password or ''}".encode()
    return Way(bare, {"Proxy-Authorization": f"Basic {base64.b64encode(login).decode()}"})
