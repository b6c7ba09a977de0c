"""A notice of the operator to all channels: who gets it, how it looks, put into the outbox once."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.cards import Paragraph, Span
from bot.cards.cut import clean
from bot.channels import Address, Channel, Delivery, Drawn, Kind, Layout, Place, PlaceKind
from bot.digest.subscription import is_paused
from bot.digest.turns import turn
from bot.errors import Usage
from bot.ports import Platform, Store, Transaction
from bot.replies.asked import left_at
from bot.schedule.quiet import quiet_end

MOST = 2_000  # code points of one text: on every platform it is one message
KEPT = timedelta(days=3)  # what could not be delivered by then is old news, and not sent
_BATCH = 500  # channels of one transaction
_BREATH = 0.02  # seconds between two: whoever runs beside has to write too
_NOTE = "announced:"  # by text, and the first channel of a batch: ids of those that have it
_URL = re.compile(r"https?://[^\s<>\"]+", re.ASCII | re.IGNORECASE)
_BEHIND = ".,;:!?)]}'"  # signs behind an address that are not its own

TOLD, PAUSED, SUSPENDED, UNSERVED = "told", "paused", "suspended", "unserved"


@dataclass(frozen=True, slots=True)
class Words:
    """What is said: in the languages that have their own text, else the first one."""

    text: str
    own: Mapping[str, str] = field(default_factory=dict)  # by language

    def in_language(self, language: str) -> str:
        """The text that a channel of this language gets."""
        return self.own.get(language, self.text)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which channels are meant."""

    platform: str | None = None
    language: str | None = None
    address: Address | None = None
    paused: bool = False  # those that are paused too
    again: bool = False  # those that have it already too


@dataclass(slots=True)
class Audience:
    """Who gets it, and who does not."""

    channels: list[Channel] = field(default_factory=list)  # by id
    skipped: Counter[str] = field(default_factory=Counter)  # by TOLD, PAUSED, SUSPENDED, UNSERVED
    quiet: int = 0  # of the channels: they get it at the end of their quiet hours
    missing: frozenset[str] = frozenset()  # platforms with channels that are not served

    def counts(self) -> dict[tuple[str, str], int]:
        """How many channels, by platform and language."""
        found = Counter((one.address.platform, one.language) for one in self.channels)
        return dict(sorted(found.items()))


def written(text: str) -> str:
    """The text as it will be sent: lines and empty lines kept, control characters dropped.

    Raises Usage for one that is empty or too long.
    """
    lines = [clean(line) for line in text.replace("\r\n", "\n").split("\n")]
    said = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if not said:
        raise Usage("The notice holds no text.")
    if len(said) > MOST:
        raise Usage(f"A notice has at most {MOST:,} characters, not {len(said):,}.")
    return said


def key_of(text: str) -> str:
    """What a text is remembered by."""
    return hashlib.sha256(text.encode()).hexdigest()[:20]


async def audience(
    tx: Transaction, words: Words, chosen: Chosen, served: Collection[str], now: datetime
) -> Audience:
    """Who gets it now. `served`: the platforms that are sent to. Raises Usage where the chosen
    address has no channel."""
    found = Audience()
    told: dict[str, set[int]] = {}
    missing = set()
    for channel in await _meant(tx, chosen):
        platform = channel.address.platform
        key = key_of(words.in_language(channel.language))
        if key not in told:
            told[key] = set() if chosen.again else await _told(tx, key)
        if channel.id in told[key]:
            found.skipped[TOLD] += 1
        elif (why := await _rests(tx, channel, chosen, now)) is not None:
            found.skipped[why] += 1
        elif platform not in served:
            found.skipped[UNSERVED] += 1
            missing.add(platform)
        else:
            found.channels.append(channel)
            found.quiet += _quiet(channel, now) is not None
    found.missing = frozenset(missing)
    return found


async def _meant(tx: Transaction, chosen: Chosen) -> list[Channel]:
    if chosen.address is not None:
        channel = await tx.channels.find(chosen.address)
        if channel is None:
            raise Usage(f"There is no channel {chosen.address}; see: paperboy channels list")
        everybody = [channel]
    else:
        everybody = await tx.channels.all(platform=chosen.platform)
    return [
        one
        for one in everybody
        if chosen.language in (None, one.language)
        and chosen.platform in (None, one.address.platform)
    ]


async def _rests(tx: Transaction, channel: Channel, chosen: Chosen, now: datetime) -> str | None:
    """Why the channel gets nothing: unsubscribed ones are kept paused, and never told."""
    if channel.suspended_at is not None:
        return SUSPENDED
    if is_paused(channel, now) and not (chosen.paused and await left_at(tx, channel) is None):
        return PAUSED
    return None


def _quiet(channel: Channel, now: datetime) -> datetime | None:
    try:
        return quiet_end(channel, now)
    except (KeyError, ValueError, OSError):  # a zone that is not known any more
        return None


