"""Which numbers of a reading its source holds, which follow from it, and which are nowhere.

A number is *found* when the source has its value: in any spelling, as percent or as fraction, or
with more digits that round to it. It is *derived* when two numbers of the source give it as their
sum, difference, ratio or percentage, and

- both stand near it in the reading as well ("from 14.36 to 7.65, 6.71 less") and together in the
  source: within 500 characters, or in one row or column of a table; or
- one does, and the other is its neighbour in the source: within 160 characters, or in the same
  column at most 8 rows away; or
- the source puts them against one another ("from 14.36 to 7.65", "14.36 vs. 7.65").

The two must be of one kind and unit (no GPUs with points, no part of a name), and but for two that
stand right beside it the number must have three digits that count, so that chance seldom does it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.reading.numbers import units
from bot.reading.numbers.arithmetic import digits_of
from bot.reading.numbers.deriving import Deriving
from bot.reading.numbers.meanings import Kind, Meaning, Mention
from bot.reading.numbers.scanning import mentions, plain
from bot.reading.numbers.words import in_words

_LOOKED_AT = 200  # places where a unit is looked for
_HALF = Decimal("0.5")
_JOINTS = re.compile(r"[-\s_@${}\\~]+")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[-\s_@${}\\~]+(?=\d)", re.A)
_LAST_DOT = re.compile(r"\.(?!\d)", re.A)
_OTHER = re.compile(r"[^0-9a-z.]+")
_TEX_WORDS = re.compile(r"\\(?:text|math)(?:bf|it|rm|sf|tt|bb|cal)?\{|\\[,;! ]")


_FACTOR = re.compile(
    r"speed|factor|ratio|faster|fewer|reduc|加速|快|提速|压缩|倍|比|속도|가속|압축|배",
    re.IGNORECASE,
)
_FAMILY = re.compile(
    r"\b(?:Claude|Gemini|Llama|Qwen|Gemma|Mistral|DeepSeek|Phi|Grok|Stable Diffusion|GPT|Whisper"
    r"|FLUX|Falcon|GLM|Kimi) V?$"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """One number of a reading, by its place there."""

    start: int
    end: int
    text: str
    how: str = ""  # the arithmetic of a derived one: "14.36 - 7.65"


@dataclass(frozen=True, slots=True)
class Checked:
    """The numbers of one text, each in one of the three, in their order."""

    found: tuple[Mark, ...] = ()
    derived: tuple[Mark, ...] = ()
    unfound: tuple[Mark, ...] = ()


def check(reading_text: str, source: str | Sequence[str]) -> Checked:
    """The numbers of the reading, searched in the source; for several readings use Numbers."""
    return Numbers(source).check(reading_text)


class Numbers:
    """The numbers of one source, ready to be searched. Any text will do; never raises."""

    def __init__(self, source: str | Sequence[str]) -> None:
        text = source if isinstance(source, str) else "\n\n".join(source)
        text = plain(text)
        self._names = _squeezed(text)
        self._mentions = mentions(text, own=False)
        self._exact: dict[Decimal, list[int]] = {}
        self._at: dict[Decimal, list[int]] = {}  # value → places in `_mentions`
        columns: dict[tuple[int, int], list[int]] = {}
        for place, mention in enumerate(self._mentions):
            for meaning in mention.meanings:
                self._add(meaning)
                self._at.setdefault(meaning.value, []).append(place)
            if mention.row >= 0:
                columns.setdefault((mention.row, mention.column), []).append(place)
        self._worded: dict[Decimal, list[tuple[int, int]]] = {}
        for start, end, meaning in in_words(text):
            self._add(meaning)
            self._worded.setdefault(meaning.value, []).append((start, end))
        self._text = text
        self._sorted = sorted(
            ((m.value, m.grain, m.kind) for one in self._mentions for m in one.meanings),
            key=lambda item: item[0],
        )
        self._values = [value for value, _, _ in self._sorted]
        self._deriving = Deriving(text, self._mentions, self._at, columns)

    def check(self, reading_text: str) -> Checked:
        """Where each number of the text comes from."""
        sorted_out: tuple[list[Mark], list[Mark], list[Mark]] = ([], [], [])
        own = mentions(reading_text, own=True)
        text = plain(reading_text)
        founds = [self._has(mention) and self._of_unit(mention, text) for mention in own]
        for place, mention in enumerate(own):
            how = "" if founds[place] else self._deriving.derivation(text, own, founds, place)
            mark = Mark(mention.start, mention.end, reading_text[mention.start : mention.end], how)
            sorted_out[0 if founds[place] else 1 if how else 2].append(mark)
        return Checked(*(tuple(marks) for marks in sorted_out))

    def _add(self, meaning: Meaning) -> None:
        kinds = self._exact.setdefault(meaning.value, [])
        if meaning.kind not in kinds:
            kinds.append(meaning.kind)

    def _has(self, mention: Mention) -> bool:
        if mention.name and self._has_name(mention.name):
            return True
        return any(self._has_meaning(meaning, mention.about) for meaning in mention.meanings)

    def _of_unit(self, mention: Mention, text: str) -> bool:
        """Whether a small number with a unit has it in the source too; others always do."""
        meaning = mention.meanings[0] if mention.meanings else None
        if mention.name or meaning is None or not meaning.kind & Kind.BARE:
            return True
        if self._misnamed(mention, text):
            return False
        kinds = self._exact.get(meaning.value)
        if kinds and all(kind & Kind.TIMES for kind in kinds):
            return bool(_FACTOR.search(text, max(0, mention.start - 24), mention.end + 12))
        if digits_of(meaning) > 2:
            return True
        unit = units.wanted(text[mention.bare : mention.bare + 24])
        places = [self._mentions[at] for at in self._at.get(meaning.value, [])[:_LOOKED_AT]]
        spans = [(one.start, one.end) for one in places] + self._worded.get(meaning.value, [])[
            :_LOOKED_AT
        ]
        if (
            unit is None
            or not spans
            or len(places) == _LOOKED_AT
            or any(one.row >= 0 for one in places)
        ):
            return True
        return any(units.near(self._text, start, end, unit) for start, end in spans)

    def _misnamed(self, mention: Mention, text: str) -> bool:
        """Whether it is the number of a model ("Claude 3.7") that the source does not name so."""
        family = _FAMILY.search(text, max(0, mention.start - 20), mention.start)
        if mention.name or not family:
            return False
        return not self._stands(_squeezed(family[0] + text[mention.start : mention.end]))

    def _has_name(self, name: str) -> bool:
        squeezed = _squeezed(name)
        if self._stands(squeezed):
            return True
        if squeezed in ("1d", "2d", "3d", "4d"):
            return f"{_ENGLISH[squeezed[0]]}dimension" in self._names
        parts: list[str] = []
        for part in re.split(r"[-_+/]", name):
            if parts and part[:1].isdigit() and not part[-1:].isalpha():
                parts[-1] += part
            else:
                parts.append(part)
        numbered = [_squeezed(part) for part in parts if any(c.isdigit() for c in part)]
        return len(parts) > 1 and all(self._stands(part) for part in numbered)

    def _stands(self, name: str) -> bool:
        """Whether the name stands in the source, not inside a longer number or word."""
        at = self._names.find(name)
        tries = 0
        while at >= 0 and tries < 200:
            before = self._names[at - 1 : at]
            behind = self._names[at + len(name) : at + len(name) + 2]
            cut = name[0].isdigit() and (before.isdigit() or before == ".")
            cut = cut or (name[-1].isdigit() and (behind[:1].isdigit() or _is_decimal(behind)))
            if not cut:
                return True
            at = self._names.find(name, at + 1)
            tries += 1
        return False

    def _has_meaning(self, wanted: Meaning, about: bool) -> bool:
        kinds = self._exact.get(wanted.value)
        if kinds and any(_fits(wanted, kind) for kind in kinds) and self._signed(wanted, kinds):
            return True
        if self._converted(wanted):
            return True
        return self._rounded(wanted, about)

    def _signed(self, wanted: Meaning, kinds: Iterable[int]) -> bool:
        """A sign that the reading writes must not be the other one wherever the source has it."""
        opposite = {Kind.PLUS: Kind.MINUS, Kind.MINUS: Kind.PLUS}
        sign = wanted.kind & (Kind.PLUS | Kind.MINUS)
        if sign not in opposite:
            return True
        return not all(kind & opposite[sign] for kind in kinds)

    def _converted(self, wanted: Meaning) -> bool:
        """31.2% for 0.312 and the other way; 3 times for 300%; 40K for 40 in a table."""
        value = wanted.value
        if wanted.kind & Kind.PERCENT:
            share = value.scaleb(-2)
            kinds = self._exact.get(share, ())
            return share < 10 and any(kind & (Kind.BARE | Kind.TABLE) for kind in kinds)
        if wanted.kind & Kind.SCALED:
            alone = value / (wanted.grain if wanted.grain >= 1 else 1)
            kinds = self._exact.get(alone, ()) if alone >= 10 else ()
            return any(kind & Kind.TABLE and kind & Kind.BARE for kind in kinds)
        if wanted.kind & Kind.TIMES or wanted.grain < Decimal("0.1"):
            kinds = self._exact.get(value.scaleb(2), ())
            return any(kind & Kind.PERCENT for kind in kinds)
        return False

    def _rounded(self, wanted: Meaning, about: bool) -> bool:
        """Whether the source has it with more digits; only where enough digits are left."""
        grain = wanted.grain
        digits = digits_of(wanted)
        if about and wanted.grain == 1 and digits >= 2:
            while wanted.value % (grain * 10) == 0 and wanted.value:
                grain *= 10
        if digits < 2:
            return False
        alike = grain == 1 and not wanted.kind & Kind.SCALED and digits < 3
        if self._near(wanted, wanted.value, grain, alike):
            return True
        if wanted.kind & Kind.PERCENT:
            return self._near(wanted, wanted.value.scaleb(-2), grain.scaleb(-2), alike=False)
        return False

    def _near(self, wanted: Meaning, value: Decimal, grain: Decimal, alike: bool) -> bool:
        first = bisect_left(self._values, value - grain * _HALF)
        last = bisect_right(self._values, value + grain * _HALF)
        for _, finer, kind in self._sorted[first : min(last, first + 500)]:
            if finer >= grain or not self._signed(wanted, (kind,)):
                continue
            if alike:
                same = wanted.kind & kind & (Kind.PERCENT | Kind.TIMES)
                if not same:
                    continue
            elif not _fits(wanted, kind):
                continue
            return True
        return False


_ENGLISH = {"1": "one", "2": "two", "3": "three", "4": "four"}


def _squeezed(text: str) -> str:
    """Small letters and digits without joints, so that "GPT-4 o" and $\\text{GPT}_{4}o$ are one."""
    text = _LAST_DOT.sub("|", _TEX_WORDS.sub("", plain(text).lower()))
    return _OTHER.sub("|", _JOINTS.sub("", _BETWEEN_DIGITS.sub("|", text)))


def _is_decimal(behind: str) -> bool:
    return len(behind) == 2 and behind[0] == "." and behind[1].isdigit()


def _fits(wanted: Meaning, kind: int) -> bool:
    """Whether the same value with these marks in the source is what the reading means."""
    small = wanted.grain >= 1 and wanted.value <= 100
    if wanted.kind & Kind.PERCENT:
        return bool(kind & (Kind.PERCENT | Kind.TABLE)) or not small
    if wanted.kind & Kind.TIMES:
        return bool(kind & (Kind.TIMES | Kind.TABLE)) or not small
    return True
