"""Questions in the terminal, or line by line from a pipe; Enter takes what is there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

from bot.errors import Answer

T = TypeVar("T")

TRIES = 3  # of one question
NONE = "-"  # typed to take a value away


class Asker:
    """Asks. Where nobody answers (`silent`, or the input is at its end) every default is taken."""

    def __init__(self, *, silent: bool = False) -> None:
        self._asks = not silent
        self._silent = silent
        self._terminal = not silent and sys.stdin.isatty()

    def say(self, text: str = "") -> None:
        """A line for who answers."""
        print(text, flush=True)

    def hint(self, text: str = "") -> None:
        """The same, only where something is asked."""
        if self._asks:
            self.say(text)

    def ask(
        self,
        question: str,
        default: str,
        read: Callable[[str], T],
        *,
        shown: str | None = None,
        hidden: bool = False,
    ) -> T:
        """What is answered, as `read` understands it; `default` for Enter, shown as `shown`.

        A wrong answer is asked again, some times; then the default is taken. Raises Answer where
        the default itself cannot be read.
        """
        prompt = f"{question} [{default if shown is None else shown}]: "
        for _ in range(TRIES):
            typed = self._line(prompt, hidden=hidden).strip()
            if not typed:
                break
            try:
                return read(typed)
            except Answer as error:
                self.say(f"  {error}")
        return read(default)

    def _line(self, prompt: str, *, hidden: bool) -> str:
        if self._silent:
            return ""
        if self._terminal:
            from getpass import getpass

            try:
                return getpass(prompt) if hidden else input(prompt)
            except EOFError:
                print()
                self._silent = True
                return ""
        sys.stdout.write(prompt)
        typed = sys.stdin.readline()
        sys.stdout.write("\n")
        sys.stdout.flush()
        if not typed:
            self._silent = True  # it came to its end
        return typed
