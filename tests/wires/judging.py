"""What the platforms' published documents have against calls that a fake wire recorded."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[3] / "shared"

Judge = Callable[[str, str, Any], list[str]]


@cache
def discord_errors() -> Judge | None:
    """A judge of (method, path, body) by Discord's OpenAPI document; None where it is missing."""
    tool = SHARED / "tools" / "api_spec_check.py"
    document = SHARED / "specs" / "discord_openapi_v10.json"
    if not tool.exists() or not document.exists():
        return None
    found = spec_from_file_location("api_spec_check", tool)
    assert found is not None
    assert found.loader is not None
    module = module_from_spec(found)
    found.loader.exec_module(module)
    with warnings.catch_warnings():  # the tool leaves the document open
        warnings.simplefilter("ignore", ResourceWarning)
        spec = module.DiscordSpec(str(document))

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
