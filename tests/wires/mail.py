"""A platform whose calls a test looks at one by one, and answers one by one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Self

from bot.cards import Block, Buttons, CardBlock, Paragraph
from bot.channels import (
    Address,
    Body,
    Drawn,
    Kind,
    Layout,
    Limits,
    Outcome,
    Pace,
    Place,
    Verdict,
)
from bot.ports import Conversation, Found, Person, Rights

_HERE = Place()
GONE = Outcome(Verdict.CHAT_GONE, error="The bot was blocked.")


@dataclass(frozen=True)
class Call:
    """One call as it was made."""

    address: Address
    text: str
    silent: bool
    reply_to: str | None
    key: str
    edits: str | None = None  # id of the message in whose place it was put


@dataclass(frozen=True)
class Asked:
    """One question what became of a call."""

    address: Address
    text: str
    key: str
    since: datetime
    reply_to: str | None


@dataclass(frozen=True)
class Part:
    """How one message of a digest is drawn; the last of those with cards shows the rest."""

    kind: Kind = Kind.POST
    waits_for: int | None = None
    cards: bool = True


@dataclass
class Mail:
    """Platform port. `answer` decides what a call comes to, an edit as well; by default it is
    accepted. `look` is what `find` says; `pieces` names the papers of a fallback, for `split`.
    """

    name: str = "mail"
    limits: Limits = Limits(  # noqa: RUF009
        most_cards=50, list_lines=40, verbs=frozenset({"probe"}), buttons=True
    )
    parts: tuple[Part, ...] = (Part(),)
    calls: list[Call] = field(default_factory=list)
    accepted: list[Call] = field(default_factory=list)
    probed: list[Address] = field(default_factory=list)
    there: Outcome = Outcome(Verdict.ACCEPTED)  # noqa: RUF009
    answer: Callable[[Call], Outcome | None] = lambda _: None
    look: Callable[[Asked], Outcome | None] = lambda _: None
    asked: list[Asked] = field(default_factory=list)  # what `find` was asked
    pieces: Callable[[str], Sequence[str]] = lambda text: text.split()[1:-1]
    numbers: count[int] = field(default_factory=lambda: count(1))

    def draw(
        self, blocks: Sequence[Block], layout: Layout, language: str, place: Place = _HERE
    ) -> tuple[Drawn, ...]:
        """An answer is one message; a digest is drawn as `parts` say."""
        papers = [block.card.id for block in blocks if isinstance(block, CardBlock)]
        if not papers:
            return (_drawn(_said(blocks)),)
        holding = [at for at, part in enumerate(self.parts) if part.cards]
        drawn = []
        for at, part in enumerate(self.parts):
            own: list[str] = []
            if part.cards:
                own = papers[:] if at == holding[-1] else papers[:1]
                del papers[: len(own)]
            text = " ".join([part.kind.value, *own])
            drawn.append(_drawn(text, tuple(own), part, silent=at > 0))
        return tuple(drawn)

    async def send(
        self,
        address: Address,
        body: Body,
        key: str,
        *,
        silent: bool,
        reply_to: str | None = None,
    ) -> Outcome:
        """Note the call; messages get the ids m1, m2 …, threads t3 …"""
        call = Call(address, body.fragments[0].decode(), silent, reply_to, key)
        self.calls.append(call)
        outcome = self.answer(call)
        if outcome is not None:
            return outcome
        self.accepted.append(call)
        number = next(self.numbers)
        thread = f"t{number}" if call.text.startswith(("open-thread", "forum-post")) else None
        return Outcome(Verdict.ACCEPTED, (f"m{number}",), thread=thread)

    async def edit(self, address: Address, message: str, body: Body) -> Outcome:
        """Note the call, with the message that it changes."""
        call = Call(address, body.fragments[0].decode(), True, None, "", message)
        self.calls.append(call)
        outcome = self.answer(call)
        if outcome is not None:
            return outcome
        self.accepted.append(call)
        return Outcome(Verdict.ACCEPTED, (message,))

    async def find(
        self,
        address: Address,
        body: Body,
        key: str,
        since: datetime,
        *,
        reply_to: str | None = None,
    ) -> Outcome | None:
        """As the test says; by default nobody can tell."""
        question = Asked(address, body.fragments[0].decode(), key, since, reply_to)
        self.asked.append(question)
        return self.look(question)

    def split(self, body: Body) -> tuple[Drawn, ...]:
        """A plain text for each paper that stands in a fallback ("post 2512.1 2512.2 plain")."""
        text = body.fragments[0].decode()
        papers = self.pieces(text) if text.endswith(" plain") else ()
        if len(papers) < 2:
            return ()
        return tuple(Drawn(Body((f"piece {paper} plain".encode(),)), (paper,)) for paper in papers)

    def bounded(
        self, *, verbs: Collection[str] = (), remembers: float = 0.0, pace: Pace | None = None
    ) -> Self:
        """With these limits besides its own; gives itself."""
        self.limits = replace(
            self.limits,
            verbs=self.limits.verbs | frozenset(verbs),
            remembers=remembers,
            pace=pace or self.limits.pace,
        )
        return self

    async def probe(self, address: Address) -> Outcome:
        """As the test says."""
        self.probed.append(address)
        return self.there

    async def rights(self, address: Address, person: Person) -> Rights:
        """Everybody may."""
        return Rights(manage=True)

    async def look_up(self, text: str) -> Found | None:
        """Nothing has a name."""
        return None

    async def serve(self, conversation: Conversation) -> None:
        """It does not listen."""

    def texts(self, chat: str) -> list[str]:
        """What a chat accepted, in order."""
        return [call.text for call in self.accepted if call.address.chat == chat]


def _drawn(
    text: str, papers: tuple[str, ...] = (), part: Part | None = None, *, silent: bool = False
) -> Drawn:
    part = part or Part()
    body = Body((text.encode(),))
    plain = Body((f"{text} plain".encode(),))
    return Drawn(body, papers, plain, part.kind, silent, part.waits_for)


def _said(blocks: Sequence[Block]) -> str:
    lines = [block.text for block in blocks if isinstance(block, Paragraph)]
    for block in blocks:
        if isinstance(block, Buttons):
            lines += [f"[{one.label}: {one.action}]" for row in block.rows for one in row]
    return "\n".join(lines)
