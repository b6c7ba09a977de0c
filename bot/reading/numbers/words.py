"""The numbers that an English text has in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from bot.reading.numbers.meanings import Kind, Meaning
from bot.reading.numbers.spelling import SCALES


def in_words(text: str) -> Iterator[tuple[int, int, Meaning]]:
    """What an English text has in words (three, twenty-five, twice, tenfold), with the places."""
    for one in _WORDS.finditer(text.lower()):
        for meaning in _of_words(one):
            yield one.start(), one.end(), meaning


def _of_words(one: re.Match[str]) -> Iterator[Meaning]:
    word = one[0]
    if word in _PARTS:
        yield Meaning(Decimal(_PARTS[word]), Decimal(1), Kind.PERCENT)
    elif word in _MULTIPLES:
        yield Meaning(Decimal(_MULTIPLES[word]), Decimal(1), Kind.TIMES)
        if word.startswith("hal"):
            yield Meaning(Decimal(50), Decimal(1), Kind.PERCENT)
    elif one["orders"]:
        yield Meaning(Decimal(10) ** _CARDINALS.get(one["orders"], 1), Decimal(1), Kind.TIMES)
    else:
        value = Decimal(0)
        for part in re.split(r"[\s-]+", one["number"]):
            if part in SCALES:
                value = (value or Decimal(1)).scaleb(SCALES[part])
            else:
                value += _CARDINALS[part]
        kind = Kind.BARE
        if one["unit"]:
            kind = Kind.PERCENT if "cent" in one["unit"] else Kind.TIMES
        yield Meaning(value, Decimal(1), kind)


_CARDINALS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
} | {
    word: 10 * number
    for number, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
_MULTIPLES = {
    "twice": 2, "double": 2, "doubles": 2, "doubling": 2, "doubled": 2, "half": 2, "halves": 2,
    "halving": 2, "halved": 2, "triple": 3, "triples": 3, "tripling": 3, "quadruple": 4,
    "thrice": 3, "tripled": 3, "quadruples": 4,
}  # fmt: skip
_PARTS = {"one third": 33, "a third": 33, "two thirds": 67, "a quarter": 25, "three quarters": 75}
_ONE = "|".join(_CARDINALS)
_WORDS = re.compile(
    rf"\b(?:{'|'.join(_PARTS)}|(?:(?P<orders>an?|{_ONE}) orders? of magnitude)"
    rf"|(?P<number>(?:{_ONE}|hundred|thousand)(?:[\s-](?:{_ONE}|hundred|thousand|million|billion))"
    rf"{{0,3}})(?P<unit>[\s-]?fold|[\s-]times|[\s-]per ?cent)?|{'|'.join(_MULTIPLES)})\b"
)
