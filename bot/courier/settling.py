"""What each outcome leads to: the table of docs/delivery.md, row by row."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic

from bot.alerts import REFUSED, raise_alert
from bot.channels import (
    Address,
    Body,
    Delivery,
    DeliveryState,
    Drawn,
    Kind,
    LedgerState,
    Outcome,
    PlaceKind,
    Verdict,
)
from bot.digest.subscription import is_paused
from bot.moving import move
from bot.outbox import give_back, let_go, standing
from bot.ports import Platform, Transaction
from bot.schedule.quiet import quiet_end
from bot.suspension import called, suspend, thread_gone

UNKNOWN_TRIES = 2  # where nothing tells what became of a call it is made once more, not oftener
MAKES_A_THREAD = frozenset({Kind.OPEN_THREAD, Kind.FORUM_POST})
_FIRST_PAUSE = 2.0  # seconds before a message that was not sent is tried again
_LONGEST_PAUSE = 600.0  # seconds
_YOUNG_PAUSE = 15.0  # seconds at most, while the platform knows the key of the message
_MOST_MOVES = 5  # attempts after which a chat that moves and moves is tried with pauses
_MOVE_PAUSE = 2.0  # seconds
_MOST_EDITS = 8  # attempts to edit a message of which nobody knows how they ended

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Landed:
    """One call that is over."""

    delivery: Delivery  # as it was claimed
    outcome: Outcome
    plain: Body | None = None  # its frozen fallback
    left: bool = True  # False: it was claimed, but its turn did not come
    at: float = field(default_factory=monotonic)  # when it was over
    seconds: float = 0.0  # of the call itself


def untried(delivery: Delivery) -> Delivery:
    """The delivery as it was before it was claimed."""
    attempts = max(0, delivery.attempts - 1)
    back = replace(_free(delivery), state=DeliveryState.READY, attempts=attempts)
    return replace(back, error=delivery.error)


def accepted(delivery: Delivery, outcome: Outcome, now: datetime) -> Delivery:
    """The delivery as it is once it was accepted."""
    return replace(
        delivery,
        state=DeliveryState.SENT,
        leased_until=None,
        not_before=None,
        platform_ids=_ids(delivery, outcome),
        sent_at=now,
        error=None,
    )


async def settle(
    tx: Transaction, platform: Platform, landed: Landed, now: datetime, real: datetime
) -> Delivery | None:
    """Write what the outcome of a call leads to; gives the delivery as it stands afterwards.

    None, and nothing is written, when the attempt is not ours to settle any more. `real` is the
    real clock, by which a platform remembers keys.
    """
    delivery, outcome = landed.delivery, landed.outcome
    if outcome.verdict is Verdict.ACCEPTED:
        return await _sent(tx, accepted(delivery, outcome, now))
    current = await standing(tx, delivery)
    if (
        current is None
        or current.state is not DeliveryState.IN_FLIGHT
        or current.attempts != delivery.attempts
    ):
        return None  # moved, merged or swept away meanwhile
    if current.address != delivery.address:  # the chat moved meanwhile: the answer is of the old
        return await _again(tx, untried(current), now)
    delivery = current
    if not landed.left:
        after = replace(untried(delivery), not_before=_later(now, outcome.retry_after or 0.0))
        return await _again(tx, after, now)
    free = replace(_free(delivery), error=outcome.error)
    match outcome.verdict:
        case Verdict.CONTENT_REFUSED if not delivery.plain and landed.plain is not None:
            after = replace(free, state=DeliveryState.READY, plain=True)
        case Verdict.CONTENT_REFUSED:
            parts = platform.split(landed.plain) if landed.plain is not None else ()
            if len(parts) > 1 and delivery.kind is not Kind.EDIT:
                return await _in_pieces(tx, free, parts)
            return await refuse(tx, free, now)
        case Verdict.UNKNOWN:
            return await unknown(tx, platform, delivery, outcome.error, now, real)
        case Verdict.MOVED if outcome.moved_to and delivery.attempts < _MOST_MOVES:
            return await _moved(tx, free, outcome.moved_to, now)
        case Verdict.CHAT_GONE | Verdict.THREAD_GONE:
            return await _gone(tx, free, outcome, now)
        case Verdict.TOKEN_REFUSED | Verdict.SECOND_INSTANCE:
            after = replace(untried(delivery), error=outcome.error)
        case _:
            pause = outcome.retry_after or _pause(delivery.attempts)
            again = await _when(tx, delivery, now, pause)
            after = replace(free, state=DeliveryState.READY, not_before=again)
            if outcome.verdict is Verdict.TOO_FAST:  # a pause that was asked for is no failure
                after = replace(after, attempts=untried(delivery).attempts)
            _say(delivery, pause, outcome.error)
    return await _again(tx, after, now)


async def unknown(
    tx: Transaction,
    platform: Platform,
    delivery: Delivery,
    error: str | None,
    now: datetime,
    real: datetime,
    *,
    at_once: bool = False,
) -> Delivery:
    """Nobody knows whether the attempt arrived: ask the platform, try once more, or give back.

    A platform that remembers the key of a message is sent it again while it surely does. One that
    can be asked is asked. Elsewhere the second time is the last: the papers come with a later
    digest, which may show them twice.
    """
    limits = platform.limits
    free = replace(
        delivery,
        leased_until=None,
        not_before=None,
        unknowns=delivery.unknowns + 1,
        tried_at=delivery.tried_at or real,
        error=error,
    )
    if delivery.kind is Kind.EDIT and free.unknowns >= _MOST_EDITS:
        return await give_back(tx, free)
    rests = await _rests(tx, delivery, now)
    if not rests and (delivery.kind is Kind.EDIT or await is_remembered(tx, platform, free, real)):
        pause = min(_pause(free.unknowns), _YOUNG_PAUSE)
        state = DeliveryState.READY
    elif "find" in limits.verbs and delivery.kind is not Kind.EDIT:
        pause = min(_pause(free.unknowns), _YOUNG_PAUSE)
        state = DeliveryState.UNKNOWN
    elif rests or free.unknowns >= UNKNOWN_TRIES:
        return await give_back(tx, free)
    else:
        pause = _pause(free.unknowns + 1)
        state = DeliveryState.READY
    pause = 0.0 if at_once else pause
    after = replace(free, state=state, not_before=await _when(tx, delivery, now, pause))
    await tx.deliveries.settle(after)
    _say(delivery, pause, error)
    return after


async def is_remembered(
    tx: Transaction, platform: Platform, delivery: Delivery, real: datetime
) -> bool:
    """Whether the platform still takes the message, sent again, for the one it may have.

    What opens a thread bears no key: a notice does so in a forum.
    """
    if delivery.kind not in (Kind.POST, Kind.NOTICE) or delivery.tried_at is None:
        return False
    if real - delivery.tried_at >= timedelta(seconds=platform.limits.remembers):
        return False
    channel = await tx.channels.get(delivery.channel_id) if delivery.kind is Kind.NOTICE else None
    return channel is None or channel.kind is not PlaceKind.FORUM


async def found(
    tx: Transaction, delivery: Delivery, outcome: Outcome | None, now: datetime
) -> Delivery:
    """What a look for an unknown message leads to."""
    free = replace(_free(delivery), error=delivery.error)
    if outcome is not None and outcome.verdict is Verdict.ACCEPTED:
        return await _sent(tx, accepted(delivery, outcome, now)) or delivery
    if outcome is not None and outcome.verdict is Verdict.NOT_SENT:
        after = replace(free, state=DeliveryState.READY, unknowns=0, tried_at=None)
        return await _again(tx, after, now)
    if outcome is None:  # nobody can tell: the same as where nobody can be asked
        if delivery.unknowns >= UNKNOWN_TRIES:
            return await give_back(tx, free)
        after = replace(free, state=DeliveryState.READY, tried_at=None)
        return await _again(tx, after, now)
    if outcome.verdict in (Verdict.CHAT_GONE, Verdict.THREAD_GONE):
        return await _gone(tx, replace(free, error=outcome.error), outcome, now)
    later = _later(now, outcome.retry_after or _LONGEST_PAUSE / 10)
    after = replace(delivery, not_before=later, error=outcome.error)
    await tx.deliveries.settle(after)
    return after


async def refuse(tx: Transaction, delivery: Delivery, now: datetime) -> Delivery:
    """Give the message up: its papers are not sent again, the operators are told."""
    after = replace(delivery, state=DeliveryState.REFUSED)
    await tx.deliveries.settle(after)
    await tx.ledger.settle(delivery.channel_id, delivery.id, LedgerState.REFUSED)
    await let_go(tx, after)
    papers = ", ".join(delivery.papers)
    facts = {"channel": str(delivery.address), "papers": papers, "error": delivery.error}
    log.error("refused", extra=facts)
    if delivery.kind is Kind.EDIT:  # what was to be bettered stands as it is
        return after
    channel = await tx.channels.get(delivery.channel_id)
    values = {
        "chat": called(channel) if channel else str(delivery.address),
        "papers": papers or "–",
        "reason": delivery.error or "?",
    }
    await raise_alert(tx, f"refused:{delivery.id}", REFUSED, values, lasts=False, now=now)
    return after


async def _in_pieces(tx: Transaction, delivery: Delivery, parts: Sequence[Drawn]) -> Delivery:
    """A message for each paper, in the place of one that was refused."""
    facts = {"channel": str(delivery.address), "error": delivery.error}
    log.warning("refused, now paper by paper", extra=facts)
    inside: list[Delivery] = []
    if delivery.kind is Kind.FORUM_POST:
        others = await tx.deliveries.unsettled([delivery.channel_id])
        inside = [one for one in others if one.waits_for == delivery.id]
    await tx.deliveries.split(delivery, parts)
    for one in inside:  # the post that they were to stand in is none
        if (standing := await tx.deliveries.get(one.id)) is not None:
            await give_back(tx, standing)
    return replace(delivery, state=DeliveryState.REFUSED)


async def _sent(tx: Transaction, after: Delivery) -> Delivery | None:
    if not await tx.deliveries.sent([after]):
        return None
    await tx.ledger.shown([(after.channel_id, after.id)])
    return after


def _free(delivery: Delivery) -> Delivery:
    """The delivery without its lease; an attempt that surely did not arrive leaves no trace."""
    tried = delivery.tried_at if delivery.unknowns else None
    return replace(delivery, leased_until=None, not_before=None, tried_at=tried)


def _ids(delivery: Delivery, outcome: Outcome) -> tuple[str, ...]:
    """The platform's ids; of a call that made a thread, the thread's first."""
    if delivery.kind not in MAKES_A_THREAD or outcome.thread is None:
        return outcome.platform_ids
    rest = (one for one in outcome.platform_ids if one != outcome.thread)
    return (outcome.thread, *rest)


async def _moved(tx: Transaction, delivery: Delivery, new: Address, now: datetime) -> Delivery:
    """Re-address everything of the chat; the message is sent again at once.

    It is not, when the new place has a channel that has the day's digest already.
    """
    again = replace(delivery, state=DeliveryState.READY, not_before=None)
    there = [one.id for one in await tx.channels.of_chat(new.platform, new.chat)]
    under_way = await tx.deliveries.unsettled(there) if there else []
    if any(one.state is DeliveryState.IN_FLIGHT for one in under_way):
        # What is just arriving there tells whether this is still to be sent.
        again = replace(again, attempts=delivery.attempts - 1, not_before=_later(now, _MOVE_PAUSE))
        await tx.deliveries.settle(again)
        return again
    await tx.deliveries.settle(again)
    await move(tx, delivery.address, new, now)
    return await tx.deliveries.get(delivery.id) or replace(delivery, state=DeliveryState.STALE)


async def _gone(tx: Transaction, delivery: Delivery, outcome: Outcome, now: datetime) -> Delivery:
    """The chat is suspended or its thread's channel paused; what was to be sent is given back."""
    if delivery.kind is Kind.OPEN_THREAD and (
        outcome.missing or outcome.verdict is Verdict.THREAD_GONE
    ):
        return await refuse(tx, delivery, now)  # no thread, but the channel itself is there
    if outcome.verdict is Verdict.THREAD_GONE and delivery.waits_for is not None:
        before = await tx.deliveries.get(delivery.waits_for)
        if before is not None and before.kind is Kind.FORUM_POST:
            return await give_back(tx, delivery)  # a forum takes nothing outside of a post
        # The thread that was opened for it was deleted.
        alone = replace(delivery, state=DeliveryState.READY, waits_for=None)
        return await _again(tx, alone, now)
    after = await give_back(tx, delivery)
    channel = await tx.channels.get(delivery.channel_id)
    if channel is not None and outcome.verdict is Verdict.THREAD_GONE:
        await thread_gone(tx, channel, now)
    elif channel is not None:
        await suspend(tx, channel, now, outcome.error)
    return after


