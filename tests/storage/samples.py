"""Rows to store, with what a test does not care about filled in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.channels import Address, Body, Channel, Delivery, Digest, Drawn, LedgerRow, LedgerState
from bot.papers import Paper
from bot.ports import Transaction

NOW = datetime(2025, 12, 27, 2, 30, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TODAY = date(2025, 12, 27)


def paper(number: int = 1, **words: Any) -> Paper:
    words.setdefault("title", f"Paper {number}")
    return Paper(f"2512.{number:05}", **words)


def channel(chat: str = "lab", **words: Any) -> Channel:
    address = words.pop("address", Address("console", chat))
    words.setdefault("since", NOW - DAY)
    return Channel(address, words.pop("zone", "Asia/Seoul"), words.pop("language", "en"), **words)


def digest(channel_id: int, day: date = TODAY, **words: Any) -> Digest:
    return Digest(channel_id, day, NOW, NOW + timedelta(seconds=5), **words)


def drawn(*fragments: bytes, **words: Any) -> Drawn:
    return Drawn(Body(fragments or (b"hello",)), **words)


def entry(channel_id: int, number: int, **words: Any) -> LedgerRow:
    words.setdefault("state", LedgerState.RESERVED)
    words.setdefault("at", NOW)
    return LedgerRow(channel_id, f"2512.{number:05}", **words)


async def subscribe(transaction: Transaction, *chats: str, **words: Any) -> list[Channel]:
    """Stored channels on the console, one for each chat."""
    return [await transaction.channels.add(channel(chat, **words)) for chat in chats]


async def post(transaction: Transaction, place: Channel, *bodies: bytes, **words: Any) -> list[int]:
    """Deliveries of one channel, in order, outside a digest unless `digest_id` is given."""
    return await transaction.deliveries.add(
        [
            (Delivery(place.id, place.address, order=order, **words), drawn(body))
            for order, body in enumerate(bodies)
        ]
    )
