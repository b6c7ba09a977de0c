"""One form, turn by turn: down the ladder, once more with more room, once with what was wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.readers.openai.answers import Answer, apologises
from adapters.readers.openai.endpoint import Declined, Endpoint
from adapters.readers.openai.fitting import Misfit, fit
from adapters.readers.openai.habits import (
    OBJECT,
    SCHEMA,
    SHORTLY,
    Habits,
    Message,
    in_words,
    question,
    strict,
)
from adapters.readers.openai.mending import cleaned, found, spoken
from adapters.readers.openai.tokens import estimate
from bot.errors import GiveUp, SourceFailed, TooLong, Unusable
from bot.ports.reading import Filled, Form

_log = logging.getLogger(__name__)
_SHOWN = 8_000  # characters of its own answer that a model is shown again
_TOLD = 6  # misfits named to it
_NO_OBJECT = "it holds no whole JSON object"


@dataclass(frozen=True, slots=True)
class _Judged:
    """What an answer comes to."""

    values: Mapping[str, Any] | None  # None: no object at all
    misfits: tuple[Misfit, ...] = ()

    @property
    def whole(self) -> bool:
        return self.values is not None and not self.misfits

    @property
    def will_do(self) -> bool:
        """Whether it fits the schema, with empty values where something is missing."""
        return self.values is not None and not any(one.grave for one in self.misfits)

    def __str__(self) -> str:
        if self.values is None:
            return _NO_OBJECT
        return "; ".join(str(one) for one in self.misfits[:_TOLD])


class Turns:
    """Fills in one form. `learn` is told what was found out about the endpoint."""

    def __init__(
        self,
        endpoint: Endpoint,
        form: Form,
        habits: Habits,
        learn: Callable[[Habits], None],
        until: float,
    ) -> None:
        self._endpoint = endpoint
        self._form = form
        self._habits = habits
        self._learn = learn
        self._until = until
        self._tokens_in = 0
        self._tokens_out = 0
        self._estimated = False

    async def filled(self) -> Filled:
        """Raises SourceFailed, GiveUp, Unusable (TooLong when the text is)."""
        answer = await self._say()
        judged = self._judge(answer)
        if not judged.whole and answer.broken_off:
            judged, answer = await self._with_more_room(answer, judged)
        if not judged.whole and not answer.broken_off:
            judged = await self._repaired(answer, judged)
        if judged.will_do:
            assert judged.values is not None
            return Filled(
                judged.values,
                self._endpoint.model,
                self._tokens_in,
                self._tokens_out,
                self._estimated,
            )
        if answer.broken_off:
            raise self._unusable("broke off its answer twice, which got too long")
        raise self._unusable(f"did not fill in the form: {judged}")

    async def _with_more_room(self, answer: Answer, judged: _Judged) -> tuple[_Judged, Answer]:
        silent = not spoken(answer.text)
        self._habits = self._habits.roomier(much=silent)
        try:
            again = await self._say(hint=SHORTLY)
        except (SourceFailed, GiveUp, Unusable) as error:
            return self._or_else(judged, error), answer
        if silent and not again.broken_off:
            self._learn(self._habits)  # it thinks before it speaks: the next form gets this room
        return self._better(self._judge(again), judged), again

    async def _repaired(self, answer: Answer, judged: _Judged) -> _Judged:
        said, hint = self._complaint(answer, judged)
        if self._habits.rung == SCHEMA and answer.text.strip():
            # who heeds a schema cannot answer so; the next forms tell it in words
            self._habits = replace(self._habits, rung=OBJECT)
            self._learn(self._habits)
            _log.info("the model's service takes a schema but does not heed it")
        try:
            again = await self._say(said, hint)
        except (SourceFailed, GiveUp, Unusable) as error:
            return self._or_else(judged, error)
        return self._better(self._judge(again), judged)

    def _complaint(self, answer: Answer, judged: _Judged) -> tuple[list[Message], str]:
        """Its own answer and what is wrong with it; or a hint, when it said nothing."""
        own = spoken(answer.text)[:_SHOWN]
        again = "Answer again with one whole JSON object and nothing else."
        if not own:
            return [], f"{again} Your last answer was empty."
        told = f"That answer cannot be used: {judged}. {again}"
        if self._habits.rung == SCHEMA:
            told = f"{told} {in_words(strict(self._form.schema))}"
        return [{"role": "assistant", "content": own}, {"role": "user", "content": told}], ""

    def _better(self, now: _Judged, before: _Judged) -> _Judged:
        if now.will_do == before.will_do:
            fewer = len(before.misfits) < len(now.misfits)
            return before if before.will_do and fewer else now
        return now if now.will_do else before

    def _or_else(self, judged: _Judged, error: Exception) -> _Judged:
        """A turn that failed costs nothing when the one before it will do."""
        if judged.will_do:
            return judged
        if isinstance(error, Unusable):
            raise error
        raise self._unusable(f"did not fill in the form: {judged}; then: {error}") from None

    async def _say(self, said: list[Message] | None = None, hint: str = "") -> Answer:
        """One turn; steps down as often as the endpoint refuses something."""
        while True:
            asked = question(self._endpoint.model, self._form, self._habits, said or (), hint)
            try:
                answer = await self._endpoint.ask(asked, self._until)
            except Declined as declined:
                lower = self._habits.without(declined.what)
                if lower is None:
                    raise self._unusable(declined.sentence) from None
                _log.info(
                    "the model's service refuses a part of the question",
                    extra={"part": declined.what or "unknown", "habits": str(lower)},
                )
                self._habits = lower
                continue
            except TooLong as error:
                raise TooLong(
                    str(error),
                    takes=error.takes,
                    tokens_in=self._tokens_in,
                    tokens_out=self._tokens_out,
                ) from None
            except Unusable as error:
                raise self._unusable(str(error)) from None
            self._spend(asked, answer)
            self._learn(replace(self._habits, room=1))
            if answer.refusal or answer.filtered:
                raise self._unusable("refused to answer")
            return answer

    def _judge(self, answer: Answer) -> _Judged:
        names = list(self._form.schema.get("properties", {}))
        given = found(answer.text, names)
        if given is None:
            if apologises(spoken(answer.text)):
                raise self._unusable("refused to answer")
            return _Judged(None)
        values, misfits = fit(cleaned(given), self._form.schema)
        return _Judged(values, tuple(misfits))

    def _spend(self, asked: Mapping[str, Any], answer: Answer) -> None:
        tokens_in, tokens_out = answer.tokens_in, answer.tokens_out
        if tokens_in is None:
            self._estimated = True
            tokens_in = sum(estimate(one["content"]) + 4 for one in asked["messages"])
        if tokens_out is None:
            self._estimated = True
            tokens_out = estimate(answer.text)
        self._tokens_in += tokens_in
        self._tokens_out += tokens_out

    def _unusable(self, what: str) -> Unusable:
        sentence = what if what[:1].isupper() else f"The model {self._endpoint.model} {what}."
        return Unusable(sentence, tokens_in=self._tokens_in, tokens_out=self._tokens_out)
