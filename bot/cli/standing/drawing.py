"""A standing as a table for a terminal of any width; rich is imported when something is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.cli.standing.hints import View, hints, moment, platform_name, span
from bot.papers import source_name

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from bot.ports import Standing

WIDEST = 100  # columns; longer lines are tiring
_LISTS = ("closed", "empty", "open")
_CHANNELS = (("active", ""), ("paused", ""), ("suspended", "yellow"))
_OUTBOX = (("ready", ""), ("parked", ""), ("in-flight", ""), ("unknown", "yellow"))
_RUNGS = {
    "full-text": "from full texts",
    "abstract": "from abstracts",
    "ready-made": "ready-made lines",
    "sentences": "sentences of abstracts",
}

Line = Sequence[tuple[str, str]]  # pieces: (text, style)


def drawn(standing: Standing, view: View) -> RenderableType:
    """Heading, what needs a look, and the facts, one a row."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    facts = Table.grid(padding=(0, 2), expand=False)
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    for label, lines in _facts(standing, view):
        for number, line in enumerate(lines):
            facts.add_row("" if number else label, _text(line))
    found = hints(standing, view)
    told: list[Text] = [Text(f"! {one.said}", style="bold yellow") for one in found]
    if not found:
        told.append(Text("All is well.", style="green"))
    at = standing.at.astimezone(ZoneInfo(view.zone))
    title = Text.assemble(
        ("Paperboy", "bold"), f" · {at:%a} {at.day} {at:%b %Y %H:%M:%S} ({view.zone})"
    )
    return Group(title, Text(view.place, style="dim"), *told, Text(), facts)


def _text(line: Line) -> Text:
    from rich.text import Text

    found = Text()
    for piece, style in line:
        found.append(piece, style=style or None)
    return found


def _facts(standing: Standing, view: View) -> Iterable[tuple[str, list[Line]]]:
    now = standing.at
    last, due = standing.last_round, standing.next_due
    rounds = "none yet" if last is None else f"last {span(now - last)} ago"
    late = last is None or now - last > view.rounds
    yield "Rounds", [[(rounds, "yellow" if late else "")]]
    if due is None:
        coming = "none is planned"
    elif due > now:
        coming = f"next {moment(due, view, now)}, in {span(due - now)}"
    else:
        coming = f"next was due at {moment(due, view, now)}"
    opened = [f"{platform_name(name)} {n:,}" for name, n in sorted(standing.digests_today.items())]
    said = f"in the last 24 hours: {' · '.join(opened) or 'none'}"
    yield "Digests", [[(said, "")], [(coming, "")]]
    yield "Channels", _rows(standing.channels, _CHANNELS, "nobody is subscribed")
    yield "Outbox", _rows(standing.outbox, _OUTBOX, "nothing waits", _waiting(standing))
    yield "Lists", _lists(standing, view)
    readings = [f"{n:,} {_RUNGS.get(rung, rung)}" for rung, n in sorted(standing.readings.items())]
    yield "Papers", [[(f"{standing.papers:,}", "")]]
    yield "Readings", [[(" · ".join(readings) or "none", "")]]
    spent = f"{standing.tokens_today:,}"
    if view.budget is not None:
        spent += f" of {view.budget:,}"
    yield "Tokens", [[(f"{spent} today (UTC), in {_calls(standing.calls_today)}", "")]]


def _calls(number: int) -> str:
    return f"{number:,} call" if number == 1 else f"{number:,} calls"


def _rows(
    counts: Mapping[tuple[str, str], int],
    states: Sequence[tuple[str, str]],
    nothing: str,
    more: Mapping[str, str] | None = None,
) -> list[Line]:
    names = sorted({name for name, _ in counts})
    if not names:
        return [[(nothing, "dim")]]
    found: list[Line] = []
    for name in names:
        line: list[tuple[str, str]] = [(f"{platform_name(name)}: ", "")]
        parts = [(state, style) for state, style in states if counts.get((name, state))]
        for number, (state, style) in enumerate(parts):
            line.append((" · " if number else "", ""))
            line.append((f"{counts[name, state]:,} {state.replace('-', ' ')}", style))
        line.append(((more or {}).get(name, ""), ""))
        found.append(line)
    return found


def _waiting(standing: Standing) -> dict[str, str]:
    return {
        name: f" · oldest waits {span(standing.at - since)}"
        for name, since in standing.oldest.items()
    }


def _lists(standing: Standing, view: View) -> list[Line]:
    failing = {one.source: one for one in standing.failing}
    names = sorted({name for name, _ in standing.editions} | failing.keys())
    if not names:
        return [[("none was read yet", "dim")]]
    found: list[Line] = []
    for name in names:
        counts = [(standing.editions.get((name, state), 0), state) for state in _LISTS]
        said = " · ".join(f"{count} {state}" for count, state in counts if count)
        found.append([(f"{source_name(name)}: {said or 'none'} (31 days)", "")])
        if (one := failing.get(name)) is not None:
            since = f" since {moment(one.since, view, standing.at)}" if one.since else ""
            found.append([(f"  cannot be read{since}: {one.why}", "yellow")])
    return found
