"""What of a standing needs a look, in one plain sentence each, and how times are said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.papers import source_name

if TYPE_CHECKING:
    from bot.ports import Standing

_PLATFORMS = {"telegram": "Telegram", "discord": "Discord", "console": "Console"}
_AHEAD = timedelta(minutes=5)  # of the clock, by which no round can be
_OVERDUE = timedelta(minutes=25)  # a digest waits 10 minutes for its readings, or for a source
_WAITS = timedelta(minutes=15)  # of a message that could go
_FAILS = timedelta(hours=1)  # one read that fails is nothing


@dataclass(frozen=True, slots=True)
class View:
    """From where it is looked at."""

    place: str  # of the database; never a password
    zone: str = "UTC"
    budget: int | None = None  # tokens of a day
    rounds: timedelta = timedelta(minutes=5)  # a round older than that means that no bot runs


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that needs a look."""

    key: str  # the same while it is the same trouble
    said: str


def hints(standing: Standing, view: View) -> tuple[Hint, ...]:
    """The gravest first; none when all is well."""
    return (
        *_of_rounds(standing, view),
        *_of_digests(standing, view),
        *_of_messages(standing, view),
        *_of_sources(standing, view),
        *_of_tokens(standing, view),
    )


def _of_rounds(standing: Standing, view: View) -> Iterator[Hint]:
    last, now = standing.last_round, standing.at
    if last is None:
        said = "No bot has run on this database yet: start it with `paperboy run`."
    elif last - now > _AHEAD:
        said = (
            f"The last round is dated {moment(last, view, now)}, which is still to come: check "
            "this machine's clock."
        )
    elif now - last > view.rounds:
        said = (
            f"The last round was {span(now - last)} ago, so no bot runs: start it with `paperboy "
            "run` and read its log. (Where cron calls `paperboy once`, say how often: --rounds.)"
        )
    else:
        return
    yield Hint("rounds", said)


def _of_digests(standing: Standing, view: View) -> Iterator[Hint]:
    due, now = standing.next_due, standing.at
    if due is not None and now - due > _OVERDUE:
        since = f"{moment(due, view, now)} ({span(now - due)} ago)"
        yield Hint(
            "digests",
            f"A digest was due at {since} and is not opened; `paperboy doctor` looks for "
            "the cause.",
        )


def _of_messages(standing: Standing, view: View) -> Iterator[Hint]:
    now = standing.at
    for name, since in sorted(standing.oldest.items()):
        if now - since > _WAITS:
            yield Hint(
                f"messages:{name}",
                f"{platform_name(name)}: a message waits since {moment(since, view, now)} "
                f"({span(now - since)}); does the bot reach the platform? `paperboy doctor` looks.",
            )


def _of_sources(standing: Standing, view: View) -> Iterator[Hint]:
    now = standing.at
    for one in standing.failing:
        if one.since is not None and now - one.since > _FAILS:
            since = f"{moment(one.since, view, now)} ({span(now - one.since)})"
            yield Hint(
                f"source:{one.source}",
                f"{source_name(one.source)} cannot be read since {since}: {one.why}",
            )


def _of_tokens(standing: Standing, view: View) -> Iterator[Hint]:
    if view.budget is not None and standing.tokens_today >= view.budget:
        yield Hint(
            "tokens",
            f"The day's {view.budget:,} tokens are spent: no paper is read by the model until "
            "midnight UTC.",
        )


def platform_name(name: str) -> str:
    """As people write it."""
    return _PLATFORMS.get(name, name)


def moment(instant: datetime, view: View, now: datetime) -> str:
    """On the clock of the operator's zone: "02:30", with its day where that is not today's."""
    local, today = instant.astimezone(ZoneInfo(view.zone)), now.astimezone(ZoneInfo(view.zone))
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return f"{local.day} {local:%b %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d}"


def span(length: timedelta) -> str:
    """Of any length, in its two greatest units: "40 s", "3 min", "1 h 20 min", "2 d 3 h"."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "min"))
    if seconds >= 86400:
        parts = ((seconds // 86400, "d"), (seconds // 3600 % 24, "h"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


def record(standing: Standing, view: View) -> dict[str, object]:
    """The standing as one JSON object, of the kind `status`."""
    from bot.cli.lines import stamp

    found = hints(standing, view)
    return {
        "kind": "status",
        "at": stamp(standing.at),
        "well": not found,
        "hints": [one.said for one in found],
        "database": view.place,
        "last_round": stamp(standing.last_round),
        "next_due": stamp(standing.next_due),
        "lists": _nested(standing.editions),
        "failing": [
            {"source": one.source, "since": stamp(one.since), "why": one.why}
            for one in standing.failing
        ],
        "papers": standing.papers,
        "readings": dict(standing.readings),
        "tokens": {
            "today": standing.tokens_today,
            "calls": standing.calls_today,
            "budget": view.budget,
        },
        "channels": _nested(standing.channels),
        "digests_24h": dict(standing.digests_today),
        "outbox": _nested(standing.outbox),
        "oldest": {name: stamp(since) for name, since in standing.oldest.items()},
    }


def _nested(counts: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (outer, inner), count in sorted(counts.items()):
        found.setdefault(outer, {})[inner] = count
    return found
