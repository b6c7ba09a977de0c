"""Open digests for the benches of the courier: channels, the list of a day, frozen messages."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import digests  # the measurement beside this one: its papers and topics are taken
from sqlalchemy import create_engine, insert, select

from adapters.sources.huggingface import HuggingFace
from bot.channels import (
    EVERY_DAY,
    Address,
    Empty,
    Follow,
    Layout,
    Limits,
    Pace,
    PlaceKind,
    When,
)
from bot.desk import Desk
from bot.ports import Platform, Store
from bot.rounds import open_due
from storage.tables import channels, topics


def unbounded(limits: Limits) -> Limits:
    """The same limits for a token that may send as fast as it can."""
    return replace(limits, pace=Pace())


def people(first: int, number: int) -> list[Address]:
    """Private chats."""
    return [Address("telegram", str(100_000 + first + n)) for n in range(number)]


def groups(first: int, number: int) -> list[Address]:
    """Supergroups."""
    return [Address("telegram", str(-1_002_000_000_000 - first - n)) for n in range(number)]


def a_desk(store: Store, platform: Platform) -> Desk:
    """A desk whose list is already stored: nobody is asked."""
    return Desk(store, {"huggingface": HuggingFace()}, {}, {platform.name: platform})


@dataclass(frozen=True)
class Kind:
    """What the channels of some places are alike in."""

    places: Sequence[Address]
    layout: Layout = Layout.PACKED
    limit: int = 5  # cards; few enough for one packed message
    topics: int = 2  # none: the whole list


def subscribe(url: str, kind: Kind, due: datetime) -> None:
    """Channels that are due then, written in bulk; `url` is SQLAlchemy's."""
    chance, pool = random.Random(kind.places[0].chat), digests.pool_of_topics()
    made = [
        {
            "platform": place.platform,
            "chat": place.chat,
            "thread": "",
            "zone": "UTC",
            "language": "en",
            "since": digests.SINCE,
            "floor": digests.SINCE,
            "hour": due.time(),
            "days": EVERY_DAY,
            "layout": kind.layout,
            "limit": kind.limit,
            "when": When.CLOSED,
            "empty": Empty.ALWAYS,
            "follow": Follow.DEFAULT,
            "links": "arxiv",
            "sound": "first",
            "paused": False,
            "next_due": due,
            "created": digests.SINCE,
            "kind": PlaceKind.GROUP if place.chat.startswith("-") else PlaceKind.PRIVATE,
        }
        for place in kind.places
    ]
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(channels), made)
        known = connection.execute(select(channels.c.chat, channels.c.id)).tuples().all()
        numbers = dict(known)
        followed = [
            {"channel_id": numbers[place.chat], "text": text, "created": digests.SINCE}
            for place in kind.places
            for text in chance.sample(pool, kind.topics)
        ]
        if followed:
            connection.execute(insert(topics), followed)
    engine.dispose()


async def open_for(desk: Desk, url: str, due: datetime, *kinds: Kind) -> None:
    """Subscribe the places and open their digests; `url` is SQLAlchemy's of the same database."""
    for kind in kinds:
        subscribe(url, kind, due)
    await open_due(desk, due, ["telegram"], {}, digests.SINCE)
