"""How a number of a reading follows from two of its source, where that is likely to be meant.

With a dozen numbers about, chance finds a sum for nearly everything: two operands must be of one
kind and unit, stand together in the source, and be near the number in the reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain, permutations

from bot.reading.numbers import units
from bot.reading.numbers.arithmetic import digits_of, reckoned
from bot.reading.numbers.meanings import Kind, Meaning, Mention

_NEAR = 160  # characters between two numbers of the source that may be reckoned with
_BESIDE = 500  # the same, where the reading itself puts the two together
_CLOSE = 40  # two of them probably have one unit
_NEIGHBOURS = 4  # mentions to either side that are tried
_PLACES = 12  # places of the same value in the source that are looked around
_ROWS = 8
_TOGETHER = 120  # characters between numbers of one reading that belong together
_APART = 6  # mentions between them at most
_JUST_BEFORE = 40  # characters; two numbers there are what the third is reckoned from
_PAIRS = 2_000  # "from … to …" of one source that are kept
_SHARE = Decimal("0.05")  # of two numbers of no known unit, the smaller in the larger at least
_AGAINST = re.compile(
    r"[\s$}%\\]{0,4}(?:to|→|->|\\to|\\rightarrow|vs\.?|versus|compared (?:to|with)|over|against"
    r"|than|down to|up to)[\s${]{0,4}(?:the baseline'?s? )?",
    re.IGNORECASE,
)
_SAME_UNIT = re.compile(
    r"[\s$]{0,3}(?:to|and|or|vs\.?|from|→|->|-|~|降到|降至|提升到|提升至|增加到|到|至|和|与|에서|로|와|과|,)[\s$]{0,3}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Operand:
    """One quantity that is reckoned with."""

    meaning: Meaning
    unit: int | str | None = None  # row of the table of units, or the word that is counted


def operands(mention: Mention, text: str, after: Mention | None) -> list[Operand]:
    """What a mention can be reckoned with as; a part of a name (RealEstate10K) is no quantity.

    `after`: the next mention, whose unit counts for both in "from 182 to 61 ms".
    """
    if mention.name:
        return []
    unit = units.counted(text, mention.bare)
    if unit is None and after is not None:
        between = text[mention.end : min(after.start, mention.end + 20)]
        unit = units.counted(text, after.bare) if _SAME_UNIT.fullmatch(between) else None
    return [Operand(meaning, unit) for meaning in mention.meanings]


class Deriving:
    """Reckons with the numbers of one source.

    `at`: the places of each value among the mentions; `columns`: those of a table's cell.
    """

    def __init__(
        self,
        text: str,
        mentions: Sequence[Mention],
        at: dict[Decimal, list[int]],
        columns: dict[tuple[int, int], list[int]],
    ) -> None:
        self._text = text
        self._mentions = mentions
        self._at = at
        self._columns = columns
        self._pairs = list(self._against())

    def derivation(
        self, text: str, own: Sequence[Mention], founds: Sequence[bool], place: int
    ) -> str:
        """How that number of the reading `text` follows from two of the source; "" when it does
        not. `founds`: which of the reading's numbers the source holds."""
        mention = own[place]
        unit = units.counted(text, mention.bare)
        near: list[tuple[int, Operand]] = []
        told = 0
        for other in range(max(0, place - _APART), min(len(own), place + _APART + 1)):
            one = own[other]
            if other == place or not founds[other] or abs(one.start - mention.start) > _TOGETHER:
                continue
            after = own[other + 1] if other + 1 < len(own) else None
            found = operands(one, text, after if other + 1 != place else None)
            near += [(other, each) for operand in found for each in self._as_told(operand)]
            just_before = 0 <= mention.start - one.end <= _JUST_BEFORE
            told += just_before and bool(found) and digits_of(found[0].meaning) >= 2
        for wanted in mention.meanings:
            goal = Operand(wanted, unit)
            if how := self._from_the_reading(goal, near, place):
                return how
            if told >= 2 or digits_of(wanted) < 3:
                continue  # it says what it was reckoned from, and that is wrong
            if how := self._from_the_source(goal, [operand for _, operand in near]):
                return how
        return ""

    def _as_told(self, operand: Operand) -> Iterator[Operand]:
        """The operand, and as percent or points too where the source has it so."""
        yield operand
        meaning = operand.meaning
        if not meaning.kind & Kind.PERCENT and any(
            one.kind & Kind.PERCENT and one.value == meaning.value
            for place in self._at.get(meaning.value, ())[:_PLACES]
            for one in self._mentions[place].meanings
        ):
            yield Operand(replace(meaning, kind=Kind.PERCENT), operand.unit)

    def _from_the_reading(
        self, goal: Operand, near: Sequence[tuple[int, Operand]], place: int
    ) -> str:
        """From two numbers that the reading has beside it, and the source together."""
        wanted = goal.meaning
        for (first, one), (second, other) in permutations(near, 2):
            high, low = one.meaning, other.meaning
            if first == second or high.value <= low.value:
                continue
            beside = abs(first - second) == 1 and min(abs(first - place), abs(second - place)) == 1
            alike = wanted.grain < 1 and wanted.grain == high.grain == low.grain
            if not (beside or alike or digits_of(wanted) >= 3):
                continue
            if not (how := reckoned(wanted, high, low)):
                continue
            apart = self._apart(high, low)
            if apart <= _BESIDE and fits(goal, one, other, close=apart <= _CLOSE):
                return how
        return ""

    def _from_the_source(self, goal: Operand, near: Sequence[Operand]) -> str:
        """From one that the reading has beside it and a neighbour of that in the source, or from
        two that the source puts against one another."""
        beside = (
            (known, found) for known in near for found in self._neighbours(known.meaning.value)
        )
        for one, other in chain(beside, self._pairs):
            high, low = (one, other) if one.meaning.value > other.meaning.value else (other, one)
            if not fits(goal, high, low):
                continue
            how = reckoned(goal.meaning, high.meaning, low.meaning)
            if how and "+" not in how:
                return how
        return ""

    def _neighbours(self, value: Decimal) -> Iterator[Operand]:
        """What stands near the value in the source: beside it, or in its column."""
        for place in self._at.get(value, ())[:_PLACES]:
            here = self._mentions[place]
            for other in range(place - _NEIGHBOURS, place + _NEIGHBOURS + 1):
                if other == place or not 0 <= other < len(self._mentions):
                    continue
                beside = self._mentions[other]
                if here.row < 0 and beside.row < 0 and abs(beside.start - here.start) <= _NEAR:
                    yield from self._operands(other)[:1]
            if here.row >= 0:
                for row in range(here.row - _ROWS, here.row + _ROWS + 1):
                    if row != here.row:
                        for other in self._columns.get((row, here.column), ())[:1]:
                            yield from self._operands(other)[:1]

    def _operands(self, place: int) -> list[Operand]:
        after = self._mentions[place + 1] if place + 1 < len(self._mentions) else None
        return operands(self._mentions[place], self._text, after)

    def _apart(self, one: Meaning, other: Meaning) -> int:
        """How many characters of the source are between the two at least; in one column of a
        table, and for what stands there in another spelling only, none."""
        first, second = (self._at.get(m.value, ())[:_PLACES] for m in (one, other))
        if not first or not second:
            return 0
        return min(
            _between(self._mentions[here], self._mentions[there])
            for here in first
            for there in second
        )

    def _against(self) -> Iterator[tuple[Operand, Operand]]:
        """The pairs that the source itself compares."""
        count = 0
        for place, (one, other) in enumerate(zip(self._mentions, self._mentions[1:], strict=False)):
            if count >= _PAIRS or other.start - one.end > 40 or not one.meanings:
                continue
            if other.meanings and _AGAINST.fullmatch(self._text[one.end : other.start]):
                first, second = self._operands(place)[-1:], self._operands(place + 1)[:1]
                if first and second:
                    count += 1
                    yield first[0], second[0]


