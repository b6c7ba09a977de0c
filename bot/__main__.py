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

    return application()(
        args=None if arguments is None else [*arguments],
        prog_name="paperboy",
        standalone_mode=False,
    )


if __name__ == "__main__":
    sys.exit(main())
