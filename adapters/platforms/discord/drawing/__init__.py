"""How blocks look on Discord: contents, embeds and buttons within its limits."""

from adapters.platforms.discord.drawing.pen import Pen

__all__ = ["Pen"]
