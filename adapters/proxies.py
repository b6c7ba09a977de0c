"""The way out through a proxy, as the environment says it, for every client in the same words.

`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in capitals or not. This machine itself is
never behind a proxy: what runs beside the bot is asked directly.
"""

from __future__ import annotations

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_SPOKEN = {"ws": "http", "wss": "https"}  # a gateway goes the way of the other calls


def direct() -> dict[str, None]:
    """The `mounts` of an httpx client, which reads everything else of the environment itself."""
    return {f"all://{host}": None for host in LOOPBACK}


def proxy_for(scheme: str, host: str, port: int | None = None) -> str | None:
    """The proxy's address for calls to `scheme://host:port`, with its user and password if it has
    them; None: directly. A setting without a scheme is one of http.
    """
    from urllib.request import getproxies, proxy_bypass

    bare = host.strip("[]")
    if bare in {one.strip("[]") for one in LOOPBACK}:
        return None
    if proxy_bypass(bare) or (port and proxy_bypass(f"{bare}:{port}")):
        return None
    proxies = getproxies()
    found = proxies.get(_SPOKEN.get(scheme, scheme)) or proxies.get("all")
    if not found:
        return None
    return found if "://" in found else f"http://{found}"
