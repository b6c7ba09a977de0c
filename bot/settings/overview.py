"""All settings at a glance: for the reference, and for names that mean nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

from pydantic.fields import FieldInfo

from bot.settings.choices import Settings
from bot.settings.names import SECRETS, variable


def reference() -> list[tuple[str, str, str, bool]]:
    """(variable, default, description, whether it is a secret) of every setting, in order."""
    return [
        (variable(name), _default(field), field.description or "", name in SECRETS)
        for name, field in Settings.model_fields.items()
    ]


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or value == ():
        return ""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Names that begin with PAPERBOY_ and mean nothing: probably misspelt."""
    known = {variable(field) for field in Settings.model_fields}
    known |= {f"{variable(field)}_FILE" for field in SECRETS}
    names = {name.upper() for name in environment}
    return sorted(name for name in names if name.startswith("PAPERBOY_") and name not in known)
