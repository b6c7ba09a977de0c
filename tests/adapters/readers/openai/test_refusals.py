"""Promises of understanding errors: what real servers say, in their words, and what it means."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.readers.openai.habits import Habits
from adapters.readers.openai.patience import told_pause
from adapters.readers.openai.refusals import Meaning, understood


def error(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


@pytest.mark.parametrize(
    ("status", "body", "meaning", "what"),
    [
        (400, error("Unknown format", param="response_format"), "OTHERWISE", "response_format"),
        (400, error("Invalid schema for response_format 'form'"), "OTHERWISE", "response_format"),
        (422, {"detail": "json_schema is not supported"}, "OTHERWISE", "response_format"),
        (422, {"detail": [{"loc": ["response_format"]}]}, "OTHERWISE", "response_format"),
        (500, error("Failed to parse grammar"), "OTHERWISE", "response_format"),
        (501, error("structured outputs are not there yet"), "OTHERWISE", "response_format"),
        (
            400,
            error(
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                "'max_completion_tokens' instead.",
                param="max_tokens",
            ),
            "OTHERWISE",
            "max_tokens",
        ),
        (
            400,
            error("Unrecognized field max_completion_tokens"),
            "OTHERWISE",
            "max_completion_tokens",
        ),
        (400, error("'temperature' does not support 0.2"), "OTHERWISE", "temperature"),
        (400, error("max_tokens is too large: 9000. At most 4096."), "OTHERWISE", "room"),
        (400, error("System role not supported"), "OTHERWISE", "system"),
        (400, "Bad request", "OTHERWISE", ""),
        (400, error("x", code="context_length_exceeded"), "TOO_LONG", ""),
        (400, error("the request exceeds the available context size"), "TOO_LONG", ""),
        (413, "", "TOO_LONG", ""),
        (
            429,
            error("Request too large for gpt-4o on tokens per min: Limit 9000, Requested 12000."),
            "TOO_LONG",
            "",
        ),
        (400, error("x", code="content_filter"), "FILTERED", ""),
        (400, [error("API key not valid.")], "KEY", ""),
        (401, "", "KEY", ""),
        (402, error("Insufficient Balance"), "SPENT", ""),
        (429, error("x", code="insufficient_quota"), "SPENT", ""),
        (429, error("You exceeded your current quota; retry in 30s"), "PASSING", ""),
        (403, error("x"), "MODEL", ""),
        (404, error("model 'x' not found"), "NOWHERE", ""),
        (400, error("The model x does not exist"), "NOWHERE", ""),
        (404, "<html>", "NOWHERE", ""),
        (307, "", "NOWHERE", ""),
        (500, "", "PASSING", ""),
        (503, error("Loading model"), "PASSING", ""),
        (529, error("Overloaded"), "PASSING", ""),
        (505, "", "LATER", ""),
    ],
)
def test_what_servers_say_is_understood(status: int, body: Any, meaning: str, what: str) -> None:
    refusal = understood(status, body)
    assert (refusal.meaning, refusal.what) == (Meaning[meaning], what)


@pytest.mark.parametrize(
    ("message", "takes"),
    [
        ("This model's maximum context length is 8192 tokens.", 8192),
        ("the request exceeds the available context size (4096 tokens)", 4096),
        ("prompt is too long", None),
    ],
)
def test_the_length_that_is_taken_is_read(message: str, takes: int | None) -> None:
    assert understood(400, error(message)).takes == takes


def test_a_question_above_the_rate_of_a_minute_is_told_that_rate() -> None:
    told = error("Request too large for x on tokens per min (TPM): Limit 9000, Requested 12000.")
    assert understood(429, told).takes == 9000


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"retry-after": "7"}, "", 7.0),
        ({"retry-after": "0.5"}, "", 0.5),
        ({"retry-after-ms": "1500", "retry-after": "2"}, "", 1.5),
        (
            {
                "retry-after": "Fri, 26 Dec 2025 09:00:30 GMT",
                "date": "Fri, 26 Dec 2025 09:00:00 GMT",
            },
            "",
            30.0,
        ),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": "9" * 9}, "", 604_800.0),
        ({}, "Please try again in 6.2s. Thanks.", 6.2),
        ({}, "Please try again in 200ms.", 0.2),
        ({}, "Please try again.", None),
    ],
)
def test_the_pause_is_read_wherever_it_stands(
    headers: dict[str, str], message: str, seconds: float | None
) -> None:
    assert told_pause(headers, message) == seconds


def test_steps_down_end() -> None:
    habits, steps = Habits(), 0
    while (lower := habits.without("")) is not None:
        habits, steps = lower, steps + 1
    assert steps == 6
    for name in ("response_format", "max_tokens", "temperature", "system", "room", "other"):
        assert habits.without(name) is None


def test_what_two_forms_found_out_is_known_of_both() -> None:
    one, other = Habits(rung=2, plain=True), Habits(length=1, merged=True, room=4)
    assert one.joined(other) == other.joined(one) == Habits(2, 1, True, True, 4)
