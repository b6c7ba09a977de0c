"""The numbers that a text mentions, and what each can mean: 7B, 70亿, 1e-4, 12.3\\%, ３～５倍.

Everything is bounded: a look back or ahead sees a few dozen characters, so that the time is in
proportion to the length whatever the text is.
"""

from __future__ import annotations

import re
from decimal import Decimal

from bot.reading.numbers.meanings import Kind, Meaning, Mention
from bot.reading.numbers.spelling import (
    ABOUT,
    ABOUT_BEHIND,
    BEHIND_NAME,
    COUNT,
    GLUE,
    GROUPS,
    LIST_MARK,
    LIST_MARK_END,
    NEXT,
    NUMBER,
    ODD,
    PERCENT,
    PLAIN,
    RAISED,
    REST,
    SCALE,
    SCALES,
    SHARED,
    SIGN,
    TEN,
    TIMES,
    UNIT,
)

_DIGITS = 30  # of one number; longer ones are no quantities
_BACK = 48  # characters that are looked at before a number
_POWER = 300  # the largest exponent that is taken for one


def plain(text: str) -> str:
    """The text with full-width digits, signs and odd spaces made ASCII; no place moves."""
    return text.translate(PLAIN) if ODD.search(text) else text


def mentions(text: str, *, own: bool) -> list[Mention]:
    """The numbers of a text, in order, by their places in it.

    `own`: it is a reading, whose list marks (1. 2. 3.) are no numbers and whose names are kept
    whole; a source gives whatever a number there could stand for.
    """
    text = plain(text)
    found: list[Mention] = []
    last_mark = 0
    table = _Rows(text)
    end = floor = 0
    while one := NUMBER.search(text, end):
        if own and (mark := _list_mark(text, one, last_mark)):
            last_mark, end = mark, one.end()
            continue
        mention = _mention(text, one, floor, own=own)
        mention.row, mention.column = table.place(mention.start)
        if mention.row >= 0:
            mention.meanings = [
                Meaning(m.value, m.grain, m.kind | Kind.TABLE) for m in mention.meanings
            ]
        if found:
            _share(text, found[-1], mention)
        found.append(mention)
        end = max(one.end(), mention.end) if own or not mention.name else one.end()
        floor = end
    return found


