"""A conversation out of one function: for what only needs an answer to a command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.cards import CardBlock
from bot.ports import Event, Reply, Request, Suggestion


@dataclass
class Answering:
    """bot.ports.Conversation; remembers what it was asked and told."""

    answer: Callable[[Request], Awaitable[Reply]]
    suggestions: list[Suggestion] = field(default_factory=list)
    found: list[CardBlock] = field(default_factory=list)
    welcome: Reply = Reply((), "en")  # noqa: RUF009
    asked: list[Request] = field(default_factory=list)
    typed: list[tuple[str, str, str]] = field(default_factory=list)  # command, option, typed
    events: list[Event] = field(default_factory=list)

    async def reply(self, request: Request) -> Reply:
        """What the function says."""
        self.asked.append(request)
        return await self.answer(request)

    async def suggest(self, request: Request, option: str, typed: str) -> list[Suggestion]:
        """Always the same."""
        self.typed.append((request.command, option, typed))
        return self.suggestions

    async def cards(self, request: Request) -> list[CardBlock]:
        """Always the same."""
        self.asked.append(request)
        return self.found

    async def happened(self, event: Event) -> Reply:
        """Always the same."""
        self.events.append(event)
        return self.welcome