async def _again(tx: Transaction, after: Delivery, now: datetime) -> Delivery:
    """Write what is to go again; it is given back where the chat rests by now."""
    if await _rests(tx, after, now):
        return await give_back(tx, after)
    await tx.deliveries.settle(after)
    return after


async def _rests(tx: Transaction, delivery: Delivery, now: datetime) -> bool:
    """Whether the chat was paused or suspended while the message was on its way."""
    channel = await tx.channels.get(delivery.channel_id)
    if channel is None:
        return False
    if delivery.kind is Kind.NOTICE and delivery.digest_id is None:
        return channel.suspended_at is not None  # the operator may tell a paused chat something
    return channel.suspended_at is not None or is_paused(channel, now)


async def _when(tx: Transaction, delivery: Delivery, now: datetime, pause: float) -> datetime:
    """When the pause is over, and the quiet hours that it may end in."""
    again = _later(now, pause)
    channel = await tx.channels.get(delivery.channel_id)
    return (quiet_end(channel, again) if channel is not None else None) or again


def _later(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)


def _pause(attempts: int) -> float:
    """Seconds until the next attempt: doubling, with jitter, bounded."""
    longest: float = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(attempts, 12))
    return longest * random.uniform(0.5, 1.0)


def _say(delivery: Delivery, pause: float, error: str | None) -> None:
    log.warning(
        "not delivered",
        extra={
            "channel": str(delivery.address),
            "attempt": delivery.attempts,
            "again": round(pause),
            "error": error,
        },
    )
