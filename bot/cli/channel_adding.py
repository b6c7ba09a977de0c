"""Storing channels with their topics, all of them in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.channels import Address, Channel, Topic
from bot.cli.channel_records import Exported
from bot.desk import Desk
from bot.digest.subscription import new_channel, retimed
from bot.errors import Usage
from bot.ports import Transaction

MOST_TOPICS = 50  # of a channel, as in the chats
_COUNTED_DAYS = 7

Subscription = tuple[Channel, tuple[Topic, ...]]


async def subscribe(
    desk: Desk, address: Address, topics: Sequence[str], choices: dict[str, Any], now: datetime
) -> Subscription:
    """One new channel. Raises Usage for an address that has one, or an unusable choice."""
    async with desk.store.transaction() as tx:
        return await _add(desk, tx, address, topics, choices, now)


async def restore(desk: Desk, found: Sequence[Exported], now: datetime) -> list[Subscription]:
    """All channels of an export, or none. Raises Usage for the first that cannot be stored."""
    stored = []
    async with desk.store.transaction() as tx:
        for one in found:
            channel, topics = await _add(desk, tx, one.address, one.topics, one.choices, now)
            channel = retimed(replace(channel, **one.history), now, one.last)
            await tx.channels.put(channel)
            if one.last is not None:
                await tx.digests.add([replace(one.last, channel_id=channel.id)])
            await tx.ledger.reserve([replace(row, channel_id=channel.id) for row in one.ledger])
            stored.append((channel, topics))
    return stored


async def _add(
    desk: Desk,
    tx: Transaction,
    address: Address,
    topics: Sequence[str],
    choices: dict[str, Any],
    now: datetime,
) -> Subscription:
    from bot.topics import parse

    if await tx.channels.find(address) is not None:
        raise Usage(
            f"There is a channel {address} already. In a chat, /settings and /topics change it; "
            f"`paperboy channels remove {address}` deletes it with all that it was shown."
        )
    if len(topics) > MOST_TOPICS:
        raise Usage(f"A channel follows at most {MOST_TOPICS} topics, not {len(topics)}.")
    queries = {query.canonical: query.text for query in map(parse, topics)}
    channel = await new_channel(desk, tx, address, now, **choices)
    stored = [
        await tx.topics.add(Topic(text, channel_id=channel.id, created=now))
        for text in queries.values()
    ]
    return channel, tuple(stored)


async def counts(
    desk: Desk, topics: Sequence[Topic], now: datetime
) -> list[tuple[str, int]] | None:
    """For each topic how many stored papers of the last 7 days match; None when none is stored."""
    from bot.topics import matches, parse

    after = now - timedelta(days=_COUNTED_DAYS)
    async with desk.store.snapshot() as tx:
        listings = await tx.editions.listings_between(after, now)
        papers = await tx.papers.get({listing.paper_id for listing in listings})
    if not papers:
        return None
    return [
        (topic.text, sum(bool(matches(parse(topic.text), paper)) for paper in papers.values()))
        for topic in topics
    ]