class Drawings:
    """The notice as each kind of place gets it: drawn once, so that the bodies are shared."""

    def __init__(self, platforms: Mapping[str, Platform]) -> None:
        self._platforms = platforms
        self._known: dict[tuple[str, str, str, Layout, Place], tuple[Drawn, ...]] = {}

    def of(self, channel: Channel, text: str) -> tuple[Drawn, ...]:
        """The messages for this channel: without a sound, nobody is mentioned in them."""
        kind = channel.kind
        place = Place(kind, tag=channel.tag if kind is PlaceKind.FORUM else None)
        key = (channel.address.platform, text, channel.language, channel.layout, place)
        if key not in self._known:
            drawn = self._platforms[key[0]].draw(
                (_paragraph(text),), channel.layout, channel.language, place
            )
            self._known[key] = tuple(
                replace(one, kind=Kind.NOTICE, silent=True, papers=()) for one in drawn
            )
        return self._known[key]


def _paragraph(text: str) -> Paragraph:
    """Nothing in the text is markup; addresses become links that say where they lead."""
    parts: list[str | Span] = []
    at = 0
    for found in _URL.finditer(text):
        url = found[0].rstrip(_BEHIND)
        parts += [text[at : found.start()], Span(url, url=url)]
        at = found.start() + len(url)
    return Paragraph.of(*(part for part in (*parts, text[at:]) if part != ""))


def seconds(platforms: Mapping[str, Platform], channels: Iterable[Channel]) -> float:
    """How long the sending takes at the pace of the platforms, all of them at once."""
    longest = 0.0
    for name, count in Counter(one.address.platform for one in channels).items():
        if rate := platforms[name].limits.pace.per_second:
            longest = max(longest, count / rate)
    return longest


async def announce(
    store: Store,
    platforms: Mapping[str, Platform],
    words: Words,
    chosen: Chosen,
    now: datetime,
    *,
    step: Callable[[int], None] = lambda _: None,
) -> int:
    """Put the notice into the outbox, for every chosen channel that does not have it yet.

    In batches, each of them committed: broken off and begun again it goes on where it stopped.
    `step` is told how many channels were seen to. Gives how many get it by this call. Raises
    Usage as `audience` does.
    """
    async with store.snapshot() as tx:
        found = await audience(tx, words, chosen, platforms.keys(), now)
    drawings = Drawings(platforms)
    queued = 0
    for some in _batches([one.id for one in found.channels]):
        async with store.transaction() as tx:
            queued += await _queue(tx, some, words, chosen, drawings, now)
        step(len(some))
        await asyncio.sleep(_BREATH)
    return queued


async def _queue(
    tx: Transaction,
    channel_ids: Sequence[int],
    words: Words,
    chosen: Chosen,
    drawings: Drawings,
    now: datetime,
) -> int:
    """One batch, looked at once more: much may have happened since it was chosen."""
    groups: dict[str, list[Channel]] = {}
    for one in channel_ids:
        channel = await tx.channels.get(one)
        if channel is not None and await _rests(tx, channel, chosen, now) is None:
            groups.setdefault(words.in_language(channel.language), []).append(channel)
    queued = 0
    for text, channels in sorted(groups.items()):
        key = key_of(text)
        await tx.notes.get(_NOTE + key)  # one process at a time: the other one sees what this did
        told = set() if chosen.again else await _told(tx, key)
        fresh = [one for one in channels if one.id not in told]
        if not fresh:
            continue
        await tx.deliveries.add(
            [
                (
                    Delivery(
                        one.id,
                        one.address,
                        Kind.NOTICE,
                        order=order,
                        silent=True,
                        turn=turn(one.id, now),
                        created=now,
                        not_before=_quiet(one, now),
                        stale_at=now + KEPT,
                    ),
                    drawn,
                )
                for one in fresh
                for order, drawn in enumerate(drawings.of(one, text))
            ]
        )
        await _note(tx, key, [one.id for one in fresh], now)
        queued += len(fresh)
    return queued


async def _told(tx: Transaction, key: str) -> set[int]:
    """The channels that have the text, or will."""
    noted = await tx.notes.starting(f"{_NOTE}{key}:")
    return {one for ranges in noted.values() for one in _read(ranges)}


async def _note(tx: Transaction, key: str, ids: Sequence[int], now: datetime) -> None:
    if await tx.notes.get(_NOTE + key) is None:
        await tx.notes.put(_NOTE + key, now.isoformat())
    name = f"{_NOTE}{key}:{min(ids)}"
    before = await tx.notes.get(name)
    await tx.notes.put(name, _ranges({*ids, *_read(before or "")}))


def _ranges(ids: Collection[int]) -> str:
    """The ids in few letters: 1-3,7."""
    found: list[list[int]] = []
    for one in sorted(ids):
        if found and found[-1][1] == one - 1:
            found[-1][1] = one
        else:
            found.append([one, one])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


def _read(ranges: str) -> Iterator[int]:
    for part in filter(None, ranges.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(ids), _BATCH):
        yield ids[at : at + _BATCH]
