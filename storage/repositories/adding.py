"""What is settled about new deliveries before they are stored: ids, turns, who is next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select, text, tuple_

from bot.channels import Delivery, DeliveryState, Drawn, Kind
from storage.fragments import write
from storage.repositories import outgoing as say
from storage.tables import UNSETTLED, channels, deliveries
from storage.work import Work, chunks

OPEN = frozenset({DeliveryState.READY, DeliveryState.IN_FLIGHT, DeliveryState.UNKNOWN})


async def check_waits(work: Work, added: Sequence[Delivery]) -> None:
    """Of one channel and earlier, or nothing would ever end the waiting."""
    known = {one.id: one for one in added}
    outside = {one.waits_for for one in added if one.waits_for} - known.keys()
    for some in chunks([number for number in outside if number]):
        for row in await work.rows(say.READ.where(deliveries.c.id.in_(some))):
            known[row.id] = say.delivery(row)
    for one in added:
        if one.waits_for is None:
            continue
        before = known.get(one.waits_for)
        if (
            before is None
            or before.channel_id != one.channel_id
            or (before.state in OPEN and _place(before) >= _place(one))
        ):
            raise ValueError("a delivery can only wait for one that goes before it")


async def heads_of(work: Work, added: Sequence[Delivery]) -> set[int]:
    """The ids of those that go next in their channels."""
    first: dict[int, Delivery] = {}
    for one in added:
        if one.state in OPEN:
            other = first.setdefault(one.channel_id, one)
            if _place(one) < _place(other):
                first[one.channel_id] = one
    for some in chunks(first.keys()):
        taken = {channel_id for (channel_id,) in await work.rows(say.HAVE_OPEN, ids=some)}
        before = [own for own in taken if first[own].digest_id is not None]
        if before:  # a digest does not wait for a notice to all
            taken -= {own for (own,) in await work.rows(say.STEP_BACK, ids=before)}
        for own in taken:
            del first[own]
    return {one.id for one in first.values()}


def is_notice_to_all(delivery: Delivery) -> bool:
    """Whether it is no digest's, but what the operator tells every channel: digests go first."""
    return delivery.kind is Kind.NOTICE and delivery.digest_id is None


async def waiting_in(work: Work, channel_ids: Collection[int]) -> Counter[tuple[str, str]]:
    """How many unsettled deliveries the chats of these channels have, but for notices to all."""
    waiting: Counter[tuple[str, str]] = Counter()
    chats: dict[tuple[str, str], int] = {}
    for some in chunks(channel_ids):
        own = select(channels.c.platform, channels.c.chat).where(channels.c.id.in_(some))
        query = (
            select(channels.c.platform, channels.c.chat, func.count())
            .join(deliveries, channels.c.id == deliveries.c.channel_id)
            .where(text(UNSETTLED), tuple_(channels.c.platform, channels.c.chat).in_(own))
            .where(~say.NOTICE_TO_ALL)
            .group_by(channels.c.platform, channels.c.chat)
        )
        for platform, chat, count in await work.rows(query):
            chats[platform, chat] = count
    waiting.update(chats)
    return waiting


def _place(delivery: Delivery) -> tuple[bool, int, int, int]:
    """What its channel's messages are sorted by (storage.repositories.heads)."""
    digest_id = delivery.digest_id
    return (digest_id is None, digest_id or 0, delivery.order, delivery.id)


def numbered(ids: Sequence[int], deliveries_: Sequence[tuple[Delivery, Drawn]]) -> list[Delivery]:
    """The deliveries with their ids, and with the ids of those that they wait for."""
    siblings: dict[tuple[int, int | None], list[int]] = {}
    for new, (delivery, _) in zip(ids, deliveries_, strict=True):
        siblings.setdefault((delivery.channel_id, delivery.digest_id), []).append(new)
    added = []
    for new, (delivery, drawn) in zip(ids, deliveries_, strict=True):
        waits_for = delivery.waits_for
        if drawn.waits_for is not None:
            waits_for = siblings[delivery.channel_id, delivery.digest_id][drawn.waits_for]
        added.append(replace(delivery, id=new, waits_for=waits_for))
    return added


def values(
    delivery: Delivery, drawn: Drawn, head: bool, waiting: int, written: Mapping[bytes, bytes]
) -> tuple[Any, ...]:
    return (
        delivery.channel_id,
        drawn.kind if delivery.kind is Kind.POST else delivery.kind,
        delivery.id,
        delivery.digest_id,
        delivery.order,
        delivery.papers or drawn.papers,
        delivery.waits_for,
        delivery.state,
        delivery.silent or drawn.silent,
        delivery.turn,
        delivery.attempts,
        delivery.unknowns,
        delivery.tried_at,
        delivery.created,
        delivery.not_before,
        delivery.stale_at,
        delivery.leased_until,
        delivery.platform_ids,
        delivery.sent_at,
        delivery.error,
        delivery.plain,
        delivery.address.platform,
        head,
        waiting,
        write(drawn.body, written),
        None if drawn.fallback is None else write(drawn.fallback, written),
    )
