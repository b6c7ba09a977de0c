"""A channel as a JSON object, as a line, and as options; and back from each of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.channels import (
    EVERY_DAY,
    Address,
    Channel,
    Digest,
    Follow,
    LedgerRow,
    LedgerState,
    Notice,
    Topic,
)
from bot.cli.addresses import any_address, place_kind
from bot.cli.lines import stamp
from bot.errors import Usage

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_SHOWN = 5_000  # papers that an export tells of a channel: many months
MOST_CARDS = {"console": 1000}  # of a digest, where it is not:
_MOST_CARDS = 50
_ID = re.compile(r"[1-9]\d{0,19}", re.ASCII)
# What reading a damaged line may end in; OverflowError: an Infinity for a count.
_DAMAGE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)


def record(channel: Channel, topics: Sequence[Topic]) -> dict[str, object]:
    """The channel with everything it chose and its times."""
    return {
        "kind": "channel",
        "channel": str(channel.address),
        "topics": [topic.text for topic in topics],
        "at": f"{channel.hour:%H:%M}",
        "zone": channel.zone,
        "days": days_word(channel.days),
        "limit": channel.limit,
        "lang": channel.language,
        "layout": channel.layout.value,
        "when": channel.when.value,
        "empty": channel.empty.value,
        "sources": channel.follow.value,
        "links": channel.links,
        "sound": channel.sound,
        "quiet": _quiet(channel),
        "name": channel.name,
        "place": channel.kind.value,
        "ping": channel.ping,
        "tag": channel.tag,
        "crosspost": channel.crosspost,
        "link_cards": channel.link_cards,
        "community": channel.community,
        "paused": channel.paused,
        "paused_until": stamp(channel.paused_until),
        "since": stamp(channel.since),
        "next": stamp(channel.next_due),
    }


def whole(
    channel: Channel,
    topics: Sequence[Topic],
    last: Digest | None,
    ledger: Sequence[LedgerRow],
) -> dict[str, object]:
    """The channel as an export holds it: also what it was shown, so that nothing comes twice."""
    return {
        **record(channel, topics),
        "previous": stamp(channel.previous_due),
        "last": None if last is None else _last(last),
        "shown": [
            {
                "id": row.paper_id,
                "state": row.state.value,
                "at": stamp(row.at),
                "upvotes": row.upvotes,
            }
            for row in ledger
            if row.state is not LedgerState.RESERVED
        ],
    }


def _last(digest: Digest) -> dict[str, object]:
    return {
        "date": digest.local_date.isoformat(),
        "due": stamp(digest.due),
        "opened": stamp(digest.opened),
        "horizon": stamp(digest.horizon),
        "papers": digest.papers,
        "matched": digest.matched,
        "shown": digest.shown,
        "passed": digest.passed,
        "notice": digest.notice.value if digest.notice else None,
        "spoke": digest.spoke,
    }


def line(channel: Channel, topics: Sequence[Topic]) -> str:
    """The channel for a person: where, when, what."""
    from bot.cards.cut import clean
    from bot.texts import texts

    if channel.next_due is not None:
        when = f"next {texts('en').moment(channel.next_due, channel.zone)} ({channel.zone})"
    else:
        when = "paused" if channel.paused else "suspended"
    what = ", ".join(topic.text for topic in topics) or "everything"
    name = f"  {clean(channel.name)}" if channel.name else ""
    return f"{channel.address}{name}  {when}  {what}"


def days_word(days: frozenset[int]) -> str:
    """Weekdays as they are typed: "daily", "mon-fri", "mon,wed"."""
    if days == EVERY_DAY:
        return "daily"
    ordered = sorted(days)
    names = [_DAYS[day] for day in ordered]
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{names[0]}-{names[-1]}"
    return ",".join(names)


def choices(
    address: Address,
    *,
    at: str | None = None,
    zone: str | None = None,
    days: str | None = None,
    limit: str | None = None,
    lang: str | None = None,
    layout: str | None = None,
    when: str | None = None,
    empty: str | None = None,
) -> dict[str, Any]:
    """Fields of Channel for what was typed; nothing for what was not. Raises Usage."""
    from bot import choices as typed

    most = MOST_CARDS.get(address.platform, _MOST_CARDS)
    read: dict[str, tuple[str | None, Callable[[str], object]]] = {
        "hour": (at, typed.hour),
        "zone": (zone, typed.zone),
        "days": (days, typed.weekdays),
        "limit": (limit, lambda text: typed.limit(text, most)),
        "language": (lang, typed.language),
        "layout": (layout, typed.layout),
        "when": (when, typed.when),
        "empty": (empty, typed.empty),
    }
    return {name: parse(text) for name, (text, parse) in read.items() if text is not None}


@dataclass(frozen=True, slots=True)
class Exported:
    """One channel of an export."""

    address: Address
    topics: tuple[str, ...]
    choices: dict[str, Any]  # fields of Channel that a new one may choose
    history: dict[str, Any]  # fields of Channel that only an export can tell
    last: Digest | None  # of channel 0: its newest digest
    ledger: tuple[LedgerRow, ...]  # of channel 0: what it was shown


def read(text: str) -> list[Exported]:
    """The channels of an export. Raises Usage naming the line that cannot be used."""
    found = []
    for number, line_ in enumerate(text.splitlines(), 1):
        if not line_.strip():
            continue
        try:
            entry = json.loads(line_)
            if not isinstance(entry, dict) or entry.get("kind") != "channel":
                raise Usage('it is no object with "kind": "channel".')
            found.append(_read(entry))
        except Usage as error:
            raise Usage(f"Line {number} of the export cannot be used: {error}") from None
        except _DAMAGE as error:
            raise Usage(
                f"Line {number} of the export is damaged ({_why(error)}); nothing was imported."
            ) from None
    return found


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return "it is no JSON"
    return f"{type(error).__name__}: {error}"


def _read(entry: dict[str, Any]) -> Exported:
    from bot import choices as typed

    address = any_address(entry["channel"])
    fields = choices(
        address,
        at=entry["at"],
        zone=entry["zone"],
        days=entry["days"],
        limit=str(entry["limit"]),
        lang=entry["lang"],
        layout=entry["layout"],
        when=entry["when"],
        empty=entry["empty"],
    )
    topics = entry["topics"]
    if not isinstance(topics, list) or not all(isinstance(topic, str) for topic in topics):
        raise Usage("its topics are no list of texts.")
    if entry.get("quiet"):
        fields["quiet_from"], fields["quiet_to"] = typed.quiet(entry["quiet"]) or (None, None)
    fields |= {
        "follow": Follow(entry.get("sources", Follow.DEFAULT)),
        "links": typed.links(entry.get("links", "arxiv")),
        "sound": typed.sound(entry.get("sound", "first")),
        "name": entry.get("name"),
        "ping": _id(entry, "ping"),
        "tag": typed.tag(entry["tag"]) if entry.get("tag") else None,
        "crosspost": bool(entry.get("crosspost")),
        "link_cards": bool(entry.get("link_cards")),
        "community": _id(entry, "community"),
    }
    if kind := place_kind(address, entry.get("place")):
        fields["kind"] = kind
    history = {
        "paused": bool(entry.get("paused")),
        "paused_until": _instant(entry.get("paused_until")),
        "previous_due": _instant(entry.get("previous")),
    }
    if since := _instant(entry.get("since")):
        history["since"] = since
    shown = tuple(_shown(row) for row in entry.get("shown", ()))
    last = _digest(entry["last"]) if entry.get("last") else None
    return Exported(address, tuple(topics), fields, history, last, shown)


def _id(entry: dict[str, Any], name: str) -> str | None:
    value = entry.get(name)
    if value is not None and not (isinstance(value, str) and _ID.fullmatch(value)):
        raise Usage(f"its {name} is no id.")
    return value


def _digest(entry: dict[str, Any]) -> Digest:
    due, opened = _instant(entry["due"]), _instant(entry["opened"])
    if due is None or opened is None:
        raise Usage("its last digest has no time.")
    return Digest(
        channel_id=0,
        local_date=date.fromisoformat(entry["date"]),
        due=due,
        opened=opened,
        horizon=_instant(entry.get("horizon")),
        papers=int(entry["papers"]),
        matched=int(entry["matched"]),
        shown=int(entry["shown"]),
        passed=int(entry["passed"]),
        notice=Notice(entry["notice"]) if entry.get("notice") else None,
        spoke=bool(entry.get("spoke")),
    )


def _shown(row: dict[str, Any]) -> LedgerRow:
    at = _instant(row["at"])
    if at is None or not isinstance(row["id"], str):
        raise Usage("a paper that it was shown has no id or no time.")
    return LedgerRow(0, row["id"], LedgerState(row["state"]), at, upvotes=row.get("upvotes"))


def _instant(text: str | None) -> datetime | None:
    from bot.cli.options import instant

    return instant(text) if text else None


def _quiet(channel: Channel) -> str | None:
    if channel.quiet_from is None or channel.quiet_to is None:
        return None
    return f"{channel.quiet_from:%H:%M}-{channel.quiet_to:%H:%M}"
