"""A small Telegram on loopback: the Bot API over real HTTP, and people who type and press."""

from adapters.platforms.telegram.sandbox.chats import Chat, Member, Message, Tap
from adapters.platforms.telegram.sandbox.refusals import Refusal
from adapters.platforms.telegram.sandbox.server import Call, Sandbox

__all__ = ["Call", "Chat", "Member", "Message", "Refusal", "Sandbox", "Tap"]
