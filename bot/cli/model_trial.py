"""One small question to the language model: does it answer, in what form, at what cost."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from bot.ports.reading import Form

FORMS = ("a JSON schema", "JSON", "free text")  # what the service heeds, best first
_QUESTION = Form(
    instructions="Copy the one word of the text into the field `word`.",
    text="paperboy",
    schema={
        "type": "object",
        "properties": {"word": {"type": "string"}},
        "required": ["word"],
        "additionalProperties": False,
    },
    most_tokens=200,
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What the question came to."""

    form: str  # of FORMS
    tokens: int  # in and out
    seconds: float


async def try_model(model: str, key: str | None, base: str | None, *, patience: float) -> Trial:
    """Ask it, for at most `patience` seconds. Raises SetUpWrong, SourceFailed, GiveUp, Unusable."""
    from adapters.readers.openai import OpenAIReader
    from adapters.readers.openai.patience import Patience

    began = monotonic()
    waits = Patience(tries=1, total=patience, attempt=patience)
    async with OpenAIReader(model, key, base, patience=waits) as reader:
        filled = await reader.fill(_QUESTION)
        form = FORMS[reader.rung]
    return Trial(form, filled.tokens_in + filled.tokens_out, monotonic() - began)
