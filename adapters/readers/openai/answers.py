"""What stands in the body of a chat completion, whoever made it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_APOLOGY = re.compile(
    r"(?:i['’]?m |i am |we['’]?re |we are )?(?:very |so |deeply )?(?:sorry|apologi[sz]e)\b"
    r"|(?:unfortunately,? )?(?:i|we) (?:can['’]?t|cannot|can not|am unable|are unable|won['’]?t"
    r"|will not|must decline|am not able|do not feel comfortable)\b"
    r"|as an ai\b|(?:非常)?(?:抱歉|对不起|很遗憾)|我(?:无法|不能|没有办法)"
    r"|죄송|미안|유감",
    re.IGNORECASE,
)
_LONGEST_APOLOGY = 800  # characters
_BROKEN_OFF = frozenset({"length", "max_tokens", "model_length", "max_output_tokens"})
_FILTERED = frozenset({"content_filter", "safety", "recitation", "prohibited_content", "blocklist"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said in one turn."""

    text: str
    refusal: str = ""  # its words, when it said no in a field of its own
    broken_off: bool = False
    filtered: bool = False
    tokens_in: int | None = None  # None: the server did not tell
    tokens_out: int | None = None


def answer_of(body: Any) -> Answer | None:
    """The answer in a body; None when it is no chat completion."""
    if not isinstance(body, Mapping):
        return None
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, Mapping):
        return None
    message = choice.get("message")
    if not isinstance(message, Mapping):
        return None
    finish = str(choice.get("finish_reason") or "").casefold()
    tokens_in, tokens_out = _usage(body.get("usage"))
    text, refusal = _content(message.get("content"))
    told = message.get("refusal")
    return Answer(
        text=text,
        refusal=told.strip() if isinstance(told, str) else refusal,
        broken_off=finish in _BROKEN_OFF,
        filtered=finish in _FILTERED,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
    )


def apologises(text: str) -> bool:
    """Whether these words, which hold no object, say no."""
    text = text.strip()
    return len(text) <= _LONGEST_APOLOGY and _APOLOGY.match(text) is not None


def _content(content: Any) -> tuple[str, str]:
    """Text and refusal of a content that is a string, parts or nothing."""
    if isinstance(content, str):
        return content, ""
    if isinstance(content, Mapping):
        content = [content]
    if not isinstance(content, list):
        return "", ""
    text, refusal = [], []
    for part in content:
        if isinstance(part, str):
            text.append(part)
        elif isinstance(part, Mapping):
            if part.get("type") in (None, "text", "output_text"):
                text.append(_string(part.get("text")))
            refusal.append(_string(part.get("refusal")))
    return "".join(text), "".join(refusal).strip()


def _string(value: Any) -> str:
    if isinstance(value, Mapping):  # {"text": {"value": "…"}}
        value = value.get("value")
    return value if isinstance(value, str) else ""


def _usage(usage: Any) -> tuple[int | None, int | None]:
    if not isinstance(usage, Mapping):
        return None, None
    return _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))


def _count(value: Any) -> int | None:
    """A number of tokens; nothing costs no token at all, so 0 tells nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**9:
        return None
    return int(value)
