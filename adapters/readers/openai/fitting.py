"""Whether an answer fits its form, and the small things that are put right without asking.

Of JSON Schema what our forms say: type, properties, required, additionalProperties: false, items,
enum, const, anyOf, and bounds of lengths and numbers. A number where words are asked for becomes
words, one thing where several are asked for a list of one, null nothing; what was not asked for is
dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,3})?", re.ASCII)
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Misfit:
    """Something that the schema does not allow."""

    place: str  # as `innovations[1].name`
    what: str  # "is missing", "must be a list, not words" …
    grave: bool = True  # else an empty value stands in for it, which the schema allows

    def __str__(self) -> str:
        return f"{self.place or 'the answer'} {self.what}"


def fit(value: Any, schema: Mapping[str, Any]) -> tuple[Any, list[Misfit]]:
    """The value as the schema wants it, and what is wrong with it.

    Without grave misfits the value fits the schema.
    """
    misfits: list[Misfit] = []
    return _fit(value, schema, "", misfits), misfits


def _fit(value: Any, schema: Mapping[str, Any], place: str, misfits: list[Misfit]) -> Any:
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return _fit_one_of(value, choices, place, misfits)
    if "const" in schema or "enum" in schema:
        return _fit_choice(value, schema, place, misfits)
    kinds = schema.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    if len(kinds) > 1:
        return _fit_one_of(value, [{**schema, "type": kind} for kind in kinds], place, misfits)
    match kinds[0] if kinds else "":
        case "object":
            return _fit_object(value, schema, place, misfits)
        case "array":
            return _fit_array(value, schema, place, misfits)
        case "string":
            return _fit_string(value, schema, place, misfits)
        case "number" | "integer" as kind:
            return _fit_number(value, schema, place, misfits, whole=kind == "integer")
        case "boolean":
            return _fit_boolean(value, place, misfits)
        case "null":
            if value is not None:
                misfits.append(_wrong(place, "null", value))
            return None
    return _plain(value)


def _fit_one_of(
    value: Any, schemas: Sequence[Mapping[str, Any]], place: str, misfits: list[Misfit]
) -> Any:
    """As the first of those that it fits best."""
    if value is _MISSING:
        misfits.append(Misfit(place, "is missing"))
        return None
    best: tuple[int, Any, list[Misfit]] | None = None
    for schema in schemas:
        own: list[Misfit] = []
        fitted = _fit(value, schema, place, own)
        # a value that is as it was before one that had to be turned into another kind
        weight = 4 * len(own) + (type(fitted) is not type(value))
        if best is None or weight < best[0]:
            best = weight, fitted, own
    assert best is not None
    misfits += best[2]
    return best[1]


def _fit_choice(value: Any, schema: Mapping[str, Any], place: str, misfits: list[Misfit]) -> Any:
    allowed = [schema["const"]] if "const" in schema else list(schema["enum"])
    for one in allowed:
        if type(one) is type(value) and one == value:
            return one
    if isinstance(value, str):
        for one in allowed:
            if isinstance(one, str) and one.casefold() == value.strip().casefold():
                return one
    shown = ", ".join(repr(one) for one in allowed)
    misfits.append(Misfit(place, "is missing" if value is _MISSING else f"must be one of {shown}"))
    return None


def _fit_object(value: Any, schema: Mapping[str, Any], place: str, misfits: list[Misfit]) -> Any:
    inner: Mapping[str, Any] = schema.get("properties", {})
    required = schema.get("required", ())
    if not isinstance(value, dict):
        if value is not _MISSING and value is not None:
            misfits.append(_wrong(place, "an object", value))
            return {}
        value = {}
        if not inner:
            misfits.append(Misfit(place, "is missing", grave=False))
    fitted: dict[str, Any] = {}
    for name, part in inner.items():
        where = f"{place}.{name}" if place else name
        if name in value or name in required:
            fitted[name] = _fit(value.get(name, _MISSING), part, where, misfits)
    if schema.get("additionalProperties", not inner):
        for name in value:
            if name not in inner:
                fitted[name] = _plain(value[name])
    return fitted


def _fit_array(value: Any, schema: Mapping[str, Any], place: str, misfits: list[Misfit]) -> Any:
    least = int(schema.get("minItems", 0))
    if value is _MISSING:
        misfits.append(Misfit(place, "is missing", grave=least > 0))
        return []
    items: Mapping[str, Any] = schema.get("items", {})
    if value is None or value == "":
        value = []
    elif not isinstance(value, list):
        if isinstance(value, dict) and items.get("type") != "object":
            misfits.append(_wrong(place, "a list", value))
            return []
        value = [value]
    value = value[: schema.get("maxItems")]
    if len(value) < least:
        misfits.append(Misfit(place, f"must have at least {least} entries"))
    return [_fit(one, items, f"{place}[{at}]", misfits) for at, one in enumerate(value)]


def _fit_string(value: Any, schema: Mapping[str, Any], place: str, misfits: list[Misfit]) -> Any:
    least = int(schema.get("minLength", 0))
    if value is _MISSING:
        misfits.append(Misfit(place, "is missing", grave=least > 0))
        return ""
    if value is None:
        value = ""
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        value = str(value)
    elif isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = "\n".join(value)
    if not isinstance(value, str):
        misfits.append(_wrong(place, "a string", value))
        return ""
    value = value.strip()
    if len(value) < least:
        misfits.append(Misfit(place, f"must have at least {least} characters"))
    most = schema.get("maxLength")
    if most is not None and len(value) > most:
        misfits.append(Misfit(place, f"must have at most {most} characters"))
    if "pattern" in schema and not re.search(schema["pattern"], value):
        misfits.append(Misfit(place, f"must match {schema['pattern']}"))
    return value


def _fit_number(
    value: Any, schema: Mapping[str, Any], place: str, misfits: list[Misfit], *, whole: bool
) -> Any:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = Decimal(value.strip())
    name = "a whole number" if whole else "a number"
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        misfits.append(
            Misfit(place, "is missing") if value is _MISSING else _wrong(place, name, value)
        )
        return 0
    try:
        number = int(value) if whole else float(value)
    except (ValueError, OverflowError):
        misfits.append(_wrong(place, name, value))
        return 0
    if (whole and number != value) or abs(number) == float("inf"):
        misfits.append(_wrong(place, name, value))
        return 0
    for bound, beyond in (
        ("minimum", number < schema.get("minimum", number)),
        ("maximum", number > schema.get("maximum", number)),
    ):
        if beyond:
            misfits.append(Misfit(place, f"has a {bound} of {schema[bound]}"))
    return number


def _fit_boolean(value: Any, place: str, misfits: list[Misfit]) -> Any:
    if isinstance(value, bool):
        return value
    said = value.strip().casefold() if isinstance(value, str) else ""
    if said in ("true", "false"):
        return said == "true"
    misfits.append(
        Misfit(place, "is missing") if value is _MISSING else _wrong(place, "true or false", value)
    )
    return False


def _wrong(place: str, wanted: str, value: Any) -> Misfit:
    given = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return Misfit(place, f"must be {wanted}, not {given.get(type(value), 'a number')}")


def _plain(value: Any) -> Any:
    """Of JSON's kinds alone."""
    if value is _MISSING:
        return None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value
