"""Judges what leaves for Telegram: texts by Telegram's own parser, calls by the Bot API's document.

The parser is TDLib's, out of `tdjson`: the very one that the Bot API server uses
(telegram-bot-api/Client.cpp, get_formatted_text). What it does not tell is added from the sources
and the documents: the raw size, the length in UTF-16 units, the number of entities, links that
vanish without a word.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import tdjson

from tests.wires.judges.documents import document

RAW_BYTES = 1 << 15  # Client.cpp
UNITS = {"text": 4096, "caption": 1024}  # UTF-16 units: the stricter of the two ways to count
ENTITIES = 100  # about as many are kept (field notes)
_LINKS = ("textEntityTypeTextUrl", "textEntityTypeMentionName")


@cache
def _quiet() -> None:
    _call({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0})


def _call(request: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(tdjson.td_execute(json.dumps(request).encode()) or b"{}")
    return answer


def parsed(text: str, parse_mode: str | None) -> tuple[str, list[dict[str, Any]]]:
    """The text that a reader sees and its entities. Raises ValueError when it is refused."""
    _quiet()
    if parse_mode is None:
        return text, []
    if parse_mode != "HTML":
        raise ValueError(f"parse mode {parse_mode} is not used here")
    asked = {
        "@type": "parseTextEntities",
        "text": text,
        "parse_mode": {"@type": "textParseModeHTML"},
    }
    answer = _call(asked)
    if answer["@type"] == "error":
        raise ValueError(answer["message"])
    return answer["text"], answer["entities"]


def found_entities(text: str) -> list[tuple[str, str]]:
    """What Telegram makes clickable by itself: (kind, the words), such as ("Mention", "@x")."""
    _quiet()
    wide = text.encode("utf-16-le")
    entities = _call({"@type": "getTextEntities", "text": text})["entities"]
    return [
        (
            one["type"]["@type"].removeprefix("textEntityType"),
            wide[2 * one["offset"] : 2 * (one["offset"] + one["length"])].decode("utf-16-le"),
        )
        for one in entities
    ]


def text_problems(params: dict[str, Any]) -> list[str]:
    """What is wrong with the text or caption of a call; empty when nothing is.

    `params` are those of sendMessage, editMessageText, sendDocument, or an
    InputTextMessageContent (`message_text`). No text at all is no problem of a caption.
    """
    name = next((one for one in ("text", "message_text", "caption") if one in params), None)
    if name is None:
        return []
    text, kind = params[name], "caption" if name == "caption" else "text"
    try:
        raw = text.encode()
    except UnicodeEncodeError as error:
        return [f"{name}: no UTF-8 can say it: {error.reason}"]
    problems = []
    if len(raw) > RAW_BYTES:
        problems.append(f"{name}: {len(raw)} bytes before parsing, {RAW_BYTES} are taken")
    try:
        plain, entities = parsed(text, params.get("parse_mode"))
    except ValueError as error:
        return [*problems, f"{name}: {error}"]
    shown = plain.strip(" \n\t\r\v\f")
    if kind == "text" and not shown:
        problems.append(f"{name}: nothing is left of it")
    units = len(shown.encode("utf-16-le")) // 2
    if units > UNITS[kind]:
        problems.append(f"{name}: {units} UTF-16 units, {UNITS[kind]} are taken")
    if len(entities) > ENTITIES:
        problems.append(f"{name}: {len(entities)} entities, about {ENTITIES} are kept")
    if params.get("parse_mode") == "HTML":
        wanted = len(re.findall(r"<a[\s>]", text, re.IGNORECASE))
        got = sum(one["type"]["@type"] in _LINKS for one in entities)
        if got < wanted:
            problems.append(f"{name}: {wanted - got} of {wanted} links vanish")
        problems += [
            f"{name}: &{one}; shows as it is"
            for one in re.findall(r"&([a-zA-Z]+);", text)
            if one not in ("lt", "gt", "amp", "quot")
        ]
    return problems


def call_problems(method: str, params: dict[str, Any]) -> list[str] | None:
    """What the Bot API's document says against a call; None where the document is missing."""
    spec = document("TelegramSpec")
    return None if spec is None else list(spec.errors(method, params))


def type_problems(name: str, value: Any) -> list[str] | None:
    """What the document says against a value of one of its types; None where it is missing."""
    spec = document("TelegramSpec")
    if spec is None:
        return None
    from openapi_schema_validator import OAS31Validator

    schema = {"$ref": f"#/$defs/{name}", "$defs": spec.defs}
    return [
        f"{name}/{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in OAS31Validator(schema).iter_errors(value)
    ]
