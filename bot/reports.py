"""A reading report: what a reader found in one paper, field by field."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Guide:
    """How the work is used; a field that the paper says nothing of is empty."""

    input: str = ""
    output: str = ""
    procedure: str = ""
    resources: str = ""  # hardware, time, cost
    code: str = ""  # whether there is code, as the paper says


@dataclass(frozen=True, slots=True)
class Innovation:
    """One new idea."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Brief:
    """The paper in key words; an empty field was not found."""

    task: str = ""
    input: str = ""
    output: str = ""
    backbone: str = ""
    datasets: tuple[str, ...] = ()
    problem: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report. Plain text: no markup, terms of art in English."""

    field: str = ""
    contribution: str = ""  # one sentence
    guide: Guide = Guide()
    innovations: tuple[Innovation, ...] = ()  # two to four
    results: str = ""
    brief: Brief = Brief()

    def as_dict(self) -> dict[str, Any]:
        """What `of_dict` takes; of JSON's kinds alone."""
        return asdict(self)

    @classmethod
    def of_dict(cls, given: dict[str, Any]) -> Report:
        """The report of what `as_dict` gave. Raises TypeError, KeyError for anything else."""
        brief = dict(given["brief"])
        return cls(
            field=given["field"],
            contribution=given["contribution"],
            guide=Guide(**given["guide"]),
            innovations=tuple(Innovation(**one) for one in given["innovations"]),
            results=given["results"],
            brief=Brief(**{**brief, "datasets": tuple(brief["datasets"])}),
        )
