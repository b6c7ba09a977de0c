"""What the doctor sees of the bot itself: whether it runs here, and what watches it."""

from __future__ import annotations

import asyncio
import socket

from bot.cli.at_work import at_work, is_sent
from bot.cli.doctor.finding import Finding
from bot.cli.fence import on_server
from bot.cli.unserved import served
from bot.settings import Settings


async def look_at_bot(settings: Settings, *, memory: bool) -> list[Finding]:
    """Whether a bot works with this database; `memory`: it is there and can be opened."""
    if not memory:
        return []
    runs = await _runs(settings)
    says = runs or "No bot works with this database now."
    return [Finding("bot", "ok", says if runs else f"{says} To start it: paperboy run")]


async def _runs(settings: Settings) -> str | None:
    if not on_server(settings):
        who = at_work(settings)
        return f"At work with this database: {who}." if who else None
    from bot.app import open_memory

    async with open_memory(settings) as store:
        names = [name for name in sorted(served(settings)) if await is_sent(store, name)]
    return f"Digests are sent for {', '.join(names)} on this database." if names else None


async def look_at_monitor(settings: Settings) -> list[Finding]:
    """Whether the bot answers there, or its port is free; asked on this machine alone."""
    from adapters.monitor import ask
    from bot.app import monitor

    address = monitor(settings)
    if address is None:
        return [Finding("monitor", "ok", "Off: nobody watches the bot from outside.")]
    host, port = address
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        well, checks = await asyncio.to_thread(ask, near, port, "/healthz")
    except ValueError as error:
        todo = "Set PAPERBOY_MONITOR to another port."
        return [Finding("monitor", "bad", f"At {near}:{port} {error}.", todo)]
    except OSError:
        return [_silent(settings, host, port)]
    if well:
        return [Finding("monitor", "ok", f"The bot answers at {near}:{port}: it lives.")]
    wrong = " ".join(str(one.get("said")) for one in checks if not one.get("ok"))
    return [Finding("monitor", "bad", f"The bot answers at {near}:{port}: {wrong}")]


def _silent(settings: Settings, host: str, port: int) -> Finding:
    """Nobody answers: the port is looked at, and left at once."""
    if at_work(settings):
        says = f"A bot works here, but nothing answers at {host}:{port}."
        return Finding("monitor", "warn", says, "Was PAPERBOY_MONITOR changed since it started?")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            says = f"{host}:{port} cannot be had ({error.strerror})."
            return Finding("monitor", "bad", says, "Set PAPERBOY_MONITOR to another port.")
    return Finding("monitor", "ok", f"{host}:{port} is free for the bot.")
