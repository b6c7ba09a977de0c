"""The operator's choices: `PAPERBOY_*` in the environment or a `.env` file."""

from bot.settings.choices import Settings
from bot.settings.files import take_proxies
from bot.settings.names import PROXIES, SECRETS, variable
from bot.settings.overview import reference, unknown_variables

__all__ = [
    "PROXIES",
    "SECRETS",
    "Settings",
    "reference",
    "take_proxies",
    "unknown_variables",
    "variable",
]
