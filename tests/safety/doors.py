"""A door: one place where something of strangers comes in, and what may be thrown out there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from time import process_time
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from bot.errors import PaperboyError
from tests.safety.strangers import Enter, hostile, runs

SECONDS = 1.0  # of the processor for one value
SEED = 20_260_109  # printed by every failure; another one: `door.stormed(…, seed=…)`


def as_it_is(text: str) -> Any:
    """A run of one unit is the value."""
    return text


@dataclass(frozen=True)
class Door:
    """One parser, with what is thrown at it."""

    name: str
    enter: Enter
    given: st.SearchStrategy[Any] | None = None  # None: hostile texts
    allowed: tuple[type[BaseException], ...] = (PaperboyError,)
    longest: int = 0  # code points of the longest text that reaches it; 0: no text goes in whole
    value_of: Callable[[str], Any] = as_it_is  # what is given to `enter` for such a text
    open: Callable[[], AbstractContextManager[Enter]] | None = None  # instead of `enter`
    share: float = 1.0  # of the examples, where each takes many milliseconds
    ordinary: bool = True  # False: the parser's own tests throw properties at it in every run

    @contextmanager
    def opened(self) -> Iterator[Enter]:
        """What to call with each value; fails for what is not allowed, and for what takes long."""
        if self.open is None:
            yield self._guarded(self.enter)
        else:
            with self.open() as enter:
                yield self._guarded(enter)

    def _guarded(self, enter: Enter) -> Enter:
        def enters(value: Any) -> None:
            took = self._once(enter, value)
            if took >= SECONDS:  # what is read once, at the first use, is nobody's fault
                took = self._once(enter, value)
            assert took < SECONDS, f"{self.name}: {took:.2f} s of the processor"

        return enters

    def _once(self, enter: Enter, value: Any) -> float:
        """Seconds of the processor that it took."""
        swallowed.clear()
        began = process_time()
        with suppress(*self.allowed):
            enter(value)
        took = process_time() - began
        if swallowed:
            raise swallowed[0]
        return took

    def stormed(self, examples: int, *, seed_: int = SEED) -> None:
        """Throw that many values at it."""
        with self.opened() as enter, listening():

            @seed(seed_)
            @settings(
                max_examples=max(1, int(examples * self.share)),
                deadline=None,
                database=None,
                derandomize=False,
                phases=(Phase.explicit, Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            )
            @given(hostile() if self.given is None else self.given)
            def each(value: Any) -> None:
                enter(value)

            each()

    def run_down(self) -> list[str]:
        """What goes wrong with runs of one sign of the full length, a line each."""
        found = []
        with self.opened() as enter, listening():
            for unit, text in runs(self.longest):
                try:
                    enter(self.value_of(text))
                except BaseException as error:
                    if isinstance(error, KeyboardInterrupt):
                        raise
                    found.append(f"{unit!r}: {type(error).__name__}: {str(error)[:200]}")
        return found


swallowed: list[BaseException] = []


class _Ear(logging.Handler):
    """What is caught for safety's sake and only logged is a crash here."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, PaperboyError):
            swallowed.append(error)


@contextmanager
def listening() -> Iterator[None]:
    """Faults of ours that are only logged are heard."""
    ear = _Ear(logging.ERROR)
    log = logging.getLogger("bot")
    log.addHandler(ear)
    try:
        yield
    finally:
        log.removeHandler(ear)
        swallowed.clear()