def _between(here: Mention, there: Mention) -> int:
    if here.row >= 0 and there.row >= 0:
        if here.column == there.column and abs(here.row - there.row) <= _ROWS:
            return 0
        return _CLOSE + 1 if here.row == there.row else _BESIDE + 1
    return max(here.start, there.start) - min(here.end, there.end)


def fits(goal: Operand, high: Operand, low: Operand, *, close: bool = False) -> bool:
    """Whether it makes sense to reckon the number out of these two: not GPUs with points.

    `close`: they stand so near each other that one unit is probably that of both.
    """
    known = {one.unit for one in (high, low) if one.unit is not None}
    if len(known) > 1:
        return False
    in_table = any(one.meaning.kind & Kind.TABLE for one in (high, low))
    alone = not (isinstance(high.unit, int) and isinstance(low.unit, int))
    if (
        any(isinstance(one, int) for one in known)
        and alone
        and not (in_table or close)
        and goal.unit not in known
    ):
        return False  # a counted thing with a bare number
    ratio = goal.meaning.kind & (Kind.PERCENT | Kind.TIMES)
    if not ratio and isinstance(goal.unit, int) and known and goal.unit not in known:
        return False
    if ratio:
        alike = not (high.meaning.kind ^ low.meaning.kind) & (Kind.PERCENT | Kind.SCALED)
        share = low.meaning.value / high.meaning.value if high.meaning.value else Decimal(0)
        return alike and (bool(known) or share >= _SHARE)
    fine = goal.meaning.grain < 1
    whole = any(one.meaning.grain >= 1 and digits_of(one.meaning) < 2 for one in (high, low))
    return not (fine and whole)  # 61.4 and 8 are not of one scale
