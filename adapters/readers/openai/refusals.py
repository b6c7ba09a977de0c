"""What a service means by an error: another way of asking, another text, later, or never.

The wording differs from server to server; what is looked for are the codes of OpenAI's reference
and words that vLLM, llama.cpp, Ollama and gateways use for the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

_TOO_LONG = re.compile(
    r"context[ _]?(?:length|window|size)|maximum (?:context|prompt|input)|prompt is too long"
    r"|too many (?:input )?tokens|reduce the length|input (?:is )?too long|string_above_max_length",
    re.IGNORECASE,
)
_TAKES = re.compile(
    r"(?:maximum (?:context|prompt|input)? ?length (?:is|of)|context (?:size|window|length) "
    r"(?:is |of |\()?|n_ctx\D{1,5})\D{0,12}(\d{3,8})",
    re.IGNORECASE,
)
_ABOVE_RATE = re.compile(r"request too large\b.*?\blimit:? (\d{3,8})", re.IGNORECASE)
_FORMAT = re.compile(
    r"response_?format|json_?schema|json[ _](?:mode|object)|structured output|guided|grammar"
    r"|schema\b|additionalProperties",
    re.IGNORECASE,
)
_SYSTEM = re.compile(
    r"system (?:role|message|prompt|instruction)s? (?:is |are )?not|no system role"
    r"|developer instruction",
    re.IGNORECASE,
)
_TOO_MUCH_ROOM = re.compile(
    r"too (?:large|big|high)|at most|less than or equal|maximum (?:value|allowed|number)|exceed",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model[_ ]not[_ ]found|(?:no such|unknown|invalid) model|model\b.{0,80}(?:does not exist"
    r"|not found|is not available)",
    re.IGNORECASE,
)
_KEY = re.compile(r"(?:invalid|incorrect|missing|expired)[_ ]api[_ ]key|api key not valid", re.I)
_FILTER = re.compile(
    r"content_filter|content management policy|content_policy|invalid_prompt|safety system", re.I
)
_SPENT = re.compile(
    r"insufficient_quota|billing_hard_limit|insufficient (?:balance|credit|funds)|out of credits"
    r"|credit balance is too low|account_deactivated",
    re.IGNORECASE,
)
_PARAMETERS = ("max_completion_tokens", "max_tokens", "temperature")
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})


class Meaning(Enum):
    """What to do about an error."""

    OTHERWISE = auto()  # ask without `what`
    TOO_LONG = auto()  # `takes` tokens at most, when told
    FILTERED = auto()  # this text is not answered
    PASSING = auto()  # ask again in a moment
    LATER = auto()
    SPENT = auto()  # no money left
    KEY = auto()
    MODEL = auto()  # this key may not use it
    NOWHERE = auto()  # no such model or page


@dataclass(frozen=True, slots=True)
class Refusal:
    """One error, understood."""

    meaning: Meaning
    what: str = ""
    takes: int | None = None


def understood(status: int, body: Any) -> Refusal:
    """The meaning of an HTTP status that is no success, with its body (JSON or text)."""
    error = error_of(body)
    words = " ".join(str(error.get(name) or "") for name in ("code", "type", "param", "message"))
    parameter = str(error.get("param") or "")
    if status in (401, 407):
        return Refusal(Meaning.KEY)
    if status == 402 or (status in (403, 429) and _SPENT.search(words)):
        return Refusal(Meaning.SPENT)
    if status == 403:
        return Refusal(Meaning.MODEL)
    if status in (413, 429) and (above := _ABOVE_RATE.search(words)):
        return Refusal(Meaning.TOO_LONG, takes=int(above[1]))  # of a minute: waiting is no use
    if status == 413:
        return Refusal(Meaning.TOO_LONG, takes=_taken(words))
    if status >= 500 and status != 501:
        grammar = status == 500 and _FORMAT.search(words)
        if grammar:
            return Refusal(Meaning.OTHERWISE, "response_format")
        if status == 500 and _TOO_LONG.search(words):
            return Refusal(Meaning.TOO_LONG, takes=_taken(words))
        return Refusal(Meaning.PASSING if status in _PASSING else Meaning.LATER)
    if status in _PASSING:
        return Refusal(Meaning.PASSING)
    if status in (400, 404, 415, 422, 501):
        return _about_the_question(status, words, parameter)
    return Refusal(Meaning.NOWHERE)


def _about_the_question(status: int, words: str, parameter: str) -> Refusal:
    if _KEY.search(words):
        return Refusal(Meaning.KEY)
    if _TOO_LONG.search(words):
        return Refusal(Meaning.TOO_LONG, takes=_taken(words))
    if _FILTER.search(words):
        return Refusal(Meaning.FILTERED)
    if parameter != "response_format":
        named = [name for name in _PARAMETERS if name == parameter] or [
            name for name in _PARAMETERS if re.search(rf"\b{name}\b", words)
        ]
        if named:
            length = named[0].startswith("max")
            if length and _TOO_MUCH_ROOM.search(words):
                return Refusal(Meaning.OTHERWISE, "room")
            # "max_tokens is not supported, use max_completion_tokens instead": the first named
            first = min(named, key=lambda name: words.find(name) if parameter != name else -1)
            return Refusal(Meaning.OTHERWISE, first)
    if _FORMAT.search(words):
        return Refusal(Meaning.OTHERWISE, "response_format")
    if _SYSTEM.search(words):
        return Refusal(Meaning.OTHERWISE, "system")
    if _NO_MODEL.search(words) or status == 404:
        return Refusal(Meaning.NOWHERE)
    return Refusal(Meaning.OTHERWISE)


def error_of(body: Any) -> Mapping[str, Any]:
    """The error in a body: OpenAI's `{"error": {…}}`, FastAPI's `detail`, a string …"""
    if isinstance(body, list) and body:  # Gemini's compatible endpoint
        body = body[0]
    if isinstance(body, Mapping):
        for name in ("error", "detail"):
            if isinstance(body.get(name), Mapping):
                return dict(body[name])
            if body.get(name):
                return {"message": str(body[name])}
        return body
    return {"message": body if isinstance(body, str) else ""}


def _taken(words: str) -> int | None:
    found = _TAKES.search(words)
    return int(found[1]) if found else None
