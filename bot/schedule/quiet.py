"""Quiet hours: when nothing leaves unasked."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Protocol

from bot.schedule.times import wall, zone_info


class Quiet(Protocol):
    """What has quiet hours: a channel, or what tells of one."""

    @property
    def zone(self) -> str: ...

    @property
    def quiet_from(self) -> time | None: ...

    @property
    def quiet_to(self) -> time | None: ...


def is_quiet(channel: Quiet, at: time) -> bool:
    """Whether a local wall time lies in the quiet hours, which may pass midnight."""
    start, end = channel.quiet_from, channel.quiet_to
    if start is None or end is None:
        return False
    return start <= at < end if start < end else at >= start or at < end


def quiet_end(channel: Quiet, now: datetime) -> datetime | None:
    """The end of the quiet hours that `now` lies in, or None when it lies in none."""
    here = now.astimezone(zone_info(channel.zone)) if channel.quiet_to is not None else None
    if here is None or channel.quiet_to is None or not is_quiet(channel, here.time()):
        return None
    tomorrow = here.time() >= channel.quiet_to
    day = here.date() + timedelta(days=1) if tomorrow else here.date()
    return wall(channel.zone, day, channel.quiet_to)
