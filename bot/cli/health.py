"""`paperboy health`: whether the bot that runs on this machine lives, for a container's check."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.options import Json

if TYPE_CHECKING:
    from bot.settings import Settings


def health(
    ready: Annotated[
        bool, typer.Option("--ready", help="Whether it can do its work now, not only lives.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Ask the bot that runs on this machine how it is.

    It is asked at PAPERBOY_MONITOR. Exit code 0 when all is well, else 1.
    """
    from bot.cli.work import begin

    well, said, checks = _asked(begin(), "/readyz" if ready else "/healthz")
    if as_json:
        print(json.dumps({"kind": "health", "ok": well, "text": said, "checks": checks}))
    else:
        print(said)
    return 0 if well else 1


def _asked(settings: Settings, page: str) -> tuple[bool, str, list[dict[str, Any]]]:
    from adapters.monitor import ask
    from bot.app import monitor

    address = monitor(settings)
    if address is None:
        return False, "Not watched: PAPERBOY_MONITOR is off.", []
    host, port = address
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        well, checks = ask(host, port, page)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        said = f"No answer from {host}:{port}: {why}. Does `paperboy run` work on this machine?"
        return False, said, []
    wrong = [f"{one.get('name')}: {one.get('said')}" for one in checks if not one.get("ok")]
    if wrong:
        return False, " ".join(wrong), checks
    return well, "Ready." if page == "/readyz" else "It lives.", checks
