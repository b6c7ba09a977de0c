"""Every parser that faces strangers: no crash but its own errors, no hang.

`pytest -m nightly tests/safety/test_fuzzing.py` throws 10,000 values at each door, and runs of one
sign of the greatest length; in every run those doors get some that have no properties elsewhere.
`-k "<a door's name>"` takes one.
"""

from __future__ import annotations

import pytest

from tests.safety import doors_of_desks, doors_of_texts, doors_of_wires
from tests.safety.doors import SEED, Door

MANY, SOME = 10_000, 20

DOORS = [*doors_of_texts.DOORS, *doors_of_wires.DOORS, *doors_of_desks.DOORS]

nightly = pytest.mark.nightly
# Only where a test fails: what it shows is long.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


def each(doors: list[Door]) -> pytest.MarkDecorator:
    """One test for each."""
    return pytest.mark.parametrize("door", doors, ids=[door.name for door in doors])


@each([door for door in DOORS if door.ordinary])
def test_some_of_what_strangers_send_breaks_nothing(door: Door) -> None:
    """A crash that is easily found is found in every run."""
    door.stormed(SOME)


@nightly
@each(DOORS)
def test_very_much_of_what_strangers_send_breaks_nothing(door: Door) -> None:
    """Nor does it take the processor for more than a second."""
    print(f"seed {SEED}")
    door.stormed(MANY)


@nightly
@each([door for door in DOORS if door.longest])
def test_a_run_of_one_sign_is_no_more_work_than_another_text(door: Door) -> None:
    """What grows with the square of the length is found by the longest that gets there."""
    assert door.run_down() == []


def test_each_door_has_a_name_of_its_own() -> None:
    """By which it can be chosen."""
    assert len({door.name for door in DOORS}) == len(DOORS)
