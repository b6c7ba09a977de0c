"""What fuzzing found, once each, so that it stays mended."""

from __future__ import annotations

import json
from time import process_time

import httpx
import pytest

from adapters.platforms.discord import wire
from adapters.platforms.telegram import Webhook
from adapters.platforms.telegram.webhook import SECRET_HEADER, application
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


@pytest.mark.parametrize(
    ("said", "pause"),
    [
        ('{"retry_after": 1.5}', 1.5), ('{"retry_after": NaN}', None),
        ('{"retry_after": Infinity}', 604_800.0), ('{"retry_after": -3}', 0.0),
        ('{"retry_after": ' + "9" * 400 + "}", 604_800.0), ("[" * 100_000, None),
    ],
    ids=["seconds", "no number", "for ever", "before now", "too long", "nested"],
)  # fmt: skip
def test_a_pause_that_discord_asks_for_is_a_span_of_time(said: str, pause: float | None) -> None:
    told = wire.answer_of(429, {"X-RateLimit-Reset-After": "nan"}, said.encode())
    assert told.retry_after == pause


async def test_an_update_nested_too_deeply_is_refused_by_the_webhook() -> None:
    async def take(raw: object) -> None:
        raise AssertionError("it was taken for an update")

    app = application(Webhook("https://example.org/t", "secret", "127.0.0.1", 1), take)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://x") as client:
        headers = {SECRET_HEADER: "secret"}
        said = await client.post("/t", content=b"[" * 100_000, headers=headers)
    assert said.status_code == 400
