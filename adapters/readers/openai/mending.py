"""The JSON object in what a model said, whatever stands round it and however it is written.

Valid JSON is read as it is. Else the objects in the text are looked for, behind thoughts, in
fences, between preamble and epilogue; one that is no valid JSON is read loosely: single or curly
quotation marks, bare keys, trailing commas, Python's words, backslashes of LaTeX, marks and line
breaks inside strings. What breaks off is not completed: nobody knows what it would have said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any

from adapters.readers.openai.latex import restored

LONGEST = 200_000  # characters of an answer that are looked at
# Of all braces that are tried, so that nonsense costs no time by its square
_MOST_STARTS = 1_000
_MOST_WALKED = 2 * LONGEST  # characters
_DEEPEST = 40
_THOUGHTS = re.compile(
    r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.IGNORECASE | re.DOTALL
)
_THOUGHTS_END = re.compile(r"\A.*</(?:think|thinking|thought|reasoning)>", re.I | re.DOTALL)
_WORD = re.compile(r"[^\W\d][\w-]*")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_HEX = re.compile(r"[0-9a-fA-F]{4}")
_BLANK = re.compile(r"(?:[\s\ufeff]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
# What stands behind a string: else the mark is one of its words
_BEHIND = re.compile(
    r"\s*(?:[}\]:：]|\Z|[,，]\s*(?:[\"'“{\[}\]\d-]|/[/*]|true|false|null|[A-Za-z_]+\s*:)"
    r"|\n\s*\"\w+\"\s*:)"
)
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’"}
_CONSTANTS = {"true": True, "false": False, "null": None, "none": None, "nan": None}
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "\n": "\n"}


class _Broken(Exception):
    """Here is no value."""


def spoken(text: str) -> str:
    """What the model said, without its thoughts."""
    bare = _THOUGHTS.sub("", text[:LONGEST])
    return _THOUGHTS_END.sub("", bare).strip()


def found(text: str, names: Collection[str]) -> dict[str, Any] | None:
    """The object that has most of these names (at least half; the later of two equal ones), with
    the names written as asked for; None when there is none. Numbers with a fraction are Decimal.
    """
    best: dict[str, Any] | None = None
    most = 0
    for given in _objects(text):
        named = _named(given, names)
        score = sum(name in named for name in names)
        if score >= most and 2 * score >= len(names):
            best, most = named, score
    return best


def _objects(text: str) -> Iterator[dict[str, Any]]:
    whole = _strict(text.strip().removeprefix("\ufeff"))
    if isinstance(whole, dict):
        yield whole
        return
    text = spoken(text)
    place, walked, starts = text.find("{"), 0, 0
    while place >= 0 and walked < _MOST_WALKED and starts < _MOST_STARTS:
        starts += 1
        value, end = _value_at(text, place)
        walked += end - place
        if isinstance(value, dict):
            yield value
            place = end
        place = text.find("{", place + (value is None))


def _value_at(text: str, place: int) -> tuple[Any, int]:
    """The value that begins there and where it ends; None when there is none, and how far the
    search for its end went."""
    try:
        return _DECODER.raw_decode(text, place)
    except (ValueError, RecursionError):
        pass
    loose = _Loose(text, place)
    try:
        return loose.value(0), loose.at
    except _Broken:
        return None, max(loose.at, place + 1)


def _named(given: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    """With the names as asked for; a lone object inside (`{"report": {…}}`) is unpacked."""
    plain = _asked_for(given, names)
    if any(name in plain for name in names):
        return plain
    inner = [value for value in given.values() if isinstance(value, dict)]
    return _asked_for(inner[0], names) if len(inner) == 1 else plain


def _asked_for(given: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    asked = {_folded(name): name for name in names}
    return {
        name if name in names else asked.get(_folded(name), name): value
        for name, value in given.items()
    }


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).casefold()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that stands there twice, the later value; an empty one never takes its place."""
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name not in values or value not in ("", None, [], {}):
            values[name] = value
    return values


def _integer(text: str) -> int | Decimal:
    return int(text) if len(text) < 300 else Decimal(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once,
    parse_float=Decimal,
    parse_int=_integer,
    parse_constant=lambda _: None,
    strict=False,
)


def _strict(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


class _Loose:
    """Reads a value as it was meant. Raises _Broken where nothing can be meant, or at the end."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at

    def value(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise _Broken
        sign = self._next()
        if sign == "{":
            return self._object(depth)
        if sign == "[":
            return self._array(depth)
        if sign in _QUOTES:
            return self._string()
        if number := _NUMBER.match(self.text, self.at):
            self.at = number.end()
            told = number[0]
            return _integer(told) if told.lstrip("+-").isdigit() else Decimal(told)
        if (word := _WORD.match(self.text, self.at)) and word[0].lower() in _CONSTANTS:
            self.at = word.end()
            return _CONSTANTS[word[0].lower()]
        raise _Broken

    def _next(self) -> str:
        blank = _BLANK.match(self.text, self.at)
        self.at = blank.end() if blank else self.at
        if self.at >= len(self.text):
            raise _Broken
        return self.text[self.at]

    def _object(self, depth: int) -> dict[str, Any]:
        self.at += 1
        pairs: list[tuple[str, Any]] = []
        while self._next() != "}":
            name = self._name()
            if self._next() not in ":：":
                raise _Broken
            self.at += 1
            pairs.append((name, self.value(depth + 1)))
            self._comma("}")
        self.at += 1
        return _once(pairs)

    def _array(self, depth: int) -> list[Any]:
        self.at += 1
        values: list[Any] = []
        while self._next() != "]":
            values.append(self.value(depth + 1))
            self._comma("]")
        self.at += 1
        return values

    def _comma(self, end: str) -> None:
        """Past a comma; a missing one is read over where the next string begins."""
        sign = self._next()
        if sign in ",，、":
            self.at += 1
        elif sign != end and sign not in _QUOTES:
            raise _Broken

    def _name(self) -> str:
        if self._next() in _QUOTES:
            return self._string()
        word = _WORD.match(self.text, self.at)
        if not word:
            raise _Broken
        self.at = word.end()
        return word[0]

    def _string(self) -> str:
        end = _QUOTES[self.text[self.at]]
        self.at += 1
        parts: list[str] = []
        text, size = self.text, len(self.text)
        while self.at < size:
            sign = text[self.at]
            if sign == "\\":
                parts.append(self._escape())
            elif sign == end and (end in "”’" or _BEHIND.match(text, self.at + 1)):
                self.at += 1
                return _paired("".join(parts))
            else:
                parts.append(sign)
                self.at += 1
        raise _Broken

    def _escape(self) -> str:
        sign = self.text[self.at + 1 : self.at + 2]
        if sign == "u" and (code := _HEX.match(self.text, self.at + 2)):
            self.at += 6
            return chr(int(code[0], 16))
        if sign in _ESCAPES:
            self.at += 2
            return _ESCAPES[sign]
        if sign in ("\\", "/") or (sign and sign in "\"'“”"):
            self.at += 2
            return sign
        self.at += 1
        return "\\"  # of LaTeX


def _paired(text: str) -> str:
    """Halves of surrogate pairs joined."""
    if not re.search("[\ud800-\udfff]", text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def cleaned(value: Any) -> Any:
    """The value with LaTeX given back in all its strings, and without unusable signs."""
    if isinstance(value, str):
        return restored(value)
    if isinstance(value, list):
        return [cleaned(one) for one in value]
    if isinstance(value, dict):
        return {name: cleaned(one) for name, one in value.items()}
    return value
