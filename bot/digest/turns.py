"""Turns: in which order the channels that are due together are carried, fairly over the days."""

from __future__ import annotations

from datetime import datetime

_RING = 2**32
_GOLDEN = 2654435769  # of the ring, 0.618: steps of this size leave no gap and no crowd
_MINUTE = 60


def turn(channel_id: int, opened: datetime) -> int:
    """The place of a channel among those opened in the same minute; less than 2**63.

    What was opened in an earlier minute goes first. Within the minute every channel has a place
    on a ring, which turns by the golden section each day: over any few days each channel is about
    as often early as late.
    """
    minute = int(opened.timestamp()) // _MINUTE
    place = (_mixed(channel_id) + opened.date().toordinal() * _GOLDEN) % _RING
    return minute * _RING + place


def _mixed(number: int) -> int:
    """The number's own place on the ring: neighbours stand far from one another."""
    number = (number ^ (number >> 16)) * 0x45D9F3B % _RING
    number = (number ^ (number >> 16)) * 0x45D9F3B % _RING
    return number ^ (number >> 16)
