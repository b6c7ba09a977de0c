"""A pause that cost no digest changes nothing: what was to come then still comes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from bot.channels import Channel
from bot.ports import Transaction

_NOTE = "rest:"  # note by channel id: the channel's `since` and due time before it was paused


async def note_rest(tx: Transaction, channel: Channel, now: datetime) -> None:
    """Remember how a channel stood that is about to be paused."""
    if channel.next_due is None or (channel.paused_until and now < channel.paused_until):
        return  # it rests already: what was noted then holds
    told = {"since": channel.since.isoformat(), "due": channel.next_due.isoformat()}
    await tx.notes.put(f"{_NOTE}{channel.id}", json.dumps(told))


async def awakened(tx: Transaction, channel: Channel, now: datetime) -> Channel:
    """The resumed channel; with its old `since` when no digest was due meanwhile."""
    noted = await tx.notes.get(f"{_NOTE}{channel.id}")
    await forget_rest(tx, channel.id)
    if noted is None:
        return channel
    told = json.loads(noted)
    if datetime.fromisoformat(told["due"]) <= now:
        return channel
    return replace(channel, since=datetime.fromisoformat(told["since"]))


async def forget_rest(tx: Transaction, channel_id: int) -> None:
    """Delete what was remembered."""
    await tx.notes.put(f"{_NOTE}{channel_id}", None)
