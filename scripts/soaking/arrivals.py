"""Whether the chats in which nobody talks got what was due: judged on what arrived there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from adapters.sources.huggingface import HuggingFace
from bot.channels import When
from scripts.soaking.books import Shown
from scripts.soaking.press import Press
from scripts.soaking.town import Home, Town

_MARGIN = timedelta(days=1, hours=6)  # put-offs, quiet hours, storms
_MARGIN_LATE = timedelta(days=1)


def judge(
    town: Town, press: Press, ledger: Collection[Shown], begin: datetime, end: datetime
) -> list[str]:
    """What is wrong with what arrived, for people; empty: nothing is."""
    rose = {(one.platform, one.chat, one.paper) for one in ledger if one.rose}
    said = []
    for home in town.homes:
        if home.quiet:
            said += _twice(town, home, rose)
            said += _missing(town, home, press, begin, end)
    return said


def _places(town: Town, home: Home) -> list[str]:
    chat = home.address.chat
    return [one for one in (chat, f"{chat} itself") if one in town.record.said]


def _twice(town: Town, home: Home, rose: set[tuple[str, str, str]]) -> list[str]:
    found = []
    once = home.fate in ("discord text", "discord news", "discord private")
    for place in _places(town, home):
        lost = town.record.lost[place]
        for paper, copies in town.record.said[place].items():
            allowed = 1 + ((home.address.platform, home.address.chat, paper) in rose)
            allowed += 0 if once else lost[paper]
            if copies > allowed:
                found.append(
                    f"{home.address} ({home.fate}) got {paper} {copies} times, {allowed} allowed"
                )
    return found


def _missing(town: Town, home: Home, press: Press, begin: datetime, end: datetime) -> list[str]:
    """Papers of whole lists that closed so early that every digest since has brought them."""
    source, had = HuggingFace(), set()
    for place in _places(town, home):
        had |= set(town.record.said[place])
    days = home.channel.days
    every = 1 if len(days) == 7 else 3 if len(days) == 5 else 7
    last = end - _MARGIN - timedelta(days=every)
    if home.channel.when is not When.CLOSED:
        last -= _MARGIN_LATE
    found, day = [], begin.date()
    while (closes := source.closes(day)) < last:
        if closes > begin:
            found += [
                f"{home.address} ({home.fate}) never got {one.id} of {day}"
                for one in press.papers(day)
                if not one.extra and one.id not in had
            ]
        day += timedelta(days=1)
    return found
