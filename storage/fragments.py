"""Frozen bodies: each fragment is stored once, a delivery names its fragments in order."""

from __future__ import annotations

import logging
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Set
from hashlib import blake2b

from sqlalchemy import bindparam, select, text, update

from bot.channels import Body
from storage.bulk import Bulk
from storage.tables import fragments
from storage.work import Work, chunks

log = logging.getLogger(__name__)

_SMALL = 512  # bytes; shorter ones are not worth the time to squeeze
_REMEMBERED = 4096  # fragments that many channels share: some days of cards
_READ_TOGETHER = 8_000_000  # bytes of them that are held ready for sending

_INSERT = Bulk(
    lambda work: work.insert(fragments).on_conflict_do_nothing(index_elements=["hash"]),
    *("id", "hash", "channel_id", "squeezed", "data"),
)

_READ = select(
    fragments.c.id, fragments.c.channel_id, fragments.c.squeezed, fragments.c.data
).where(fragments.c.id.in_(bindparam("ids", expanding=True)))


_STANDING = select(fragments.c.id).where(fragments.c.id.in_(bindparam("ids", expanding=True)))
_ADDING = text("SELECT pg_advisory_xact_lock_shared(hashtextextended('paperboy fragments', 0))")
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('paperboy fragments', 0))")


async def alone(work: Work) -> None:
    """Nobody adds a body until the end, and who was about to has done so, on PostgreSQL.

    On SQLite every writing transaction is alone.
    """
    if work.locks_rows:
        await work.connection.execute(_ALONE)


