"""`paperboy init`: asks what the bot needs, tries it, and writes `.env`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    file: Annotated[
        Path, typer.Option("--file", metavar="PATH", help="The file that is written.")
    ] = Path(".env"),
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing: options, else what is there, hold.")
    ] = False,
    telegram_token_file: Annotated[
        Path | None, typer.Option(metavar="PATH", help="File with Telegram's token.")
    ] = None,
    discord_token_file: Annotated[
        Path | None, typer.Option(metavar="PATH", help="File with Discord's token.")
    ] = None,
    admin: Annotated[
        list[str] | None,
        typer.Option(metavar="telegram:12345", help="An operator; may be repeated."),
    ] = None,
    zone: Annotated[str | None, typer.Option(metavar="ZONE", help="As Asia/Seoul.")] = None,
    language: Annotated[str | None, typer.Option(metavar="en|zh|ko", help="Language.")] = None,
    hour: Annotated[str | None, typer.Option(metavar="09:00", help="Hour of digests.")] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="Language model.")] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Base of the model's service.")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option(metavar="PATH", help="File with the key of that service.")
    ] = None,
    home: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Where the database lies.")
    ] = None,
) -> int:
    """Ask the few questions and write .env.

    Enter takes what stands in brackets, - takes a value away. Tokens are not shown while they
    are typed, and tried at once. Run again it shows what is set and changes what is answered;
    the file before stays as .env.old. Answers may also come line by line from a pipe. Secrets
    are never options: their files are named, and stay where they are.
    """
    from bot.cli.init.asking import Asker
    from bot.cli.init.env_file import EnvFile
    from bot.cli.init.questions import Given, Questions
    from bot.errors import Usage

    given = Given(
        telegram_token_file,
        discord_token_file,
        tuple(admin) if admin is not None else None,
        zone,
        language,
        hour,
        model,
        base_url,
        key_file,
        home,
    )
    if file.is_dir():
        raise Usage(f"{file} is a folder; name a file in it, as {file / '.env'}.")
    env = EnvFile(file)
    asker = Asker(silent=yes)
    questions = Questions(env, asker, given)
    try:
        changes = questions.answered()
    except KeyboardInterrupt:
        asker.say("\nNothing was written.")
        raise
    if changes or env.is_new:
        env.write(changes)
        old = "" if env.is_new else f" (the one before is {file}.old)"
        asker.say(f"\nWritten: {file}, for your eyes only{old}.")
    else:
        asker.say(f"\nNothing is new; {file} stays as it is.")
    for line in questions.next_steps(file):
        asker.say(line)
    return 0
