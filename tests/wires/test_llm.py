"""Promises of the fake model: it fills in what it is given, in the language asked for."""

from __future__ import annotations

import json

import httpx
import jsonschema
import pytest

from tests.wires.llm import behaviours
from tests.wires.llm.filling import filled, language_of, schema_of
from tests.wires.llm.server import FakeModel

SCHEMA = {
    "type": "object",
    "properties": {
        "field": {"type": "string"},
        "innovations": {
            "type": "array",
            "minItems": 2,
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "text": {"type": "string"}},
                "required": ["name", "text"],
                "additionalProperties": False,
            },
        },
        "answered": {"type": "boolean"},
        "quotations": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["field", "innovations", "answered", "quotations"],
    "additionalProperties": False,
}
TEXT = "The Perceiver reads long inputs without trouble. It is small!"


def question(language: str = "Chinese", **more: object) -> dict[str, object]:
    messages = [
        {"role": "system", "content": f"Answer in {language}. Terms of art stay in English."},
        {"role": "user", "content": TEXT},
    ]
    form = {"type": "json_schema", "json_schema": {"name": "form", "schema": SCHEMA}}
    return {"model": "fake", "messages": messages, "response_format": form, **more}


async def answer(model: FakeModel, body: dict[str, object]) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(f"{model.url}/chat/completions", json=body)


@pytest.mark.parametrize(
    ("language", "word"), [("Chinese", "机器学习"), ("Korean", "기계"), ("English", "Machine")]
)
async def test_what_it_fills_in_fits_the_schema_in_the_language_asked_for(
    language: str, word: str
) -> None:
    async with FakeModel() as model:
        given = (await answer(model, question(language))).json()
    values = json.loads(given["choices"][0]["message"]["content"])
    jsonschema.validate(values, SCHEMA)
    assert word in values["field"]
    assert "Perceiver" in values["field"]
    assert values["quotations"]
    assert all(passage in TEXT for passage in values["quotations"])
    assert given["usage"]["prompt_tokens"] > 0


async def test_a_schema_in_the_words_is_filled_in_too() -> None:
    body = question()
    body["response_format"] = {"type": "json_object"}
    body["messages"] = [{"role": "system", "content": f"JSON of {json.dumps(SCHEMA)} please"}]
    assert schema_of(body) == SCHEMA


def test_without_a_language_it_is_english() -> None:
    assert language_of("Fill in the form.") == "en"
    assert language_of("Write every value in English. The question: is Korean hard?") == "en"
    assert language_of("Not in Chinese; write Korean (ko).") == "ko"


def test_no_plausible_word_holds_a_number() -> None:
    for language in ("en", "zh", "ko"):
        told = json.dumps(filled(SCHEMA, TEXT, language), ensure_ascii=False)
        assert not any(sign.isdigit() for sign in told)


async def test_calls_are_kept_with_what_came_of_them() -> None:
    async with FakeModel(behaviours.BUSY, key="right") as model:
        assert (await answer(model, question())).status_code == 401
        await answer(model, question())
    assert [call.behaviour for call in model.calls] == ["429", "good"]
    assert model.made() == ["json_schema", "json_schema"]
    assert model.calls[0].text == TEXT
