"""One line of the doctor: what was looked at, how it stands, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from bot.cli.lines import emit
from bot.logs import masked


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing stands."""

    name: str
    state: str  # "ok", "warn" or "bad"
    says: str  # what was seen
    todo: str = ""  # what to do, unless it is ok
    seconds: float | None = None  # how long the look took, where that tells something


def show(finding: Finding, *, as_json: bool) -> None:
    """Print it as a line for a person, or as a JSON object."""
    if as_json:
        emit(
            {
                "kind": "check",
                "name": finding.name,
                "state": finding.state,
                "text": masked(finding.says),
                "todo": masked(finding.todo) or None,
                "seconds": None if finding.seconds is None else round(finding.seconds, 3),
            }
        )
        return
    todo = f" {finding.todo}" if finding.todo else ""
    print(f"{finding.state:<5}{finding.name:<13}{masked(finding.says + todo)}", flush=True)
