"""The statements of the outbox, built once: some of them run for every message."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    case,
    exists,
    false,
    func,
    insert,
    null,
    or_,
    select,
    text,
    true,
    update,
)

from bot.channels import Address, Delivery, Kind
from storage.bulk import Bulk
from storage.tables import (
    CAN_GO,
    CAN_GO_STALE,
    IN_FLIGHT,
    PARKED,
    UNSETTLED,
    channels,
    deliveries,
    digests,
)

OWN = tuple(field.name for field in fields(Delivery) if field.name not in ("address", "due"))
_COLUMNS: list[Any] = [channels.c.platform, channels.c.chat, channels.c.thread]
_COLUMNS += [deliveries.c[name] for name in OWN]
_COLUMNS += [select(digests.c.due).where(digests.c.id == deliveries.c.digest_id).scalar_subquery()]


def delivery(row: Any) -> Delivery:
    """What a row of READ says."""
    platform, chat, thread, channel_id, *rest = row
    return Delivery(channel_id, Address(platform, chat, thread or None), *rest)


READ = select(*_COLUMNS).join(channels, channels.c.id == deliveries.c.channel_id)
WOKEN = 2000  # at once: their number must not hold up what is being sent

INSERT = Bulk(
    lambda work: insert(deliveries), *OWN, "platform", "head", "round", "body", "fallback"
)

IDS = deliveries.c.id.in_(bindparam("ids", expanding=True))
ONE = READ.where(deliveries.c.id == bindparam("own_id"))
BODY = select(deliveries.c.body, deliveries.c.fallback).where(
    deliveries.c.id == bindparam("own_id")
)
ROUND = select(deliveries.c.channel_id, deliveries.c.round).where(
    deliveries.c.id == bindparam("own_id")
)
HAVE_OPEN = (
    select(deliveries.c.channel_id)
    .where(text(UNSETTLED), deliveries.c.channel_id.in_(bindparam("ids", expanding=True)))
    .distinct()
)
NOTICE_TO_ALL = (deliveries.c.kind == Kind.NOTICE) & deliveries.c.digest_id.is_(None)
LAST_ROUND = 2**30  # of notices to all: behind every message of a digest
STEP_BACK = (
    update(deliveries)
    .where(
        text(UNSETTLED),
        deliveries.c.channel_id.in_(bindparam("ids", expanding=True)),
        deliveries.c.head,
        text("state = 'ready'"),
        NOTICE_TO_ALL,
    )
    .values(head=false())
    .returning(deliveries.c.channel_id)
)
ORDER = (deliveries.c.round, deliveries.c.turn, deliveries.c.id)
NEXT = (
    select(
        deliveries.c.id,
        channels.c.chat,
        channels.c.thread,
        deliveries.c.created,
        deliveries.c.stale_at,
        channels.c.zone,
        channels.c.quiet_from,
        channels.c.quiet_to,
    )
    .join(channels, channels.c.id == deliveries.c.channel_id)
    .where(text(CAN_GO), deliveries.c.platform == bindparam("name"))
    .order_by(*ORDER)
    .limit(bindparam("most"))
)
CLAIM: Select[Any] = READ.add_columns(deliveries.c.body, deliveries.c.fallback).where(
    IDS, text(CAN_GO)
)
# Two claimers never see the same row: the second one skips what the first took, and a row taken
# and committed meanwhile is checked again once its lock is had.
CLAIM_ON_SERVER = CLAIM.with_for_update(of=deliveries, skip_locked=True)
TAKE = (
    update(deliveries)
    .where(IDS)
    .values(
        state=text("'in-flight'"),
        attempts=deliveries.c.attempts + 1,
        tried_at=func.coalesce(
            deliveries.c.tried_at, bindparam("at", type_=deliveries.c.tried_at.type)
        ),
        leased_until=bindparam("lease_until"),
    )
)
PARK = Bulk(
    lambda work: (
        update(deliveries)
        .where(deliveries.c.id == bindparam("own_id"), text("state = 'ready'"))
        .values(not_before=bindparam("until"))
    ),
    "own_id",
    "until",
)
_parked = (text(PARKED), deliveries.c.platform == bindparam("name"))
_sleepers = (
    select(deliveries.c.id)
    .where(*_parked, deliveries.c.not_before <= bindparam("now"))
    .order_by(deliveries.c.not_before, deliveries.c.round, deliveries.c.turn)
    .limit(bindparam("most"))
)
_WOKEN_UP = update(deliveries).where(text("state = 'ready'")).values(not_before=null())
WAKE = _WOKEN_UP.where(deliveries.c.id.in_(_sleepers))
WAKE_ON_SERVER = _WOKEN_UP.where(
    deliveries.c.id.in_(_sleepers.with_for_update(skip_locked=True))  # the others wake next time
)
WAKING = select(deliveries.c.not_before).where(*_parked).order_by(deliveries.c.not_before).limit(1)
STANDING = select(
    deliveries.c.id, deliveries.c.channel_id, deliveries.c.state, deliveries.c.attempts
).where(IDS)
STANDING_ON_SERVER = STANDING.order_by(deliveries.c.id).with_for_update()
SENT = Bulk(
    lambda work: (
        update(deliveries)
        .where(deliveries.c.id == bindparam("own_id"))
        .values(
            state=text("'sent'"),
            head=false(),
            not_before=null(),
            leased_until=null(),
            error=null(),
            platform_ids=bindparam("ids"),
            sent_at=bindparam("at"),
        )
    ),
    "ids",
    "at",
    "own_id",
)
BY_ID: ColumnElement[Any] = text("+deliveries.id")  # type: ignore[assignment]  # no column's
# order: asked for that, SQLite reads the table by id instead of the few rows of a partial index
PLATFORM_AFTER = select(func.min(deliveries.c.platform)).where(
    text(CAN_GO_STALE), deliveries.c.platform > bindparam("last")
)
_any = select(deliveries.c.id)
ANY = select(exists(_any.where(text(UNSETTLED))))
_own_platform = deliveries.c.platform == bindparam("name")
ANY_OF = select(
    or_(
        exists(_any.where(text(CAN_GO_STALE), _own_platform)),
        exists(_any.where(text(IN_FLIGHT), _own_platform)),
    )
)
SETTLED = (
    "waits_for",
    "state",
    "attempts",
    "unknowns",
    "tried_at",
    "not_before",
    "stale_at",
    "leased_until",
    "platform_ids",
    "sent_at",
    "error",
    "plain",
)
SETTLE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("own_id"))
    .values(
        {name: bindparam(name) for name in SETTLED}
        | {
            "head": case(
                (bindparam("open", type_=deliveries.c.head.type) == true(), deliveries.c.head),
                else_=false(),
            )
        }
    )
)
