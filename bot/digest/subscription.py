"""The times of a channel: what subscribing, changing the hour, pausing and resuming do to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.channels import Address, Channel, Digest
from bot.desk import Desk
from bot.editions import last_closed_day
from bot.errors import Usage
from bot.ports import Transaction
from bot.schedule import next_due
from bot.schedule.quiet import is_quiet
from bot.schedule.times import zone_info
from bot.texts import N_


async def new_channel(
    desk: Desk, tx: Transaction, address: Address, now: datetime, **choices: Any
) -> Channel:
    """Subscribe the address: stored with the defaults, the choices and its first due time.

    Its `since` is the start of the last closed list, so that the first digest holds a whole
    list. `choices` are fields of Channel. Raises Usage for an unusable choice or an address
    that is subscribed already.
    """
    defaults = desk.defaults
    settings: dict[str, Any] = {
        "zone": defaults.zone,
        "language": defaults.language,
        "hour": defaults.hour,
        "days": defaults.days,
        "layout": defaults.layout,
        "limit": defaults.limit,
        "when": defaults.when,
        "links": defaults.links,
        "empty": defaults.empty(address.platform),
        **{name: value for name, value in choices.items() if value is not None},
    }
    day = await last_closed_day(tx, desk, now)
    port = next(iter(desk.sources.values()))
    since = port.closes(day - timedelta(days=1))
    channel = Channel(address=address, since=since, created=now, **settings)
    _check(desk, channel)
    return await tx.channels.add(retimed(channel, now, None))


def _check(desk: Desk, channel: Channel) -> None:
    try:
        zone_info(channel.zone)
    except (KeyError, ValueError, OSError):
        raise Usage(
            N_("There is no zone {zone}; an example: Asia/Seoul."), zone=channel.zone
        ) from None
    platform = desk.platforms.get(channel.address.platform)
    most = platform.limits.most_cards if platform else 50
    if not 1 <= channel.limit <= most:
        raise Usage(
            N_("The limit of cards is a number from 1 to {most}, not {number}."),
            most=str(most),
            number=str(channel.limit),
        )
    check_hour(channel)


def check_hour(channel: Channel) -> None:
    """Raises Usage when the digest's hour lies inside the quiet hours or no day is chosen."""
    if not channel.days:
        raise Usage(N_("Choose at least one weekday, for example {example}."), example="mon-fri")
    if is_quiet(channel, channel.hour):
        raise Usage(
            N_(
                "The digest's hour {hour} lies inside the quiet hours {start}-{end}; choose an "
                "hour outside them, for example {end}."
            ),
            hour=f"{channel.hour:%H:%M}",
            start=f"{channel.quiet_from:%H:%M}",
            end=f"{channel.quiet_to:%H:%M}",
        )


def retimed(channel: Channel, now: datetime, last: Digest | None) -> Channel:
    """The channel with its next due time computed anew, after a change of zone, hour or days.

    It is the first chosen local time after now whose local date has no digest. Raises Usage
    when the hour lies inside the quiet hours.
    """
    check_hour(channel)
    if channel.paused or channel.suspended_at is not None:
        return replace(channel, next_due=None, put_off_from=None)
    after = max(now, channel.paused_until) if channel.paused_until else now
    due = next_due(
        channel.zone, channel.hour, channel.days, after, taken=last.local_date if last else None
    )
    return replace(channel, next_due=due, put_off_from=None)


def paused(channel: Channel, now: datetime, days: int | None, last: Digest | None) -> Channel:
    """The channel paused for some days (1 to 365), or until it is resumed."""
    if days is None:
        return replace(channel, paused=True, paused_until=None, next_due=None, put_off_from=None)
    if not 1 <= days <= 365:
        raise Usage(N_("A pause lasts 1 to {most} days, for example /pause 7."), most="365")
    until = now + timedelta(days=days)
    return retimed(replace(channel, paused=False, paused_until=until, since=until), now, last)


def resumed(channel: Channel, now: datetime, last: Digest | None) -> Channel:
    """The channel going on from now: what was listed during the pause is not news."""
    return retimed(replace(channel, paused=False, paused_until=None, since=now), now, last)


def is_paused(channel: Channel, now: datetime) -> bool:
    """Whether the channel is paused at `now`."""
    return channel.paused or (channel.paused_until is not None and now < channel.paused_until)
