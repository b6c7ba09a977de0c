"""What becomes of a model's answer before anybody sees it: language, trust, numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
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


def checked(
    report: Report, given: Whole | str, parts: Sequence[str], addresses: Sequence[str]
) -> Checked | None:
    """The report without what its source does not bear, its numbers searched.

    `given`: the text that was read, as it came, and `parts` all that numbers are searched in;
    `addresses` of links are known beside it. None when nothing is left of the contribution.
    """
    sound = trusted(report, Source((*parts, *addresses)))
    if not sound.contribution:
        return None
    numbers = Numbers(parts).check("\n".join(texts_of(sound)))
    return Checked(
        sound,
        tuple(dict.fromkeys(mark.text for mark in numbers.unfound)),
        tuple(dict.fromkeys(mark.text for mark in numbers.derived)),
        flags(given),
    )


def in_language(report: Report, language: str) -> bool:
    """Whether the running text of the report is in the language."""
    text = " ".join((report.contribution, report.results, *(i.text for i in report.innovations)))
    han = len(re.findall("[\u4e00-\u9fff]", text))
    hangul = len(re.findall("[\uac00-\ud7a3]", text))
    latin = len(re.findall("[A-Za-z]", text)) / 5
    own = {"zh": han, "ko": hangul, "en": latin}[language]
    return own * 2 > han + hangul + latin * (0.5 if language != "en" else 1)


@dataclass(frozen=True, slots=True)
class Fitted:
    """As much of a full text as there is room for."""

    text: str
    share: float


def fitted(whole: Whole, room: int, tokens: Callable[[str], int]) -> Fitted:
    """The parts of the text in their order, as many as fit into `room` tokens."""
    kept = [whole.title, whole.abstract]
    used = sum(map(tokens, kept))
    read = total = 0
    for section in whole.sections:
        if section.appendix:
            continue
        part = f"{'#' * max(1, section.level)} {section.title}\n{section.text}"
        total += len(part)
        if used + (cost := tokens(part)) <= room:
            kept.append(part)
            used += cost
            read += len(part)
    return Fitted("\n\n".join(kept), read / total if total else 1.0)
