"""Discord as a platform: servers' channels, threads, forums and private chats."""

from adapters.platforms.discord.platform import Discord

__all__ = ["Discord"]
