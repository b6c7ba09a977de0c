"""What a soak tells in the end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from scripts.soaking.judge import thirds
from scripts.soaking.samples import Sample
from scripts.soaking.soak import Outcome


def text(outcome: Outcome) -> str:
    """For people."""
    return "\n".join(_lines(outcome))


def _lines(outcome: Outcome) -> Iterable[str]:
    plan, verdict = outcome.plan, outcome.verdict
    yield (
        f"{outcome.days / 7:.2f} weeks of {plan.chats} chats in "
        f"{outcome.seconds / 60:.1f} minutes: "
        f"{outcome.speed:.0f} times as fast as life ({plan.speed:g} between samples), "
        f"seed {plan.seed}"
    )
    yield f"messages {outcome.messages}; deliveries {_told(outcome.states)}"
    yield f"figures were asked for and given {outcome.scraped} times"
    yield f"people: {_told(outcome.acts)}"
    yield f"troubles: {_told(outcome.troubles)}"
    if outcome.logged:
        yield "the bot's log:"
        for said, count in outcome.logged.most_common(12):
            yield f"  {count:5d}  {said}"
    if outcome.restless:
        yield f"not at rest before {outcome.restless} of {len(outcome.samples)} samples"
    if verdict.memory is not None:
        yield from _figures(outcome)
    yield ""
    yield "passed" if verdict.passes else "FAILED"
    yield from (f"  {one}" for one in verdict.wrong)
    if verdict.suspects:
        yield "suspects:"
        yield from (f"  {one}" for one in verdict.suspects)


def _figures(outcome: Outcome) -> Iterable[str]:
    memory = outcome.verdict.memory
    assert memory is not None
    middle, last = thirds(outcome.samples)
    yield ""
    yield f"{'':34}{'warmed up':>12}{'at the end':>12}"
    yield f"{'memory, MB (median)':34}{memory.before / 1e6:12.1f}{memory.after / 1e6:12.1f}"
    yield f"{'  growth by medians, by the line':34}{memory.share:12.1%}{memory.line_share:12.1%}"
    one, other = middle[0], last[-1]
    for name, of in (("tasks", "tasks"), ("handles", "handles"), ("threads", "threads")):
        yield f"{name:34}{_sum(one, of):12d}{_sum(other, of):12d}"
    sockets = [sample.handles.get("socket", 0) for sample in (one, other)]
    yield f"{'  of the handles sockets':34}{sockets[0]:12d}{sockets[1]:12d}"
    for name in sorted(other.rows):
        rate = outcome.verdict.rates.get(name)
        more = f"   {rate[0]:.0f} a day, then {rate[1]:.0f}" if rate else ""
        yield f"{'rows of ' + name:34}{one.rows.get(name, 0):12d}{other.rows[name]:12d}{more}"


def _sum(sample: Sample, name: str) -> int:
    return sum(getattr(sample, name).values())


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


def as_json(outcome: Outcome) -> str:
    """For programs: everything, the samples included."""
    told: dict[str, Any] = asdict(outcome)
    for name in ("troubles", "acts", "logged"):  # asdict makes something else of a Counter
        told[name] = dict(getattr(outcome, name))
    told["speed"] = outcome.speed
    told["passes"] = outcome.verdict.passes
    return json.dumps(told, ensure_ascii=False)
