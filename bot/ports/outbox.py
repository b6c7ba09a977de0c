"""The port to the outbox: digests, their deliveries, and the ledger of what reached whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Protocol

from bot.channels import Address, Body, Delivery, Digest, Drawn, LedgerRow, LedgerState


class Digests(Protocol):
    """One row per (channel, local date)."""

    async def add(self, digests: Sequence[Digest]) -> list[int]:
        """Store new rows; gives their ids in the same order. Raises ValueError, storing none,
        when one (channel, local date) is already there."""
        ...

    async def get(self, channel_id: int, local_date: date) -> Digest | None: ...

    async def last(self, channel_ids: Collection[int]) -> dict[int, Digest]:
        """For each id the digest with the latest local date; absent without one."""
        ...

    async def recent(self, channel_id: int, *, limit: int) -> list[Digest]:
        """Newest first."""
        ...

    async def arrivals(self, channel_id: int, *, limit: int) -> list[tuple[datetime, datetime]]:
        """Of the newest digests that were sent whole: when each was due, and when its last
        message was accepted; newest first."""
        ...


@dataclass(frozen=True, slots=True)
class Next:
    """A delivery that could be sent now, and what tells whether its channel lets it."""

    id: int
    address: Address
    created: datetime | None
    stale_at: datetime | None
    zone: str
    quiet_from: time | None
    quiet_to: time | None


class Deliveries(Protocol):
    """The outbox."""

    async def add(self, deliveries: Sequence[tuple[Delivery, Drawn]]) -> list[int]:
        """Store new rows with their frozen bodies; gives ids in the same order.

        `Drawn.waits_for` points among the deliveries of the same digest in this call.
        Fragments are stored once by content, compressed.
        """
        ...

    async def next(self, platform: str, *, limit: int) -> list[Next]:
        """What is to be sent next, in order: a chat's first before any chat's second, then by
        `turn`, then by id.

        Of each channel only the first that is not settled (by digest, order, id), if it is ready
        and not parked. Quick however many wait behind it. Nothing is changed.
        """
        ...

    async def claim(
        self, ids: Sequence[int], *, at: datetime, lease_until: datetime
    ) -> list[tuple[Delivery, Body, Body | None]]:
        """Take those of `ids` that are still the next of their channel and ready: they are in
        flight, attempts + 1, `tried_at` is `at` where it was empty; given with their frozen
        bodies and fallbacks, in the order of `ids`.

        A delivery is never claimed twice at once. `at` and `lease_until` are of the real clock.
        """
        ...

    async def park(self, until: Mapping[int, datetime]) -> None:
        """Ready deliveries are left alone until then (`not_before`)."""
        ...

    async def wake(self, platform: str, now: datetime) -> int:
        """Those parked until now or earlier are not parked any more; gives their number."""
        ...

    async def next_waking(self, platform: str) -> datetime | None:
        """The earliest end of a parking of a delivery that is the next of its channel."""
        ...

    async def get(self, delivery_id: int) -> Delivery | None: ...

    async def body(self, delivery_id: int) -> tuple[Body, Body | None]:
        """The frozen body and its fallback."""
        ...

    async def settle(self, delivery: Delivery) -> None:
        """Write all but what it carries and to whom: state, times, attempts, ids, error, `plain`,
        `waits_for`. Where it is final now, the channel's next one may go."""
        ...

    async def sent(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Settle many accepted ones together (`platform_ids`, `sent_at`): one that another has
        settled as sent meanwhile, or is gone, stays as it is; gives those that were written."""
        ...

    async def split(self, delivery: Delivery, parts: Sequence[Drawn]) -> list[int]:
        """Put new deliveries in the place of one that is refused: same channel, digest, order,
        times and `waits_for`; the rows of the ledger that it reserved become theirs by paper;
        what waited for it waits for nothing. Gives the new ids in order."""
        ...

    async def expired(
        self, now: datetime, *, limit: int, platform: str | None = None
    ) -> list[Delivery]:
        """In flight with a lease that ended at or before now, by id."""
        ...

    async def in_flight(self, *, limit: int, platform: str | None = None) -> list[Delivery]:
        """Whatever their lease, by id."""
        ...

    async def unknown(self, platform: str, now: datetime, *, limit: int) -> list[Delivery]:
        """In the state unknown and not parked beyond now, by id."""
        ...

    async def overdue(
        self, now: datetime, *, limit: int, platform: str | None = None
    ) -> list[Delivery]:
        """Ready or unknown, with stale_at <= now, by id."""
        ...

    async def any_open(self, platform: str | None = None) -> bool:
        """Whether one is neither sent nor refused nor stale; quick however many are."""
        ...

    async def unsettled(self, channel_ids: Collection[int] | None = None) -> list[Delivery]:
        """Neither sent nor refused nor stale."""
        ...

    async def of_digest(self, digest_id: int) -> list[Delivery]:
        """In their order."""
        ...

    async def of_message(self, channel_id: int, platform_id: str) -> Delivery | None:
        """The newest of the channel that became the message of this id, edits of it aside; None:
        it is not known, or not any more."""
        ...

    async def waiting(self) -> int:
        """How many are neither sent nor refused nor stale; quick however many are."""
        ...


class Ledger(Protocol):
    """Which paper reached which channel; one row per (channel, paper)."""

    async def known(
        self, channel_ids: Collection[int], paper_ids: Collection[str]
    ) -> dict[int, dict[str, LedgerRow]]:
        """The rows of these channels for these papers; channels without any are absent."""
        ...

    async def reserve(self, rows: Sequence[LedgerRow]) -> None:
        """Insert rows; one that stands is replaced only when it is `listed` (a rising paper).

        Raises ValueError, storing none, when any other row stands.
        """
        ...

    async def settle(self, channel_id: int, delivery_id: int, state: LedgerState | None) -> None:
        """The rows reserved by this delivery take `state`; None: what each one `becomes`."""
        ...

    async def shown(self, deliveries: Sequence[tuple[int, int]]) -> None:
        """For many (channel id, delivery id) together: their rows are what each one `becomes`."""
        ...

    async def release(self, channel_id: int, delivery_id: int) -> None:
        """Delete the rows reserved by this delivery: its papers are candidates again.

        A paper that was listed and was about to rise is listed as before.
        """
        ...

    async def of_channel(self, channel_id: int, *, limit: int) -> list[LedgerRow]:
        """Newest first."""
        ...
