"""One call to a platform: where it goes, its turn at the pacer, its time limit."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from bot.channels import Address, Body, Delivery, Kind, Outcome, Verdict
from bot.courier.settling import MAKES_A_THREAD, Landed

if TYPE_CHECKING:
    from bot.pacing import Pacer
    from bot.ports import Platform, Transaction

LONGEST = 20.0  # seconds for one call; the platforms' own limits are a little shorter
LEASE = timedelta(seconds=30)  # from the claim; longer than the turn and the call
LONG_WAIT = 1.0  # seconds of a pause of the token: nobody waits for a turn so long
_TURN = 8.0  # seconds in which the turn comes, or the message is put back

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """A claimed delivery, and what of its call is known only now."""

    delivery: Delivery
    body: Body
    plain: Body | None  # its frozen fallback
    address: Address
    answers: str | None  # the message that it answers, opens a thread on, or edits


async def call_in(tx: Transaction, delivery: Delivery, body: Body, plain: Body | None) -> Call:
    """The call, with what the deliveries gave that it waited for: a thread, an id, or an id of
    a message that stands in a thread."""
    before = await tx.deliveries.get(delivery.waits_for) if delivery.waits_for else None
    first = None
    if before is not None and before.waits_for and before.kind not in MAKES_A_THREAD:
        first = await tx.deliveries.get(before.waits_for)
    return call_of(delivery, body, plain, before, first)


def call_of(
    delivery: Delivery,
    body: Body,
    plain: Body | None,
    before: Delivery | None,
    first: Delivery | None = None,
) -> Call:
    """The call, with what the delivery `before`, for which it waited, gave: a thread or an id.

    `first` is the one that `before` waited for: it may have made the thread in which that stands.
    """
    chosen = plain if delivery.plain and plain is not None else body
    given = before.platform_ids[0] if before is not None and before.platform_ids else None
    if before is None or given is None:
        return Call(delivery, chosen, plain, delivery.address, None)
    if before.kind in MAKES_A_THREAD:
        inside = replace(delivery.address, thread=given)
        if delivery.kind is not Kind.EDIT:
            return Call(delivery, chosen, plain, inside, None)
        given = before.platform_ids[-1]  # the post itself, of a thread that it made
        return Call(delivery, chosen, plain, inside, given)
    where = delivery.address
    if first is not None and first.kind in MAKES_A_THREAD and first.platform_ids:
        where = replace(where, thread=first.platform_ids[0])
    return Call(delivery, chosen, plain, where, given)


async def make(
    call: Call, platform: Platform, pacer: Pacer, waiting: set[asyncio.Timeout]
) -> Landed:
    """Wait for the turn, send, and tell how it ended. Never raises but on cancellation.

    While it waits, its time limit stands in `waiting`; who ends that puts the message back.
    """
    delivery, where = call.delivery, call.address
    turn = pacer.turn(where)
    limit = asyncio.timeout(0 if pacer.paused > LONG_WAIT else _TURN)
    waiting.add(limit)
    try:
        async with limit:
            await turn.__aenter__()
    except TimeoutError:  # the token was paused meanwhile
        outcome = Outcome(Verdict.TOO_FAST, retry_after=max(1.0, pacer.paused))
        return Landed(delivery, outcome, call.plain, left=False)
    finally:
        waiting.discard(limit)
    try:
        if delivery.leased_until is not None and datetime.now(UTC) >= delivery.leased_until:
            # This machine slept since the claim: another may have sent it meanwhile.
            late = Outcome(Verdict.TOO_FAST, retry_after=1.0)
            return Landed(delivery, late, call.plain, left=False)
        began = monotonic()
        outcome = await _send(call, platform)
        seconds = monotonic() - began
    finally:
        await turn.__aexit__(None, None, None)
    match outcome.verdict:
        case Verdict.ACCEPTED:
            pacer.accepted(where)
        case Verdict.TOO_FAST:
            pacer.too_fast(where, outcome.retry_after or 1.0, outcome.everywhere)
    if outcome.rest:
        pacer.rest(where, outcome.rest)
    return Landed(delivery, outcome, call.plain, seconds=seconds)


async def _send(call: Call, platform: Platform) -> Outcome:
    delivery = call.delivery
    try:
        async with asyncio.timeout(LONGEST):
            if delivery.kind is Kind.EDIT:
                if call.answers is None:
                    said = "There is no message to edit."
                    return Outcome(Verdict.CONTENT_REFUSED, error=said)
                return await platform.edit(call.address, call.answers, call.body)
            return await platform.send(
                call.address,
                call.body,
                delivery.key,
                silent=delivery.silent,
                reply_to=call.answers,
            )
    except TimeoutError:
        return Outcome(Verdict.UNKNOWN, error="No answer in time.")
    except asyncio.CancelledError:
        return _broken_off()
    except Exception as error:  # a mistake of ours with one message must not hold up the others
        log.exception("the call failed", extra={"channel": str(call.address)})
        return Outcome(Verdict.UNKNOWN, error=f"The call failed ({type(error).__name__}).")


def _broken_off() -> Outcome:
    """What a call comes to that was cancelled by what it awaited; raises when we cancelled it."""
    task = asyncio.current_task()
    if task is None or task.cancelling():
        raise asyncio.CancelledError
    return Outcome(Verdict.UNKNOWN, error="The call was broken off.")


async def look(call: Call, platform: Platform) -> Outcome | None:
    """Ask the platform what became of the call. Never raises but on cancellation."""
    since = call.delivery.tried_at or datetime.now(UTC)
    try:
        async with asyncio.timeout(LONGEST):
            return await platform.find(
                call.address, call.body, call.delivery.key, since, reply_to=call.answers
            )
    except TimeoutError:
        return Outcome(Verdict.UNKNOWN, error="No answer in time.")
    except asyncio.CancelledError:
        return _broken_off()
    except Exception as error:
        log.exception("the look failed", extra={"channel": str(call.address)})
        return Outcome(Verdict.UNKNOWN, error=f"The look failed ({type(error).__name__}).")
