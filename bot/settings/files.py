"""What settings say by way of files: secrets in files of their own, proxies in `.env`."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from pydantic_settings import PydanticBaseSettingsSource

from bot.errors import SetUpWrong
from bot.settings.names import DOTENV, PROXIES, SECRETS, variable


class SecretFiles(PydanticBaseSettingsSource):
    """`PAPERBOY_TELEGRAM_TOKEN_FILE=/run/secrets/token` and the like, `.env` included."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        from dotenv import dotenv_values

        written = {**dotenv_values(DOTENV, encoding="utf-8"), **os.environ}
        found: dict[str, Any] = {}
        for field in SECRETS:
            name = f"{variable(field)}_FILE"
            if path := written.get(name):
                try:
                    found[field] = Path(path).read_text(encoding="utf-8").strip()
                except (OSError, UnicodeDecodeError) as error:
                    why = getattr(error, "strerror", None) or error
                    said = f"{name} names a file that cannot be read ({path}: {why})."
                    raise SetUpWrong(said) from None
        return found


def take_proxies(environment: MutableMapping[str, str]) -> None:
    """Let the proxies of `.env` be the environment's where it names none: whoever calls out looks
    for them there, in capitals or not. Raises SetUpWrong for a file that cannot be read."""
    from dotenv import dotenv_values

    try:
        written = dotenv_values(DOTENV, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise SetUpWrong(f"The file {DOTENV} cannot be read: {why}.") from None
    for name in PROXIES:
        value = written.get(name) or written.get(name.lower())
        if value and not (environment.get(name) or environment.get(name.lower())):
            environment[name] = value
