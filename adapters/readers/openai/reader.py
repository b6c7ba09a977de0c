"""The reader `openai`: forms filled in by a model behind any OpenAI-compatible endpoint."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from adapters.readers.openai.endpoint import Endpoint
from adapters.readers.openai.habits import Habits
from adapters.readers.openai.patience import Patience
from adapters.readers.openai.tokens import estimate
from adapters.readers.openai.turns import Turns
from bot.ports.reading import Filled, Form

AT_ONCE = 8  # forms; the others wait for their turn, which is not counted as the model's time


class OpenAIReader:
    """A Reader over OpenAI, Ollama, vLLM, llama.cpp or a gateway; an async context manager.

    `key` and `base` are what OPENAI_API_KEY and OPENAI_BASE_URL hold; the key is sent to that
    base only and shown nowhere. What the endpoint turns out not to take (a schema, a parameter) is
    remembered as long as the reader lives. Raises SetUpWrong when a setting cannot be used.
    """

    def __init__(
        self,
        model: str,
        key: str | None = None,
        base: str | None = None,
        *,
        patience: Patience | None = None,
        at_once: int = AT_ONCE,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._patience = patience or Patience()
        self._clock = clock
        self._endpoint = Endpoint(model, key, base, patience=self._patience, clock=clock, wait=wait)
        self._slots = asyncio.Semaphore(at_once)
        self._habits = Habits()

    def __repr__(self) -> str:
        return f"OpenAIReader({self._endpoint.model!r}, {self._endpoint.base!r})"

    async def __aenter__(self) -> Self:
        await self._endpoint.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._endpoint.close()

    @property
    def model(self) -> str:
        """The name that was set, whatever version the service chose."""
        return self._endpoint.model

    @property
    def rung(self) -> int:
        """What the endpoint was found to heed: 0 a JSON schema, 1 JSON, 2 words alone."""
        return self._habits.rung

    def tokens(self, text: str) -> int:
        """About how many tokens the text is, rather too many than too few."""
        return estimate(text)

    async def fill(self, form: Form) -> Filled:
        """The form, filled in: one call, unless the endpoint wants it otherwise.

        At most one more with more room and one repair; tokens of all are counted. Raises
        SourceFailed, GiveUp, Unusable; TooLong when the text must be shorter.
        """
        async with self._slots:
            until = self._clock() + self._patience.total
            turns = Turns(self._endpoint, form, self._habits, self._learn, until)
            return await turns.filled()

    def _learn(self, found: Habits) -> None:
        self._habits = self._habits.joined(found)
