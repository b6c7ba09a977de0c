"""A language model behind an OpenAI-compatible endpoint on loopback, as good or bad as scripted.

async with FakeModel() as model:                 # good: fills in the schema that it is given
    model.script.append(behaviours.FENCED)       # the next call; `model.always` is for the rest
    ... OPENAI_BASE_URL=model.url ...
    assert [call.format for call in model.calls] == ["json_schema"]
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.wires.llm.behaviours import GOOD, Behaviour
from tests.wires.llm.filling import content_of, filled, language_of, schema_of, unframed
from tests.wires.sockets import Head, Socket, head_of


@dataclass(frozen=True)
class Call:
    """One call as it was made."""

    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: dict[str, Any]
    behaviour: str = ""  # the name of what came of it
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def format(self) -> str:
        """The response format that was asked for: json_schema, json_object or text."""
        return str((self.body.get("response_format") or {}).get("type", "text"))

    @property
    def instructions(self) -> str:
        """What the system messages say; all of it when there is none."""
        system = [one for one in self.messages if one.get("role") in ("system", "developer")]
        return "\n".join(content_of(one) for one in system or self.messages)

    @property
    def text(self) -> str:
        """What the first message of the user says."""
        said = (content_of(one) for one in self.messages if one.get("role") == "user")
        return next(said, "")

    @property
    def repairs(self) -> bool:
        """Whether the model is shown an answer of its own."""
        return any(one.get("role") == "assistant" for one in self.messages)


class FakeModel(Socket):
    """`async with` starts and stops it. `script` is used up call by call, then `always` holds.

    `latency` is the time that an answer takes, in seconds (a model's 2 s, scaled down for tests).
    With `key` a call with another one is refused.
    """

    def __init__(
        self,
        *script: Behaviour,
        always: Behaviour = GOOD,
        latency: float = 0.0,
        key: str | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(port)
        self.script: deque[Behaviour] = deque(script)
        self.always = always
        self.latency = latency
        self.calls: list[Call] = []
        self._key = key

    @property
    def url(self) -> str:
        """The base of the API, with /v1."""
        return f"{self.base}/v1"

    def made(self) -> list[str]:
        """The formats of the calls, in order; those that show the model its answer end in `+`."""
        return [call.format + "+" * call.repairs for call in self.calls]

    async def respond(self, head: Head, body: bytes, writer: asyncio.StreamWriter) -> bool:
        asked = json.loads(body or b"{}")
        now = self.script.popleft() if self.script else self.always
        messages = asked.get("messages", [])
        call = Call(head.method, head.target, head.headers, asked, now.name, messages)
        self.calls.append(call)
        self.came.set()
        return await self._answer(call, now, writer)

    async def _answer(self, call: Call, now: Behaviour, writer: asyncio.StreamWriter) -> bool:
        if now.hush:
            return False
        if now.hang:
            await asyncio.Event().wait()
        status, body = self._judged(call, now)
        if self.latency:
            await asyncio.sleep(self.latency)
        headers = {"Content-Type": now.kind, "Content-Length": str(len(body)), **now.headers}
        writer.write(head_of(status, headers))
        writer.write(body[: len(body) // 2] if now.cut else body)
        await writer.drain()
        return not now.cut

    def _judged(self, call: Call, now: Behaviour) -> tuple[int, bytes]:
        if not call.path.endswith("/v1/chat/completions") or call.method != "POST":
            return 404, _error("There is no such page.")
        sent = call.headers.get("authorization", "").removeprefix("Bearer ")
        if self._key is not None and sent != self._key:
            return 401, _error("Incorrect API key provided.", code="invalid_api_key")
        if now.refuses:
            return self._refused(call, now)
        if now.error is not None:
            told = {**now.error, "message": now.error["message"].replace("{key}", sent)}
            return now.status, json.dumps({"error": told}).encode()
        if now.raw is not None:
            return now.status, now.raw
        return 200, json.dumps(answered(call, now), ensure_ascii=False).encode()

    def _refused(self, call: Call, now: Behaviour) -> tuple[int, bytes]:
        if call.format in now.refuses:
            what = f"'response_format' of type '{call.format}' is not supported with this model."
            return now.status, _error(what, param="response_format")
        for name in ("max_tokens", "max_completion_tokens", "temperature", "seed"):
            if name in now.refuses and name in call.body:
                what = f"Unsupported parameter: '{name}' is not supported with this model."
                return now.status, _error(what, param=name, code="unsupported_parameter")
        if "system" in now.refuses and any(one["role"] == "system" for one in call.messages):
            return now.status, _error("System role not supported")
        return 200, json.dumps(answered(call, now), ensure_ascii=False).encode()


def answered(call: Call, now: Behaviour) -> dict[str, Any]:
    """The body of the model's answer."""
    asked = language_of(call.instructions)
    spoken = now.speaks or asked
    if spoken == "wrong":
        spoken = "ko" if asked == "en" else "en"
    body = call.body if now.heeds_format else {**call.body, "response_format": None}
    schema = schema_of(body)
    values = {} if schema is None else filled(schema, unframed(call.text), spoken)
    if now.values is not None and values:
        values = now.values(values)
    text = json.dumps(values, ensure_ascii=False) if schema is not None else "It is a fine paper."
    content: Any = text
    if now.said is not None:
        content = now.said(text, values)
    message = {"role": "assistant", "content": content, **now.extra}
    given: dict[str, Any] = {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": 1_766_739_600,
        "model": str(call.body.get("model")),
        "choices": [{"index": 0, "message": message, "finish_reason": now.finish}],
    }
    if now.usage:
        prompt = sum(len(content_of(one)) for one in call.messages) // 4
        answer = len(str(content or "")) // 4
        given["usage"] = {
            "prompt_tokens": prompt,
            "completion_tokens": answer,
            "total_tokens": prompt + answer,
        }
    return given


def _error(message: str, *, param: str | None = None, code: str | None = None) -> bytes:
    told = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return json.dumps({"error": told}).encode()
