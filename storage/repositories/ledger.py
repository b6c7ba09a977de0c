"""Which paper reached which channel."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Executable, and_, delete, func, select, text, update

from bot.channels import LedgerRow, LedgerState
from storage.bulk import Bulk
from storage.tables import RESERVED, ledger
from storage.work import Work, chunks

_COLUMNS = (
    ledger.c.channel_id,
    ledger.c.paper_id,
    ledger.c.state,
    ledger.c.at,
    ledger.c.delivery_id,
    ledger.c.upvotes,
    ledger.c.becomes,
)


def _entry(row: Any) -> LedgerRow:
    channel_id, paper_id, state, at, delivery_id, upvotes, becomes = row
    after = becomes or LedgerState.SHOWN
    return LedgerRow(channel_id, paper_id, state, at, delivery_id, upvotes, after)


class SqlLedger:
    """bot.ports.memory.Ledger."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def known(
        self, channel_ids: Collection[int], paper_ids: Collection[str]
    ) -> dict[int, dict[str, LedgerRow]]:
        found: dict[int, dict[str, LedgerRow]] = {}
        for channels in chunks(channel_ids):
            for papers in chunks(paper_ids):
                query = select(*_COLUMNS).where(
                    ledger.c.channel_id.in_(channels), ledger.c.paper_id.in_(papers)
                )
                for row in await self._work.rows(query):
                    entry = _entry(row)
                    found.setdefault(entry.channel_id, {})[entry.paper_id] = entry
        return found

    async def reserve(self, rows: Sequence[LedgerRow]) -> None:
        values = [
            (
                row.channel_id,
                row.paper_id,
                row.state,
                row.at,
                row.delivery_id,
                row.upvotes,
                None if row.becomes is LedgerState.SHOWN else row.becomes,
            )
            for row in rows
        ]
        if not values:
            return
        doubled = "a channel has one of these papers already"
        async with self._work.together(doubled):
            if await _RESERVE.run(self._work, values) != len(values):
                raise ValueError(doubled)

    async def settle(self, channel_id: int, delivery_id: int, state: LedgerState | None) -> None:
        after: Any = func.coalesce(ledger.c.becomes, LedgerState.SHOWN.value)
        await self._work.change(
            update(ledger)
            .where(_reserved_by(channel_id, delivery_id))
            .values(state=after if state is None else state)
        )

    async def shown(self, deliveries: Sequence[tuple[int, int]]) -> None:
        await _SHOWN.run(self._work, deliveries)

    async def release(self, channel_id: int, delivery_id: int) -> None:
        mine = _reserved_by(channel_id, delivery_id)
        listed = {"state": LedgerState.LISTED, "becomes": LedgerState.LISTED, "delivery_id": None}
        rose = ledger.c.becomes == LedgerState.SHOWN
        await self._work.change(update(ledger).where(mine, rose).values(listed))
        await self._work.change(delete(ledger).where(mine))

    async def of_channel(self, channel_id: int, *, limit: int) -> list[LedgerRow]:
        """Of one instant, the highest paper id first."""
        query = (
            select(*_COLUMNS)
            .where(ledger.c.channel_id == channel_id)
            .order_by(ledger.c.at.desc(), self._work.plainly(ledger.c.paper_id).desc())
            .limit(limit)
        )
        return [_entry(row) for row in await self._work.rows(query)]


# Written out only for a paper that was listed before: should its card not arrive, it is listed.
_ROSE = text("'shown'")


def _insert_or_rise(work: Work) -> Executable:
    insert = work.insert(ledger)
    decided = ("state", "at", "delivery_id", "upvotes")
    return insert.on_conflict_do_update(
        index_elements=["channel_id", "paper_id"],
        set_={name: insert.excluded[name] for name in decided} | {"becomes": _ROSE},
        where=text("ledger.state = 'listed'"),
    )


_RESERVE = Bulk(_insert_or_rise, *(column.name for column in _COLUMNS))


_SHOWN = Bulk(
    lambda work: text(
        f"UPDATE ledger SET state = coalesce(becomes, 'shown') "
        f"WHERE {RESERVED} AND delivery_id = :delivery_id AND channel_id = :channel_id"
    ),
    "channel_id",
    "delivery_id",
)


def _reserved_by(channel_id: int, delivery_id: int) -> ColumnElement[bool]:
    return and_(
        text(RESERVED),
        ledger.c.delivery_id == delivery_id,
        ledger.c.channel_id == channel_id,
    )
