"""The conversation: what the core answers to requests, half-typed options and events."""

from __future__ import annotations

import logging

from bot.cards import CardBlock
from bot.cards.formatter import card
from bot.desk import Desk
from bot.errors import PaperboyError
from bot.ports import Event, Reply, Request, Suggestion
from bot.replies.asked import load
from bot.replies.dispatch import reply
from bot.replies.events import happened
from bot.replies.rate import Rates
from bot.replies.suggest import suggestions

_CARDS = 10
_LONGEST = 200  # code points of words that papers are looked up for

log = logging.getLogger(__name__)


class Talk:
    """bot.ports.Conversation over one desk; it knows how often each person asks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rates = Rates()

    async def reply(self, request: Request) -> Reply:
        """Answer one command."""
        return await reply(self._desk, request, self._rates)

    async def suggest(self, request: Request, option: str, typed: str) -> list[Suggestion]:
        """Values for an option while it is typed; none when something is wrong."""
        try:
            if self._rates.wait(request, request.now, typing=True):
                return []
            return await suggestions(await load(self._desk, request), option, typed)
        except PaperboyError:
            return []
        except Exception:
            log.exception("no suggestions", extra={"command": request.command, "option": option})
            return []

    async def cards(self, request: Request) -> list[CardBlock]:
        """Papers of the store for some words; the newest lists' best for none."""
        try:
            if self._rates.wait(request, request.now, typing=True):
                return []
            asked = await load(self._desk, request)
            async with self._desk.store.snapshot() as tx:
                found = await tx.papers.search(asked.text[:_LONGEST], limit=_CARDS)
                readings = await tx.readings.get([one.id for one in found], asked.language)
            return [
                CardBlock(card(one, readings.get(one.id), asked.language, links=asked.links))
                for one in found
            ]
        except PaperboyError:
            return []
        except Exception:
            log.exception("no papers for an inline question")
            return []

    async def happened(self, event: Event) -> Reply:
        """Take notice of an event."""
        try:
            return await happened(self._desk, event)
        except Exception:
            facts = {"happened": event.kind.value, "channel": str(event.address)}
            log.exception("an event was not taken in", extra=facts)
            return Reply((), event.language or self._desk.defaults.language)
