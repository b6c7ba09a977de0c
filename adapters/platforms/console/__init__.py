"""The terminal as a platform: digests and answers as text or JSON, commands from the keyboard."""

from adapters.platforms.console.platform import Console

__all__ = ["Console"]
