"""Promises of fitting: without a grave misfit the values fit the schema, as a stranger judges."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.readers.openai.fitting import fit
from adapters.readers.openai.habits import strict

SCHEMA: dict[str, Any] = strict(
    {
        "type": "object",
        "properties": {
            "words": {"type": "string"},
            "some": {"type": "string", "minLength": 2},
            "list": {"type": "array", "items": {"type": "string"}},
            "things": {
                "type": "array",
                "minItems": 1,
                "maxItems": 2,
                "items": {"type": "object", "properties": {"name": {"type": "string"}}},
            },
            "inner": {"type": "object", "properties": {"deep": {"type": "string"}}},
            "count": {"type": "integer", "minimum": 0},
            "share": {"type": "number"},
            "yes": {"type": "boolean"},
            "kind": {"enum": ["new", "old"]},
            "maybe": {"type": ["string", "null"]},
            "either": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        },
    }
)
GOOD: dict[str, Any] = {
    "words": "a",
    "some": "ab",
    "list": ["a", "b"],
    "things": [{"name": "a"}],
    "inner": {"deep": "a"},
    "count": 3,
    "share": 0.5,
    "yes": True,
    "kind": "new",
    "maybe": None,
    "either": 2,
}
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "deep", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def test_what_fits_is_left_as_it_is() -> None:
    assert fit(GOOD, SCHEMA) == (GOOD, [])


@given(st.dictionaries(st.sampled_from([*GOOD, "other"]), values))
def test_without_a_grave_misfit_the_values_fit(changed: dict[str, Any]) -> None:
    fitted, misfits = fit({**GOOD, **changed}, SCHEMA)
    if not any(misfit.grave for misfit in misfits):
        jsonschema.validate(fitted, SCHEMA)


@given(values)
def test_any_value_is_judged(value: Any) -> None:
    fitted, misfits = fit(value, SCHEMA)
    assert misfits
    assert isinstance(fitted, dict)


@pytest.mark.parametrize(
    ("name", "given_", "meant"),
    [
        ("words", 0.5, "0.5"),
        ("words", 7, "7"),
        ("words", None, ""),
        ("words", ["a", "b"], "a\nb"),
        ("list", "a", ["a"]),
        ("list", None, []),
        ("list", [1, None], ["1", ""]),
        ("things", {"name": "a"}, [{"name": "a"}]),
        ("things", [{"name": "a", "x": 1}] * 3, [{"name": "a"}] * 2),
        ("count", "12", 12),
        ("share", "1.5", 1.5),
        ("yes", "True", True),
        ("kind", " New ", "new"),
        ("maybe", "a", "a"),
        ("either", None, None),
    ],
)
def test_small_things_are_put_right(name: str, given_: Any, meant: Any) -> None:
    fitted, misfits = fit({**GOOD, name: given_}, SCHEMA)
    assert fitted == {**GOOD, name: meant}
    assert misfits == []


@pytest.mark.parametrize(
    ("name", "given_", "told"),
    [
        ("words", {"a": 1}, "words must be a string, not an object"),
        ("words", True, "words must be a string, not true or false"),
        ("some", "", "some must have at least 2 characters"),
        ("things", [], "things must have at least 1 entries"),
        ("things", ["a"], "things[0] must be an object, not a string"),
        ("inner", "a", "inner must be an object, not a string"),
        ("count", 1.5, "count must be a whole number, not a number"),
        ("count", -1, "count has a minimum of 0"),
        ("yes", "perhaps", "yes must be true or false, not a string"),
        ("kind", "other", "kind must be one of 'new', 'old'"),
    ],
)
def test_what_cannot_be_put_right_is_told(name: str, given_: Any, told: str) -> None:
    _, misfits = fit({**GOOD, name: given_}, SCHEMA)
    assert [str(misfit) for misfit in misfits] == [told]
    assert misfits[0].grave


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_name_is_told_and_left_empty_where_it_may_be(name: str) -> None:
    less = {key: value for key, value in GOOD.items() if key != name}
    fitted, misfits = fit(less, SCHEMA)
    assert all("is missing" in str(misfit) for misfit in misfits)
    assert len(misfits) == 1
    assert misfits[0].grave == (name not in ("words", "list", "inner"))
    if not misfits[0].grave:
        jsonschema.validate(fitted, SCHEMA)
