"""Cards that were posted and whose text got better within two days: edited once."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from bot.cards import Block, CardBlock
from bot.cards import blocks as kinds
from bot.cards.formatter import card as made
from bot.channels import Channel, Delivery, DeliveryState, Drawn, Kind
from bot.desk import Desk
from bot.digest.turns import turn
from bot.papers import Paper, Reading
from bot.ports import Transaction
from bot.reading.shelf import BETTER_WITHIN
from bot.schedule.quiet import quiet_end

_CARD = "posted:"  # note by digest, language and paper: the rung that was posted, and when
_DIGEST = "posted-digest:"  # note by digest: its channel and its blocks
_LOST = frozenset({DeliveryState.REFUSED, DeliveryState.STALE})
_RUNGS = [rung.value for rung in kinds.Rung]  # best first

log = logging.getLogger(__name__)


async def remember(
    tx: Transaction,
    digest_id: int,
    channel: Channel,
    blocks: Sequence[Block],
    papers: Collection[str],
    now: datetime,
) -> None:
    """Remember what a digest says, so that the cards of these papers can be made better."""
    if not papers:
        return
    rungs = {one.card.id: one.card.rung for one in blocks if isinstance(one, CardBlock)}
    for paper_id in papers:
        value = json.dumps([rungs[paper_id], now.isoformat()])
        await tx.notes.put(f"{_CARD}{digest_id}:{channel.language}:{paper_id}", value)
    said = {"channel": channel.id, "drawn": False, "blocks": [_packed(one) for one in blocks]}
    await tx.notes.put(f"{_DIGEST}{digest_id}", json.dumps(said, ensure_ascii=False))


async def edit_better(desk: Desk, now: datetime) -> int:
    """Have the posted cards edited whose papers have a better reading now; gives the edits.

    What was posted longer than two days ago is forgotten.
    """
    if desk.room is None:
        return 0
    async with desk.store.snapshot() as tx:
        posted = await tx.notes.starting(_CARD)
        if not posted:
            return 0
        better, old, left = await _sorted(tx, posted, now)
    if not better and not old:
        return 0
    edits = 0
    for digest_id, papers in better.items():
        async with desk.store.transaction() as tx:
            edits += await _edit(desk, tx, digest_id, papers, now)
            for name in papers:
                await tx.notes.put(f"{_CARD}{digest_id}:{papers[name].language}:{name}", None)
            if digest_id not in left:
                await tx.notes.put(f"{_DIGEST}{digest_id}", None)
    if old:
        async with desk.store.transaction() as tx:
            for name in old:
                await tx.notes.put(name, None)
                digest_id = int(name.removeprefix(_CARD).partition(":")[0])
                if digest_id not in left:
                    await tx.notes.put(f"{_DIGEST}{digest_id}", None)
    if edits:
        log.info("posted messages to be edited: %d", edits)
    return edits


async def _sorted(
    tx: Transaction, posted: Any, now: datetime
) -> tuple[dict[int, dict[str, Reading]], list[str], set[int]]:
    """The better readings by digest and paper; notes that are too old; digests still waiting."""
    better: dict[int, dict[str, Reading]] = defaultdict(dict)
    old: list[str] = []
    left: set[int] = set()
    by_language: dict[str, list[tuple[str, int, str, str]]] = defaultdict(list)
    for name, value in posted.items():
        number, language, paper_id = name.removeprefix(_CARD).split(":", 2)
        rung, at = json.loads(value)
        if now - datetime.fromisoformat(at) > BETTER_WITHIN:
            old.append(name)
        else:
            by_language[language].append((name, int(number), paper_id, rung))
    for language, cards in by_language.items():
        readings = await tx.readings.get({paper_id for _, _, paper_id, _ in cards}, language)
        for _, number, paper_id, rung in cards:
            reading = readings.get(paper_id)
            if reading is not None and _RUNGS.index(reading.rung) < _RUNGS.index(rung):
                better[number][paper_id] = reading
            else:
                left.add(number)
    return better, old, left


async def _edit(
    desk: Desk, tx: Transaction, digest_id: int, readings: dict[str, Reading], now: datetime
) -> int:
    """Store the edits of one digest's messages; none where an edit would not be sound.

    Sound is: drawn again as they were, the messages are those that were posted; and with the
    better texts they are as many, each with the same papers.
    """
    noted = await tx.notes.get(f"{_DIGEST}{digest_id}")
    said = json.loads(noted) if noted else None
    channel = await tx.channels.get(said["channel"]) if said else None
    if said is None or channel is None or channel.suspended_at is not None:
        return 0
    platform = desk.platforms.get(channel.address.platform)
    if platform is None or "edit" not in platform.limits.verbs:
        return 0
    blocks = [_unpacked(one) for one in said["blocks"]]
    papers = await tx.papers.get(list(readings))
    with_better = [_bettered(one, papers, readings, channel) for one in blocks]
    before = platform.draw(blocks, channel.layout, channel.language, channel.place)
    after = platform.draw(with_better, channel.layout, channel.language, channel.place)
    sent = [one for one in await tx.deliveries.of_digest(digest_id) if one.kind is not Kind.EDIT]
    if not _alike(before, after) or [one.papers for one in sent] != [one.papers for one in before]:
        return 0
    if not said["drawn"]:
        for delivery, drawn in zip(sent, before, strict=True):
            if (await tx.deliveries.body(delivery.id))[0] != drawn.body:
                return 0
    edits = [
        (_edit_of(delivery, channel, now), replace(new, papers=(), kind=Kind.EDIT, waits_for=None))
        for delivery, old, new in zip(sent, before, after, strict=True)
        if old.body != new.body and delivery.state not in _LOST and not delivery.plain
    ]
    if edits:
        await tx.deliveries.add(edits)
        said |= {"drawn": True, "blocks": [_packed(one) for one in with_better]}
        await tx.notes.put(f"{_DIGEST}{digest_id}", json.dumps(said, ensure_ascii=False))
    return len(edits)


def _alike(before: Sequence[Drawn], after: Sequence[Drawn]) -> bool:
    return [(one.papers, one.kind) for one in before] == [(one.papers, one.kind) for one in after]


def _edit_of(delivery: Delivery, channel: Channel, now: datetime) -> Delivery:
    return Delivery(
        channel_id=channel.id,
        address=channel.address,
        kind=Kind.EDIT,
        waits_for=delivery.id,
        silent=True,
        turn=turn(channel.id, now),
        created=now,
        not_before=quiet_end(channel, now),
        stale_at=now + BETTER_WITHIN,
    )


def _bettered(
    block: Block, papers: dict[str, Paper], readings: dict[str, Reading], channel: Channel
) -> Block:
    """The card with the better text; votes and links stay as they were posted."""
    if not isinstance(block, CardBlock):
        return block
    paper, reading = papers.get(block.card.id), readings.get(block.card.id)
    if paper is None or reading is None:
        return block
    new = made(paper, reading, channel.language, links=channel.links)
    card = replace(
        block.card,
        key=f"{block.card.key}+{new.key}",
        language=new.language,
        lines=new.lines,
        sections=new.sections,
        rung=new.rung,
        model=new.model,
        unfound=new.unfound,
        flagged=new.flagged,
    )
    return replace(block, card=card)


_KINDS: dict[str, type] = {
    one.__name__: one for one in vars(kinds).values() if is_dataclass(one) and isinstance(one, type)
}


def _packed(value: Any) -> Any:
    """A block as JSON's kinds, with its name."""
    if is_dataclass(value) and not isinstance(value, type):
        own = {one.name: _packed(getattr(value, one.name)) for one in fields(value)}
        return {"is": type(value).__name__, **own}
    if isinstance(value, tuple | list):
        return [_packed(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def _unpacked(value: Any) -> Block:
    """The block that `_packed` gave this of."""
    block: Block = _of(value, _KINDS[value["is"]])
    return block


def _of(value: Any, kind: Any) -> Any:
    """The value of the type that a field has."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        if value is None:
            return None
        named = value["is"] if isinstance(value, dict) else None
        for one in get_args(kind):
            if one is not type(None) and (named is None or one.__name__ == named):
                return _of(value, one)
    if origin is tuple:
        own = get_args(kind)
        if len(own) == 2 and own[1] is Ellipsis:
            return tuple(_of(one, own[0]) for one in value)
        return tuple(_of(one, each) for one, each in zip(value, own, strict=True))
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        own_fields = {name: one for name, one in value.items() if name in hints}
        return kind(**{name: _of(one, hints[name]) for name, one in own_fields.items()})  # type: ignore[operator]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return date.fromisoformat(value) if kind is date else value
