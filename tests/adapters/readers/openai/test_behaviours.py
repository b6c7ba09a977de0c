"""Promises of filling in: for each behaviour of a model what comes out, and which calls it took."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import jsonschema
import pytest

from adapters.readers.openai import OpenAIReader, Patience
from bot.errors import GiveUp, PaperboyError, SourceFailed, TooLong, Unusable
from bot.ports.reading import Filled, Form
from bot.reading.asking import report_form
from tests.wires.llm import behaviours
from tests.wires.llm.behaviours import Behaviour
from tests.wires.llm.server import FakeModel

KEY = "sk-secret-of-the-operator-0123456789"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "field": {"type": "string"},
        "contribution": {"type": "string"},
        "datasets": {"type": "array", "items": {"type": "string"}},
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
    },
    "required": ["field", "contribution", "datasets", "innovations"],
    "additionalProperties": False,
}
FORM = Form(
    "Fill in the form in Chinese. Terms of art stay in English.",
    "The Perceiver reads long inputs and beats its baselines by 3 points.",
    SCHEMA,
)
FIRST = "机器学习，尤其是 Perceiver"


class Waits:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def reader(model: FakeModel, time: Waits | None = None, **more: Any) -> OpenAIReader:
    time = time or Waits()
    return OpenAIReader("fake", KEY, model.url, clock=time.clock, wait=time.wait, **more)


async def fill(model: FakeModel, *, times: int = 1, **more: Any) -> Filled:
    async with reader(model, **more) as asked:
        for _ in range(times):
            filled = await asked.fill(FORM)
    jsonschema.validate(filled.values, SCHEMA)
    return filled


async def failure(model: FakeModel, **more: Any) -> PaperboyError:
    async with reader(model, **more) as asked:
        with pytest.raises(PaperboyError) as caught:
            await asked.fill(FORM)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert KEY not in repr(caught.value) + sentence
    return caught.value


S, O, T = "json_schema", "json_object", "text"  # noqa: E741


@pytest.mark.parametrize(
    ("behaviour", "made"),
    [
        (behaviours.GOOD, [S]),
        (behaviours.CHATTY, [S]),
        (behaviours.FENCED, [S]),
        (behaviours.THINK, [S]),
        (behaviours.REASONING, [S]),
        (behaviours.PARTS, [S]),
        (behaviours.LOOSE, [S]),
        (behaviours.EXTRA_KEYS, [S]),
        (behaviours.DOUBLED, [S]),
        (behaviours.WRAPPED, [S]),
        (behaviours.NO_USAGE, [S]),
        (behaviours.PROSE, [S, O + "+"]),
        (behaviours.CUT_SHORT, [S, O + "+"]),
        (behaviours.MISSING_KEY, [S, O + "+"]),
        (behaviours.EMPTY, [S, S]),
        (behaviours.NO_CONTENT, [S, S]),
        (behaviours.TRUNCATED, [S, S]),
        (behaviours.HTML, [S, S]),
        (behaviours.NO_JSON, [S, S]),
        (behaviours.NO_CHOICES, [S, S]),
        (behaviours.ERROR_200, [S, S]),
        (behaviours.BUSY, [S, S]),
        (behaviours.BROKEN, [S, S]),
        (behaviours.OVERLOADED, [S, S]),
        (behaviours.HUSH, [S, S]),
        (behaviours.CUT, [S, S]),
        (behaviours.SCHEMA_REFUSED, [S, O]),
        (behaviours.SCHEMA_REFUSED_422, [S, O]),
        (behaviours.REFUSED_400, [S, O]),
    ],
    ids=lambda value: value.name if isinstance(value, Behaviour) else "",
)
async def test_one_bad_answer_still_gives_the_form(behaviour: Behaviour, made: list[str]) -> None:
    async with FakeModel(behaviour) as model:
        filled = await fill(model)
    assert filled.values["field"] == FIRST
    assert model.made() == made


@pytest.mark.parametrize(
    ("behaviour", "made", "twice"),
    [
        (behaviours.SCHEMA_REFUSED, [S, O], [O]),
        (behaviours.SCHEMA_REFUSED_422, [S, O], [O]),
        (behaviours.FORMATS_REFUSED, [S, O, T], [T]),
        (behaviours.SCHEMA_IGNORED, [S, O + "+"], [O]),
        (behaviours.MISSING_KEY, [S, O + "+"], [O, O + "+"]),
        (behaviours.NEW_NAME_REFUSED, [S, S], [S]),
        (behaviours.SYSTEM_REFUSED, [S, S], [S]),
    ],
    ids=lambda value: value.name if isinstance(value, Behaviour) else "",
)
async def test_what_an_endpoint_does_not_take_is_found_out_once(
    behaviour: Behaviour, made: list[str], twice: list[str]
) -> None:
    async with FakeModel(always=behaviour) as model:
        filled = await fill(model, times=2)
    assert filled.values["contribution"].startswith("本文")
    assert model.made() == made + twice


async def test_refused_parameters_are_left_out_from_then_on() -> None:
    odd = Behaviour(
        "o", refuses=frozenset({"max_completion_tokens", "max_tokens", "temperature"}), status=400
    )
    async with FakeModel(always=odd) as model:
        await fill(model, times=2)
    names = [set(call.body) & set(odd.refuses) for call in model.calls]
    assert names == [
        {"max_completion_tokens", "temperature"},
        {"max_tokens", "temperature"},
        {"temperature"},
        set(),
        set(),
    ]
    assert model.made() == [S] * 5


async def test_a_lasting_prose_is_given_up_after_one_repair_with_what_it_cost() -> None:
    async with FakeModel(always=behaviours.PROSE) as model:
        error = await failure(model)
    assert isinstance(error, Unusable)
    assert "no whole JSON object" in str(error)
    assert error.tokens_in > 0
    assert error.tokens_out > 0
    assert model.made() == [S, O + "+"]


async def test_a_repair_shows_the_answer_and_says_what_was_wrong() -> None:
    async with FakeModel(behaviours.PROSE) as model:
        await fill(model)
    own, told = model.calls[1].messages[-2:]
    assert own == {
        "role": "assistant",
        "content": "This paper is about memory, and I liked it a lot.",
    }
    assert "no whole JSON object" in told["content"]
    assert json.dumps(SCHEMA["required"], separators=(",", ":")) in str(model.calls[1].body)


async def test_a_missing_name_is_asked_for_and_then_left_empty() -> None:
    async with FakeModel(always=behaviours.MISSING_KEY) as model:
        filled = await fill(model)
    assert filled.values["field"] == ""
    assert "field is missing" in model.calls[1].messages[-1]["content"]
    assert len(model.calls) == 2


async def test_a_form_that_will_do_outlives_a_repair_that_fails() -> None:
    async with FakeModel(behaviours.MISSING_KEY, always=behaviours.BROKEN) as model:
        filled = await fill(model)
    assert filled.values["field"] == ""
    assert filled.tokens_in > 0


async def test_a_repair_that_fails_tells_what_was_spent() -> None:
    async with FakeModel(behaviours.PROSE, always=behaviours.BROKEN) as model:
        error = await failure(model)
    assert isinstance(error, Unusable)
    assert error.tokens_in > 0


async def test_latex_comes_back_as_it_was_meant() -> None:
    async with FakeModel(behaviours.LATEX) as model:
        filled = await fill(model)
    assert filled.values["field"] == FIRST + r" $\alpha \times \nabla \frac{1}{2} \beta$"
    assert model.made() == [S]


async def test_wrong_types_are_put_right_without_asking() -> None:
    async with FakeModel(behaviours.WRONG_TYPES) as model:
        filled = await fill(model)
    assert filled.values["field"] == "0.8"
    assert filled.values["datasets"] == ["论文中关于 datasets 的内容。"]
    assert len(model.calls) == 1


async def test_null_is_an_empty_field() -> None:
    async with FakeModel(behaviours.NULLS) as model:
        filled = await fill(model)
    assert filled.values["field"] == ""
    assert len(model.calls) == 1


async def test_what_was_not_asked_for_is_dropped() -> None:
    async with FakeModel(behaviours.EXTRA_KEYS) as model:
        filled = await fill(model)
    assert set(filled.values) == set(SCHEMA["properties"])


@pytest.mark.parametrize(
    ("behaviour", "word"),
    [
        (behaviours.NUMBER_MADE_UP, behaviours.MADE_UP),
        (behaviours.INJECTION, behaviours.INJECTED),
        (behaviours.WRONG_LANGUAGE, "Machine learning"),
    ],
    ids=lambda value: value.name if isinstance(value, Behaviour) else "",
)
async def test_whether_the_content_is_right_is_not_judged_here(
    behaviour: Behaviour, word: str
) -> None:
    async with FakeModel(behaviour) as model:
        filled = await fill(model)
    if behaviour is not behaviours.WRONG_LANGUAGE:
        assert filled.values["contribution"] or filled.values["field"]
    assert word in filled.values["field"]
    assert len(model.calls) == 1


async def test_what_broke_off_gets_more_room_once_and_is_never_pieced_together() -> None:
    async with FakeModel(always=behaviours.TRUNCATED) as model:
        error = await failure(model)
    assert isinstance(error, Unusable)
    assert "too long" in str(error)
    rooms = [call.body["max_completion_tokens"] for call in model.calls]
    assert rooms == [FORM.most_tokens, 2 * FORM.most_tokens]
    assert "Be brief" in model.calls[1].instructions


async def test_a_model_that_thinks_all_its_room_away_keeps_more_of_it() -> None:
    silent = Behaviour("silent", said=lambda *_: "", finish="length")
    async with FakeModel(silent) as model:
        await fill(model, times=2)
    rooms = [call.body["max_completion_tokens"] for call in model.calls]
    assert rooms == [2500, 10_000, 10_000]


@pytest.mark.parametrize(
    "behaviour",
    [behaviours.REFUSAL, behaviours.REFUSAL_PROSE, behaviours.FILTERED],
    ids=lambda value: value.name,
)
async def test_a_refusal_is_not_argued_with(behaviour: Behaviour) -> None:
    async with FakeModel(always=behaviour) as model:
        error = await failure(model)
    assert isinstance(error, Unusable)
    assert "refused" in str(error)
    assert error.tokens_in > 0
    assert len(model.calls) == 1


@pytest.mark.parametrize(
    ("behaviour", "word"),
    [
        (behaviours.UNAUTHORIZED, "OPENAI_API_KEY"),
        (behaviours.FORBIDDEN, "PAPERBOY_LLM_MODEL"),
        (behaviours.NO_MODEL, "OPENAI_BASE_URL"),
        (behaviours.QUOTA, "credit"),
    ],
    ids=lambda value: value.name if isinstance(value, Behaviour) else "",
)
async def test_what_only_the_operator_can_mend_is_not_asked_again(
    behaviour: Behaviour, word: str
) -> None:
    async with FakeModel(always=behaviour) as model:
        error = await failure(model)
    assert isinstance(error, GiveUp)
    assert word in str(error)
    assert len(model.calls) == 1


async def test_a_text_that_is_too_long_says_so_and_what_is_taken() -> None:
    async with FakeModel(always=behaviours.TOO_LONG) as model:
        error = await failure(model)
    assert isinstance(error, TooLong)
    assert error.takes == 8192
    assert "8192" in str(error)
    assert len(model.calls) == 1


@pytest.mark.parametrize(
    "behaviour",
    [
        behaviours.BROKEN,
        behaviours.OVERLOADED,
        behaviours.ERROR_200,
        behaviours.HTML,
        behaviours.NO_JSON,
        behaviours.HUSH,
        behaviours.CUT,
    ],
    ids=lambda value: value.name,
)
async def test_a_trouble_that_lasts_is_given_up_after_three_tries(behaviour: Behaviour) -> None:
    time = Waits()
    async with FakeModel(always=behaviour) as model:
        error = await failure(model, time=time)
    assert isinstance(error, SourceFailed)
    assert model.made() == [S] * 3
    assert len(time.waits) == 2
    assert 0.75 <= time.waits[0] <= 1.25
    assert 1.5 <= time.waits[1] <= 2.5


async def test_retry_after_is_obeyed_to_the_second_and_by_all() -> None:
    time = Waits()
    async with FakeModel(behaviours.BUSY) as model:
        await fill(model, time=time)
    assert time.waits == [7.0]


async def test_a_lasting_429_hands_its_retry_after_on() -> None:
    time = Waits()
    async with FakeModel(always=behaviours.BUSY) as model, reader(model, time) as asked:
        with pytest.raises(SourceFailed) as caught:
            await asked.fill(FORM)
        assert caught.value.retry_after == 7.0
        assert len(model.calls) == 3
        waited = len(time.waits)
        model.always = behaviours.GOOD
        await asked.fill(FORM)
    assert time.waits[waited:] == [7.0]  # the next form keeps to it, too


async def test_a_retry_after_that_outlasts_patience_is_not_waited_for() -> None:
    time = Waits()
    long = Behaviour("429", status=429, headers={"Retry-After": "3600"}, error={"message": "No."})
    async with FakeModel(always=long) as model, reader(model, time) as asked:
        for _ in range(2):
            with pytest.raises(SourceFailed) as caught:
                await asked.fill(FORM)
            assert caught.value.retry_after == 3600.0
    assert time.waits == []
    assert len(model.calls) == 1  # the second form did not even ask


async def test_a_pause_above_a_minute_is_for_another_time() -> None:
    time = Waits()
    long = Behaviour("429", status=429, headers={"Retry-After": "90"}, error={"message": "No."})
    async with FakeModel(long) as model:
        error = await failure(model, time=time)
    assert isinstance(error, SourceFailed)
    assert error.retry_after == 90.0
    assert time.waits == []


async def test_who_never_answers_is_left() -> None:
    async with FakeModel(always=behaviours.HANG) as model:
        error = await failure(model, patience=Patience(tries=2, attempt=0.05, total=5))
    assert isinstance(error, SourceFailed)
    assert "in time" in str(error)
    assert len(model.calls) == 2


async def test_a_form_never_takes_longer_than_it_may() -> None:
    """By the clock that waiting moves: pauses count, whatever the number of tries."""
    time = Waits()
    async with FakeModel(always=behaviours.BROKEN) as model:
        patience = Patience(tries=100, total=20.0)
        error = await failure(model, time=time, patience=patience)
    assert isinstance(error, SourceFailed)
    assert time.now < 20.0
    assert len(model.calls) < 8


async def test_usage_is_told_or_estimated() -> None:
    async with FakeModel() as model:
        told = await fill(model)
        model.always = behaviours.NO_USAGE
        guessed = await fill(model)
    assert not told.estimated
    assert guessed.estimated
    assert told.model == guessed.model == "fake"
    assert guessed.tokens_in >= told.tokens_in // 2 > 0
    assert guessed.tokens_out > 0


async def test_usage_of_all_turns_is_counted() -> None:
    async with FakeModel(behaviours.PROSE) as model:
        filled = await fill(model)
    asked = [sum(len(one["content"]) for one in call.messages) // 4 for call in model.calls]
    assert len(asked) == 2
    assert filled.tokens_in == sum(asked)


@pytest.mark.parametrize("behaviour", behaviours.ALL.values(), ids=lambda value: value.name)
async def test_the_report_form_is_filled_in_or_refused_whatever_the_model_does(
    behaviour: Behaviour,
) -> None:
    form = report_form("The Perceiver reads long inputs without any trouble.", "ko")
    patience = Patience(tries=2, attempt=0.2 if behaviour.hang else 10)
    async with (
        FakeModel(always=behaviour) as model,
        reader(model, patience=patience) as asked,
    ):
        with suppress(SourceFailed, GiveUp, Unusable):
            filled = await asked.fill(form)
            jsonschema.validate(filled.values, dict(form.schema))
            assert filled.tokens_in > 0
    assert 1 <= len(model.calls) <= 8
