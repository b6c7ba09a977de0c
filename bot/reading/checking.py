"""What becomes of a model's answer before anybody sees it: trust, numbers, what was noticed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.ports.reading import Whole
from bot.reading.injections import flags
from bot.reading.numbers import Numbers
from bot.reading.trust import Source, trusted
from bot.reports import Report


@dataclass(frozen=True, slots=True)
class Checked:
    """A report that can be shown, and what was noticed."""

    report: Report
    unfound: tuple[str, ...]  # numbers that the source does not hold, in their order
    derived: tuple[str, ...]  # numbers that follow from others of the source
    flags: tuple[str, ...]


def texts_of(report: Report) -> Iterator[str]:
    """Every text of the report, in order."""
    yield from _texts(report.as_dict())


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)


class Against:
    """What reports about one text are compared with: made once, while a model still writes.

    `given`: the text that is read, as it came, and `parts` all that numbers are searched in;
    `addresses` of links are known beside it. It takes some tenths of a second.
    """

    def __init__(self, given: Whole | str, parts: Sequence[str], addresses: Sequence[str]) -> None:
        self._source = Source((*parts, *addresses))
        self._numbers = Numbers(parts)
        self._flags = flags(given)

    def checked(self, report: Report) -> Checked | None:
        """The report without what its source does not bear, its numbers searched; None when
        nothing is left of the contribution."""
        sound = trusted(report, self._source)
        if not sound.contribution:
            return None
        numbers = self._numbers.check("\n".join(texts_of(sound)))
        return Checked(
            sound,
            tuple(dict.fromkeys(mark.text for mark in numbers.unfound)),
            tuple(dict.fromkeys(mark.text for mark in numbers.derived)),
            self._flags,
        )


def checked(
    report: Report, given: Whole | str, parts: Sequence[str], addresses: Sequence[str]
) -> Checked | None:
    """The same for one report alone."""
    return Against(given, parts, addresses).checked(report)
