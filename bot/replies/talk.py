"""The conversation: what the core answers to requests, half-typed options and events."""

from __future__ import annotations

from bot.cards import CardBlock
from bot.desk import Desk
from bot.ports import Event, Reply, Request, Suggestion
from bot.replies.dispatch import reply


class Talk:
    """bot.ports.Conversation over one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def reply(self, request: Request) -> Reply:
        """Answer one command."""
        return await reply(self._desk, request)

    async def suggest(self, request: Request, option: str, typed: str) -> list[Suggestion]:
        """Values for an option while it is typed."""
        return []

    async def cards(self, request: Request) -> list[CardBlock]:
        """Papers of the store for some words."""
        return []

    async def happened(self, event: Event) -> Reply:
        """Take notice of an event."""
        return Reply((), event.language or self._desk.defaults.language)