class _Rows:
    """Which row and column of a table a place is in; places must come in order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._start = self._end = -1
        self._row = 0
        self._counted = 0
        self._in_table = False
        self._column = 0
        self._until = 0  # how far the tabs of this row are counted

    def place(self, at: int) -> tuple[int, int]:
        if at >= self._end:
            self._start = self._text.rfind("\n", 0, at) + 1
            end = self._text.find("\n", at)
            between = self._text.count("\n", max(self._counted, 0), self._start)
            self._row += between
            self._counted = self._start
            self._end = end if end >= 0 else len(self._text)
            self._in_table = "\t" in self._text[self._start : self._end]
            self._column, self._until = 0, self._start
        if not self._in_table:
            return -1, -1
        self._column += self._text.count("\t", self._until, at)
        self._until = max(at, self._until)
        return self._row, self._column


def _list_mark(text: str, one: re.Match[str], last: int) -> int:
    """The number of a list mark that continues the list so far (or begins one); 0: it is none."""
    if len(one[0]) > 2 or not one[0].isdigit():
        return 0
    number = int(one[0])
    if number not in (1, last + 1) or not LIST_MARK_END.match(text, one.end()):
        return 0
    before = text[max(0, one.start() - 6) : one.start()]
    goes_on = number > 1 and before[-1:] in (" ", "\n", "(", "（")
    return number if goes_on or LIST_MARK.search(before) else 0


def _mention(text: str, one: re.Match[str], floor: int, *, own: bool) -> Mention:
    start, end = one.span()
    if " " in one[0] and (own or not _reads_as_group(text, one)):
        first = re.match(r"\d+", one[0])
        assert first is not None
        end = start + first.end()
    shown = text[start:end]
    before = text[max(floor, start - _BACK) : start]
    if name := _name(text, start, end, before):
        return _named(text, start, end, name, before)
    digits = GROUPS.sub("", shown)
    if digits.count(".") > 1 or len(digits) > _DIGITS:
        return Mention(start, end, shown, name=shown)
    mention = Mention(start, end, shown)
    _understand(text, mention, Decimal(digits), before)
    mention.text = text[mention.start : mention.end]
    if not own and " " in one[0]:
        whole = Decimal(GROUPS.sub("", one[0]))
        mention.meanings.append(Meaning(whole, Decimal(1), Kind.BARE))
    return mention


def _reads_as_group(text: str, one: re.Match[str]) -> bool:
    """Whether blanks part thousands; the source is also searched for the parts, so either goes."""
    return not one[0].startswith("0") and one[0].count(" ") <= 3 and "\t" not in one[0]


def _name(text: str, start: int, end: int, before: str) -> str:
    """The name that the digits are a part of, or nothing."""
    head = _head(before)
    if head:
        tail = BEHIND_NAME.match(text, end)
        return head + text[start : tail.end() if tail else end].rstrip(".-_+")
    following = text[end : end + 1]
    if not (following.isascii() and following.isalpha()):
        return ""
    for pattern in (TEN, SCALE, TIMES, COUNT, UNIT, PERCENT):
        if pattern.match(text, end):
            return ""
    tail = BEHIND_NAME.match(text, end)
    return text[start : tail.end() if tail else end].rstrip(".-_+")


def _head(before: str) -> str:
    """The letters (and what joins them) that the digits go on from: "GPT-", "x_{", "Qwen"."""
    at = len(before)
    while at and (
        before[at - 1] in GLUE or (before[at - 1].isascii() and before[at - 1].isalnum())
    ):
        at -= 1
    head = before[at:].rpartition("/")[2]
    while head and not head[0].isalpha():
        head, at = head[1:], at + 1
    command = before[at - 1 : at] == "\\" and head.isalpha()
    if command or head in ("x", "e") or ("{" in head and "_" not in head):
        return ""
    return head


def _named(text: str, start: int, end: int, name: str, before: str) -> Mention:
    begin = start
    for length in range(min(len(before), len(name)), 0, -1):
        if before.endswith(name[:length]):
            begin = start - length
            break
    mention = Mention(begin, max(end, begin + len(name)), name, name=name)
    digits = GROUPS.sub("", text[start:end])
    scaled = SCALE.match(text, end)
    head = text[begin:start]
    word = head.rstrip("-_=@")
    if digits.count(".") > 1 or len(digits) > _DIGITS:
        return mention
    apart = (len(word) >= 3 and word.islower() and "_" not in head) or word.lower() == "stage"
    if apart or (scaled and scaled.end() <= mention.end + 1 and begin < start):
        part = Mention(start, end, text[start:end])
        _understand(text, part, Decimal(digits), "")
        mention.meanings = part.meanings
        if apart:
            mention.end = max(part.end, mention.end)
            mention.text = text[begin : mention.end]
    return mention


def _understand(text: str, mention: Mention, value: Decimal, before: str) -> None:
    """Its meanings, by what stands around it; `mention.end` moves behind what belongs to it."""
    exponent = value.as_tuple().exponent
    grain = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    kind = Kind.BARE
    end = mention.end
    alone = value
    if (power := TEN.match(text, end)) and (raised := _raised(value, power)) is not None:
        value, grain, end = *raised, power.end()
    scaled = False
    rounds = 0
    while (scale := SCALE.match(text, end)) and rounds < 2:
        ten = SCALES[next(group for group in scale.groups() if group).lower()]
        value, grain, end, scaled = value.scaleb(ten), grain.scaleb(ten), scale.end(), True
        rounds += 1
    if scaled:
        kind = Kind.SCALED
        value, grain, end = _compound(text, value, grain, end)
    mention.bare = end
    bracket = 0
    while text.startswith("}", end + bracket) and bracket < 2:
        bracket += 1
    if percent := PERCENT.match(text, end) or (bracket and PERCENT.match(text, end + bracket)):
        kind, end = Kind.PERCENT, percent.end()
    elif times := TIMES.match(text, end):
        kind, end = Kind.TIMES, times.end()
    elif not scaled and (unit := UNIT.match(text, end)):
        end = unit.end()
    if before.endswith(("百分之", "百分之 ")):
        kind = Kind.PERCENT
        mention.start -= before.endswith(" ") + 3
    if before[-12:].lower().rstrip(" $").endswith("factor of"):
        kind = Kind.TIMES
    if sign := SIGN.search(before[-8:] if len(before) >= 8 else f" {before}"):
        kind |= Kind.PLUS if sign[1] == "+" else Kind.MINUS
        before = before[: before.rfind(sign[1])]
    mention.about = bool(ABOUT.search(before[-16:]) or ABOUT_BEHIND.match(text, end))
    mention.end = end
    mention.meanings.append(Meaning(value, grain, kind))
    if scaled and text[end - 2 : end - 1] in (" ", "~", ","):  # "5 B": perhaps no scale
        mention.meanings.append(Meaning(alone, Decimal(1), Kind.BARE))


def _raised(value: Decimal, power: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    """Value and grain of a power; None when it is larger than a quantity is."""
    shown = next(group for group in power.groups() if group)
    exponent = int(shown.translate(RAISED).replace("负", "-").replace("--", "-"))
    if abs(exponent) > _POWER:
        return None
    text = power[0]
    if text[0] in "eE":
        return value.scaleb(exponent), _grain(value).scaleb(exponent)
    if "10" in re.split(r"\^|\*\*|[⁻⁺⁰¹²³⁴-⁹]", text)[0]:
        return value.scaleb(exponent), _grain(value).scaleb(exponent)
    if value == 10:
        return Decimal(1).scaleb(exponent), Decimal(1).scaleb(exponent)
    if not 0 < exponent <= 64 or value > 10_000:
        return None
    return value**exponent, Decimal(1)


def _grain(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    return Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)


def _compound(text: str, value: Decimal, grain: Decimal, end: int) -> tuple[Decimal, Decimal, int]:
    """1亿2000万 is one number; so is 1만 2천."""
    while further := NEXT.match(text, end):
        step = Decimal(1).scaleb(SCALES[further[2]])
        addend = Decimal(further[1].replace(",", "")) * step
        if text[end - 1] not in "백천만억조百千万萬亿億兆" or addend >= grain:
            break
        value, grain, end = value + addend, step, further.end()
    rest = REST.match(text, end) if text[end - 1] in "만억万萬亿億" else None
    if rest and (addend := Decimal(rest[1].replace(",", ""))) < grain:
        return value + addend, Decimal(1), rest.end()
    return value, grain, end


def _share(text: str, before: Mention, mention: Mention) -> None:
    """10-20%, 3 to 5万: the first may have the unit of the second."""
    if len(before.meanings) != 1 or not mention.meanings or before.name:
        return
    first, second = before.meanings[0], mention.meanings[0]
    if first.kind & (Kind.PERCENT | Kind.TIMES | Kind.SCALED) or second.kind & Kind.BARE:
        return
    between = text[before.end : mention.start]
    if len(between) > 12 or not SHARED.fullmatch(between):
        return
    kind = second.kind & ~(Kind.PLUS | Kind.MINUS)
    if second.kind & Kind.SCALED:
        step = second.grain / _grain(Decimal(GROUPS.sub("", _digits(mention.text))))
        before.meanings.append(Meaning(first.value * step, first.grain * step, kind))
    else:
        before.meanings.append(Meaning(first.value, first.grain, kind))


def _digits(shown: str) -> str:
    found = NUMBER.search(shown)
    return found[0] if found else "1"
