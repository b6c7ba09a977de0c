"""How messages look on Telegram: pure, offline, for any text."""

from adapters.platforms.telegram.drawing.pen import Pen, inline_text

__all__ = ["Pen", "inline_text"]
