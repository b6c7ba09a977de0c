"""Types of columns: how an instant, a day, a text or a choice stands in a row, on every engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Double, Integer, LargeBinary, SmallInteger
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from bot.reports import Report

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Number = BigInteger().with_variant(Integer, "sqlite")  # SQLite: only INTEGER can be a row id
Small = SmallInteger()
Count = BigInteger()
Flag = Boolean()
Blob = LargeBinary()
Share: Double[float] = Double()


def clean(text: str) -> str:
    """The text without what PostgreSQL or UTF-8 cannot hold: NULs go, lone surrogates become �."""
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    try:
        text.encode()
    except UnicodeEncodeError:
        # Halves of a pair that stand side by side (from broken JSON) become one character again.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", "")


class Text(TypeDecorator[str]):
    """Any text; what no engine can hold is taken out on the way in."""

    impl = SqlText
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], Any]:
        def process(value: str | None) -> str | None:
            if value is None or (value.isascii() and "\0" not in value):
                return value
            return clean(value)

        return process


class Instant(TypeDecorator[datetime]):
    """An aware instant, UTC on the way out: microseconds since 1970 on SQLite, 8 bytes on both."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return _aware if dialect.name == "postgresql" else _microseconds

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        return _utc if dialect.name == "postgresql" else _instant


def _aware(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise ValueError(f"{value} has no zone; instants are stored as UTC")
    return value


# The rows of a batch repeat a few instants, so that each is worth remembering.
@lru_cache(maxsize=4096)
def _microseconds(value: datetime | None) -> int | None:
    if (instant := _aware(value)) is None:
        return None
    return (instant - EPOCH) // _MICROSECOND


@lru_cache(maxsize=4096)
def _instant(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + timedelta(microseconds=value)


def _utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class Day(TypeDecorator[date]):
    """A date: the number 20251226 on SQLite, a DATE on PostgreSQL."""

    impl = Integer
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = Date() if dialect.name == "postgresql" else Integer()
        return dialect.type_descriptor(kind)

    def bind_processor(self, dialect: Dialect) -> Callable[[date | None], Any]:
        if dialect.name == "postgresql":
            return lambda value: value
        return _as_number

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        if dialect.name == "postgresql":
            return lambda value: value
        return _as_date


@lru_cache(maxsize=512)
def _as_number(day: date | None) -> int | None:
    return None if day is None else day.year * 10000 + day.month * 100 + day.day


@lru_cache(maxsize=512)
def _as_date(number: int | None) -> date | None:
    if number is None:
        return None
    return date(number // 10000, number // 100 % 100, number % 100)


class WallTime(TypeDecorator[time]):
    """A local time of day, as ISO text."""

    impl = SqlText
    cache_ok = True

    def process_bind_param(self, value: time | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if value.tzinfo is not None:
            raise ValueError(f"{value} has a zone; a wall time is local")
        text = value.isoformat()
        return text.removesuffix(":00") if len(text) == 8 else text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        return _time


@lru_cache(maxsize=2048)
def _time(value: str | None) -> time | None:
    return None if value is None else time.fromisoformat(value)


class Weekdays(TypeDecorator[frozenset[int]]):
    """Days of the week as seven bits, Monday the lowest."""

    impl = SmallInteger
    cache_ok = True

    def process_bind_param(self, value: Iterable[int] | None, dialect: Dialect) -> int | None:
        return None if value is None else sum(1 << day for day in value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        return _WEEKS.__getitem__


_WEEKS = tuple(frozenset(day for day in range(7) if bits >> day & 1) for bits in range(128))


class Choice(TypeDecorator[StrEnum]):
    """One word of a StrEnum, stored as the word."""

    impl = SqlText
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def bind_processor(self, dialect: Dialect) -> Callable[[StrEnum | None], Any]:
        return lambda word: None if word is None else word._value_  # .value is a slow property

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        known: dict[str | None, StrEnum | None] = {word.value: word for word in self.words}
        known[None] = None
        return known.__getitem__


class Strings(TypeDecorator[tuple[str, ...]]):
    """An ordered list of texts, as JSON; an empty one takes two bytes."""

    impl = SqlText
    cache_ok = True

    def process_bind_param(self, value: Iterable[str] | None, dialect: Dialect) -> str | None:
        if not value:
            return None if value is None else "[]"
        return json.dumps([clean(text) for text in value], ensure_ascii=False, separators=_TIGHT)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        if value == "[]":
            return ()
        return None if value is None else tuple(json.loads(value))


class Pairs(TypeDecorator[tuple[tuple[str, str], ...]]):
    """An ordered list of (name, text), as JSON."""

    impl = SqlText
    cache_ok = True

    def process_bind_param(
        self, value: Iterable[tuple[str, str]] | None, dialect: Dialect
    ) -> str | None:
        if value is None:
            return None
        pairs = [[clean(name), clean(text)] for name, text in value]
        return json.dumps(pairs, ensure_ascii=False, separators=_TIGHT)

    def process_result_value(
        self, value: str | None, dialect: Dialect
    ) -> tuple[tuple[str, str], ...] | None:
        return None if value is None else tuple((name, text) for name, text in json.loads(value))


class Reported(TypeDecorator[Report]):
    """A reading report, as JSON."""

    impl = SqlText
    cache_ok = True

    def process_bind_param(self, value: Report | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return json.dumps(_clean(value.as_dict()), ensure_ascii=False, separators=_TIGHT)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Report | None:
        return None if value is None else Report.of_dict(json.loads(value))


def _clean(value: Any) -> Any:
    """The same of JSON's kinds, with every text clean."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {name: _clean(one) for name, one in value.items()}
    return [_clean(one) for one in value]


class Ids(TypeDecorator[tuple[str, ...]]):
    """An ordered list of paper ids, with a space between them: the shortest form."""

    impl = SqlText
    cache_ok = True

    def process_bind_param(self, value: Iterable[str] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        ids = tuple(value)
        text = clean(" ".join(ids))
        if ids and text.count(" ") != len(ids) - 1:
            raise ValueError(f"a paper id cannot hold a space: {ids}")
        return text

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        if not value:
            return None if value is None else ()
        return tuple(value.split(" "))


_TIGHT = (",", ":")
