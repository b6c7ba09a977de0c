"""Telegram as a platform: cards as messages, commands and buttons where people talk."""

from adapters.platforms.telegram.pace import pace_of
from adapters.platforms.telegram.platform import Telegram
from adapters.platforms.telegram.webhook import Webhook

__all__ = ["Telegram", "Webhook", "pace_of"]
