"""The command line: its commands stand one a file, and import what is heavy when they run."""

from __future__ import annotations

from typing import Annotated

import typer

_CODES = (
    "Exit codes: 0 done (or stopped when asked to), 1 a source or the database did not answer or "
    "something failed, 2 set-up or usage wrong, 3 token refused or another instance runs, "
    "130 interrupted."
)
_ABOUT = "The day's research papers, filtered by your topics and brought to your chat."


def application() -> typer.Typer:
    """The whole command, ready to be called with arguments."""
    from bot.cli import (
        announce,
        channels,
        chat,
        db,
        demo,
        digest,
        doctor,
        export,
        health,
        init,
        once,
        paper,
        read,
        run,
        sandbox,
        status,
        top,
        topics,
    )

    app = typer.Typer(
        name="paperboy",
        help=_ABOUT,
        epilog=_CODES,
        rich_markup_mode=None,  # rich would double the time to the first line of help
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_top)
    for command in (demo.demo, sandbox.sandbox, chat.chat, digest.digest, paper.paper):
        app.command()(command)
    app.command()(read.read)
    app.command()(export.export)
    app.add_typer(topics.group())
    for command in (init.init, run.run, once.once, status.status, top.top):
        app.command()(command)
    app.add_typer(channels.group())
    app.command()(announce.announce)
    app.add_typer(db.group())
    app.command()(doctor.doctor)
    app.command()(health.health)
    return app


def _top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        print(f"paperboy {release()}")
    elif context.invoked_subcommand is None:
        print(context.get_help())
    else:
        return
    raise typer.Exit


def release() -> str:
    """The version of the installed distribution."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("paperboy-bot")
    except PackageNotFoundError:
        return "unknown"
