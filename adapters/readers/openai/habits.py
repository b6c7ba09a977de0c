"""What an endpoint was found to take, and the question as it takes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.ports.reading import Form

SCHEMA, OBJECT, TEXT = range(3)  # the ladder: json_schema, json_object, none
_LENGTHS = ("max_completion_tokens", "max_tokens", "")
_TEMPERATURE = 0.2
_MOST_ROOM = 8
SHORTLY = "Be brief: every field in a few words, so that the answer is whole."

Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class Habits:
    """Steps down from what is asked for at first; each only ever goes up."""

    rung: int = SCHEMA
    length: int = 0  # which of the names of the answer's length, or none
    plain: bool = False  # no temperature
    merged: bool = False  # no system role: instructions and text in one message
    room: int = 1  # times the tokens that a form grants; models that think need more

    def joined(self, other: Habits) -> Habits:
        """What both found out."""
        return Habits(
            max(self.rung, other.rung),
            max(self.length, other.length),
            self.plain or other.plain,
            self.merged or other.merged,
            max(self.room, other.room),
        )

    def without(self, what: str) -> Habits | None:
        """One step down, for what an endpoint refused by name; None when there is none.

        Without a name it may be anything: the format goes first, then the rest.
        """
        if what == "response_format":
            return replace(self, rung=self.rung + 1) if self.rung < TEXT else None
        if what in _LENGTHS:
            if what and _LENGTHS[self.length] == what:
                return replace(self, length=self.length + 1)
        elif what == "temperature":
            return None if self.plain else replace(self, plain=True)
        elif what == "system":
            return None if self.merged else replace(self, merged=True)
        elif what == "room":
            return replace(self, length=len(_LENGTHS) - 1) if _LENGTHS[self.length] else None
        if what:
            return None
        if self.rung < TEXT:
            return replace(self, rung=self.rung + 1)
        if not self.plain:
            return replace(self, plain=True)
        if _LENGTHS[self.length]:
            return replace(self, length=self.length + 1)
        return None if self.merged else replace(self, merged=True)

    def roomier(self, much: bool) -> Habits:
        """More room for an answer that broke off; `much` when nothing was said for thinking."""
        return replace(self, room=min(self.room * (4 if much else 2), _MOST_ROOM))


def question(
    model: str, form: Form, habits: Habits, said: Sequence[Message] = (), hint: str = ""
) -> dict[str, Any]:
    """The words of `chat.completions.create`; `said` comes behind the text."""
    schema = strict(form.schema)
    instructions = [form.instructions]
    if habits.rung > SCHEMA:
        instructions.append(in_words(schema))
    if hint:
        instructions.append(hint)
    system, text = _writable("\n\n".join(instructions)), _writable(form.text)
    if habits.merged:
        begin = [{"role": "user", "content": f"{system}\n\n---\n\n{text}"}]
    else:
        begin = [{"role": "system", "content": system}, {"role": "user", "content": text}]
    asked: dict[str, Any] = {"model": model, "messages": [*begin, *said]}
    if name := _LENGTHS[habits.length]:
        asked[name] = form.most_tokens * habits.room
    if not habits.plain:
        asked["temperature"] = _TEMPERATURE
    if habits.rung == SCHEMA:
        named = {"name": "form", "strict": True, "schema": schema}
        asked["response_format"] = {"type": "json_schema", "json_schema": named}
    elif habits.rung == OBJECT:
        asked["response_format"] = {"type": "json_object"}
    return asked


def in_words(schema: Mapping[str, Any]) -> str:
    """The schema for a model that is told it in words."""
    told = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    return (
        "Answer with one JSON object and nothing else: no Markdown, no explanation. "
        f"It fits this JSON Schema:\n{told}"
    )


def strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema as strict formats want it: every property required, none besides."""
    told = dict(schema)
    if isinstance(told.get("properties"), Mapping):
        told["properties"] = {name: strict(part) for name, part in told["properties"].items()}
        told.setdefault("required", list(told["properties"]))
        told.setdefault("additionalProperties", False)
    if isinstance(told.get("items"), Mapping):
        told["items"] = strict(told["items"])
    for choice in ("anyOf", "oneOf"):
        if choice in told:
            told[choice] = [strict(part) for part in told[choice]]
    return told


def _writable(text: str) -> str:
    """Without halves of surrogate pairs, which no request can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
