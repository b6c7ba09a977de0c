"""A chat platform whose digests `paperboy once` also tells to the one who started it."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic

from bot.cards import Block, CardBlock, Heading, ListBlock, NoticeBlock
from bot.channels import Address, Body, Drawn, Layout, Limits, Outcome, Place, Verdict
from bot.ports import Conversation, Found, Person, Platform, Rights, Store

_ANYWHERE = Place()


@dataclass(slots=True)
class _Digest:
    """One drawing of a digest, and how far it is carried in each chat."""

    heading: Heading
    blocks: tuple[Block, ...]
    papers: tuple[tuple[str, ...], ...]  # of each message
    accepted: dict[Address, set[int]] = field(default_factory=dict)  # positions of messages

    def brought(self, parts: Iterable[int]) -> tuple[Block, ...]:
        """The cards and lines that these messages hold."""
        wanted = {paper for part in parts for paper in self.papers[part]}
        found: list[Block] = []
        for block in self.blocks:
            if isinstance(block, CardBlock) and block.card.id in wanted:
                found.append(block)
            elif isinstance(block, ListBlock):
                lines = tuple(line for line in block.lines if line.id in wanted)
                found += [ListBlock(lines, block.passed)] if lines else []
        return tuple(found)

    def channel(self, address: Address) -> Address:
        """Whose message this is: what follows goes into a thread that the first one made."""
        whole = replace(address, thread=None)
        begun = whole in self.accepted and len(self.accepted[whole]) < len(self.papers)
        return whole if begun and address not in self.accepted else address

    @property
    def notices(self) -> tuple[Block, ...]:
        """Why it holds nothing, or what is missing."""
        return tuple(block for block in self.blocks if isinstance(block, NoticeBlock))


class Told:
    """The platform itself, telling what it accepts: as JSON objects, or a line for each digest.

    A message brings the objects of its papers, the last of a digest also notice and summary.
    Of a message that an earlier run drew only the papers are known.
    """

    def __init__(
        self,
        platform: Platform,
        store: Store,
        *,
        as_json: bool,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.name = platform.name
        self._platform = platform
        self._store = store
        self._as_json = as_json
        self._clock = clock
        self._made = clock()
        self._digests: dict[tuple[bytes, ...], _Digest] = {}
        self._parts: dict[bytes, list[tuple[_Digest, int]]] = {}
        self._heard = True  # false once nobody reads what is told

    @property
    def limits(self) -> Limits:
        """The platform's."""
        return self._platform.limits

    def draw(
        self, blocks: Sequence[Block], layout: Layout, language: str, place: Place = _ANYWHERE
    ) -> tuple[Drawn, ...]:
        """As the platform draws; a digest is remembered."""
        drawn = self._platform.draw(blocks, layout, language, place)
        heading = next((block for block in blocks if isinstance(block, Heading)), None)
        marks = tuple(_mark(one.body) for one in drawn)
        if heading is not None and marks not in self._digests:
            digest = _Digest(heading, tuple(blocks), tuple(one.papers for one in drawn))
            self._digests[marks] = digest
            for part, one in enumerate(drawn):
                for body in (one.body, one.fallback):
                    if body is not None:
                        self._parts.setdefault(_mark(body), []).append((digest, part))
        return drawn

    async def send(
        self,
        address: Address,
        body: Body,
        key: str,
        *,
        silent: bool,
        reply_to: str | None = None,
    ) -> Outcome:
        """As the platform sends; what it accepted is told."""
        outcome = await self._platform.send(address, body, key, silent=silent, reply_to=reply_to)
        if outcome.verdict is Verdict.ACCEPTED:
            if known := self._parts.get(_mark(body)):
                self._accepted(known, address)
            else:
                await self._unknown(key)
        return outcome

    def finish(self) -> None:
        """Tell the sums of digests of which some messages did not go out."""
        for digest in self._digests.values():
            for address, parts in digest.accepted.items():
                if len(parts) < len(digest.papers):
                    self._sum(digest, address, digest.brought(parts))

    def _accepted(self, known: list[tuple[_Digest, int]], address: Address) -> None:
        first, part = known[0]
        if self._as_json:
            where = first.channel(address)
            self._write(_objects(first, first.brought([part]), where, self._seconds)[:-1])
        for digest, position in known:
            where = digest.channel(address)
            parts = digest.accepted.setdefault(where, set())
            parts.add(position)
            if len(parts) == len(digest.papers):
                self._sum(digest, where, digest.brought(parts))

    def _sum(self, digest: _Digest, address: Address, blocks: tuple[Block, ...]) -> None:
        if self._as_json:
            notices = _objects(digest, digest.notices, address, self._seconds)[:-1]
            self._write([*notices, *_objects(digest, blocks, address, self._seconds)[-1:]])
            return
        papers = sum(len(b.lines) if isinstance(b, ListBlock) else 1 for b in blocks)
        sent = len(digest.accepted[address])
        told = f"{address}  {digest.heading.local_date}: {_count(papers, 'paper')}"
        missing = len(digest.papers) - sent
        rest = f", {missing} not sent yet" if missing else ""
        self._write([f"{told} in {_count(sent, 'message')}{rest}"])

    async def _unknown(self, key: str) -> None:
        """Tell of a message of an earlier run; nothing of one that is no digest's."""
        number = key.removeprefix("pb").partition(".")[0]
        if not number.isdecimal():
            return
        async with self._store.snapshot() as tx:
            delivery = await tx.deliveries.get(int(number))
            if delivery is None or delivery.digest_id is None:
                return
            recent = await tx.digests.recent(delivery.channel_id, limit=31)
        dates = [one.local_date for one in recent if one.id == delivery.digest_id]
        if self._as_json:
            place = {"channel": str(delivery.address), "date": str(dates[0]) if dates else None}
            self._write([json.dumps({"kind": "message", "ids": delivery.papers, **place})])
        else:
            papers = _count(len(delivery.papers), "paper")
            date = f"{dates[0]}: " if dates else ""
            self._write([f"{delivery.address}  {date}{papers} in a message of an earlier run"])

    @property
    def _seconds(self) -> float:
        return self._clock() - self._made

    def _write(self, lines: Iterable[str]) -> None:
        """Nothing that is told may make a message that was sent look as if it was not."""
        if not self._heard:
            return
        try:
            encoding = sys.stdout.encoding or "utf-8"
            text = "".join(f"{line}\n" for line in lines).encode(encoding, "backslashreplace")
            sys.stdout.write(text.decode(encoding))
            sys.stdout.flush()
        except (OSError, ValueError):
            self._heard = False

    async def edit(self, address: Address, message: str, body: Body) -> Outcome:
        """As the platform edits; nothing new comes of it, so nothing is told."""
        return await self._platform.edit(address, message, body)

    async def find(
        self,
        address: Address,
        body: Body,
        key: str,
        since: datetime,
        *,
        reply_to: str | None = None,
    ) -> Outcome | None:
        """As the platform finds."""
        return await self._platform.find(address, body, key, since, reply_to=reply_to)

    def split(self, body: Body) -> tuple[Drawn, ...]:
        """As the platform splits."""
        return self._platform.split(body)

    async def probe(self, address: Address) -> Outcome:
        """As the platform probes."""
        return await self._platform.probe(address)

    async def rights(self, address: Address, person: Person) -> Rights:
        """As the platform knows."""
        return await self._platform.rights(address, person)

    async def look_up(self, text: str) -> Found | None:
        """As the platform looks up."""
        return await self._platform.look_up(text)

    async def serve(self, conversation: Conversation) -> None:
        """As the platform listens."""
        await self._platform.serve(conversation)


def _objects(
    digest: _Digest, blocks: tuple[Block, ...], address: Address, seconds: float
) -> list[str]:
    """The console's objects, so that a digest reads the same wherever it went; the sum last."""
    from adapters.platforms.console.frozen import Message
    from adapters.platforms.console.objects import objects

    message = Message((digest.heading, *blocks), Layout.CARDS, "en")
    return [*objects(message, channel=str(address), seconds=seconds)]


def _mark(body: Body) -> bytes:
    """The same for the same body, and short: a day has thousands of messages."""
    made = hashlib.blake2b(digest_size=16)
    for fragment in body.fragments:
        made.update(len(fragment).to_bytes(4, "big") + fragment)
    return made.digest()


def _count(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
