"""Asking a running bot of this machine how it is."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from typing import Any

_LONGEST = 8.0  # seconds; the bot itself waits for its parts less than that


def ask(host: str, port: int, page: str) -> tuple[bool, list[dict[str, Any]]]:
    """Whether all is well, and the checks as the page tells them. No proxy is used.

    Raises OSError when nobody answers there, ValueError for an answer that is none of ours.
    """
    connection = HTTPConnection(host, port, timeout=_LONGEST)
    try:
        connection.request("GET", page)
        answer = connection.getresponse()
        told = json.loads(answer.read(1_000_000))
    except HTTPException as error:
        raise ValueError(f"no HTTP is spoken there ({type(error).__name__})") from error
    finally:
        connection.close()
    checks = told.get("checks") if isinstance(told, dict) else None
    if not isinstance(checks, list) or not all(isinstance(one, dict) for one in checks):
        raise ValueError("something else than paperboy answers there")
    return answer.status == 200, checks
