"""The `paperboy` command: parses, runs, and turns every error into one sentence and a code."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (default: the process's own); gives the exit code.

    Codes: 0 done, 1 a source, the database or the program failed, 2 set-up or usage wrong,
    3 token refused or another instance runs, 130 interrupted.
    """
    from bot.cli.exits import guarded

    return guarded(lambda: _typer(arguments))


def _typer(arguments: Sequence[str] | None) -> object:
    from bot.cli import application
    from bot.errors import Usage

    typed = sys.argv[1:] if arguments is None else [*arguments]
    for one in typed:
        if any("\ud800" <= sign <= "\udfff" for sign in one):  # bytes that are no UTF-8
            raise Usage(f"{one!a} is no text in UTF-8; type it again.")
    return application()(
        args=typed,
        prog_name="paperboy",
        standalone_mode=False,
    )


if __name__ == "__main__":
    sys.exit(main())
