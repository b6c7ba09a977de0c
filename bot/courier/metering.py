"""What the courier tells those who watch: each call, and each message that became final."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.channels import Delivery, DeliveryState, Kind, Verdict

if TYPE_CHECKING:
    from bot.courier.settling import Landed
    from bot.ports import Meter

_FINAL = frozenset((DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.STALE))


def tell_call(meter: Meter, platform: str, landed: Landed) -> None:
    """A call is over; one whose turn did not come was none."""
    if not landed.left:
        return
    outcome = landed.outcome
    meter.called(platform, outcome.verdict.value, landed.seconds)
    if outcome.verdict is Verdict.TOO_FAST:
        meter.held_up(platform, "token" if outcome.everywhere else "chat")
    elif outcome.verdict is Verdict.UNKNOWN:
        meter.doubted(platform, 1)


def tell_settled(meter: Meter, settled: Iterable[Delivery]) -> None:
    """Those of the deliveries that are final, as they stand now; told when that is committed."""
    for one in settled:
        if one.state in _FINAL:
            meter.settled(one.address.platform, one.kind.value, one.state.value, lateness(one))


def lateness(delivery: Delivery) -> timedelta | None:
    """From the time at which its digest was due until it was accepted; None for an edit, for
    what is no digest's, and for what was not accepted."""
    if delivery.state is not DeliveryState.SENT or delivery.kind is Kind.EDIT:
        return None
    if delivery.due is None or delivery.sent_at is None:
        return None
    return delivery.sent_at - delivery.due
