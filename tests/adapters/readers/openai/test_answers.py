"""Promises of reading a body: whatever a server leaves out or writes its own way is no crash."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.readers.openai.answers import answer_of, apologises

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["message", "content", "text", "refusal", "finish_reason", "type"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


def body(usage: Any = None, **message: Any) -> dict[str, Any]:
    return {"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 12, "completion_tokens": 3}, (12, 3)),
        ({"prompt_tokens": 12.0}, (12, None)),
        ({"prompt_tokens": 0, "completion_tokens": -1}, (None, None)),
        ({"prompt_tokens": "12", "completion_tokens": True}, (None, None)),
        ("many", (None, None)),
        (None, (None, None)),
    ],
)
def test_usage_that_tells_nothing_is_none(usage: Any, tokens: tuple[int | None, ...]) -> None:
    answer = answer_of(body(usage, content="a"))
    assert answer is not None
    assert (answer.tokens_in, answer.tokens_out) == tokens


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a", "a"),
        (None, ""),
        ([{"type": "text", "text": "a"}, {"type": "reasoning", "text": "b"}, "c"], "ac"),
        ([{"type": "output_text", "text": {"value": "a"}}], "a"),
        ({"text": "a"}, "a"),
        (7, ""),
    ],
)
def test_content_is_one_text(content: Any, text: str) -> None:
    answer = answer_of(body(content=content))
    assert answer is not None
    assert answer.text == text


@given(anything)
def test_any_body_is_an_answer_or_none(choice: Any) -> None:
    for given_ in (choice, {"choices": choice}, {"choices": [choice]}):
        answer = answer_of(given_)
        assert answer is None or isinstance(answer.text, str)


@pytest.mark.parametrize(
    ("text", "no"),
    [
        ("I'm sorry, but I can’t do that.", True),
        ("I cannot fill in this form.", True),
        ("抱歉，我无法处理。", True),
        ("죄송합니다.", True),
        ("I canvassed the paper.", False),
        ("This paper says sorry.", False),
        ("I'm sorry. " + "But here is much to say. " * 50, False),
    ],
)
def test_a_refusal_in_prose_is_told_from_chatter(text: str, no: bool) -> None:
    assert apologises(text) is no
