"""What a number can mean: its value, how finely it is told, and what stands with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal


class Kind:
    """What stands with a number: bits of a plain int (an IntFlag takes ten times as long)."""

    BARE = 1
    PERCENT = 2
    TIMES = 4
    TABLE = 8  # in a row of a table, whose head may have the unit
    SCALED = 16  # with k, million, 亿 …
    PLUS = 32
    MINUS = 64


@dataclass(frozen=True, slots=True)
class Meaning:
    """One of the quantities that a mention can be."""

    value: Decimal  # never negative; 12.3 for 12.3%
    grain: Decimal  # what its last digit counts: 0.1 for 12.3, 100,000,000 for 70亿
    kind: int  # of Kind


@dataclass(slots=True)
class Mention:
    """One number as it stands in a text."""

    start: int
    end: int
    text: str
    meanings: list[Meaning] = field(default_factory=list)
    name: str = ""  # the name that it is a part of: "GPT-4", "H100"
    about: bool = False  # "about", "over", 约 …: trailing zeros are not meant
    bare: int = 0  # where the digits with their scale end and a unit may begin
    row: int = -1  # of a table, counted through the text
    column: int = -1
