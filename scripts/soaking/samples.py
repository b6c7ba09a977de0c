"""What is measured at one instant of a soak, as the judge reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Sample:
    """The bot at rest: the clock stands, and nothing is under way."""

    day: float  # simulated days since the beginning
    memory: int = 0  # resident bytes that are the process's own (files that it maps left out)
    resident: int = 0  # all resident bytes
    python: int = 0  # bytes in blocks of Python's own allocator
    tasks: Counts = field(default_factory=dict)  # asyncio tasks by name, numbers as #
    handles: Counts = field(default_factory=dict)  # open file descriptors by kind
    threads: Counts = field(default_factory=dict)  # by name, numbers as #
    objects: Counts = field(default_factory=dict)  # objects of the garbage collector by type
    holds: Counts = field(default_factory=dict)  # entries in containers, "Class.attribute"
    rows: Counts = field(default_factory=dict)  # rows by table, notes by kind as "notes:kind"
    wrong: Counts = field(default_factory=dict)  # rows that should not be there, by what they are

    @property
    def things(self) -> dict[str, int]:
        """Tasks, handles and threads together, each with what it is before its name."""
        kinds = {"task": self.tasks, "handle": self.handles, "thread": self.threads}
        return {f"{kind} {name}": n for kind, of in kinds.items() for name, n in of.items()}

    @classmethod
    def of(cls, told: Mapping[str, Any], **more: Any) -> Sample:
        """Out of what the process told, and what was found beside it."""
        return cls(**{**told, **more})
