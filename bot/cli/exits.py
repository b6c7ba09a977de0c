"""Exit codes, and the one place where an error becomes a sentence on the error stream."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import traceback
from collections.abc import Callable
from enum import IntEnum

from bot.errors import Answer, PaperboyError, Stop


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0  # done, or stopped when asked to
    FAILED = 1  # a source, the database or the program itself failed
    WRONG = 2  # set-up or usage wrong
    REFUSED = 3  # token refused, or another instance runs
    INTERRUPTED = 130  # Ctrl-C


log = logging.getLogger(__name__)


def guarded(command: Callable[[], object]) -> int:
    """Run `command`; gives the exit code, having said on the error stream what went wrong."""
    if sys.stdout is None:  # closed by the caller: what is shown nowhere is not delivered
        return _unheard()
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115
    try:
        result = command()
        sys.stdout.flush()
        return int(result) if isinstance(result, int) else Exit.DONE
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            print(file=sys.stderr)  # the terminal's ^C stands on a line of its own
        return Exit.INTERRUPTED
    except BrokenPipeError:
        _let_go()
        return Exit.FAILED
    except SystemExit as left:
        # typer leaves this way when its reader is gone
        return left.code if isinstance(left.code, int) else Exit.FAILED
    except Exception as error:
        return _said(error)


def _unheard() -> int:
    if sys.stderr is not None:
        say("The output is closed, so there is nowhere to show anything; open or redirect it.")
    return Exit.WRONG


def _show(error: BaseException) -> None:
    """The whole trace, whose links are other libraries' and may hold an address with a token."""
    from bot.logs import hushed

    print(hushed("".join(traceback.format_exception(error))), end="", file=sys.stderr)


def code_of(error: PaperboyError) -> Exit:
    """The exit code that an error of ours stands for."""
    if isinstance(error, Stop):
        return Exit(error.code)
    return Exit.WRONG if isinstance(error, Answer) else Exit.FAILED


def say(text: str) -> None:
    """One sentence on the error stream, without secrets."""
    from bot.logs import hushed

    print(f"paperboy: {hushed(text)}", file=sys.stderr)


def _said(error: Exception) -> int:
    from typer import Abort, TyperException

    if (ours := _first_of_ours(error)) is not None:
        say(str(ours))
        if _debugging():
            _show(ours)
        return code_of(ours)
    if isinstance(error, TyperException):
        message = error.format_message().strip()
        if message.startswith("Usage: "):  # a group without a verb: its whole help
            print(message, file=sys.stderr)
        else:
            path = getattr(getattr(error, "ctx", None), "command_path", None) or "paperboy"
            stop = "" if message.endswith((".", "!", "?")) else "."
            say(f"{message}{stop} See: {path} --help")
        return Exit.WRONG
    if isinstance(error, Abort):
        return Exit.INTERRUPTED
    if isinstance(leaf := _leaf(error), OSError) and leaf.errno is not None:
        where = f" ({leaf.filename})" if leaf.filename else ""
        say(f"The system refused: {leaf.strerror}{where}.")
        _let_go()
        return Exit.FAILED
    number = fault_id(error)
    kind = type(_leaf(error)).__name__
    if _debugging() or logging.getLogger().isEnabledFor(logging.INFO):
        log.error("fault %s", number, exc_info=error)
    say(
        f"A fault of Paperboy's own ({kind}, id {number}) ended this command; "
        "PAPERBOY_DEBUG=1 shows where it lies."
    )
    return Exit.FAILED


def fault_id(error: BaseException) -> str:
    """Eight characters, the same for the same fault: its kind and the places it came through."""
    leaf = _leaf(error)
    places = [
        f"{os.path.basename(frame.filename)}:{frame.name}"
        for frame in traceback.extract_tb(leaf.__traceback__)
    ]
    return hashlib.sha256("|".join([type(leaf).__name__, *places[-6:]]).encode()).hexdigest()[:8]


def _leaf(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return error


def _first_of_ours(error: BaseException) -> PaperboyError | None:
    """Ours itself, or the first of ours that a group of tasks brought up."""
    if isinstance(error, PaperboyError):
        return error
    if isinstance(error, BaseExceptionGroup):
        found = (_first_of_ours(inner) for inner in error.exceptions)
        return next((inner for inner in found if inner is not None), None)
    return None


def _debugging() -> bool:
    return os.environ.get("PAPERBOY_DEBUG", "").strip().lower() in {"1", "true", "yes", "on"}


def _let_go() -> None:
    """The reader of our output is gone: nothing is to be written at the end either."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):
        pass  # output that has no file behind it needs no care
    finally:
        os.close(nowhere)
