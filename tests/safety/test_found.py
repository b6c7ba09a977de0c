"""What fuzzing found, once each, so that it stays mended."""

from __future__ import annotations

import json
from time import process_time

import pytest

from bot.cli import channel_records
from bot.errors import SetUpWrong, Usage
from bot.papers import Paper
from bot.reading.numbers import Numbers
from bot.settings import Settings
from bot.topics import why
from tests.safety.doors_of_texts import CHANNEL


@pytest.mark.parametrize(
    "line",
    [
        "[" * 100_000,
        '{"kind": ' * 50_000,
        json.dumps({**CHANNEL, "last": {**CHANNEL["last"], "papers": float("inf")}}),
    ],
    ids=["lists in lists", "objects in objects", "infinitely many papers"],
)
def test_an_export_that_is_nested_or_without_bounds_is_refused_by_its_line(line: str) -> None:
    with pytest.raises(Usage, match="Line 2 of the export"):
        channel_records.read(f"\n{line}")


def test_a_zone_of_a_hundred_thousand_folders_is_no_zone() -> None:
    with pytest.raises(SetUpWrong, match="PAPERBOY_ZONE is not usable") as caught:
        Settings.load(_env_file=None, zone="1/2" * 50_000)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("unit", ["漢", "a "])
@pytest.mark.parametrize("end", ["", "b"])
def test_a_topic_of_one_word_is_sought_in_a_text_of_that_word_in_the_time_of_its_length(
    unit: str, end: str
) -> None:
    topic = unit * (298 // len(unit)) + end
    began = process_time()
    why(topic, Paper("1", "x", abstract=unit * (20_000 // len(unit))))
    assert process_time() - began < 10  # some 0.2 s; before, their product: up to 40 s


def test_a_reading_full_of_numbers_is_checked_in_the_time_of_its_length() -> None:
    began = process_time()
    Numbers("It is 4.2% better: 71.2 against 67.0.").check("1," * 40_000)
    assert process_time() - began < 10  # some 0.5 s; before, its square: more than a minute
