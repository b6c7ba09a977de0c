"""The number check: precision and recall on readings with known answers, chance, and its time."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

from _numbers_hard import HARD
from _numbers_held_out import HELD_OUT, LAST
from _numbers_written import WRITTEN

from bot.reading.numbers import Mark, Numbers

BOUND = 0.98
_CHARACTERS = 120_000
_MADE_UP = 2_000
_MARKED = re.compile("‹[^›]*›|«[^»]*»")


@dataclass
class _Score:
    cases: int = 0
    flagged: int = 0  # numbers said not to be found
    rightly: int = 0
    expected: int = 0  # numbers that are not in the source
    caught: int = 0
    derivable: int = 0
    derived: int = 0
    derived_rightly: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.rightly / self.flagged if self.flagged else 1.0

    @property
    def recall(self) -> float:
        return self.caught / self.expected if self.expected else 1.0


def unmarked(case: str) -> tuple[str, list[tuple[int, int]], list[tuple[int, int]]]:
    """The text of a case, the places of numbers not in its source, and of those that follow."""
    text, last = "", 0
    unfound, derived = [], []
    for one in _MARKED.finditer(case):
        text += case[last : one.start()]
        (unfound if one[0][0] == "‹" else derived).append((len(text), len(text) + len(one[0]) - 2))
        text += one[0][1:-1]
        last = one.end()
    return text + case[last:], unfound, derived


def judge(groups: list[tuple[str, str]]) -> _Score:
    """How the check does on the cases of some sources."""
    score = _Score()
    for source, cases in groups:
        numbers = Numbers(source)
        for case in cases.strip().splitlines():
            _judge(score, numbers, case)
    return score


def _judge(score: _Score, numbers: Numbers, case: str) -> None:
    text, unfound, derived = unmarked(case)
    checked = numbers.check(text)
    score.cases += 1
    score.flagged += len(checked.unfound)
    score.rightly += sum(_inside(mark, unfound) for mark in checked.unfound)
    score.expected += len(unfound)
    score.caught += sum(_touched(place, checked.unfound) for place in unfound)
    score.derivable += len(derived)
    score.derived += len(checked.derived)
    score.derived_rightly += sum(_touched(place, checked.derived) for place in derived)
    wrong = [mark.text for mark in checked.unfound if not _inside(mark, unfound)]
    missed = [text[a:b] for a, b in unfound if not _touched((a, b), checked.unfound)]
    other = [text[a:b] for a, b in derived if not _touched((a, b), checked.derived)]
    if wrong or missed or other:
        score.wrong.append(f"{text}  wrongly: {wrong} missed: {missed} not derived: {other}")


def _inside(mark: Mark, places: list[tuple[int, int]]) -> bool:
    return any(mark.start < end and start < mark.end for start, end in places)


def _touched(place: tuple[int, int], marks: tuple[Mark, ...]) -> bool:
    return any(mark.start < place[1] and place[0] < mark.end for mark in marks)


def paper(chance: random.Random, length: int = _CHARACTERS) -> str:
    """A text as rich in numbers as a paper: prose with a number every 12 words, and tables."""
    words = "we the model of memory training loss scores with on and by for a baseline".split()
    parts: list[str] = []
    size = 0
    while size < length:
        if chance.random() < 0.8:
            made = [
                f"{chance.uniform(0, 100):.1f}\\%" if chance.random() < 1 / 12 else word
                for word in chance.choices(words, k=120)
            ]
            part = " ".join(made) + "."
        else:
            rows = [
                "\t".join(["method", *(f"{chance.uniform(0, 100):.2f}" for _ in range(6))])
                for _ in range(8)
            ]
            part = "\n".join(rows)
        parts.append(part)
        size += len(part) + 2
    return "\n\n".join(parts)


def _chance(numbers: Numbers, text: str, chance: random.Random) -> tuple[float, float]:
    """Shares of made-up numbers (xx.xx, beside one of the source) that are found, and derived."""
    held = re.findall(r"\t(\d\d\.\d\d)", text)
    found = derived = 0
    for _ in range(_MADE_UP):
        made = f"{chance.uniform(10, 100):.2f}"
        checked = numbers.check(f"It scores {chance.choice(held)} now, which is {made} better.")
        found += any(mark.text.startswith(made) for mark in checked.found)
        derived += len(checked.derived)
    return found / _MADE_UP, derived / _MADE_UP


def run(quick: bool = False) -> dict[str, object]:
    """Figures and bounds; `quick` measures the time fewer times."""
    held, last, hard = judge(HELD_OUT), judge(LAST), judge(HARD)
    all_ = judge(WRITTEN + HELD_OUT + LAST + HARD)
    text = paper(random.Random(20261121))
    reading = " ".join(
        f"It goes from {n}.{n % 10} to {n + 9}.{n % 7}%, {n}x less." for n in range(10, 30)
    )
    indexing, checking = [], []
    for _ in range(2 if quick else 9):
        began = perf_counter()
        numbers = Numbers(text)
        indexed = perf_counter()
        numbers.check(reading)
        indexing.append((indexed - began) * 1e3)
        checking.append((perf_counter() - indexed) * 1e3)
    found, derived = _chance(numbers, text, random.Random(1))
    for wrong in all_.wrong:
        print(f"  wrong: {wrong}")
    bounds = [
        ("not found: precision, held out", held.precision),
        ("not found: recall, held out", held.recall),
        ("not found: precision, last hold-out", last.precision),
        ("not found: recall, last hold-out", last.recall),
        ("not found: precision, hard to tell from chance", hard.precision),
        ("not found: recall, hard to tell from chance", hard.recall),
        ("not found: precision, all", all_.precision),
        ("not found: recall, all", all_.recall),
    ]
    return {
        "name": "reading_numbers",
        "figures": {
            "cases": all_.cases,
            "cases held out": held.cases,
            "cases of the last hold-out": last.cases,
            "numbers that no source holds": all_.expected,
            "numbers that follow from two": all_.derivable,
            "derived: recall": all_.derived_rightly / all_.derivable,
            "derived: precision": all_.derived_rightly / max(all_.derived, 1),
            "made-up numbers that stand elsewhere": found,
            "made-up numbers derived by chance": derived,
            f"indexing {_CHARACTERS:,} characters, ms": median(indexing),
        },
        "bounds": [
            {"what": what, "value": value, "bound": f"at least {BOUND}", "ok": value >= BOUND}
            for what, value in bounds
        ]
        + [
            {
                "what": "a reading of 60 numbers, ms",
                "value": median(checking),
                "bound": "at most 25",
                "ok": median(checking) <= 25,
            }
        ],
    }
