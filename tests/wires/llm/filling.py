"""What the fake model knows: to fill in any schema with plausible words in the language asked for.

It says no number and nothing that could be checked against the text, but passages: they are the
text's own sentences.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_LANGUAGES = (
    ("zh", re.compile(r"\bzh\b|chinese|中文|汉语|简体", re.IGNORECASE)),
    ("ko", re.compile(r"\bko\b|korean|한국어", re.IGNORECASE)),
)
_WRITE = re.compile(
    r"(?:write|answer|fill in)\b[^.\n]{0,40}? in (?:simplified )?(chinese|korean|english)", re.I
)
_PASSAGES = re.compile(r"quot|passage|evidence|excerpt|citation|source", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?。！？\n]{20,}[.!?。！？]")
_TERM = re.compile(r"\b[A-Z][A-Za-z]{3,}\b")
_SAID = {
    "en": {
        "field": "Machine learning, in particular {term}",
        "contribution": "The work gives a simpler way to {term} that needs no extra labels.",
        "input": "Raw examples as they come.",
        "output": "A decision with its reason.",
        "procedure": "Prepare the data, train once, then run the model on new examples.",
        "resources": "The paper names no particular hardware.",
        "code": "The paper does not say that code is public.",
        "name": "A new view of {term}",
        "text": "Two steps that used to be apart are learned together.",
        "results": "It is better than the baselines on every benchmark that was tried.",
        "task": "{term}",
        "backbone": "Transformer",
        "problem": "Earlier methods forget what they saw first.",
        "method": "A memory that is written once and read often.",
        "answer": "Yes: the authors say so in the passages below.",
        "": "What the paper says about {name}.",
    },
    "zh": {
        "field": "机器学习，尤其是 {term}",
        "contribution": "本文提出了一种更简单的 {term} 方法，不需要额外标注。",
        "input": "未经处理的原始样本。",
        "output": "带有理由的判断。",
        "procedure": "先准备数据，训练一次，然后在新样本上运行模型。",
        "resources": "论文没有说明所用的硬件。",
        "code": "论文没有说明代码是否公开。",
        "name": "看待 {term} 的新方式",
        "text": "把过去分开的两个步骤放在一起学习。",
        "results": "在所有测试过的基准上都优于基线方法。",
        "task": "{term}",
        "backbone": "Transformer",
        "problem": "以往的方法会忘记最先看到的内容。",
        "method": "一次写入、多次读取的记忆模块。",
        "answer": "是的，作者在下面的段落中这样说。",
        "": "论文中关于 {name} 的内容。",
    },
    "ko": {
        "field": "기계 학습, 특히 {term}",
        "contribution": "이 논문은 추가 레이블이 필요 없는 더 간단한 {term} 방법을 제안한다.",
        "input": "가공하지 않은 원래 표본.",
        "output": "이유가 붙은 판단.",
        "procedure": "데이터를 준비하고 한 번 학습한 뒤 새 표본에 모델을 적용한다.",
        "resources": "논문은 하드웨어를 밝히지 않았다.",
        "code": "논문은 코드 공개 여부를 밝히지 않았다.",
        "name": "{term}을 보는 새로운 관점",
        "text": "예전에는 따로 하던 두 단계를 함께 학습한다.",
        "results": "시험한 모든 벤치마크에서 기준 모델보다 낫다.",
        "task": "{term}",
        "backbone": "Transformer",
        "problem": "이전 방법은 처음 본 것을 잊는다.",
        "method": "한 번 쓰고 여러 번 읽는 기억 장치.",
        "answer": "그렇다. 저자들이 아래 구절에서 그렇게 말한다.",
        "": "{name}에 대해 논문이 말하는 것.",
    },
}


def language_of(instructions: str) -> str:
    """The language that the instructions say to write in; else the last of `zh` and `ko` that
    they name; else `en`."""
    if told := _WRITE.search(instructions):
        return {"chinese": "zh", "korean": "ko"}.get(told[1].lower(), "en")
    # "terms of art stay in English" names no language to answer in, so English is never looked for
    named = [
        (found.start(), code) for code, form in _LANGUAGES for found in form.finditer(instructions)
    ]
    return max(named)[1] if named else "en"


def schema_of(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """The JSON Schema that a call bears: as its response format, else the last in its words."""
    form = body.get("response_format") or {}
    told = form.get("json_schema", {}).get("schema") if isinstance(form, Mapping) else None
    if isinstance(told, dict):
        return told
    found = None
    for message in body.get("messages", ()):
        found = _schema_within(content_of(message)) or found
    return found


def content_of(message: Mapping[str, Any]) -> str:
    """The text of a message, whether it is one string or parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if not isinstance(content, Sequence):
        return ""
    return "".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))


def unframed(text: str) -> str:
    """The text without the lines that say where it begins and ends."""
    lines = text.split("\n")
    return "\n".join(one for one in lines if not one.startswith("<<<") and one[-3:] != ">>>")


def filled(
    schema: Mapping[str, Any], text: str = "", language: str = "en", *, name: str = ""
) -> Any:
    """A value that fits the schema; the same for the same question."""
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for choice in ("anyOf", "oneOf"):
        if schema.get(choice):
            return filled(schema[choice][0], text, language, name=name)
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        kind = next(one for one in kind if one != "null")
    if kind == "object":
        inner = schema.get("properties", {})
        return {key: filled(inner[key], text, language, name=key) for key in inner}
    if kind == "array":
        number = min(max(int(schema.get("minItems", 2)), 1), int(schema.get("maxItems", 9)))
        items = schema.get("items", {})
        if _PASSAGES.search(name) and items.get("type") == "string":
            return _passages(text)[:number]
        return [filled(items, text, language, name=name) for _ in range(number)]
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    return _words(name, text, language)


def _words(name: str, text: str, language: str) -> str:
    if _PASSAGES.search(name):
        return (_passages(text) or [""])[0]
    said = _SAID[language]
    term = _TERM.search(text)
    line = said.get(name.lower(), said[""])
    return line.format(term=term[0] if term else "Transformer", name=name)


def _passages(text: str) -> list[str]:
    return [found.strip() for found in _SENTENCE.findall(text)]


def _schema_within(text: str) -> dict[str, Any] | None:
    decoder = json.JSONDecoder()
    place, found = text.find("{"), None
    while place >= 0:
        try:
            value, end = decoder.raw_decode(text, place)
        except ValueError:
            end = place + 1
        else:
            if isinstance(value, dict) and isinstance(value.get("properties"), dict):
                found = value
        place = text.find("{", end)
    return found