class Shared:
    """Fragments that many channels use: their ids when writing, what they hold when reading.

    An id is never given to another fragment, but one that nobody used for long is deleted: who
    writes looks whether those it knows are still there. What a transaction learns is taken over
    when it is committed, and forgotten when it is not.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, bytes] = OrderedDict()
        self._held: OrderedDict[int, bytes] = OrderedDict()
        self._bytes = 0

    def get(self, fragment: bytes) -> bytes | None:
        """The written id, when it is known."""
        if (known := self._known.get(fragment)) is not None:
            self._known.move_to_end(fragment)
        return known

    def forget(self, fragment: bytes) -> None:
        """It is not there any more."""
        self._known.pop(fragment, None)

    def held(self, number: int) -> bytes | None:
        """What the fragment of this id holds, when it is known."""
        if (held := self._held.get(number)) is not None:
            self._held.move_to_end(number)
        return held

    def learn(self, fragments: Fragments) -> None:
        """Remember what a transaction learnt; the longest unused ones are forgotten."""
        self._known.update(fragments.learnt)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        for number, data in fragments.seen.items():
            self._bytes += len(data) - len(self._held.get(number, b""))
            self._held[number] = data
        while self._bytes > _READ_TOGETHER:
            self._bytes -= len(self._held.popitem(last=False)[1])


class Fragments:
    """The fragments within one transaction."""

    def __init__(self, work: Work, shared: Shared) -> None:
        self._work = work
        self._shared = shared
        self.learnt: dict[bytes, bytes] = {}  # for `shared`, once committed
        self.seen: dict[int, bytes] = {}  # for it too

    async def keep(self, wanted: Iterable[tuple[int, Body | None]]) -> dict[bytes, bytes]:
        """Store what is new of (channel id, body); gives each fragment's written id."""
        written: dict[bytes, bytes] = {}
        users: dict[bytes, int | None] = {}  # of those not known to be shared; None: several
        bodies = [(channel_id, body.fragments) for channel_id, body in wanted if body]
        if self._work.locks_rows:
            await self._work.connection.execute(_ADDING)
        standing = await self._standing({one for _, parts in bodies for one in parts})
        for channel_id, parts in bodies:
            for fragment in parts:
                if fragment in written:
                    continue
                if known := self.learnt.get(fragment) or standing.get(fragment):
                    written[fragment] = known
                elif users.setdefault(fragment, channel_id) != channel_id:
                    users[fragment] = None
        if users:
            written |= await self._store(users)
        return written

    async def _standing(self, wanted: Set[bytes]) -> dict[bytes, bytes]:
        """Those that are known to be shared, and are still there."""
        known = {one: written for one in wanted if (written := self._shared.get(one))}
        owned = {numbers(written)[0]: one for one, written in known.items()}
        there: set[int] = set()
        for some in chunks(owned.keys()):
            there |= {row.id for row in await self._work.rows(_STANDING, ids=some)}
        for number in owned.keys() - there:
            self._shared.forget(owned[number])
            del known[owned[number]]
        return known

    async def _store(self, users: dict[bytes, int | None]) -> dict[bytes, bytes]:
        """Find or insert these; who uses one that another channel owned makes it nobody's."""
        hashes = {blake2b(fragment, digest_size=16).digest(): fragment for fragment in users}
        found = await self._find(hashes)
        missing = sorted(hashes.keys() - found.keys())  # one order everywhere: no deadlock
        if missing:
            ids = await self._work.numbers(fragments, len(missing))
            rows = []
            for new, key in zip(ids, missing, strict=True):
                data = hashes[key]
                squeezed = zlib.compress(data, 6) if len(data) >= _SMALL else data
                pays = len(squeezed) < len(data) * 0.9
                rows.append((new, key, users[data], pays, squeezed if pays else data))
            await _INSERT.run(self._work, rows)
            if self._work.sqlite:  # alone, so nobody can have been quicker
                found |= {key: (new, owner) for new, key, owner, *_ in rows}
            else:
                found |= await self._find(missing)
        freed = [
            number
            for key, (number, owner) in found.items()
            if owner is not None and owner != users[hashes[key]]
        ]
        for some in chunks(freed):
            await self._work.change(
                update(fragments).where(fragments.c.id.in_(some)).values(channel_id=None)
            )
        freed_ids = set(freed)
        written = {hashes[key]: _varint(number) for key, (number, _) in found.items()}
        self.learnt |= {
            hashes[key]: written[hashes[key]]
            for key, (number, owner) in found.items()
            if owner is None or number in freed_ids
        }
        return written

    async def _find(self, keys: Iterable[bytes]) -> dict[bytes, tuple[int, int | None]]:
        found = {}
        for some in chunks(list(keys)):
            query = select(fragments.c.hash, fragments.c.id, fragments.c.channel_id).where(
                fragments.c.hash.in_(some)
            )
            if self._work.locks_rows:  # not deleted with its channel before we use it
                query = query.with_for_update(read=True, key_share=True)
            for key, number, owner in await self._work.rows(query):
                found[key] = (number, owner)
        return found

    async def read(self, *written: bytes | None) -> list[Body | None]:
        """The bodies whose fragments are named so; None stays None.

        One with a fragment that is not there or damaged comes without any: no platform can read
        it, and it holds up no other message.
        """
        names = [numbers(one) if one is not None else [] for one in written]
        data: dict[int, bytes] = {}
        missing = []
        for number in dict.fromkeys(number for own in names for number in own):
            if (held := self._shared.held(number)) is None:
                missing.append(number)
            else:
                data[number] = held
        for some in chunks(missing):
            for number, owner, squeezed, stored in await self._work.rows(_READ, ids=some):
                try:
                    data[number] = zlib.decompress(stored) if squeezed else stored
                except zlib.error:
                    continue
                if owner is None:
                    self.seen[number] = data[number]
        return [
            _whole(own, data) if one is not None else None
            for one, own in zip(written, names, strict=True)
        ]


def _whole(own: list[int], data: Mapping[int, bytes]) -> Body:
    if any(number not in data for number in own):
        log.error("a message in the outbox has lost a part of itself")
        return Body(())
    return Body(tuple(data[number] for number in own))


def write(body: Body, written: Mapping[bytes, bytes]) -> bytes:
    """The body as the ids of its fragments, one after another."""
    return b"".join([written[fragment] for fragment in body.fragments])


def _varint(number: int) -> bytes:
    """Seven bits in a byte, the lowest first; the high bit says that more follow (LEB128)."""
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def numbers(written: bytes) -> list[int]:
    """The ids of the fragments that a body names, in order."""
    found = []
    number = shift = 0
    for part in written:
        number |= (part & 127) << shift
        if part & 128:
            shift += 7
        else:
            found.append(number)
            number = shift = 0
    return found
