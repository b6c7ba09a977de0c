"""A platform that pins what it is given to a board, and answers as a test tells it to."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.cards import Block, CardBlock, Heading, ListBlock, NoticeBlock
from bot.channels import Address, Body, Drawn, Layout, Limits, Outcome, Place, Verdict
from bot.ports import Conversation, Found, Person, Rights

_HERE = Place()
ACCEPTED = Outcome(Verdict.ACCEPTED, platform_ids=("1",))


@dataclass
class Pinned:
    """One message on the board."""

    address: Address
    cards: list[str]
    lines: list[str]
    late: list[str]
    rising: list[str]
    notices: list[str]
    head: dict[str, object]
    silent: bool


@dataclass
class Board:
    """Platform port; one message for each digest. `answer` decides what a call comes to."""

    name: str = "board"
    limits: Limits = Limits(most_cards=50, list_lines=40)  # noqa: RUF009
    pinned: list[Pinned] = field(default_factory=list)
    calls: int = 0
    drawn: list[Sequence[Block]] = field(default_factory=list)  # what was asked to be drawn
    answer: Callable[[int], Outcome] = lambda _: ACCEPTED

    def draw(
        self, blocks: Sequence[Block], layout: Layout, language: str, place: Place = _HERE
    ) -> tuple[Drawn, ...]:
        """One message that holds everything."""
        self.drawn.append(blocks)
        cards = [b for b in blocks if isinstance(b, CardBlock)]
        lines = [line.id for b in blocks if isinstance(b, ListBlock) for line in b.lines]
        heads = [b for b in blocks if isinstance(b, Heading)]
        body = {
            "cards": [b.card.id for b in cards],
            "lines": lines,
            "late": [b.card.id for b in cards if b.late],
            "rising": [b.card.id for b in cards if b.rising],
            "notices": [str(b.state) for b in blocks if isinstance(b, NoticeBlock)],
            "head": {
                "papers": heads[0].papers,
                "matched": heads[0].matched,
                "lists": [str(one.day) for one in heads[0].lists],
                "date": str(heads[0].local_date),
                "topics": list(heads[0].topics),
            }
            if heads
            else {},
        }
        data = Body((json.dumps(body).encode(),))
        return (Drawn(data, tuple([b.card.id for b in cards] + lines), fallback=data),)

    async def send(
        self,
        address: Address,
        body: Body,
        key: str,
        *,
        silent: bool,
        reply_to: str | None = None,
    ) -> Outcome:
        """Pin it when the answer is `accepted`."""
        self.calls += 1
        outcome = self.answer(self.calls)
        if outcome.verdict is Verdict.ACCEPTED:
            self.pinned.append(
                Pinned(address=address, silent=silent, **json.loads(body.fragments[0]))
            )
        return outcome

    async def edit(self, address: Address, message: str, body: Body) -> Outcome:
        """What is pinned stays as it is."""
        return Outcome(Verdict.CONTENT_REFUSED)

    async def find(
        self,
        address: Address,
        body: Body,
        key: str,
        since: datetime,
        *,
        reply_to: str | None = None,
    ) -> Outcome | None:
        """A board keeps no keys."""
        return None

    def split(self, body: Body) -> tuple[Drawn, ...]:
        """A message is one piece of paper."""
        return ()

    async def probe(self, address: Address) -> Outcome:
        """Always there."""
        return ACCEPTED

    async def rights(self, address: Address, person: Person) -> Rights:
        """Everybody may."""
        return Rights(manage=True)

    async def look_up(self, text: str) -> Found | None:
        """There is one board only."""
        return None

    async def serve(self, conversation: Conversation) -> None:
        """A board does not listen."""

    def shown(self, chat: str | None = None) -> list[str]:
        """Every paper id that was pinned as card or line, in order."""
        return [
            one
            for pin in self.pinned
            if chat is None or pin.address.chat == chat
            for one in (*pin.cards, *pin.lines)
        ]
