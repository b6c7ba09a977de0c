"""What the platforms' published documents have against calls that a fake wire recorded."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from tests.wires.judges.documents import document

Judge = Callable[[str, str, Any], list[str]]


@cache
def discord_errors() -> Judge | None:
    """A judge of (method, path, body) by Discord's OpenAPI document; None where it is missing."""
    spec = document("DiscordSpec")
    if spec is None:
        return None

    def judge(method: str, path: str, body: Any) -> list[str]:
        if method in ("GET", "DELETE") and body is None:
            return []
        return list(spec.errors(method, path, body))

    return judge


def telegram_errors(call: Any) -> list[str]:
    """What Telegram's parser and the Bot API's document have against a call of the sandbox."""
    from tests.wires.judges.telegram import call_problems, text_problems

    params = {**{name: f"attach://{name}" for name in call.files}, **call.params}
    found = [*text_problems(params), *(call_problems(call.method, params) or ())]
    return [f"{call.method}: {one}" for one in found]
