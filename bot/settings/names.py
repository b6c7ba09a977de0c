"""What the settings are called, which are secret, and where they stand."""

from __future__ import annotations

SECRETS = (
    "telegram_token",
    "telegram_webhook_secret",
    "discord_token",
    "openai_api_key",
    "hf_token",
    "database_url",
)
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
DOTENV = ".env"  # in the working folder
_ECOSYSTEM = {"openai_api_key", "openai_base_url", "hf_token", "hf_endpoint"}


def variable(field: str) -> str:
    """The name of the environment variable of a field."""
    name = field.upper()
    return (
        name if field.lower() in _ECOSYSTEM or name.startswith("PAPERBOY_") else f"PAPERBOY_{name}"
    )
