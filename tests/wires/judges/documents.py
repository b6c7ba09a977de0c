"""The platforms' published documents, read by the tool that lies beside the checkout."""

from __future__ import annotations

import warnings
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[4] / "shared"
_FILES = {
    "DiscordSpec": "discord_openapi_v10.json",
    "TelegramSpec": "telegram_bot_api_10.1.json",
}


@cache
def document(name: str) -> Any:
    """The tool's `DiscordSpec` or `TelegramSpec`; None where tool or document is missing."""
    tool = SHARED / "tools" / "api_spec_check.py"
    file = SHARED / "specs" / _FILES[name]
    if not tool.exists() or not file.exists():
        return None
    found = spec_from_file_location("api_spec_check", tool)
    assert found is not None
    assert found.loader is not None
    module = module_from_spec(found)
    found.loader.exec_module(module)
    with warnings.catch_warnings():  # the tool leaves the document open
        warnings.simplefilter("ignore", ResourceWarning)
        return getattr(module, name)(str(file))
